"""Alarms for the control room: queued in PostgreSQL, delivered to safety, forgotten when safety has stored them."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.consequences import duress_alarm
from menshen_access.noticeboard import Noticeboard, Topic, within

MOST_QUEUED: Final = 1000
MOST_FOREIGN: Final = MOST_QUEUED // 2
"""The rest of the queue is kept for duress: whoever floods it with alarms of a gate silences nobody."""
PAGE: Final = 100
POLL_S: Final = 2.0
REPEAT_MS: Final = 60_000
SECURITY: Final = 11
"""menshen.safety.v1.AlarmKind SECURITY."""
SYSTEM: Final = 14
"""menshen.safety.v1.AlarmKind SYSTEM."""

_log = structlog.get_logger(__name__)


class AlarmOutbox(Protocol):
    """The queue in PostgreSQL."""

    async def put(self, alarms: Sequence[WaitingAlarm]) -> None:
        """Queue alarms; one that is queued already stays as it is."""

    async def oldest(self, limit: int) -> list[WaitingAlarm]:
        """The oldest alarms of all sites."""

    async def delivered(self, alarm_id: str) -> None:
        """Forget one that safety has stored."""


class ControlRoom(Protocol):
    """Safety."""

    async def raise_alarm(self, alarm: WaitingAlarm) -> bool:
        """Hand an alarm over; True when it is stored, False when it will never be. Raises ConnectionError."""


class AlarmQueue:
    """Implements ports.GateAlarms. What PostgreSQL has not taken yet waits in a bounded queue of this process."""

    def __init__(self, outbox: AlarmOutbox, board: Noticeboard, clock: Clock, new_id: Callable[[], str]) -> None:
        self._outbox = outbox
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._waiting: deque[WaitingAlarm] = deque()
        self._came = asyncio.Event()
        self._raised_at_ms: dict[tuple[str, str, str], int] = {}

    def duress(self, site: str, access_point: str, event_id: str, at_ms: int) -> None:
        if len(self._waiting) >= MOST_QUEUED:
            _log.error("alarm_queue_full", site=site)
            return
        self._waiting.append(duress_alarm(site, access_point, event_id, at_ms))
        self._came.set()

    def foreign_access_point(self, site: str, agent_id: str, access_point: str) -> None:
        """Raised once a minute for the same agent and access point."""
        now_ms, key = self._clock.now_ms(), (site, agent_id, access_point)
        if now_ms - self._raised_at_ms.get(key, -REPEAT_MS) < REPEAT_MS or len(self._waiting) >= MOST_FOREIGN:
            return
        if len(self._raised_at_ms) >= MOST_QUEUED:
            self._raised_at_ms.clear()
        self._raised_at_ms[key] = now_ms
        detail = (("cause", "FOREIGN_ACCESS_POINT"), ("agent", agent_id))
        self._waiting.append(WaitingAlarm(self._new_id(), site, SECURITY, access_point, "", now_ms, detail))
        self._came.set()

    async def run(self) -> None:
        """Queue in PostgreSQL what was raised, for ever. Outages end it; run it again."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                batch = list(self._waiting)[:PAGE]
                try:
                    await self._outbox.put(batch)
                except BaseException:
                    self._came.set()
                    raise
                for _ in batch:
                    self._waiting.popleft()
                self._board.post(Topic.ALARMS, batch[0].site)


class AlarmCourier:
    """Delivers queued alarms of all sites; whoever runs it holds the lease of alarms."""

    def __init__(self, outbox: AlarmOutbox, room: ControlRoom, board: Noticeboard, metrics: Metrics) -> None:
        self._outbox = outbox
        self._room = room
        self._board = board
        self._delivered = metrics.counter("alarms_delivered", "Alarms handed to safety", ["stored"])

    async def run(self, sites: Sequence[str]) -> None:
        """Deliver for ever. Outages of either side end it; run it again: safety knows an alarm by its id."""
        while True:
            came = [self._board.next(Topic.ALARMS, site) for site in sites]
            alarms = await self._outbox.oldest(PAGE)
            for alarm in alarms:
                stored = await self._room.raise_alarm(alarm)
                if not stored:
                    _log.error("alarm_refused", site=alarm.site, alarm_id=alarm.alarm_id)
                self._delivered.labels(str(stored).lower()).inc()
                await self._outbox.delivered(alarm.alarm_id)
            if not alarms:
                await _any_within(came, POLL_S)


async def _any_within(events: Sequence[asyncio.Event], seconds: float) -> None:
    waits = [asyncio.ensure_future(within(event, seconds)) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
