"""What a door is to do: what comes before what, to the millisecond, and what never unlocks."""

from dataclasses import replace
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, NOW_MS, POINTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.mapping import DocumentInvalidError
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.posture import posture, posture_boundaries
from menshen_rulebook.types import (
    Direction,
    Hold,
    HoldScope,
    LiveState,
    Order,
    OrderKind,
    Posture,
    PostureCause,
    PostureKind,
    ThreatLevel,
)

LOCKED, UNLOCKED, SECURED = PostureKind.LOCKED, PostureKind.UNLOCKED, PostureKind.SECURED
MON_08 = NOW_MS
"""2026-03-02T08:00:00+08:00, a Monday."""
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DOOR = ("n-in", "n-out")
OPENS_8_TO_12: dict[str, Any] = {"access_points": ["n-in"], "schedule": "lessons"}
thorough = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def a_point(name: str, start: str, end: str, direction: str, **more: Any) -> dict[str, Any]:
    ways = {"id": name, "from_area": start, "to_area": end, "direction": direction, "door": "north"}
    return {**ways, "access_point_class": "PEDESTRIAN", **more}


def a_plan(unlocked: list[dict[str, Any]] | None = None, **changes: Any) -> SitePlan:
    """A gate with one door, in and out, into a campus; its entry may be opened by staff."""
    policy = {"language": 1, "version": 7, "site": "north", "from": "2026-01-01T00:00:00+08:00"}
    policy |= {"unlocked": [OPENS_8_TO_12] if unlocked is None else unlocked, **changes.pop("policy", {})}
    document: dict[str, Any] = {
        "site": "north",
        "version": 1,
        "areas": [{"id": "outside"}, {"id": "campus"}, {"id": "library", "parent": "campus"}],
        "doors": [{"id": "north"}],
        "access_points": [
            a_point("n-in", "outside", "campus", "ENTRY", opened_by=["staff"]),
            a_point("n-out", "campus", "outside", "EXIT"),
        ],
        "schedules": [
            {"id": "lessons", "intervals": [{"days": ["MON", "TUE"], "opens": "08:00", "closes": "12:00"}]},
            {"id": "late", "intervals": [{"days": ["MON"], "opens": "09:00", "closes": "23:00"}]},
        ],
        "policies": [policy],
    }
    return plan_from_mapping({**document, **changes})


def an_order(kind: OrderKind, access_point: str = "n-in", until_ms: int = MON_08 + HOUR_MS, name: str = "o1") -> Order:
    return Order(name, "duty", access_point, kind, until_ms)


def stands(plan: SitePlan, at_ms: int = MON_08, door: tuple[str, ...] = DOOR, **live: Any) -> Posture:
    return posture(door, plan, LiveState(**live), at_ms)


def test_a_schedule_unlocks_from_its_first_millisecond_to_before_its_end() -> None:
    plan = a_plan()

    kinds = [stands(plan, at).kind for at in (MON_08 - 1, MON_08, MON_08 + 4 * HOUR_MS - 1, MON_08 + 4 * HOUR_MS)]

    assert kinds == [LOCKED, UNLOCKED, UNLOCKED, LOCKED]
    assert stands(plan).cause is PostureCause.SCHEDULE
    assert stands(plan).until_ms == MON_08 + 4 * HOUR_MS


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [("HOLIDAY", "2026-03-02", LOCKED), ("MAKE_UP_WORKDAY", "2026-03-07", UNLOCKED)],
)
def test_a_schedule_follows_holidays_and_make_up_workdays(kind: str, day: str, expected: PostureKind) -> None:
    plan = a_plan(holidays=[{"date": day, "kind": kind}])
    at_ms = MON_08 + (int(day[-2:]) - 2) * DAY_MS

    assert stands(plan, at_ms).kind is expected
    assert stands(a_plan(), at_ms).kind is not expected


def test_without_a_policy_in_force_nothing_is_unlocked() -> None:
    plan = a_plan(policy={"from": "2026-03-02T08:00:00.001+08:00"})

    assert (stands(plan, MON_08).kind, stands(plan, MON_08).until_ms) == (LOCKED, MON_08 + 1)
    assert stands(plan, MON_08 + 1).kind is UNLOCKED


@pytest.mark.parametrize(
    "closed",
    [
        {"policy": {"closures": [{"access_point": "n-in"}]}},
        {"closures": [{"access_point": "n-in", "id": "e1"}]},
        {"policy": {"hours": [{"access_point": "n-in", "schedule": "late"}]}},
    ],
    ids=["by date", "at once", "by hours"],
)
@pytest.mark.parametrize("named", ["n-in", "n-out"])
def test_a_closed_entry_keeps_its_door_locked_whichever_side_is_named(closed: dict[str, Any], named: str) -> None:
    plan = a_plan([{**OPENS_8_TO_12, "access_points": [named]}], **closed)

    assert stands(plan).kind is LOCKED


