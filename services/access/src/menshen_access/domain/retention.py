"""Which bytes of the history are deleted, and which are kept: age, legal holds, and uses that still count.

An event is over age when it was recorded at least so many days ago, to the millisecond. A legal hold covers every event
of a presentation that concerns its subject. Bytes of a presentation that used something up are kept while that use
counts, for without them it could be used again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

DAY_MS = 86_400_000


class RetentionClass(IntEnum):
    """What is deleted by itself. The core of an event is kept."""

    IDENTITY = 1
    HEALTH = 2


@dataclass(frozen=True, slots=True)
class LegalHold:
    """Records kept beyond their age, for `from_ms <= at_ms < to_ms`. No subject: all. `ended_at_ms` 0: in force."""

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
        return not self.ended_at_ms and named and self.from_ms <= event.at_ms < self.to_ms


@dataclass(frozen=True, slots=True)
class RetainedEvent:
    """An event of the chain as retention sees it.

    `subject_ids` are those of its whole presentation. `has_bytes`: of the class asked about. `is_in_use`: it used
    something up that could be presented again.
    """

    sequence: int
    key: tuple[str, int]
    recorded_at_ms: int
    at_ms: int
    subject_ids: tuple[str, ...]
    has_bytes: bool
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """What one run did; `ended_at_ms` 0 while it is under way."""

    retention_class: RetentionClass
    started_at_ms: int
    ended_at_ms: int = 0
    deleted: int = 0
    kept_by_holds: int = 0
    kept_in_use: int = 0
    oldest_left_ms: int = 0


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page of events sorted out.

    `through` is the last sequence looked at, `done` the last before anything kept. `is_end`: what follows is not
    over age, or there is nothing.
    """

    deleted: tuple[RetainedEvent, ...]
    kept_by_holds: int
    kept_in_use: int
    oldest_left_ms: int
    through: int
    done: int
    is_end: bool


def sort_out(page: Sequence[RetainedEvent], after: int, before_ms: int, holds: Iterable[LegalHold]) -> Sorted:
    """Sort out the events after sequence `after`, in order; those recorded at `before_ms` or sooner are over age."""
    standing = tuple(holds)
    deleted: list[RetainedEvent] = []
    found = Sorted((), 0, 0, 0, after, after, is_end=not page)
    is_whole = True
    for event in page:
        if event.recorded_at_ms > before_ms:
            left = found.oldest_left_ms or (event.recorded_at_ms if event.has_bytes else 0)
            return replace(found, deleted=tuple(deleted), oldest_left_ms=left, is_end=True)
        is_held = event.has_bytes and any(hold.covers(event) for hold in standing)
        is_used = event.has_bytes and not is_held and event.is_in_use
        if event.has_bytes and not is_held and not is_used:
            deleted.append(event)
        is_whole = is_whole and not is_held and not is_used
        found = replace(
            found,
            kept_by_holds=found.kept_by_holds + is_held,
            kept_in_use=found.kept_in_use + is_used,
            oldest_left_ms=found.oldest_left_ms or (event.recorded_at_ms if is_held or is_used else 0),
            through=event.sequence,
            done=event.sequence if is_whole else found.done,
        )
    return replace(found, deleted=tuple(deleted))
