"""Sources of facts on a real PostgreSQL: heard in what is projected, stale past the bound the plan names."""

import itertools
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from menshen_access.domain.circumstances import circumstances_of
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.fact_sources import FactSources
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.source_watch import SourceWatch
from menshen_rulebook.types import Fact, Subject, SubjectKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool

HOUR_MS = 3_600_000
BOUND_MS = 26 * HOUR_MS
SITES = itertools.count(1)
PLAN = "areas: [{id: campus}]\nsources: [{id: hr, silent_after: 26h}, {id: clinic, silent_after: 26h}]"


class Feed:
    """Identity, telling once what a test lets it tell."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}

    async def watch(self, _site: str) -> AsyncIterator[Mapping[str, int]]:
        yield self.told
        raise ConnectionResetError("identity went away")


class Desk:
    """A site of a test's own; the personnel office and the clinic have just reported."""

    def __init__(self, pool: Pool, sites: Sites, new_id: Any) -> None:
        self.pool = pool
        self.site = f"silent-{next(SITES)}"
        self.clock = ManualClock()
        self.store = Administration(pool, sites)
        self.subjects = Subjects(pool, sites)
        self.planning = Planning(self.store, self._publish, self.clock, new_id)
        self.feed, self.board = Feed(), Noticeboard()
        plans, sources = Notices(pool, sites), FactSources(pool, sites)
        self.watch = SourceWatch(self.site, self.feed, plans, sources, self.board, self.clock, new_id)
        self._versions = itertools.count(1)

    async def report(self, source: str, at_ms: int, name: str = "c:1") -> None:
        """A fact about somebody, as identity's feed brings it."""
        subject = Subject(name, 0, SubjectKind.CARDHOLDER, "staff", self.site, facts=(Fact("x", "1", source, 0),))
        facts = (replace(subject.facts[0], reported_at_ms=at_ms),)
        change = FeedChange(name, next(self._versions), replace(subject, facts=facts))
        await self.subjects.apply_changes(self.site, [change], "identity", FeedPlace(1, 1))

    async def stale(self) -> set[str]:
        """As decisions read it."""
        return set(circumstances_of(self.site, await self.store.current_holds(self.site)).stale_sources)

    async def version(self) -> int:
        return (await self.store.current_holds(self.site)).version

    async def deeds(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch(
            "SELECT action, target FROM audit WHERE site = $1 AND action LIKE 'SOURCE%' ORDER BY number", self.site
        )
        return [(row["action"], row["target"]) for row in rows]

    async def alarms(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch("SELECT source, detail FROM alarm_outbox WHERE site = $1", self.site)
        return [(row["source"], json.loads(row["detail"])["cause"]) for row in rows]

    async def _publish(self, _site: str) -> None:
        """Decisions are no part of this."""


@pytest.fixture
async def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    made = Desk(pool, sites, new_id)
    await made.planning.put_plan(made.site, PLAN, 0, "because", "operator/li")
    await made.report("hr", made.clock.now_ms())
    await made.report("clinic", made.clock.now_ms(), "c:2")
    return made


async def test_a_source_that_says_it_is_alive_is_heard_without_a_fact_and_wakes_the_watch(desk: Desk) -> None:
    desk.clock.advance_ms(BOUND_MS + 1)
    desk.feed.told = {"hr": desk.clock.now_ms(), "clinic": 1}
    woken = desk.board.next(Topic.SOURCES, desk.site)

    with pytest.raises(ConnectionResetError):
        await desk.watch.listen()

    assert woken.is_set()
    assert await desk.watch.look() == {"clinic"}


async def test_a_source_is_stale_past_its_bound_and_not_at_it(desk: Desk) -> None:
    desk.clock.advance_ms(BOUND_MS)
    await desk.watch.look()
    at_the_bound = await desk.stale()
    desk.clock.advance_ms(1)
    await desk.watch.look()

    assert (at_the_bound, await desk.stale()) == (set(), {"hr", "clinic"})


async def test_a_report_about_anybody_shows_that_its_source_lives(desk: Desk) -> None:
    desk.clock.advance_ms(BOUND_MS)
    await desk.report("clinic", desk.clock.now_ms(), "c:3")
    desk.clock.advance_ms(1)

    await desk.watch.look()

    assert await desk.stale() == {"hr"}


async def test_an_old_report_that_comes_late_does_not(desk: Desk) -> None:
    long_ago = desk.clock.now_ms() - HOUR_MS
    desk.clock.advance_ms(BOUND_MS + 1)
    await desk.report("hr", long_ago, "c:4")

    await desk.watch.look()

    assert "hr" in await desk.stale()


async def test_a_source_that_reports_again_is_stale_no_more(desk: Desk) -> None:
    desk.clock.advance_ms(BOUND_MS + 1)
    await desk.watch.look()
    await desk.report("hr", desk.clock.now_ms())

    await desk.watch.look()

    assert await desk.stale() == {"clinic"}
    assert await desk.deeds() == [("SOURCE_SILENT", "clinic"), ("SOURCE_SILENT", "hr"), ("SOURCE_HEARD", "hr")]


async def test_silence_is_told_to_the_control_room_once_and_changes_the_version_once(desk: Desk) -> None:
    before = await desk.version()
    desk.clock.advance_ms(BOUND_MS + 1)

    for _ in range(3):
        await desk.watch.look()

    assert await desk.version() == before + 1
    assert sorted(await desk.alarms()) == [("clinic", "SOURCE_SILENT"), ("hr", "SOURCE_SILENT")]


async def test_a_source_that_never_reported_is_silent_once_the_plan_bounds_it(desk: Desk) -> None:
    await desk.planning.put_plan(desk.site, "sources: [{id: leave, silent_after: 1h}]", 1, "because", "operator/li")

    await desk.watch.look()

    assert await desk.stale() == {"leave"}


async def test_a_source_without_a_bound_is_never_stale(desk: Desk) -> None:
    await desk.report("gossip", 1, "c:5")
    desk.clock.advance_ms(1)

    assert await desk.watch.look() == frozenset()


async def test_a_wider_bound_takes_force_with_the_plan(desk: Desk) -> None:
    desk.clock.advance_ms(BOUND_MS + 1)
    await desk.watch.look()
    wider = "sources: [{id: hr, silent_after: 48h}]"
    await desk.planning.put_plan(desk.site, wider, 1, "a holiday", "operator/li")

    await desk.watch.look()

    assert await desk.stale() == {"clinic"}
