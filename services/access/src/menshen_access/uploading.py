"""Spool uploads: events enter the history through the same statement as the stream; nothing is decided here.

What they mean for presence is merged into Redis afterwards, from the history itself, so that nothing is lost while
Redis is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.consequences import alarms_of, review_of
from menshen_access.domain.door_reports import statements_of
from menshen_access.domain.events import EventPayload, SpoolPosition
from menshen_access.domain.history import Entry, NotRecordableError, entry_of
from menshen_access.domain.presence_history import happening_of
from menshen_access.domain.store import EventAnswer, Happening
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import Generations
from menshen_access.recording import Ledger

MOST_AT_ONCE: Final = 500
PAGE: Final = 500
POLL_S: Final = 1.0
GATHER_S: Final = 0.2
"""Every batch of the recorder tells of events; late ones among them are looked for together."""

_log = structlog.get_logger(__name__)

Apply = Callable[[str, int, Happening], Awaitable[EventAnswer]]
"""Lets a recorded event bear on presence in Redis; raises StoreAwayError."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of a batch: the watermark of its spool epoch, and how many events were new."""

    recorded: SpoolPosition
    inserted: int


class Uploading:
    """Takes batches of spooled events."""

    def __init__(self, ledger: Ledger, board: Noticeboard, clock: Clock) -> None:
        self._ledger = ledger
        self._board = board
        self._clock = clock

    async def store(self, site: str, agent_id: str, events: Sequence[EventPayload]) -> Upload:
        """Record a batch of one agent; idempotent. DomainError INVALID names the event that cannot be recorded."""
        check_count(len(events))
        entries = [_entry(place, event) for place, event in enumerate(events)]
        done = await self._ledger.append(site, entries, self._clock.now_ms())
        self._board.post(Topic.EVENTS, site)
        epoch = entries[-1].event.spool.epoch
        number = next((m.number for m in done.watermarks if m.agent_id == agent_id and m.epoch == epoch), 0)
        return Upload(SpoolPosition(epoch, number), done.inserted)


def check_count(events: int) -> None:
    """DomainError INVALID for a batch of none, or of more than are taken at once."""
    if not 0 < events <= MOST_AT_ONCE:
        raise _invalid("events", f"1 至 {MOST_AT_ONCE} 个事件", f"1 to {MOST_AT_ONCE} events")


def _entry(place: int, event: EventPayload) -> Entry:
    try:
        entry = entry_of(event, late=True)
        review_of(entry, 0)
        alarms_of(entry)
        statements_of(entry, 0)
        happening_of(event)
    except (NotRecordableError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise _invalid(f"events[{place}]", "完整的事件", "a complete event") from None
    return entry


def _invalid(path: str, zh: str, en: str) -> DomainError:
    return DomainError(
        Trouble.INVALID, "UPLOAD_INVALID", "上传内容无效", "the upload is not valid", [FieldTrouble(path, zh, en)]
    )


class LateEvents(Protocol):
    """Late events of the history, and how far they are merged."""

    async def late_after(self, site: str, sequence: int, limit: int) -> tuple[int, list[str]]:
        """The last sequence looked at, and the presentations that late events after `sequence` belong to."""

    async def events_of(self, site: str, presentations: Sequence[str]) -> dict[str, list[EventPayload]]:
        """Every recorded event of the presentations, in sequence."""

    async def merged(self, site: str) -> int:
        """The sequence up to which late events are merged."""

    async def set_merged(self, site: str, sequence: int) -> None:
        """Keep the place."""


class LateMerger:
    """Merges late events of one site into presence; whoever runs it holds the site's lease."""

    def __init__(
        self, site: str, history: LateEvents, apply: Apply, generations: Generations, board: Noticeboard
    ) -> None:
        self._site = site
        self._history = history
        self._apply = apply
        self._generations = generations
        self._board = board

    async def follow(self) -> None:
        """Merge for ever. Outages of either store end it; run it again: repeated events change nothing."""
        place = await self._history.merged(self._site)
        while True:
            recorded = self._board.next(Topic.EVENTS, self._site)
            generation = self._generations.current(self._site)
            if generation is not None:
                place = await self.catch_up(generation, place)
            await within(recorded, POLL_S)
            await asyncio.sleep(GATHER_S)

    async def catch_up(self, generation: int, place: int) -> int:
        """Merge what stands after `place`; the place reached."""
        while True:
            reached, presentations = await self._history.late_after(self._site, place, PAGE)
            if reached == place:
                return place
            for events in (await self._history.events_of(self._site, presentations)).values():
                for event in events:
                    await self._apply(self._site, generation, happening_of(event))
            await self._history.set_merged(self._site, reached)
            place = reached
