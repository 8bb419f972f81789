"""The security office: what the script asks of identity and access while it plays, in the name of the control room."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from menshen.access.v1 import administration_pb2, events_pb2
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub

from ..people import Person, card_text

ASK_S, HISTORY_S = 8.0, 30.0
PURPOSE = "scripted morning"


@dataclass(slots=True)
class _Read:
    """What was read of a site's history, and where to go on."""

    events: list[events_pb2.AccessEvent] = field(default_factory=list)
    cursor: events_pb2.EventCursor | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Office:
    """Stubs on channels of the caller's; every call has a time-out."""

    def __init__(self, identity: grpc.aio.Channel, access: grpc.aio.Channel) -> None:
        self._identity: Any = IdentityServiceStub(identity)
        self._administration: Any = AdministrationServiceStub(access)
        self._events: Any = EventServiceStub(access)
        self._read: dict[str, _Read] = {}

    async def book_visit(self, name: str, host: Person, from_ms: int, to_ms: int, card: int) -> None:
        """Book a visit to a host at the host's campus and hand out a card for it."""
        visit = identity_pb2.Visit(from_ms=from_ms, to_ms=to_ms)
        request = identity_pb2.CreateVisitRequest(
            site=host.site, visitor_name=name, host_id=host.cardholder_id, visit=visit
        )
        booked = await self._identity.CreateVisit(request, timeout=ASK_S)
        credential = identity_pb2.Credential(
            cardholder_id=booked.visit.cardholder_id,
            identifiers=[identity_pb2.Identifier(type=identity_pb2.IDENTIFIER_TYPE_CARD, value=card_text(card))],
            state=identity_pb2.CREDENTIAL_STATE_ACTIVE,
        )
        issue = identity_pb2.IssueCredentialRequest(site=host.site, credential=credential)
        await self._identity.IssueCredential(issue, timeout=ASK_S)

    async def lock_down(self, site: str, area: str, reason: str) -> str:
        """Raise a hold on an area; its id."""
        request = administration_pb2.RaiseHoldRequest(site=site, area=area, reason=reason)
        raised = await self._administration.RaiseHold(request, timeout=ASK_S)
        return str(raised.hold.hold_id)

    async def lift(self, site: str, hold_id: str, reason: str) -> None:
        """Release a hold."""
        request = administration_pb2.ReleaseHoldRequest(site=site, hold_id=hold_id, reason=reason)
        await self._administration.ReleaseHold(request, timeout=ASK_S)

    async def explain(self, site: str, event_id: str) -> Sequence[events_pb2.AccessEvent]:
        """Everything recorded under an event id; nothing while it is not recorded."""
        request = events_pb2.ExplainEventRequest(site=site, event_id=event_id, purpose=PURPOSE)
        try:
            found = await self._events.ExplainEvent(request, timeout=ASK_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return ()
            raise
        return tuple(found.events)

    async def history(self, site: str) -> Sequence[events_pb2.AccessEvent]:
        """Every event of a site recorded until now, in sequence. What was read once is not asked for again."""
        read = self._read.setdefault(site, _Read())
        async with read.turn:
            request = events_pb2.WatchEventsRequest(site=site, purpose=PURPOSE, cursor=read.cursor, until_now=True)
            async for page in self._events.WatchEvents(request, timeout=HISTORY_S):
                read.events.extend(page.events)
                read.cursor = page.cursor
        return read.events

    async def verify_chain(self, site: str) -> events_pb2.VerifyChainResponse:
        """Check every link of a site's history."""
        request = events_pb2.VerifyChainRequest(site=site)
        checked: events_pb2.VerifyChainResponse = await self._events.VerifyChain(request, timeout=HISTORY_S)
        return checked
