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
        """The last sequence of the page and its events; those whose bytes were deleted are left out."""


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
        sequence = _checked(after, epoch, goal) if after is not None else 0
        while True:
            recorded = self._board.next(Topic.EVENTS, site)
            reached, events = await self._log.after(site, sequence, PAGE)
            if reached > sequence:
                sequence = reached
                yield EventPage(events, EventPlace(epoch, sequence))
            if until_now and sequence >= goal:
                return
            if len(events) < PAGE:
                await within(recorded, POLL_S)
                await self._check_epoch(site, epoch)

    async def _check_epoch(self, site: str, epoch: int) -> None:
        current, _ = await self._log.end(site)
        if current != epoch:
            raise _epoch_ended(epoch, current)


def _checked(after: EventPlace, epoch: int, end: int) -> int:
    if after.epoch != epoch:
        raise _epoch_ended(after.epoch, epoch)
    if after.sequence > end:
        raise DomainError(
            Trouble.OUT_OF_RANGE,
            "CURSOR_AHEAD",
            f"游标序号 {after.sequence} 超过当前序号 {end}",
            f"the cursor is at {after.sequence}, the history only at {end}",
        )
    return after.sequence


def _epoch_ended(old: int, current: int) -> DomainError:
    return DomainError(
        Trouble.OUT_OF_RANGE,
        "EPOCH_ENDED",
        f"游标属于纪元 {old}，当前纪元为 {current}：请重新开始",
        f"the cursor is of epoch {old}, the history is in {current}: begin again",
    )
