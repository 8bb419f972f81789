"""Recording: from the stream of a site in Redis to its history in PostgreSQL, by one process at a time.

The stream is always read from its start: what is recorded is trimmed, and what is read again changes nothing. So a
crash at any step, or a Redis that lost or repeats entries, loses and doubles nothing.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.consequences import alarms_of, review_of
from menshen_access.domain.door_reports import statements_of
from menshen_access.domain.history import Appended, Entry, StreamEntry, entry_of_payload
from menshen_access.noticeboard import Noticeboard, Topic

BATCH: Final = 500
WAIT_MS: Final = 1000
GATHER_S: Final = 0.04
"""Events gather for this long while few come: a batch costs the same round trips whatever its size."""
_PREPARE_EVERY_MS = 3_600_000

_log = structlog.get_logger(__name__)


class EventStream(Protocol):
    """The event stream of a site in Redis. Methods raise StoreAwayError."""

    async def read(self, site: str, count: int, wait_ms: int) -> Sequence[StreamEntry]:
        """The oldest entries; waits up to `wait_ms` for one, then gives none."""

    async def trim(self, site: str, through: str) -> None:
        """Drop every entry up to and including this position."""

    async def length(self, site: str) -> int:
        """Entries in the stream."""


class Ledger(Protocol):
    """Appends to the history of a site; idempotent by (event_id, kind)."""

    async def append(
        self,
        site: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        position: str = "",
        unreadable: Sequence[StreamEntry] = (),
    ) -> Appended:
        """Record what is not recorded yet, in order and in one transaction. A lost connection raises an outage."""

    async def prepare(self, now_ms: int) -> None:
        """Make room for the coming days."""


class Recorder:
    """Drains the stream of one site for as long as it is run; whoever runs it holds the site's lease."""

    def __init__(
        self, site: str, stream: EventStream, ledger: Ledger, clock: Clock, board: Noticeboard, metrics: Metrics
    ) -> None:
        self._site = site
        self._stream = stream
        self._ledger = ledger
        self._clock = clock
        self._board = board
        self._recorded = metrics.counter("events_recorded", "Events written to the history", ["site"]).labels(site)
        self._lag = metrics.gauge("recorder_lag_events", "Events in Redis not yet recorded", ["site"]).labels(site)
        self._age = metrics.gauge("recorder_lag_ms", "Age of the oldest event of the last batch", ["site"]).labels(site)
        self._prepared_at_ms = -_PREPARE_EVERY_MS

    async def run(self) -> None:
        """Record for ever. Outages of either store end it; run it again."""
        while True:
            if await self.step() < BATCH:
                await asyncio.sleep(GATHER_S)

    async def step(self, wait_ms: int = WAIT_MS) -> int:
        """Record one batch; the number of entries read."""
        await self._prepare()
        read = await self._stream.read(self._site, BATCH, wait_ms)
        if not read:
            self._lag.set(0)
            return 0
        now_ms = self._clock.now_ms()
        entries, unreadable = _sorted(read, self._site)
        if unreadable:
            _log.error("stream_entries_unreadable", site=self._site, count=len(unreadable))
        position = read[-1].position
        done = await self._ledger.append(self._site, entries, now_ms, position=position, unreadable=unreadable)
        self._board.post(Topic.EVENTS, self._site)
        await self._stream.trim(self._site, position)
        await self._measure(done, read[0], now_ms)
        return len(read)

    async def _prepare(self) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - self._prepared_at_ms >= _PREPARE_EVERY_MS:
            await self._ledger.prepare(now_ms)
            self._prepared_at_ms = now_ms

    async def _measure(self, done: Appended, oldest: StreamEntry, now_ms: int) -> None:
        self._recorded.inc(done.inserted)
        self._lag.set(await self._stream.length(self._site))
        self._age.set(max(0, now_ms - int(oldest.position.partition("-")[0])))


def _sorted(read: Sequence[StreamEntry], site: str) -> tuple[list[Entry], list[StreamEntry]]:
    entries: list[Entry] = []
    unreadable: list[StreamEntry] = []
    for item in read:
        entry = _readable(item.payload, site)
        if entry is None:
            unreadable.append(item)
        else:
            entries.append(entry)
    return entries, unreadable


def _readable(payload: bytes, site: str) -> Entry | None:
    """The entry of a payload; None when it, or what follows from it, cannot be read."""
    try:
        entry = entry_of_payload(payload)
        review_of(entry, 0)
        alarms_of(entry)
        statements_of(entry, 0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return entry if entry.event.site == site else None
