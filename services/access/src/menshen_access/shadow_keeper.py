"""Leading shadows on behind the history of a site; a keeper's duty, which decides nothing and delays no decision.

Pages are judged in a process apart that gives way to all others. A page counts once, however often this is cut short:
its counts, its differences and the shadow's place are one transaction, which is refused where the place has moved. That
holds beyond a restore, too: the shadow's place goes back together with the history it has counted.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock

from menshen_access import shadow_work
from menshen_access.domain.shadows import (
    KeptVersions,
    PageRow,
    RunningShadow,
    ShadowState,
    Stride,
    Versions,
)
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.work_apart import Worker

PAGE: Final = 200
PAUSE_S: Final = 1.0
"""Events gather for this long once a shadow has caught up."""
IDLE_S: Final = 10.0
_log = structlog.get_logger(__name__)


class ShadowTrail(Protocol):
    """Running shadows and the history they follow, in PostgreSQL."""

    async def running(self, site: str) -> list[RunningShadow]:
        """Those that run, with their policies as they are now."""

    async def after(self, site: str, sequence: int, limit: int) -> list[PageRow]:
        """What is recorded after a sequence, in sequence."""

    async def kept(self, site: str, versions: Versions) -> KeptVersions:
        """What is kept of these versions."""

    async def advance(self, site: str, running: RunningShadow, made: Stride, at_ms: int) -> bool:
        """Count a stride and move the shadow, all or nothing; False, and nothing done, where it stands elsewhere."""


class ShadowKeeper:
    """The shadows of one site. Whoever runs it holds the site's lease."""

    def __init__(
        self, site: str, trail: ShadowTrail, board: Noticeboard, clock: Clock, events_at_once: int = PAGE
    ) -> None:
        self._site = site
        self._trail = trail
        self._board = board
        self._clock = clock
        self._page = events_at_once

    async def follow(self) -> None:
        """For ever. Outages end it, and the process apart with it; run it again."""
        worker = Worker()
        try:
            while True:
                changed = self._board.next(Topic.SHADOWS, self._site)
                running = await self._trail.running(self._site)
                if not running:
                    worker.end()
                    await within(changed, IDLE_S)
                elif not await self._lead(running, worker):
                    await asyncio.sleep(PAUSE_S)
        finally:
            worker.end()

    async def step(self, worker: Worker) -> bool:
        """Lead every running shadow on by at most a page; whether any of them has more to follow."""
        return await self._lead(await self._trail.running(self._site), worker)

    async def _lead(self, running: Sequence[RunningShadow], worker: Worker) -> bool:
        return any([await self._lead_one(one, worker) for one in running])

    async def _lead_one(self, one: RunningShadow, worker: Worker) -> bool:
        rows = await self._trail.after(self._site, one.shadow.through_sequence, self._page)
        made = await self._made(one, rows, worker)
        if made is None:
            return False
        moved = await self._trail.advance(self._site, one, made, self._clock.now_ms())
        if moved and made.state is not ShadowState.RUNNING:
            _log.info("shadow_ended", site=self._site, shadow=one.shadow.shadow_id, state=made.state.name)
        return made.state is ShadowState.RUNNING and len(rows) == self._page

    async def _made(self, one: RunningShadow, rows: Sequence[PageRow], worker: Worker) -> Stride | None:
        """The next stride; None while there is nothing to follow and nothing ends the shadow."""
        broken_off = one.broken_off()
        if broken_off is not None:
            return Stride(one.shadow.through_sequence, broken_off)
        if not rows:
            state = one.outlived(self._clock.now_ms())
            return None if state is ShadowState.RUNNING else Stride(one.shadow.through_sequence, state)
        versions = await worker.run(shadow_work.versions_named, rows)
        return await worker.run(shadow_work.stride, rows, await self._trail.kept(self._site, versions), one.terms)
