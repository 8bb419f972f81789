"""The EventService."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Final

from menshen.access.v1 import events_pb2 as pb
from menshen.access.v1.events_pb2_grpc import EventServiceServicer
from menshen_servicekit.identity import Role, caller_of

from menshen_access.domain.disclosure import Reader
from menshen_access.domain.history import RecordedEvent
from menshen_access.explaining import Explaining
from menshen_access.feeding import EventPlace, Feeding
from menshen_access.known_names import Listing
from menshen_access.mustering import Mustering
from menshen_access.querying import Querying, Question
from menshen_access.rpc.convert_admin import ServedSites, bad_token, page_size, who
from menshen_access.rpc.event_pages import filter_of, token_after
from menshen_access.rpc.rendering import event_message, explanation_message

MOST_TOKEN: Final = 256


class EventServicer(EventServiceServicer):
    """Turns messages into calls of the use cases and back."""

    def __init__(
        self,
        sites: ServedSites,
        querying: Querying,
        listing: Listing,
        explaining: Explaining,
        feeding: Feeding,
        mustering: Mustering,
    ) -> None:
        self._sites = sites
        self._querying = querying
        self._listing = listing
        self._explaining = explaining
        self._feeding = feeding
        self._mustering = mustering

    async def ListEvents(self, request: pb.ListEventsRequest, context: Any) -> pb.ListEventsResponse:
        question = self._question(request, context, "ListEvents")
        wanted = filter_of(request)
        found, following = await self._listing.listed(question, wanted, page_size(request.page_size))
        token = token_after(wanted, found[-1]) if following else ""
        return pb.ListEventsResponse(events=_told(found, context), next_page_token=token)

    async def WatchEvents(self, request: pb.WatchEventsRequest, context: Any) -> AsyncIterator[pb.WatchEventsResponse]:
        question = self._question(request, context, "WatchEvents")
        after = EventPlace(request.cursor.epoch, request.cursor.sequence) if request.HasField("cursor") else None
        await self._querying.write_down(question, {"after": after.sequence if after else 0})
        pages = self._feeding.watch(request.site, after, until_now=request.until_now)
        async with aclosing(pages):
            async for page in pages:
                cursor = pb.EventCursor(epoch=page.place.epoch, sequence=page.place.sequence)
                yield pb.WatchEventsResponse(events=_told(page.events, context), cursor=cursor)

    async def ExplainEvent(self, request: pb.ExplainEventRequest, context: Any) -> pb.ExplainEventResponse:
        question = self._question(request, context, "ExplainEvent")
        return explanation_message(await self._explaining.explain(question, request.event_id), _reader(context))

    async def ListMuster(self, request: pb.ListMusterRequest, context: Any) -> pb.ListMusterResponse:
        question = self._question(request, context, "ListMuster")
        if len(request.page_token) > MOST_TOKEN or not request.page_token.isprintable():
            raise bad_token()
        found, following = await self._mustering.listed(
            question, request.area, request.page_token, page_size(request.page_size)
        )
        entries = [
            pb.MusterEntry(
                subject_id=one.subject_id,
                area=one.area,
                last_passage_at_ms=one.at_ms,
                event_id=one.event_id,
                place_unknown=one.is_unknown,
            )
            for one in found
        ]
        return pb.ListMusterResponse(entries=entries, next_page_token=following)

    async def VerifyChain(self, request: pb.VerifyChainRequest, context: Any) -> pb.VerifyChainResponse:
        site = self._sites.check(request.site)
        report = await self._querying.verified(site, request.from_sequence, request.to_sequence)
        return pb.VerifyChainResponse(checked=report.checked, broken_at=report.broken_at, detail=report.detail)

    def _question(self, request: Any, context: Any, method: str) -> Question:
        return Question(self._sites.check(request.site), who(context), method, request.purpose)


def _told(events: Iterable[RecordedEvent], context: Any) -> Iterator[pb.AccessEvent]:
    reader = _reader(context)
    return (event_message(event, reader) for event in events)


def _reader(context: Any) -> Reader:
    """Operators are the security centre; who else may call is told what a post is told."""
    caller = caller_of(context)
    return Reader.CENTRE if caller is not None and caller.role is Role.OPERATOR else Reader.POST
