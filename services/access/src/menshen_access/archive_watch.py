"""Alarms the control room when PostgreSQL cannot archive its log, which fills its disk meanwhile; a keeper's duty.

PostgreSQL tries again by itself. What has failed for PATIENCE_S is alarmed about once, until something was archived.
"""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.telemetry import Metrics

from menshen_access.alarming import SYSTEM, AlarmOutbox
from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.archive_failure import ArchiveFailure
from menshen_access.noticeboard import Noticeboard, Topic

LOOK_S: Final = 30.0
PATIENCE_S: Final = 120.0
_log = structlog.get_logger(__name__)


class ArchiveSource(Protocol):
    """The archive of the log as PostgreSQL tells of it."""

    async def failure(self) -> ArchiveFailure | None:
        """What could not be archived at the last try; None where it could, or nothing is to be archived."""


class ArchiveWatch:
    """Tells the control room of one site. Whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        archive: ArchiveSource,
        outbox: AlarmOutbox,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
        metrics: Metrics,
    ) -> None:
        self._site = site
        self._archive = archive
        self._outbox = outbox
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._failing = metrics.gauge("log_archive_failing", "1 while PostgreSQL cannot archive its log").set
        self._since: float | None = None
        self._told = False

    async def follow(self) -> None:
        """For ever. Outages end it; run it again. Whoever does not look does not say that it fails."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_S)
        finally:
            self._failing(0)

    async def look(self) -> None:
        """Queue the alarm when it is time."""
        failure, now = await self._archive.failure(), self._clock.monotonic()
        self._failing(failure is not None)
        if failure is None:
            self._since, self._told = None, False
            return
        if self._since is None:
            self._since = now
        if self._told or now - self._since < PATIENCE_S:
            return
        await self._outbox.put([self._alarm(failure)])
        self._told = True
        self._board.post(Topic.ALARMS, self._site)
        _log.error("log_not_archived", site=self._site, segment=failure.segment)

    def _alarm(self, failure: ArchiveFailure) -> WaitingAlarm:
        now_ms = self._clock.now_ms()
        minutes = max(now_ms - failure.archived_at_ms, 0) // 60_000
        told = {"cause": "LOG_NOT_ARCHIVED", "segment": failure.segment, "minutes": str(minutes)}
        return WaitingAlarm(self._new_id(), self._site, SYSTEM, "postgresql", "", now_ms, tuple(sorted(told.items())))
