"""Which sources of facts are stale: heard from identity, judged by the plan's bounds, in force like a hold.

A source that has died must not shut out everybody whose facts it no longer renews: each requirement names what it then
brings. Identity being away makes every source stale in its time, as nothing they say arrives.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock

from menshen_access.alarming import SYSTEM
from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.sources import HeardSource, next_staleness_ms, stale_by
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.planning import plain_plan

POLL_S: Final = 1.0
SHORTEST_S: Final = 0.01

_log = structlog.get_logger(__name__)


class SourceFeed(Protocol):
    """Sources as identity tells of them."""

    def watch(self, site: str) -> AsyncIterator[tuple[HeardSource, ...]]:
        """All of them, then all again whenever one moves. Never ends: ConnectionError when identity is away."""


class SourceStore(Protocol):
    """Sources, and the plan that bounds them, in PostgreSQL."""

    async def heard(self, site: str) -> tuple[HeardSource, ...]:
        """Every source that was ever heard or judged, by name."""

    async def hear(self, site: str, told: Sequence[HeardSource]) -> None:
        """Keep the later of what was told and what is kept."""

    async def judge(
        self,
        site: str,
        stale_of: Callable[[Sequence[HeardSource]], frozenset[str]],
        alarm_of: Callable[[str], WaitingAlarm],
    ) -> frozenset[str]:
        """Put in force what `stale_of` makes of the sources; those that changed. Queues an alarm for each fresh one."""


class PlanReader(Protocol):
    """The plan in PostgreSQL."""

    async def plan_version(self, site: str) -> int:
        """The version of the current plan; 0 without one."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""


class SourceWatch:
    """Follows the sources of one site. Two duties of a keeper: `listen` and `follow`."""

    def __init__(
        self,
        site: str,
        feed: SourceFeed,
        store: SourceStore,
        plans: PlanReader,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._site = site
        self._feed = feed
        self._store = store
        self._plans = plans
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._plan: SitePlan | None = None

    async def listen(self) -> None:
        """Keep what identity tells, for ever. An outage ends it; run it again."""
        async for told in self._feed.watch(self._site):
            await self._store.hear(self._site, told)
            self._board.post(Topic.SOURCES, self._site)

    async def follow(self) -> None:
        """Judge each source within a moment of its bound, and as soon as it is heard again, for ever."""
        while True:
            heard = self._board.next(Topic.SOURCES, self._site)
            await self.judge()
            await within(heard, await self._wait_s())

    async def judge(self) -> frozenset[str]:
        """Put in force which sources are stale now; those that changed."""
        plan, heard, now_ms = await self._renewed(), await self._store.heard(self._site), self._clock.now_ms()
        if plan is None or stale_by(plan, heard, now_ms) == {one.source for one in heard if one.is_stale}:
            return frozenset()
        changed = await self._store.judge(
            self._site, lambda heard: stale_by(plan, heard, now_ms), lambda source: self._alarm(source, now_ms)
        )
        if changed:
            _log.warning("fact_sources_changed", site=self._site, sources=sorted(changed))
            self._board.post(Topic.HOLDS, self._site)
        return changed

    async def _renewed(self) -> SitePlan | None:
        version = await self._plans.plan_version(self._site)
        if version and (self._plan is None or self._plan.version != version):
            version, document = await self._plans.current_plan(self._site)
            self._plan = plan_from_mapping({**plain_plan(self._site, version, document), "version": version})
        return self._plan

    async def _wait_s(self) -> float:
        if self._plan is None:
            return POLL_S
        now_ms = self._clock.now_ms()
        due_ms = next_staleness_ms(self._plan, await self._store.heard(self._site), now_ms)
        return POLL_S if due_ms is None else min(max((due_ms - now_ms) / 1000, SHORTEST_S), POLL_S)

    def _alarm(self, source: str, now_ms: int) -> WaitingAlarm:
        detail = (("cause", "FACT_SOURCE_STALE"), ("source", source))
        return WaitingAlarm(self._new_id(), self._site, SYSTEM, source, "", now_ms, detail)
