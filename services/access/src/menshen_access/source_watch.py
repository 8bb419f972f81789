"""Finds the sources of facts that have been silent for longer than the plan lets them, so that decisions know.

A source is heard in what it reports: the feed of identity brings every report with its time. One that has nothing new
to say reports again what it said; the time of the report is then the sign that it lives.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.sources import FactSource, stale_sources
from menshen_servicekit.clock import Clock

from menshen_access.domain.administration import Deed, WaitingAlarm
from menshen_access.domain.fact_sources import HeardSource
from menshen_access.noticeboard import Noticeboard, Topic, within

POLL_S: Final = 5.0
GATHER_S: Final = 0.2
"""Many people change at once: they are one look."""

SYSTEM: Final = 14
"""menshen.safety.v1.AlarmKind SYSTEM."""

_WHO: Final = "service/access"
_log = structlog.get_logger(__name__)


class PlanSource(Protocol):
    """The plan in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""


class SourceStore(Protocol):
    """Sources of facts in PostgreSQL."""

    async def heard(self, site: str) -> list[HeardSource]:
        """Every source that ever reported or was found stale."""

    async def turn(
        self,
        site: str,
        stale: Iterable[str],
        fresh: Iterable[str],
        deeds: Sequence[Deed],
        alarms: Sequence[WaitingAlarm],
    ) -> None:
        """These sources fell silent and those report again: a new version of what holds beside the plan."""


class SourceWatch:
    """Watches the sources of one site; whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        plans: PlanSource,
        store: SourceStore,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._site = site
        self._plans = plans
        self._store = store
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._known: tuple[int, tuple[FactSource, ...]] = (0, ())

    async def follow(self) -> None:
        """For ever; a stale source is believed again as soon as it reports. Outages end it; run it again."""
        while True:
            planned, reported = (self._board.next(topic, self._site) for topic in (Topic.PLAN, Topic.SUBJECTS))
            stale = await self.look()
            await within(reported if stale else planned, POLL_S)
            await asyncio.sleep(GATHER_S)

    async def look(self) -> frozenset[str]:
        """Write down who fell silent and who reports again since the last look; the sources that are stale."""
        bounds, heard = await self._bounds(), await self._store.heard(self._site)
        now_ms = self._clock.now_ms()
        stale = stale_sources(bounds, {one.source: one.reported_at_ms for one in heard}, now_ms)
        before = frozenset(one.source for one in heard if one.stale)
        silent, again = stale - before, before - stale
        if silent or again:
            deeds = [self._deed("SOURCE_SILENT", source, now_ms) for source in sorted(silent)]
            deeds += [self._deed("SOURCE_HEARD", source, now_ms) for source in sorted(again)]
            alarms = [self._alarm(source, now_ms) for source in sorted(silent)]
            await self._store.turn(self._site, silent, again, deeds, alarms)
            self._board.post(Topic.HOLDS, self._site)
            _log.warning("fact_sources_turned", site=self._site, silent=sorted(silent), again=sorted(again))
        return stale

    async def _bounds(self) -> tuple[FactSource, ...]:
        version, document = await self._plans.current_plan(self._site)
        if version != self._known[0]:
            self._known = version, plan_from_mapping(json.loads(document)).sources
        return self._known[1]

    def _deed(self, action: str, source: str, now_ms: int) -> Deed:
        return Deed(self._site, now_ms, _WHO, action, source, "bound of the plan")

    def _alarm(self, source: str, now_ms: int) -> WaitingAlarm:
        detail = (("cause", "SOURCE_SILENT"), ("source", source))
        return WaitingAlarm(self._new_id(), self._site, SYSTEM, source, "", now_ms, detail)
