"""The event feed: everything after a cursor, in sequence, and then as it is recorded.

A watcher that reads slowly is only ever a page behind in memory: the next page is read when the last was taken.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.domain.history import RecordedEvent
from menshen_access.noticeboard import Noticeboard, Topic, within

PAGE: Final = 200
POLL_S: Final = 1.0


class EventLog(Protocol):
    """The history in sequence."""

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""

    async def after(self, site: str, sequence: int, limit: int) -> tuple[int, list[RecordedEvent]]:
        """The last sequence of the page, which follows without gaps, and its events but those that were deleted."""


@dataclass(frozen=True, slots=True)
class EventPlace:
    """A place in a site's history: everything up to `sequence` of `epoch` was seen."""

    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in sequence, and the place after them."""

    events: list[RecordedEvent]
    place: EventPlace


class Feeding:
    """Feeds of all sites."""

    def __init__(self, log: EventLog, board: Noticeboard) -> None:
        self._log = log
        self._board = board

    async def watch(self, site: str, after: EventPlace | None, *, until_now: bool) -> AsyncGenerator[EventPage, None]:
        """Pages after a place. DomainError OUT_OF_RANGE for a place of another epoch, or one ahead of the history."""
        epoch, goal = await self._log.end(site)
        sequence = checked(after.epoch, after.sequence, epoch, goal) if after is not None else 0
        while True:
            recorded = self._board.next(Topic.EVENTS, site)
            reached, events = await self._log.after(site, sequence, PAGE)
            # By sequence: of a page some events may be deleted, and more may follow a page without any.
            is_end = reached < sequence + PAGE
            if reached > sequence:
                sequence = reached
                yield EventPage(events, EventPlace(epoch, sequence))
            if until_now and sequence >= goal:
                return
            if is_end:
                await within(recorded, POLL_S)
                await self._check_epoch(site, epoch)

    async def _check_epoch(self, site: str, epoch: int) -> None:
        current, _ = await self._log.end(site)
        if current != epoch:
            raise epoch_ended(epoch, current)


def checked(cursor_epoch: int, cursor: int, epoch: int, end: int) -> int:
    """The cursor; DomainError OUT_OF_RANGE for one of another epoch, or ahead of the end."""
    if cursor_epoch != epoch:
        raise epoch_ended(cursor_epoch, epoch)
    if cursor > end:
        raise DomainError(
            Trouble.OUT_OF_RANGE,
            "CURSOR_AHEAD",
            f"游标序号 {cursor} 超过当前序号 {end}",
            f"the cursor is at {cursor}, the history only at {end}",
        )
    return cursor


def epoch_ended(old: int, current: int) -> DomainError:
    """OUT_OF_RANGE for a cursor of an epoch that is over."""
    return DomainError(
        Trouble.OUT_OF_RANGE,
        "EPOCH_ENDED",
        f"游标属于纪元 {old}，当前纪元为 {current}：请重新开始",
        f"the cursor is of epoch {old}, the history is in {current}: begin again",
    )
