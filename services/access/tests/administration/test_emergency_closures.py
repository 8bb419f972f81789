"""Emergency closures on a real PostgreSQL: entries only, four hours at most, and somebody else answers for them."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.closing import Closing, ClosureWatch, WantedClosure
from menshen_access.domain.closure_budget import ClosureTooLongError, check_budget, most_now_ms, spent_ms
from menshen_access.domain.emergency_closure import MOST_MS, EmergencyClosure
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.closures import Closures
from menshen_access.postgres.sites import Sites
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.schedule import local_text
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

LI, WANG = "operator/li", "operator/wang"
WAIT_MS = 1_800_000
MINUTE_MS, DAY_MS = 60_000, 86_400_000
SITES = itertools.count(1)
PLAN = """
areas: [{id: outside}, {id: campus}, {id: hall, parent: campus}]
schedules: [{id: never, intervals: []}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, redirect: w-in}
  - {id: w-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, redirect: e-in,
     schedule: never}
  - {id: e-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, redirect: s-in}
  - {id: s-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, redirect: n-in}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
  - {id: hall-in, from_area: campus, to_area: hall, direction: INNER, access_point_class: PEDESTRIAN}
  - {id: hall-out, from_area: hall, to_area: campus, direction: INNER, access_point_class: PEDESTRIAN, escape: true}
"""


class Desk:
    """A site of a test's own."""

    def __init__(self, pool: Pool, sites: Sites, new_id: Callable[[], str]) -> None:
        self.pool = pool
        self.site = f"closing-{next(SITES)}"
        self.clock = ManualClock()
        self.published = 0
        self.store = Administration(pool, sites)
        self.closures = Closures(pool, sites)
        self.planning = Planning(self.store, self._publish, self.clock, new_id)
        self.closing = Closing(self.closures, self._publish, self.clock, new_id)
        self.watch = ClosureWatch(self.site, self.closures, Noticeboard(), self.clock, new_id, WAIT_MS)

    async def close(self, point: str = "n-in", who: str = LI, **wanted: Any) -> EmergencyClosure:
        given = {"duration_ms": 60_000, "redirect": "", "reason": "a burst pipe", **wanted}
        return await self.closing.close(self.site, WantedClosure(point, **given), who)

    async def plan(self) -> SitePlan:
        return plan_from_mapping(json.loads((await self.store.current_plan(self.site))[1]))

    async def waiting(self) -> list[str]:
        return [closure.closure_id for closure in await self.closing.listed(self.site, waiting=True)]

    async def alarms(self) -> list[dict[str, Any]]:
        rows = await self.pool.fetch("SELECT source, detail FROM alarm_outbox WHERE site = $1", self.site)
        return [{"source": row["source"], **json.loads(row["detail"])} for row in rows]

    async def _publish(self, _site: str) -> None:
        self.published += 1


@pytest.fixture
async def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    made = Desk(pool, sites, new_id)
    await made.planning.put_plan(made.site, PLAN, 0, "because", LI)
    made.published = 0
    return made


async def test_a_closed_entry_is_in_the_plan_with_its_end_and_what_guards_read(desk: Desk) -> None:
    closure = await desk.close()

    (clause,) = (await desk.plan()).closures
    assert (clause.access_point_id, clause.from_ms, clause.to_ms) == (
        "n-in",
        desk.clock.now_ms(),
        desk.clock.now_ms() + 60_000,
    )
    assert clause.closure_id == closure.closure_id
    assert clause.texts is not None
    assert "a burst pipe" in clause.texts.guard.en
    assert LI in clause.texts.guard.zh
    assert "a burst pipe" not in clause.texts.holder.en
    assert desk.published == 1


async def test_people_are_sent_to_the_nearest_entry_that_is_open(desk: Desk) -> None:
    await desk.close("e-in")

    closure = await desk.close("n-in")

    assert closure.redirect == "s-in"


async def test_without_an_open_entry_nobody_is_sent_anywhere(desk: Desk) -> None:
    for point in ("e-in", "s-in"):
        await desk.close(point)

    closure = await desk.close("n-in")

    assert closure.redirect == ""


