"""Rolling back the policy last put in the plan, on a real PostgreSQL."""

import itertools
import json
from typing import Any

import pytest
from menshen_access.domain.policy_life import PolicyAct, PolicyState
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.rollbacks import Rollbacks
from menshen_access.postgres.sites import Sites
from menshen_access.rolling_back import RollingBack
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

LI = "operator/li"
NUMBERS = itertools.count(1)
PLAN = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
"""
POLICY = """
{{language: 1, version: {version}, site: {site}, title: {{zh: 校门管理, en: Gate rules}},
from: 2025-01-01T00:00:00+08:00, closures: {closures}}}
"""


class Desk:
    """A site of a test's own under policy 1; what is published is noted."""

    def __init__(self, pool: Pool, sites: Sites, new_id: Any) -> None:
        self.pool = pool
        self.site = f"back-{next(NUMBERS)}"
        self.clock = ManualClock()
        self.published: list[str] = []
        self.store, self.policies = Administration(pool, sites), Policies(pool, sites)
        self.planning = Planning(self.store, self._publish, self.clock, new_id)
        self.rolling = RollingBack(Rollbacks(pool, sites), self._publish, Noticeboard(), self.clock, new_id)

    async def activate(self, version: int, closures: str = "[]") -> str:
        """A policy in force from now on; its id."""
        self.clock.advance_ms(60_000)
        document = POLICY.format(version=version, site=self.site, closures=closures)
        stored = await self.planning.activate_policy(self.site, document, 0, "because", LI)
        self.clock.advance_ms(60_000)
        return stored.policy_id

    async def back(self, expected: int, reason: str = "the queue") -> Any:
        return await self.rolling.roll_back(self.site, expected, reason, LI)

    async def plan(self) -> SitePlan:
        return plan_from_mapping(json.loads((await self.store.current_plan(self.site))[1]))

    async def in_force(self) -> int:
        """The version of the policy by which gates decide now."""
        policy = (await self.plan()).policy_at(self.clock.now_ms())
        return policy.version if policy is not None else 0

    async def closes(self) -> bool:
        """Whether the north gate is closed to who decides by the plan now."""
        now_ms = self.clock.now_ms()
        point = (await self.plan()).point("n-in", now_ms)
        return point is not None and not point.is_open(now_ms)

    async def _publish(self, site: str) -> None:
        self.published.append(site)


@pytest.fixture
async def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    made = Desk(pool, sites, new_id)
    await made.planning.put_plan(made.site, PLAN, 0, "because", LI)
    await made.activate(1)
    return made


async def refusal(desk: Desk, expected: int, reason: str = "the queue") -> tuple[Trouble, str]:
    before = await desk.store.current_plan(desk.site)
    with pytest.raises(DomainError) as refused:
        await desk.back(expected, reason)
    assert await desk.store.current_plan(desk.site) == before
    return refused.value.trouble, refused.value.code


async def test_the_policy_before_is_in_force_again_and_the_step_is_recorded_audited_alarmed_and_published(
    desk: Desk,
) -> None:
    policy_id = await desk.activate(2, "[{access_point: n-in}]")
    closed, told = await desk.closes(), len(desk.published)

    done = await desk.back(3)

    assert (closed, await desk.closes(), await desk.in_force()) == (True, False, 1)
    assert (done.policy_id, done.change.version, len(desk.published)) == (policy_id, 4, told + 1)
    found = await desk.policies.get(desk.site, policy_id)
    assert found is not None
    assert (found[0].state, found[1][-1].act, found[1][-1].reason) == (
        PolicyState.WITHDRAWN,
        PolicyAct.ROLL_BACK,
        "the queue",
    )
    (alarm,) = await desk.pool.fetch("SELECT source, detail FROM alarm_outbox WHERE site = $1", desk.site)
    assert (alarm["source"], json.loads(alarm["detail"])["cause"]) == (policy_id, "POLICY_ROLLED_BACK")
    audited = await desk.pool.fetch(
        "SELECT target FROM audit WHERE site = $1 AND action = 'ROLL_BACK_POLICY'", desk.site
    )
    assert [row["target"] for row in audited] == [policy_id]


async def test_what_was_added_to_the_plan_since_stays(desk: Desk) -> None:
    await desk.activate(2)
    hall = "areas: [{id: hall, parent: campus}]"
    await desk.planning.put_plan(desk.site, hall, 3, "because", LI)

    await desk.back(4)

    assert [area.area_id for area in (await desk.plan()).areas] == ["outside", "campus", "hall"]
    assert await desk.in_force() == 1


async def test_there_is_one_step_back_and_not_two_until_another_policy_is_put_in_the_plan(desk: Desk) -> None:
    await desk.activate(2)
    await desk.back(3)

    second = await refusal(desk, 4)
    await desk.activate(3)
    await desk.back(5)

    assert second == (Trouble.CONFLICT, "NOTHING_TO_ROLL_BACK")
    assert await desk.in_force() == 1


async def test_a_step_back_on_a_plan_that_moved_on_or_without_a_reason_changes_nothing(desk: Desk) -> None:
    await desk.activate(2)

    assert await refusal(desk, 2) == (Trouble.STALE, "PLAN_MOVED_ON")
    assert await refusal(desk, 0) == (Trouble.STALE, "PLAN_MOVED_ON")
    assert await refusal(desk, 3, " ") == (Trouble.INVALID, "REASON_MISSING")


async def test_the_policy_a_trip_names_is_taken_back_whatever_was_put_in_the_plan_after_it(desk: Desk) -> None:
    bad = await desk.activate(2, "[{access_point: n-in}]")
    harmless = await desk.activate(3, "[{access_point: n-in}]")

    await desk.rolling.roll_back(desk.site, 4, "the queue", LI, harmless)
    still = await desk.in_force()
    await desk.rolling.roll_back(desk.site, 5, "the queue", LI, bad)

    assert (still, await desk.in_force()) == (2, 1)
    with pytest.raises(DomainError) as unknown:
        await desk.rolling.roll_back(desk.site, 6, "the queue", LI, "no-such-policy")
    assert unknown.value.code == "POLICY_UNKNOWN"
