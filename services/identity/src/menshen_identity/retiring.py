"""Retiring what was succeeded, on the word of access that the successor has been used."""

from dataclasses import replace

from menshen_servicekit.clock import Clock

from menshen_identity.domain.credentials import CredentialState
from menshen_identity.domain.succession import Retirement, retirement_of
from menshen_identity.ports import Registry


class Retiring:
    """Changes nothing but a credential that the office itself gave a successor."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def retire(self, actor: str, site: str, cardholder_id: str, credential_id: str, event_id: str) -> Retirement:
        """Make the credential REPLACED, once; the event goes on record as the reason. Safe to repeat."""
        async with self._registry.change(actor) as change:
            cardholder = (await change.lock(cardholder_id)).get(cardholder_id)
            if cardholder is None or site not in cardholder.sites:
                return Retirement.NOT_SUCCEEDED
            held = await change.held(cardholder_id)
            retirement = retirement_of(credential_id, held)
            if retirement is Retirement.DONE:
                [credential] = [one for one in held if one.credential_id == credential_id]
                now_ms = self._clock.now_ms()
                await change.put_credential(replace(credential, state=CredentialState.REPLACED, changed_at_ms=now_ms))
                change.touch(cardholder, is_urgent=True)
                await change.note("CREDENTIAL_REPLACED", site, credential_id, event_id)
        return retirement
