"""The OwnRecordsService."""

from typing import Any

from menshen.access.v1 import own_records_pb2 as pb
from menshen.access.v1.own_records_pb2_grpc import OwnRecordsServiceServicer
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.history import EventFilter
from menshen_access.querying import Querying, Question, days_between
from menshen_access.rpc.convert_admin import ServedSites, before_sequence, page_size, who
from menshen_access.rpc.rendering import own_event_message

PURPOSE = "own records"


class OwnRecordsServicer(OwnRecordsServiceServicer):
    """Turns messages into queries of the history about one subject."""

    def __init__(self, sites: ServedSites, querying: Querying) -> None:
        self._sites = sites
        self._querying = querying

    async def ListOwnEvents(self, request: pb.ListOwnEventsRequest, context: Any) -> pb.ListOwnEventsResponse:
        question = Question(self._sites.check(request.site), who(context), "ListOwnEvents", PURPOSE)
        to_ms = request.to_ms or FOREVER_MS
        wanted = EventFilter(
            before_sequence=before_sequence(request.page_token),
            subject_id=_named(request.subject_id),
            access_point="",
            days=days_between(request.from_ms, to_ms),
            from_ms=request.from_ms,
            to_ms=to_ms,
            kind=0,
            outcome=0,
            reason_code="",
        )
        found, following = await self._querying.listed(question, wanted, page_size(request.page_size))
        events = (own_event_message(recorded) for recorded in found)
        return pb.ListOwnEventsResponse(events=events, next_page_token=str(following) if following else "")


def _named(subject_id: str) -> str:
    """Without a subject the filter would match everybody."""
    if not subject_id:
        missing = FieldTrouble("subject_id", "本人编号", "the subject who asks")
        raise DomainError(Trouble.INVALID, "SUBJECT_MISSING", "须说明查询人", "a subject is required", [missing])
    return subject_id
