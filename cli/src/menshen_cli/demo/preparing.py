"""What the cast needs beyond the import: a leave, a black entry, PINs, a card reported lost."""

from menshen.identity.v1 import identity_pb2 as identity
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen_servicekit.clock import Clock

from menshen_cli.local.suite import Suite

from .cast import DURESS_PIN, PIN
from .people import Person, card_text

_CALL_S = 20.0
_DAY_MS = 86_400_000


class Preparing:
    """Asks identity, as an operator. The cast must have been imported."""

    def __init__(self, suite: Suite, clock: Clock) -> None:
        self._identity = IdentityServiceStub(suite.channel("identity"))
        self._clock = clock

    async def overdue_leave(self, person: Person) -> None:
        """A leave that ended yesterday and was never reported back from."""
        now_ms = self._clock.now_ms()
        fact = identity.Fact(
            type="leave.state",
            value="approved",
            source="student-affairs",
            valid_from_ms=now_ms - 5 * _DAY_MS,
            valid_to_ms=now_ms - _DAY_MS,
            reported_at_ms=now_ms,
        )
        request = identity.ReportFactRequest(site=person.site, cardholder_id=person.cardholder_id, fact=fact)
        await self._identity.ReportFact(request, timeout=_CALL_S)

    async def blacklist(self, person: Person) -> None:
        """Barred at every gate of every site from now on."""
        entry = identity.ListEntry(
            kind=identity.LIST_KIND_BLACK,
            from_ms=self._clock.now_ms(),
            reason_code="theft",
            source="security office",
        )
        request = identity.AddListEntryRequest(site=person.site, cardholder_id=person.cardholder_id, entry=entry)
        await self._identity.AddListEntry(request, timeout=_CALL_S)

    async def set_pins(self, person: Person) -> None:
        """PIN and DURESS_PIN."""
        request = identity.SetPinRequest(
            site=person.site, cardholder_id=person.cardholder_id, pin=PIN, duress_pin=DURESS_PIN
        )
        await self._identity.SetPin(request, timeout=_CALL_S)

    async def report_lost(self, person: Person) -> None:
        """The holder reports the card lost; returns when identity has it."""
        identifier = identity.Identifier(type=identity.IDENTIFIER_TYPE_CARD, value=card_text(person.card))
        found = await self._identity.FindCredential(
            identity.FindCredentialRequest(site=person.site, identifier=identifier), timeout=_CALL_S
        )
        await self._identity.ChangeCredentialState(
            identity.ChangeCredentialStateRequest(
                site=person.site,
                credential_id=found.credential.credential_id,
                state=identity.CREDENTIAL_STATE_LOST,
                reason="reported lost by the holder",
            ),
            timeout=_CALL_S,
        )
