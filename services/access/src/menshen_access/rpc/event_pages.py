"""Which events a request asks for, and where the page after an event begins."""

import re
from datetime import date
from typing import Final

from menshen.access.v1 import events_pb2 as pb
from menshen_rulebook.types import FOREVER_MS

from menshen_access.domain.history import FIRST_DAY, LAST_DAY, EventFilter, RecordedEvent, day_of
from menshen_access.querying import days_between
from menshen_access.rpc.convert_admin import bad_token, before_sequence

_BY_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})\Z")


def filter_of(request: pb.ListEventsRequest) -> EventFilter:
    """DomainError INVALID for a page token that is not one of ours, or is one of another kind of question."""
    to_ms = request.to_ms or FOREVER_MS
    first, last = days_between(request.from_ms, to_ms)
    token = request.page_token
    if token and (request.category or request.unit) and not request.subject_id:
        reached, token = _by_day(token)
        last = min(last, reached)
    return EventFilter(
        before_sequence=before_sequence(token),
        subject_id=request.subject_id,
        access_point=request.access_point,
        days=(first, last),
        from_ms=request.from_ms,
        to_ms=to_ms,
        kind=request.kind,
        outcome=request.outcome,
        reason_code=request.reason_code,
        category=request.category,
        unit=request.unit,
    )


def token_after(wanted: EventFilter, last: RecordedEvent) -> str:
    """The token of the page that follows this event."""
    if not wanted.is_by_day:
        return str(last.sequence)
    return f"{day_of(last.event.event_id).isoformat()}.{last.sequence}"


def _by_day(token: str) -> tuple[date, str]:
    match = _BY_DAY.match(token)
    try:
        reached = date.fromisoformat(match[1]) if match is not None else None
    except ValueError:
        reached = None
    if match is None or reached is None or not FIRST_DAY <= reached <= LAST_DAY:
        raise bad_token()
    return reached, match[2]
