"""Codes for a window: made at random here, told to whoever asked, once."""

import secrets
from collections.abc import Callable

from menshen_servicekit.clock import Clock

from menshen_identity.domain.codes import FORGOTTEN_MS, KEPT_MS, MAX_CODES, CodeOrder, code_faults, window_of
from menshen_identity.domain.credentials import Credential, CredentialState, Identifier, IdentifierType
from menshen_identity.ports import Registry
from menshen_identity.troubles import cardholder_unknown, refuse, too_many_codes

CODE_BYTES = 16


def random_code() -> Identifier:
    """A QR code that nobody guesses."""
    return Identifier(IdentifierType.QR, secrets.token_hex(CODE_BYTES).upper())


class CodeIssuing:
    """`new_id` makes UUIDs, `new_code` codes."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        new_id: Callable[[], str],
        new_code: Callable[[], Identifier] = random_code,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._new_id = new_id
        self._new_code = new_code

    async def issue(self, actor: str, site: str, order: CodeOrder) -> Credential:
        """Give a code to a cardholder the site knows. EXHAUSTED when they were given too many within a day."""
        now_ms = self._clock.now_ms()
        refuse(code_faults(order, now_ms))
        valid_from_ms, valid_to_ms = window_of(order, now_ms)
        code = Credential(
            credential_id=self._new_id(),
            cardholder_id=order.cardholder_id,
            identifiers=(self._new_code(),),
            state=CredentialState.ACTIVE,
            valid_from_ms=valid_from_ms,
            valid_to_ms=valid_to_ms,
            changed_at_ms=now_ms,
            single_use=not order.is_reusable,
            pin_required=order.pin_required,
            is_code=True,
            only_site="" if order.is_reusable else site,
        )
        async with self._registry.change(actor) as change:
            cardholder = (await change.lock(order.cardholder_id)).get(order.cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                raise cardholder_unknown()
            await change.forget_codes(order.cardholder_id, now_ms - FORGOTTEN_MS)
            held = await change.held(order.cardholder_id)
            if sum(one.is_code and one.valid_to_ms > now_ms - KEPT_MS for one in held) >= MAX_CODES:
                raise too_many_codes(MAX_CODES)
            await change.put_credential(code)
            change.touch(cardholder)
            await change.note("ISSUE_CODE", site, code.credential_id)
        return code
