"""Which sources of facts are stale, on a real PostgreSQL: judged by the plan's bounds, told like a hold."""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from menshen_access.domain.circumstances import decode_circumstances
from menshen_access.domain.sources import HeardSource, next_staleness_ms, stale_by
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.sources import PostgresSources
from menshen_access.publishing import circumstances_of
from menshen_access.sourcing import SourceWatch
from menshen_rulebook.plan import FactSource, SitePlan
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool

BOUND_MS = 900_000
SITES = itertools.count(1)
PLAN = """
areas: [{id: outside}]
fact_sources: [{id: leave_office, stale_after: 15m}, {id: clinic, stale_after: 1h}]
"""


class Feed:
    """Identity, telling what a test lets it tell."""

    def __init__(self, *told: Sequence[HeardSource]) -> None:
        self._told = told

    async def watch(self, _site: str) -> AsyncIterator[tuple[HeardSource, ...]]:
        for one in self._told:
            yield tuple(one)
        raise ConnectionResetError("identity went away")


class Watch:
    """A site of a test's own, whose sources were all heard just now."""

    def __init__(self, pool: Pool, sites: Sites, new_id: Callable[[], str]) -> None:
        self.pool = pool
        self.site = f"sources-{next(SITES)}"
        self.clock = ManualClock()
        self.board = Noticeboard()
        self.administration = Administration(pool, sites)
        self.planning = Planning(self.administration, self._publish, self.clock, new_id)
        self.store = PostgresSources(pool, sites)
        self._new_id = new_id
        self._plans = Notices(pool, sites)

    def watch(self, *told: Sequence[HeardSource]) -> SourceWatch:
        return SourceWatch(self.site, Feed(*told), self.store, self._plans, self.board, self.clock, self._new_id)

    async def hear(self, *sources: str) -> None:
        now_ms = self.clock.now_ms()
        await self.store.hear(self.site, [HeardSource(source, now_ms) for source in sources])

    async def stale(self) -> tuple[int, frozenset[str]]:
        held = await self.administration.current_holds(self.site)
        told = circumstances_of(self.site, held)
        assert decode_circumstances(held.version, told.encode()).stale_sources == told.stale_sources
        return held.version, told.stale_sources

    async def alarms(self) -> list[dict[str, Any]]:
        rows = await self.pool.fetch("SELECT detail FROM alarm_outbox WHERE site = $1", self.site)
        return [json.loads(row["detail"]) for row in rows]

    async def _publish(self, _site: str) -> None:
        return


@pytest.fixture
async def site(pool: Pool, sites: Sites, new_id: Any) -> Watch:
    made = Watch(pool, sites, new_id)
    await made.planning.put_plan(made.site, PLAN, 0, "because", "operator/li")
    await made.hear("leave_office", "clinic")
    return made


async def test_a_source_is_stale_the_moment_its_bound_is_over_and_not_before(site: Watch) -> None:
    watch = site.watch()
    site.clock.advance_ms(BOUND_MS)
    assert await watch.judge() == frozenset()
    before, none = await site.stale()

    site.clock.advance_ms(1)
    assert await watch.judge() == {"leave_office"}

    after, stale = await site.stale()
    assert (none, stale) == (frozenset(), {"leave_office"})
    assert after > before
    assert await site.alarms() == [{"cause": "FACT_SOURCE_STALE", "source": "leave_office"}]


async def test_a_source_that_is_heard_again_is_stale_no_longer_and_alarms_anew_when_it_dies_again(site: Watch) -> None:
    watch = site.watch()
    for _ in range(2):
        site.clock.advance_ms(BOUND_MS + 1_000)
        assert await watch.judge() == {"leave_office"}
        await site.hear("leave_office", "clinic")
        assert await watch.judge() == {"leave_office"}
        assert (await site.stale())[1] == frozenset()

    assert len(await site.alarms()) == 2


async def test_a_word_that_arrives_late_does_not_make_a_source_older(site: Watch) -> None:
    await site.store.hear(site.site, [HeardSource("leave_office", site.clock.now_ms() - BOUND_MS - 1)])

    assert await site.watch().judge() == frozenset()


async def test_a_source_of_the_plan_that_was_never_heard_is_stale_and_one_without_a_bound_never_is(
    pool: Pool, sites: Sites, new_id: Any
) -> None:
    fresh = Watch(pool, sites, new_id)
    await fresh.planning.put_plan(fresh.site, PLAN, 0, "because", "operator/li")
    await fresh.hear("clinic", "gossip")
    fresh.clock.advance_ms(60_000)

    await fresh.watch().judge()

    assert (await fresh.stale())[1] == {"leave_office"}


async def test_another_bound_in_the_plan_counts_at_once(site: Watch) -> None:
    watch = site.watch()
    site.clock.advance_ms(120_000)
    assert await watch.judge() == frozenset()

    await site.planning.put_plan(
        site.site, "fact_sources: [{id: leave_office, stale_after: 1m}]", 1, "tighter", "operator/li"
    )

    assert await watch.judge() == {"leave_office"}


async def test_what_identity_tells_is_kept_and_wakes_the_judge(site: Watch) -> None:
    site.clock.advance_ms(30_000)
    now_ms = site.clock.now_ms()
    woken = site.board.next(Topic.SOURCES, site.site)

    with pytest.raises(ConnectionResetError):
        await site.watch([HeardSource("leave_office", now_ms)]).listen()

    kept = {one.source: one.complete_to_ms for one in await site.store.heard(site.site)}
    assert kept["leave_office"] == now_ms
    assert woken.is_set()


@pytest.mark.parametrize("bound", ["59s", "0s"])
async def test_a_bound_no_source_could_keep_is_refused(site: Watch, bound: str) -> None:
    with pytest.raises(Exception, match="document") as refusal:
        await site.planning.put_plan(
            site.site, f"fact_sources: [{{id: x, stale_after: {bound}}}]", 1, "because", "operator/li"
        )

    assert "fact_sources[0].stale_after" in str(getattr(refusal.value, "fields", ""))


def test_the_next_staleness_is_that_of_the_source_that_dies_first() -> None:
    plan = SitePlan("north", 1, fact_sources=(FactSource("a", 60_000), FactSource("b", 90_000)))
    heard = [HeardSource("a", 1_000_000), HeardSource("b", 1_000_000)]

    due_ms = next_staleness_ms(plan, heard, 1_000_001)

    assert due_ms == 1_060_001
    assert stale_by(plan, heard, due_ms - 1) == frozenset()
    assert stale_by(plan, heard, due_ms) == {"a"}
    assert next_staleness_ms(plan, heard, 1_100_000) is None