@pytest.mark.parametrize("point", ["n-out", "hall-in"])
async def test_what_is_no_entry_stays_open(desk: Desk, point: str) -> None:
    before = await desk.store.current_plan(desk.site)

    with pytest.raises(DomainError) as refused:
        await desk.close(point)

    assert (refused.value.trouble, refused.value.code) == (Trouble.CONFLICT, "EXIT_STAYS_OPEN")
    assert "出口" in refused.value.message_zh
    assert await desk.store.current_plan(desk.site) == before
    assert await desk.waiting() == []


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"duration_ms": MOST_MS + 1}, "duration_ms"),
        ({"duration_ms": -1}, "duration_ms"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"redirect": "n-out"}, "redirect"),
        ({"redirect": "n-in"}, "redirect"),
        ({"redirect": "moon-gate"}, "redirect"),
        ({"point": "moon-gate"}, "access_point"),
    ],
)
async def test_a_closure_that_is_not_valid_names_its_field(desk: Desk, wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        await desk.close(**wanted)

    assert (refused.value.trouble, [one.path for one in refused.value.fields]) == (Trouble.INVALID, [field])


async def test_a_closure_lasts_four_hours_when_nobody_says_how_long(desk: Desk) -> None:
    closure = await desk.close(duration_ms=0)

    assert closure.to_ms - closure.from_ms == MOST_MS


async def test_a_reopened_entry_is_no_longer_closed_in_the_plan_and_the_audit_says_who_and_why(desk: Desk) -> None:
    closure = await desk.close()
    desk.clock.advance_ms(5_000)

    ended = await desk.closing.reopen(desk.site, closure.closure_id, "the pipe holds", WANG)

    assert (ended.to_ms, ended.ended_by) == (desk.clock.now_ms(), WANG)
    assert (await desk.plan()).closures == ()
    assert await desk.waiting() == []
    audit = await desk.pool.fetch(
        "SELECT caller, action, reason FROM audit WHERE site = $1 AND action <> 'PUT_PLAN' ORDER BY number", desk.site
    )
    assert [tuple(row.values()) for row in audit] == [
        (LI, "CLOSE_ACCESS_POINT", "a burst pipe"),
        (WANG, "REOPEN_ACCESS_POINT", "the pipe holds"),
    ]


async def test_only_another_operator_approves(desk: Desk) -> None:
    closure = await desk.close()

    with pytest.raises(DomainError) as refused:
        await desk.closing.approve(desk.site, closure.closure_id, "fine", LI)
    approved = await desk.closing.approve(desk.site, closure.closure_id, "fine", WANG)

    assert (refused.value.trouble, refused.value.code) == (Trouble.FORBIDDEN, "SECOND_OPERATOR_NEEDED")
    assert (approved.approved_by, await desk.waiting()) == (WANG, [])
    assert len((await desk.plan()).closures) == 1


async def test_one_that_ended_by_itself_still_waits_for_approval_and_bars_the_next(desk: Desk) -> None:
    closure = await desk.close()
    desk.clock.advance_ms(60_000)

    with pytest.raises(DomainError) as again:
        await desk.close()
    with pytest.raises(DomainError) as late:
        await desk.closing.reopen(desk.site, closure.closure_id, "late", LI)
    waiting = await desk.waiting()
    await desk.closing.approve(desk.site, closure.closure_id, "fine", WANG)
    following = await desk.close()

    assert (again.value.code, late.value.code) == ("CLOSURE_WAITING", "CLOSURE_OVER")
    assert waiting == [closure.closure_id]
    assert [clause.closure_id for clause in (await desk.plan()).closures] == [following.closure_id]


async def test_an_entry_is_closed_without_approval_for_four_hours_a_day_whoever_closes_and_reopens(desk: Desk) -> None:
    began_ms = desk.clock.now_ms()
    for who, other in ((LI, WANG), (WANG, LI), (LI, LI)):
        closure = await desk.close(who=who, duration_ms=0)
        desk.clock.advance_ms(75 * MINUTE_MS)
        await desk.closing.reopen(desk.site, closure.closure_id, "for a moment", other)
        desk.clock.advance_ms(MINUTE_MS)
    rest = await desk.close(duration_ms=0)
    desk.clock.advance_ms(rest.to_ms - rest.from_ms)
    await desk.closing.approve(desk.site, rest.closure_id, "fine", WANG)
    before = await desk.store.current_plan(desk.site)

    with pytest.raises(DomainError) as refused:
        await desk.close(who=WANG, duration_ms=30 * MINUTE_MS)
    unchanged = await desk.store.current_plan(desk.site) == before
    other_entry = await desk.close("s-in")
    desk.clock.advance_ms(began_ms + DAY_MS + 15 * MINUTE_MS - 1 - desk.clock.now_ms())
    with pytest.raises(DomainError):
        await desk.close(duration_ms=30 * MINUTE_MS)
    desk.clock.advance_ms(1)
    again = await desk.close(duration_ms=30 * MINUTE_MS)

    assert rest.to_ms - rest.from_ms == 15 * MINUTE_MS
    assert (refused.value.trouble, refused.value.code) == (Trouble.CONFLICT, "CLOSURE_NEEDS_APPROVAL")
    named = local_text(again.from_ms, 480)
    assert all(word in refused.value.message_en for word in ("225 of", "for 15 minutes now", f"from {named} on"))
    assert all(word in refused.value.message_zh for word in ("225 分钟", "再关闭 15 分钟", f"{named} 起"))
    assert unchanged
    assert other_entry.to_ms > other_entry.from_ms
    audit = "SELECT caller, detail FROM audit WHERE site = $1 AND action = 'CLOSE_ACCESS_POINT_REFUSED' ORDER BY number"
    tried = [(row["caller"], json.loads(row["detail"])) for row in await desk.pool.fetch(audit, desk.site)]
    assert tried[0] == (WANG, {"spent_ms": 225 * MINUTE_MS, "again_ms": again.from_ms})
    assert len(tried) == 2


async def test_approval_afterwards_by_somebody_else_gives_the_time_back(desk: Desk) -> None:
    closure = await desk.close(duration_ms=MOST_MS)
    desk.clock.advance_ms(MOST_MS - 1)
    await desk.closing.reopen(desk.site, closure.closure_id, "over", LI)
    with pytest.raises(DomainError) as first:
        await desk.close(duration_ms=60_000)
    with pytest.raises(DomainError) as own:
        await desk.closing.approve(desk.site, closure.closure_id, "fine", LI)

    await desk.closing.approve(desk.site, closure.closure_id, "fine", WANG)
    following = await desk.close(duration_ms=0)

    assert [first.value.code, own.value.code] == ["CLOSURE_NEEDS_APPROVAL", "SECOND_OPERATOR_NEEDED"]
    assert following.to_ms - following.from_ms == MOST_MS


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 300), st.integers(1, 240)), max_size=12))
def test_no_window_of_a_day_holds_more_than_four_hours_whatever_is_tried(
    tries: list[tuple[int, int, int]],
) -> None:
    """Each try: how long after the last end, how long asked for (0: the most), reopened after how long."""
    made: list[EmergencyClosure] = []
    now_ms = 0
    for pause, asked, held in tries:
        now_ms += pause * MINUTE_MS
        to_ms = now_ms + (min(asked, 240) * MINUTE_MS or most_now_ms(made, now_ms))
        wanted = EmergencyClosure(f"{len(made)}", "n-in", now_ms, to_ms, "", LI, "why")
        try:
            check_budget(wanted, made, 480)
        except ClosureTooLongError as refused:
            later = replace(wanted, from_ms=refused.again_ms, to_ms=refused.again_ms + to_ms - now_ms)
            check_budget(later, made, 480)
            sooner = replace(later, from_ms=later.from_ms - 1, to_ms=later.to_ms - 1)
            with pytest.raises(ClosureTooLongError):
                check_budget(sooner, made, 480)
        else:
            now_ms = min(to_ms, now_ms + held * MINUTE_MS)
            made.append(replace(wanted, to_ms=now_ms, ended_by=LI))

    edges = {one.to_ms for one in made} | {one.from_ms + DAY_MS for one in made}
    assert all(spent_ms(made, edge) <= MOST_MS for edge in edges)


