"""PINs: set and clear. A PIN lives only as a verifier, made in a thread."""

import asyncio
import secrets

from menshen_servicekit.status import DomainError, Trouble
from menshen_servicekit.verifiers import SALT_BYTES, VerifierCost, make_verifier

from menshen_identity.domain.pins import pin_faults
from menshen_identity.ports import Registry
from menshen_identity.troubles import cardholder_unknown, refuse


class PinSetting:
    """Without a pepper PINs can be cleared, not set."""

    def __init__(self, registry: Registry, pepper: bytes | None, cost: VerifierCost) -> None:
        self._registry = registry
        self._pepper = pepper
        self._cost = cost

    async def set(self, actor: str, site: str, cardholder_id: str, pin: str, duress_pin: str) -> int:
        """Set or clear both PINs of a cardholder the site knows; their version after it."""
        refuse(pin_faults(pin, duress_pin))
        verifier, duress_verifier = await self._verifier(pin), await self._verifier(duress_pin)
        async with self._registry.change(actor) as change:
            cardholder = (await change.lock(cardholder_id)).get(cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                raise cardholder_unknown()
            await change.put_pins(cardholder_id, verifier, duress_verifier)
            change.touch(cardholder)
            await change.note("SET_PIN" if pin else "CLEAR_PIN", site, cardholder_id)
        return cardholder.version + 1

    async def _verifier(self, pin: str) -> bytes:
        if not pin:
            return b""
        if self._pepper is None:
            raise DomainError(
                Trouble.CONFLICT,
                "NO_PEPPER",
                "未配置密码密钥文件,不能设置密码",
                "no PIN pepper is configured: no PIN can be set",
            )
        salt = secrets.token_bytes(SALT_BYTES)
        return await asyncio.to_thread(make_verifier, pin, self._pepper, salt, self._cost)
