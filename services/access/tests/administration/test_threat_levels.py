"""Threat levels on a real PostgreSQL: who set which, when and why, and what stands."""

import itertools
import json
from typing import Any

import asyncpg
import pytest
from menshen_access.domain.circumstances import Circumstances, circumstances_of, decode_circumstances
from menshen_access.holding import Holding
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.threat_levels import ThreatLevels
from menshen_access.threat_desk import ThreatDesk
from menshen_rulebook.types import Hold, HoldScope, ThreatLevel
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

LI, WANG = "operator/li", "operator/wang"
SITES = itertools.count(1)
PLAN = "areas: [{id: outside}, {id: campus}, {id: hall, parent: campus}]"


class Desk:
    """A site of a test's own."""

    def __init__(self, pool: Pool, sites: Sites, new_id: Any) -> None:
        self.pool = pool
        self.site = f"threat-{next(SITES)}"
        self.clock = ManualClock()
        self.published = 0
        self.store = Administration(pool, sites)
        self.planning = Planning(self.store, self._publish, self.clock, new_id)
        self.holding = Holding(self.store, self._publish, self.clock, new_id)
        self.threats = ThreatDesk(self.store, ThreatLevels(pool, sites), self._publish, self.clock)

    async def set_level(self, area: str, level: int, who: str = LI, reason: str = "a stranger was seen") -> None:
        await self.threats.set_level(self.site, area, level, reason, who)

    async def standing(self) -> dict[str, int]:
        return {one.area: one.level for one in await self.threats.levels(self.site)}

    async def circumstances(self) -> Circumstances:
        return circumstances_of(self.site, await self.store.current_holds(self.site))

    async def _publish(self, _site: str) -> None:
        self.published += 1


@pytest.fixture
async def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    made = Desk(pool, sites, new_id)
    await made.planning.put_plan(made.site, PLAN, 0, "because", LI)
    made.published = 0
    return made


async def test_the_site_and_its_areas_have_levels_of_their_own(desk: Desk) -> None:
    for area, level in (("", 1), ("hall", 4), ("campus", 2)):
        await desk.set_level(area, level)

    assert await desk.standing() == {"": 1, "campus": 2, "hall": 4}
    assert desk.published == 3


async def test_the_last_level_of_an_area_stands_and_zero_ends_it(desk: Desk) -> None:
    for level in (3, 5, 2):
        await desk.set_level("hall", level)
    raised = await desk.standing()
    await desk.set_level("hall", 0)

    assert (raised, await desk.standing()) == ({"hall": 2}, {})


async def test_who_set_it_when_and_why_is_told(desk: Desk) -> None:
    await desk.set_level("hall", 3, WANG, "smoke in the street")

    (level,) = await desk.threats.levels(desk.site)

    assert (level.origin, level.reason, level.set_at_ms) == (WANG, "smoke in the street", desk.clock.now_ms())


async def test_every_change_is_audited_and_none_is_forgotten(desk: Desk) -> None:
    await desk.set_level("hall", 3)
    await desk.set_level("hall", 0, WANG, "all clear")

    audit = await desk.pool.fetch(
        "SELECT caller, target, reason, detail FROM audit WHERE site = $1 AND action = $2 ORDER BY number",
        desk.site,
        "SET_THREAT_LEVEL",
    )
    history = await desk.pool.fetch(
        "SELECT level, origin FROM threat_level WHERE site = $1 ORDER BY holds_version", desk.site
    )

    assert [tuple(row) for row in audit] == [
        (LI, "hall", "a stranger was seen", "3"),
        (WANG, "hall", "all clear", "0"),
    ]
    assert [tuple(row) for row in history] == [(3, LI), (0, WANG)]


@pytest.mark.parametrize("statement", ["UPDATE threat_level SET level = 0", "DELETE FROM threat_level"])
async def test_what_was_set_stays_as_it_was_set(desk: Desk, statement: str) -> None:
    await desk.set_level("hall", 3)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.pool.execute(statement)


async def test_levels_and_holds_share_one_version(desk: Desk) -> None:
    await desk.set_level("hall", 3)
    before = await desk.circumstances()
    hold = await desk.holding.raise_hold(desk.site, "campus", "", "drill", LI)
    after = await desk.circumstances()

    assert (before.version, before.holds, before.threat_levels) == (1, (), (ThreatLevel(3, "hall"),))
    assert (after.version, after.threat_levels) == (2, before.threat_levels)
    assert after.holds == (Hold(hold.hold_id, LI, HoldScope.AREA, "campus"),)
    assert decode_circumstances(2, after.encode()) == after


@pytest.mark.parametrize(
    ("area", "level", "reason", "paths"),
    [
        ("moon", 1, "why", ["area"]),
        ("hall", 6, "why", ["level"]),
        ("hall", 1, "  ", ["reason"]),
        ("moon", 9, "", ["area", "level", "reason"]),
    ],
)
async def test_what_is_wrong_is_named_in_both_languages_and_changes_nothing(
    desk: Desk, area: str, level: int, reason: str, paths: list[str]
) -> None:
    with pytest.raises(DomainError) as refused:
        await desk.set_level(area, level, reason=reason)

    assert (refused.value.trouble, refused.value.code) == (Trouble.INVALID, "THREAT_LEVEL_INVALID")
    assert [field.path for field in refused.value.fields] == paths
    assert all(field.message_zh and field.message_en for field in refused.value.fields)
    assert (await desk.circumstances()).version == desk.published == 0


def test_what_an_older_process_wrote_is_still_read() -> None:
    written = json.dumps({"holds": [["h", "o", 1, "north"]], "stale_sources": ["hr"], "threat_level": 0}).encode()

    read = decode_circumstances(4, written)

    assert read == Circumstances(4, (Hold("h", "o", HoldScope.SITE, "north"),), (), frozenset({"hr"}))


@pytest.mark.parametrize("written", [b"[]", b"{}", b'{"holds": [[1]], "stale_sources": []}'])
def test_other_bytes_are_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match="circumstances"):
        decode_circumstances(1, written)
