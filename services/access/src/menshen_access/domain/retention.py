"""Which bytes of the history are deleted, and which are kept: age, legal holds, and uses that still count.

An event is over age when it was recorded at least so many days ago, to the millisecond. A legal hold covers every event
of a presentation that concerns its subject. Bytes of a presentation that used something up are kept while that use
counts, for without them it could be used again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, IntEnum
from itertools import takewhile

DAY_MS = 86_400_000
WHOLE_DAYS_FIRST_MS = 3 * DAY_MS
"""Cores are deleted one by one only so long after their age: until then their days go whole."""
VERSION_MARGIN_MS = 30 * DAY_MS
"""Superseded versions are kept so much longer than identities: an agent decides by them that has heard nothing since,
and what it decided may be recorded late.
"""
_AHEAD = timedelta(days=7)
_UNRECORDED = timedelta(days=1)


class RetentionClass(IntEnum):
    """What is deleted by itself: parts of events, events whole with their core, and superseded versions."""

    IDENTITY = 1
    HEALTH = 2
    CORE = 3
    SUBJECT_VERSIONS = 4
    PLAN_VERSIONS = 5
    CIRCUMSTANCES_VERSIONS = 6


class DayEnd(Enum):
    """What came of dropping a day: something stays, somebody reads or writes it, or judging it takes too long."""

    GONE = 1
    STAYS = 2
    IN_USE = 3
    TOO_SLOW = 4


class HoldsBusyError(Exception):
    """What is over age at the site is deleted just now, and for so long no legal hold is placed or ended."""


def in_turn(days: Sequence[date], behind: date) -> list[date]:
    """Those behind a day first, in order, then the others."""
    return sorted(days, key=lambda day: (day <= behind, day))


def ripe_days(days: Iterable[date], before_ms: int, now_ms: int) -> list[date]:
    """Days whose events may all have been recorded by `before_ms`: long over then, or shown by wrong clocks alone."""
    before, today = _day(before_ms), _day(now_ms)
    return [day for day in sorted(days) if day + timedelta(days=1) + _UNRECORDED <= before or day > today + _AHEAD]


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Records of [from_ms, to_ms) kept beyond their age. No subject: all of them. `ended_at_ms` 0: in force."""

    hold_id: str
    subject_id: str
    from_ms: int
    to_ms: int
    reason: str
    origin: str
    placed_at_ms: int
    ended_at_ms: int = 0
    ended_by: str = ""

    def covers(self, event: "RetainedEvent") -> bool:
        """Whether it keeps the event."""
        named = not self.subject_id or self.subject_id in event.subject_ids
        return not self.ended_at_ms and named and self.from_ms <= event.last_ms and event.first_ms < self.to_ms


@dataclass(frozen=True, slots=True)
class RetainedEvent:
    """An event of the chain as retention sees it.

    `subject_ids`, `first_ms` and `last_ms` are those of its whole presentation: held in part it is held whole, for its
    events say of each other whom they concern. `has_bytes`: of the class asked about. `is_in_use`: it used something up
    that could be presented again.
    """

    sequence: int
    key: tuple[str, int]
    recorded_at_ms: int
    first_ms: int
    last_ms: int
    subject_ids: tuple[str, ...]
    has_bytes: bool
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """What one run did; `ended_at_ms` 0 while it is under way. Versions that something names count as in use."""

    retention_class: RetentionClass
    started_at_ms: int
    ended_at_ms: int = 0
    deleted: int = 0
    kept_by_holds: int = 0
    kept_in_use: int = 0
    oldest_left_ms: int = 0


@dataclass(frozen=True, slots=True)
class VersionPlace:
    """A place among versions, in order of subject and version; `subject_id` is empty but for subjects."""

    subject_id: str
    version: int


@dataclass(frozen=True, slots=True)
class PrunedVersions:
    """A page of versions looked at up to `through`: how many superseded ones legal holds keep, or something names."""

    through: VersionPlace
    held: int
    named: int


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page of events sorted out.

    `held` and `used` are over age and kept. `through` is the last sequence looked at, `done` the last before anything
    kept. `is_end`: what follows is not over age, or there is nothing.
    """

    deleted: tuple[RetainedEvent, ...]
    held: tuple[RetainedEvent, ...]
    used: tuple[RetainedEvent, ...]
    oldest_left_ms: int
    through: int
    done: int
    is_end: bool

    @property
    def kept_by_holds(self) -> int:
        return len(self.held)

    @property
    def kept_in_use(self) -> int:
        return len(self.used)


def sort_out(page: Sequence[RetainedEvent], after: int, before_ms: int, holds: Iterable[LegalHold]) -> Sorted:
    """Sort out the events after sequence `after`, in order; those recorded at `before_ms` or sooner are over age."""
    standing = tuple(holds)
    old = list(takewhile(lambda event: event.recorded_at_ms <= before_ms, page))
    deleted: list[RetainedEvent] = []
    held: list[RetainedEvent] = []
    used: list[RetainedEvent] = []
    for event in old:
        if event.has_bytes:
            is_held = any(hold.covers(event) for hold in standing)
            (held if is_held else used if event.is_in_use else deleted).append(event)
    kept = min((*held, *used), key=lambda event: event.sequence, default=None)
    left = kept or next((event for event in page[len(old) :] if event.has_bytes), None)
    through = old[-1].sequence if old else after
    return Sorted(
        tuple(deleted),
        tuple(held),
        tuple(used),
        left.recorded_at_ms if left else 0,
        through,
        through if kept is None else max((e.sequence for e in old if e.sequence < kept.sequence), default=after),
        is_end=len(old) < len(page) or not page,
    )