async def test_an_unapproved_closure_raises_one_alarm_after_its_time(desk: Desk) -> None:
    closure, other = await desk.close("n-in"), await desk.close("e-in")
    await desk.closing.approve(desk.site, other.closure_id, "fine", WANG)

    desk.clock.advance_ms(WAIT_MS - 1)
    early = await desk.watch.alarm()
    desk.clock.advance_ms(1)
    raised = [await desk.watch.alarm() for _ in range(2)]

    assert (early, raised) == (0, [1, 0])
    (alarm,) = await desk.alarms()
    assert (alarm["source"], alarm["cause"], alarm["closure"]) == ("n-in", "CLOSURE_NOT_APPROVED", closure.closure_id)
    assert await desk.waiting() == [closure.closure_id]


@pytest.mark.parametrize("round_number", range(5))
async def test_of_two_operators_who_close_at_once_exactly_one_does(desk: Desk, round_number: int) -> None:
    outcomes = await asyncio.gather(
        *(desk.close(who=who, reason=f"round {round_number}") for who in (LI, WANG)), return_exceptions=True
    )

    refused = [one for one in outcomes if isinstance(one, DomainError)]
    assert [one.code for one in refused] == ["CLOSURE_WAITING"]
    assert len((await desk.plan()).closures) == 1


async def test_a_plan_document_leaves_emergency_closures_alone(desk: Desk) -> None:
    closure = await desk.close()
    standing = "closures: [{access_point: n-in, from: 2026-07-01T00:00:00+08:00}]"

    await desk.planning.put_plan(desk.site, standing, 0, "summer", WANG)
    whole = (await desk.store.current_plan(desk.site))[1].decode()
    await desk.planning.put_plan(desk.site, json.dumps({"closures": json.loads(whole)["closures"]}), 0, "same", WANG)
    with pytest.raises(DomainError) as refused:
        await desk.planning.put_plan(
            desk.site, f"closures: [{{access_point: n-in, id: {closure.closure_id}, to_ms: 9}}]", 0, "longer", WANG
        )

    assert [one.closure_id for one in (await desk.plan()).closures] == [closure.closure_id, ""]
    assert [field.path for field in refused.value.fields] == ["closures[0].id"]