def test_the_end_of_a_closure_unlocks_again() -> None:
    until = {"access_point": "n-in", "to": "2026-03-02T08:30:00+08:00"}
    plan = a_plan(policy={"closures": [until]})

    assert stands(plan).until_ms == MON_08 + HOUR_MS // 2
    assert stands(plan, MON_08 + HOUR_MS // 2).kind is UNLOCKED


def test_a_door_that_waits_for_its_first_person_unlocks_with_the_opening_and_locks_at_midnight() -> None:
    night = {"id": "lessons", "intervals": [{"days": ["MON", "TUE"]}]}
    plan = a_plan([{**OPENS_8_TO_12, "after_first_person": True}], schedules=[night, {"id": "late"}])
    opened = frozenset({"opened:n-in:2026-03-02"})

    assert stands(plan).kind is LOCKED
    assert stands(plan, used_ids=opened).kind is UNLOCKED
    assert stands(plan, used_ids=opened).until_ms == MON_08 + 16 * HOUR_MS
    assert stands(plan, MON_08 + 16 * HOUR_MS, used_ids=opened).kind is LOCKED


@pytest.mark.parametrize("access_point", DOOR)
@pytest.mark.parametrize(("kind", "expected"), [(OrderKind.HOLD_OPEN, UNLOCKED), (OrderKind.SECURE, SECURED)])
def test_an_order_at_either_side_holds_for_the_door_until_before_its_end(
    access_point: str, kind: OrderKind, expected: PostureKind
) -> None:
    plan, orders = a_plan([]), (an_order(kind, access_point, MON_08 + 1),)

    assert (stands(plan, orders=orders).kind, stands(plan, orders=orders).until_ms) == (expected, MON_08 + 1)
    assert stands(plan, MON_08 + 1, orders=orders).kind is LOCKED


def test_a_lockdown_comes_before_an_order_and_to_secure_before_to_hold_open() -> None:
    plan = a_plan()
    opens, secures = an_order(OrderKind.HOLD_OPEN), an_order(OrderKind.SECURE, "n-out", name="o2")
    hold = Hold("h1", "duty", HoldScope.SITE, "north")

    both = stands(plan, orders=(opens, secures))
    locked_down = stands(plan, orders=(opens, secures), holds=(hold,))

    assert (both.kind, both.cause, both.secured_by) == (SECURED, PostureCause.ORDER, (("order", "o2"),))
    assert (locked_down.kind, locked_down.cause) == (SECURED, PostureCause.LOCKDOWN)
    assert locked_down.secured_by == (("hold", "h1"), ("order", "o2"))


def test_an_order_holds_open_outside_the_hours_but_not_what_is_closed_at_once() -> None:
    orders = (an_order(OrderKind.HOLD_OPEN),)
    hours = {"hours": [{"access_point": "n-in", "schedule": "late"}], "closures": [{"access_point": "n-in"}]}

    assert stands(a_plan(policy=hours), orders=orders).kind is UNLOCKED
    assert stands(a_plan(closures=[{"access_point": "n-in", "id": "e1"}]), orders=orders).kind is LOCKED


@pytest.mark.parametrize(
    ("door", "scope", "target", "expected"),
    [
        (DOOR, HoldScope.AREA, "campus", SECURED),
        (DOOR, HoldScope.AREA, "library", UNLOCKED),
        (DOOR, HoldScope.ACCESS_POINT, "n-in", SECURED),
        (("n-out",), HoldScope.AREA, "campus", SECURED),
        (("n-out",), HoldScope.SITE, "north", SECURED),
        (("n-out",), HoldScope.AREA, "outside", UNLOCKED),
        (("n-out",), HoldScope.ACCESS_POINT, "n-in", SECURED),
        (DOOR, HoldScope.ACCESS_POINT, "s-in", UNLOCKED),
    ],
)
def test_a_hold_secures_what_people_could_come_in_by(
    door: tuple[str, ...], scope: HoldScope, target: str, expected: PostureKind
) -> None:
    plan = a_plan([{**OPENS_8_TO_12, "access_points": list(DOOR)}])

    assert stands(plan, door=door, holds=(Hold("h1", "duty", scope, target),)).kind is expected


@pytest.mark.parametrize(
    ("door", "level", "expected"),
    [
        (DOOR, ThreatLevel(2), LOCKED),
        (DOOR, ThreatLevel(2, "campus"), LOCKED),
        (("n-out",), ThreatLevel(2, "campus"), LOCKED),
        (DOOR, ThreatLevel(1), UNLOCKED),
        (DOOR, ThreatLevel(5, "library"), UNLOCKED),
    ],
)
def test_a_schedule_unlocks_nothing_where_a_threat_level_asks_something_of_those_who_come_in(
    door: tuple[str, ...], level: ThreatLevel, expected: PostureKind
) -> None:
    threat = {"where": {"threat_level": 2, "areas": ["campus"]}, "admits": {"groups": ["residents"]}}
    unlocked = [{"access_points": ["n-in", "n-out"], "schedule": "lessons"}]
    plan = a_plan(unlocked, policy={"threats": [threat]})

    assert stands(plan, door=door).kind is UNLOCKED
    assert stands(plan, door=door, threat_levels=(level,)).kind is expected


def test_a_door_of_an_interlock_never_stands_unlocked() -> None:
    doors = [{"id": "north", "interlock": "trap"}, {"id": "other", "interlock": "trap"}]

    assert stands(a_plan(doors=doors), orders=(an_order(OrderKind.HOLD_OPEN),)).kind is LOCKED
    assert stands(a_plan(doors=doors), orders=(an_order(OrderKind.SECURE),)).kind is SECURED


def test_a_door_the_plan_does_not_know_is_locked() -> None:
    assert stands(a_plan(), door=("nowhere",)).kind is LOCKED


@pytest.mark.parametrize(
    ("unlocked", "path"),
    [
        ({"access_points": ["n-in"], "schedule": "nights"}, "policies[0].unlocked[0].schedule"),
        ({"access_points": ["nowhere"], "schedule": "lessons"}, "policies[0].unlocked[0].access_points"),
        ({"access_points": [], "schedule": "lessons"}, "policies[0].unlocked[0].access_points"),
        ({"access_points": ["n-in"]}, "policies[0].unlocked[0].schedule"),
    ],
)
def test_a_clause_that_names_what_is_not_there_is_refused(unlocked: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentInvalidError) as refused:
        a_plan([unlocked])

    assert [fault.path for fault in refused.value.faults] == [path]


DOORS = st.sampled_from([POINTS[:1], POINTS[:2], POINTS])
Given = tuple[SitePlan, LiveState, tuple[str, ...], int]
GIVEN = st.tuples(ANY_PLANS, LIVES, DOORS, st.one_of(INSTANTS, st.integers(NOW_MS - DAY_MS, NOW_MS + DAY_MS)))


@thorough
@given(GIVEN, st.integers(1, 10 * DAY_MS))
def test_between_its_boundaries_a_posture_stays_what_it_is(given_: Given, later_ms: int) -> None:
    plan, live, door, now_ms = given_
    found = posture(door, plan, live, now_ms)
    at_ms = min(now_ms + later_ms, found.until_ms - 1)

    then = posture(door, plan, live, at_ms)

    assert now_ms < found.until_ms
    assert replace(then, until_ms=0) == replace(found, until_ms=0)
    assert not any(now_ms < at <= at_ms for at in posture_boundaries(door, plan, live, now_ms + 1, at_ms + 1))


@thorough
@given(GIVEN)
def test_whatever_secures_never_unlocks(given_: Given) -> None:
    plan, live, door, now_ms = given_
    hold = Hold("h9", "duty", HoldScope.SITE, plan.site)
    order = an_order(OrderKind.SECURE, door[0], now_ms + 1, "o9")

    for more in ({"holds": (*live.holds, hold)}, {"orders": (*live.orders, order)}):
        assert posture(door, plan, replace(live, **more), now_ms).kind is SECURED  # type: ignore[arg-type]


@thorough
@given(GIVEN, st.sampled_from(OrderKind))
def test_an_order_that_is_over_does_nothing(given_: Given, kind: OrderKind) -> None:
    plan, live, door, now_ms = given_
    over = replace(live, orders=(*live.orders, an_order(kind, door[0], now_ms, "o9")))

    found, before = posture(door, plan, over, now_ms), posture(door, plan, live, now_ms)

    assert replace(found, until_ms=0) == replace(before, until_ms=0)


@thorough
@given(GIVEN)
def test_no_schedule_unlocks_a_door_with_a_closed_entry(given_: Given) -> None:
    plan, live, door, now_ms = given_
    found = posture(door, plan, live, now_ms)
    points = [point for name in door if (point := plan.point(name, now_ms)) is not None]
    entries = [point for point in points if point.access_point.direction is Direction.ENTRY]

    if found.cause is PostureCause.SCHEDULE:
        assert all(point.is_open(now_ms) and point.policy_in_force for point in entries)
