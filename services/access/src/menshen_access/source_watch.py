"""Finds the sources of facts that have been silent for longer than the plan lets them, so that decisions know.

A source is heard in what it reports: the feed of identity brings every report with its time. One that has nothing new
to say tells identity so, which passes it on. With identity away nothing is heard, and all are stale in time.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.sources import FactSource, stale_sources
from menshen_servicekit.clock import Clock

from menshen_access.alarming import SYSTEM
from menshen_access.domain.administration import Deed, WaitingAlarm
from menshen_access.domain.fact_sources import HeardSource
from menshen_access.noticeboard import Noticeboard, Topic, within

POLL_S: Final = 1.0
_WHO: Final = "service/access"
_log = structlog.get_logger(__name__)


class PlanSource(Protocol):
    """The plan in PostgreSQL."""

    async def plan_version(self, site: str) -> int:
        """The version of the current plan; 0 without one."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""


class SourceFeed(Protocol):
    """Sources that say they are alive."""

    def watch(self, site: str) -> AsyncIterator[Mapping[str, int]]:
        """Up to when each has reported: all of them, then all again whenever one moves.

        Never ends: ConnectionError when identity is away.
        """


class SourceStore(Protocol):
    """Sources of facts in PostgreSQL."""

    async def heard(self, site: str) -> list[HeardSource]:
        """Every source that ever reported or was found stale."""

    async def hear(self, site: str, reported_at_ms: Mapping[str, int]) -> None:
        """These sources have reported; the later of two instants stands."""

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
    """Watches the sources of one site, by two duties: `listen` and `follow`. Whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        feed: SourceFeed,
        plans: PlanSource,
        store: SourceStore,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._site = site
        self._feed = feed
        self._plans = plans
        self._store = store
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._known: tuple[int, tuple[FactSource, ...]] = (0, ())

    async def listen(self) -> None:
        """Keep what sources say of themselves, for ever. An outage ends it; run it again."""
        async for told in self._feed.watch(self._site):
            await self._store.hear(self._site, told)
            self._board.post(Topic.SOURCES, self._site)

    async def follow(self) -> None:
        """For ever; a stale source is believed again as soon as it reports. Outages end it; run it again."""
        while True:
            heard = self._board.next(Topic.SOURCES, self._site)
            await self.look()
            await within(heard, POLL_S)

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
        if await self._plans.plan_version(self._site) != self._known[0]:
            version, document = await self._plans.current_plan(self._site)
            self._known = version, plan_from_mapping(json.loads(document)).sources
        return self._known[1]

    def _deed(self, action: str, source: str, now_ms: int) -> Deed:
        return Deed(self._site, now_ms, _WHO, action, source, "bound of the plan")

    def _alarm(self, source: str, now_ms: int) -> WaitingAlarm:
        detail = (("cause", "SOURCE_SILENT"), ("source", source))
        return WaitingAlarm(self._new_id(), self._site, SYSTEM, source, "", now_ms, detail)
