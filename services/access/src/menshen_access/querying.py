"""Reading the history: every query names its purpose, and is itself written down before it is answered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.chain import StoredLink, fault_of
from menshen_access.domain.events import DECISIONS
from menshen_access.domain.history import (
    FIRST_DAY,
    LAST_DAY,
    EventFilter,
    NotRecordableError,
    RecordedEvent,
    day_of,
)
from menshen_access.name_refusals import window_reversed

LINKS_AT_ONCE: Final = 1000
NEWEST: Final = 2**62


class HistorySource(Protocol):
    """The history in PostgreSQL."""

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""

    async def listed(self, site: str, wanted: EventFilter, limit: int) -> list[RecordedEvent]:
        """Newest first; see EventFilter."""

    async def of_id(self, site: str, day: date, event_id: str) -> list[RecordedEvent]:
        """Every event recorded under an id, in sequence."""

    async def kinds_of(self, site: str, event_id: str) -> Sequence[int]:
        """The kinds of everything ever recorded under an id, deleted or not."""

    async def links(self, site: str, after: int, through: int, limit: int) -> list[StoredLink]:
        """Links of the chain with the bytes that still exist, in sequence."""


class QueryLog(Protocol):
    """Where queries are written down."""

    async def write_query(self, site: str, caller: str, method: str, purpose: str, filters: str, at_ms: int) -> None:
        """Log who read what and why."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, by which method and why."""

    site: str
    caller: str
    method: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the sequence of the first broken link, 0 for none."""

    checked: int
    broken_at: int = 0
    detail: str = ""


class Querying:
    """Queries over the histories of all sites."""

    def __init__(self, source: HistorySource, log: QueryLog, clock: Clock) -> None:
        self._source = source
        self._log = log
        self._clock = clock

    async def write_down(self, question: Question, filters: Mapping[str, object]) -> None:
        """Log a query; DomainError INVALID without a purpose."""
        if not question.purpose.strip():
            missing = FieldTrouble("purpose", "查询目的", "the purpose of the query")
            raise DomainError(Trouble.INVALID, "PURPOSE_MISSING", "须说明查询目的", "a purpose is required", [missing])
        text = json.dumps({name: value for name, value in filters.items() if value}, ensure_ascii=False)
        await self._log.write_query(
            question.site, question.caller, question.method, question.purpose, text, self._clock.now_ms()
        )

    async def listed(self, question: Question, wanted: EventFilter, size: int) -> tuple[list[RecordedEvent], int]:
        """A page, newest first, and the sequence to go on before, 0 at the end.

        DomainError INVALID without a purpose, and for a window that ends before it has begun.
        """
        filters = {
            "subject_id": wanted.subject_id,
            "access_point": wanted.access_point,
            "from_ms": wanted.from_ms,
            "to_ms": wanted.to_ms if wanted.to_ms != FOREVER_MS else 0,
            "kind": wanted.kind,
            "outcome": wanted.outcome,
            "reason_code": wanted.reason_code,
            "category": wanted.category,
            "unit": wanted.unit,
        }
        await self.write_down(question, filters)
        if wanted.to_ms <= wanted.from_ms:
            raise window_reversed()
        found = await self._source.listed(question.site, wanted, size + 1)
        return found[:size], found[size - 1].sequence if len(found) > size else 0

    async def explained(self, question: Question, event_id: str) -> list[RecordedEvent]:
        """Every event of an id that is not deleted; DomainError NOT_FOUND when none was ever recorded."""
        await self.write_down(question, {"event_id": event_id})
        try:
            day = day_of(event_id)
        except (NotRecordableError, ValueError):
            day = None
        found = await self._source.of_id(question.site, day, event_id) if day is not None else []
        if not found and (day is None or not await self._source.kinds_of(question.site, event_id)):
            raise DomainError(Trouble.NOT_FOUND, "EVENT_UNKNOWN", "无此事件", "there is no such event")
        return found

    async def is_deleted(self, site: str, event_id: str) -> bool:
        """Whether a decision was recorded under an id, for one of which no decision is left."""
        return any(kind in DECISIONS for kind in await self._source.kinds_of(site, event_id))

    async def verified(self, site: str, first: int, last: int) -> ChainReport:
        """Check the links from `first` to `last` (0: from the first, to the last); stops at the first broken one."""
        _, end = await self._source.end(site)
        after, through = max(first, 1) - 1, min(last, end) if last else end
        previous: bytes | None = bytes(32) if after == 0 else None
        checked = 0
        while after < through:
            links = await self._source.links(site, after, through, LINKS_AT_ONCE)
            report = _check(links, after, previous, checked)
            if report.broken_at:
                return report
            if not links:
                return ChainReport(checked, after + 1, f"sequence {after + 1} is missing")
            checked, after, previous = report.checked, links[-1].link.sequence, links[-1].link.hash
        return ChainReport(checked)


def _check(links: Sequence[StoredLink], after: int, previous: bytes | None, checked: int) -> ChainReport:
    for link in links:
        fault = fault_of(link, after + 1, previous)
        if fault is not None:
            return ChainReport(checked, after + 1, fault.en)
        after, previous, checked = link.link.sequence, link.link.hash, checked + 1
    return ChainReport(checked)


def days_between(from_ms: int, to_ms: int) -> tuple[date, date]:
    """The partitions in which events with such device times lie; a day of slack for clocks that were corrected."""
    return _day(from_ms, FIRST_DAY) - timedelta(days=1), _day(to_ms, LAST_DAY) + timedelta(days=1)


def _day(at_ms: int, otherwise: date) -> date:
    if not 0 < at_ms < 4_733_510_400_000:
        return otherwise
    return datetime.fromtimestamp(at_ms // 1000, UTC).date()
