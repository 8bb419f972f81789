"""What the cast needs beyond the import: a leave, a black entry, PINs, and a visit with its card."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from menshen.identity.v1 import identity_pb2 as identity
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen_servicekit.clock import Clock

from menshen_cli.local.suite import Suite

from .cast import BANNED, DURESS_PIN, HOST, OVERDUE, PIN, THREATENED, VISITOR_CARD, VISITOR_NAME, VISITOR_SITE
from .people import Person, card_text

_CALL_S = 20.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """The visitor as identity made them: present `VISITOR_CARD`."""

    cardholder_id: str
    visit_id: str
    from_ms: int
    to_ms: int


class Preparing:
    """Asks identity, as an operator. The cast must have been imported."""

    def __init__(self, suite: Suite, clock: Clock) -> None:
        self._identity = IdentityServiceStub(suite.channel("identity"))
        self._clock = clock

    async def prepare(self, visit_from_ms: int, visit_to_ms: int) -> Visitor:
        """Everything the scenes presuppose; the visit's window is the scene's to choose."""
        async with asyncio.TaskGroup() as group:
            for step in (self.overdue_leave(OVERDUE), self.blacklist(BANNED), self.set_pins(THREATENED)):
                group.create_task(_done(step))
            visitor = group.create_task(self.book_visit(visit_from_ms, visit_to_ms))
        return visitor.result()

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

    async def book_visit(self, from_ms: int, to_ms: int) -> Visitor:
        """A visit to HOST, and a card for the visitor beside the code that comes with it."""
        visit = identity.Visit(host_id=HOST.cardholder_id, from_ms=from_ms, to_ms=to_ms)
        booked = await self._identity.CreateVisit(
            identity.CreateVisitRequest(
                site=VISITOR_SITE, visitor_name=VISITOR_NAME, host_id=HOST.cardholder_id, visit=visit
            ),
            timeout=_CALL_S,
        )
        cardholder_id = booked.visit.cardholder_id
        card = identity.Identifier(type=identity.IDENTIFIER_TYPE_CARD, value=card_text(VISITOR_CARD))
        credential = identity.Credential(
            cardholder_id=cardholder_id, identifiers=[card], state=identity.CREDENTIAL_STATE_ACTIVE
        )
        await self._identity.IssueCredential(
            identity.IssueCredentialRequest(site=VISITOR_SITE, credential=credential), timeout=_CALL_S
        )
        return Visitor(cardholder_id, booked.visit.visit_id, from_ms, to_ms)

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


async def _done(step: Awaitable[None]) -> None:
    await step
