"""The right by which a subject enters is named where the rules find one, and nowhere else."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS, LIVES, NOW_MS, POINTS, subjects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.account import account
from menshen_rulebook.clauses import ListEffects, Visitors
from menshen_rulebook.foresight import Right, RightKind, may_pass, rights_of, times_of, ways_of
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.presentation import Presentation
from menshen_rulebook.types import (
    AccessPointClass,
    Direction,
    LevelAssignment,
    ListEntry,
    ListKind,
    LiveState,
    Outcome,
    PermitState,
    Subject,
    SubjectKind,
    Suspension,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)

CALM = LiveState()
GIVING = frozenset({"access_level", "visit", "vehicle_permit"})
FROM_MS, TO_MS = NOW_MS - 3, NOW_MS + 86_400_000
brief = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
PLAN = SitePlan(
    "north",
    1,
    areas=(Area("outside"), Area("campus")),
    access_points=(
        AccessPoint("hall", "outside", "campus", Direction.ENTRY, AccessPointClass.PEDESTRIAN),
        AccessPoint("out", "campus", "outside", Direction.EXIT, AccessPointClass.PEDESTRIAN),
    ),
    access_levels=(AccessLevel("day", (LevelEntry("hall"),)), AccessLevel("lab", (LevelEntry("hall"),))),
    group_assignments=(GroupAssignment("day", "staff"), GroupAssignment("lab", "physics", NOW_MS + 5, NOW_MS + 9)),
    policies=(
        Policy(
            1,
            1,
            "north",
            0,
            visitors=Visitors(categories=frozenset({"visitor"})),
            lists=ListEffects(white_waives=frozenset({"access_level"})),
        ),
    ),
)


@brief
@given(st.lists(subjects("c:1"), min_size=4, max_size=4), ANY_PLANS, LIVES, st.integers(NOW_MS - 3, NOW_MS + 6))
def test_a_right_is_named_exactly_where_no_rule_that_asks_for_one_bars(
    known: list[Subject], plan: SitePlan, live: LiveState, at_ms: int
) -> None:
    for subject, point in product(known, POINTS):
        shown = Presentation("", plan.site, point, "", at_ms, ())
        _, accounts = account(shown, (subject,), point, plan, live, at_ms)
        barred = any(
            reason.outcome > Outcome.GRANT_WITH_REMINDER
            for one in accounts
            for reason in one.reasons
            if one.rule in GIVING or reason.code == "ACCESS_POINT_FOREIGN"
        )

        assert bool(rights_of(subject, point, plan, live, at_ms)) is not barred


@settings(brief, max_examples=6)
@given(
    subjects("c:1"), st.sampled_from(POINTS), ANY_PLANS, LIVES, st.lists(st.integers(FROM_MS, TO_MS - 1), max_size=5)
)
def test_the_ways_are_what_is_answered_and_rested_on_at_every_instant(
    subject: Subject, point: str, plan: SitePlan, live: LiveState, sampled: list[int]
) -> None:
    found = ways_of(subject, point, plan, live, FROM_MS, TO_MS)

    edges = [at for one in found for at in (one.from_ms - 1, one.from_ms, one.from_ms + 1)]
    for at_ms in (*sampled, *(at for at in edges if FROM_MS <= at < TO_MS)):
        said = next((one.answer, one.rights) for one in found if one.from_ms <= at_ms < one.to_ms)
        assert said == (
            may_pass(subject, point, plan, live, at_ms),
            rights_of(subject, point, plan, live, at_ms),
        )
    assert (found[0].from_ms, found[-1].to_ms) == (FROM_MS, TO_MS)


def person(category: str = "staff", **changes: Any) -> Subject:
    return replace(Subject("c:1", 1, SubjectKind.CARDHOLDER, category, "north"), **changes)


def vehicle(category: str = "staff", **changes: Any) -> Subject:
    described = Vehicle(VehicleClass.CAR, PermitState.ACTIVE, 0, NOW_MS + 9)
    return replace(Subject("v:1", 1, SubjectKind.VEHICLE, category, "north", vehicle=described), **changes)


VISIT = Visit("w", "north", NOW_MS - 5, NOW_MS + 5, VisitState.READY)
WHITE = ListEntry(ListKind.WHITE)
BANNED = Vehicle(VehicleClass.CAR, PermitState.ACTIVE, suspensions=(Suspension(),))


@pytest.mark.parametrize(
    ("subject", "rights"),
    [
        (person(), [Right(RightKind.GROUP_LEVEL, "day", "staff")]),
        (person("guest"), []),
        (
            person("guest", groups=("staff",), levels=(LevelAssignment("lab"), LevelAssignment("lab", 1))),
            [Right(RightKind.OWN_LEVEL, "lab"), Right(RightKind.GROUP_LEVEL, "day", "staff")],
        ),
        (person("guest", levels=(LevelAssignment("lab", 0, NOW_MS),)), []),
        (person("guest", list_entries=(WHITE,)), [Right(RightKind.WHITE_LIST)]),
        (person("visitor", visits=(VISIT,)), [Right(RightKind.VISIT)]),
        (person("visitor", levels=(LevelAssignment("lab"),)), []),
        (vehicle(), [Right(RightKind.PERMIT)]),
        (vehicle(vehicle=Vehicle(VehicleClass.CAR), visits=(VISIT,)), [Right(RightKind.VISIT)]),
        (vehicle(vehicle=BANNED, visits=(VISIT,)), []),
        (vehicle("visitor", visits=(VISIT,)), [Right(RightKind.VISIT)]),
        (vehicle("visitor", vehicle=BANNED, visits=(VISIT,)), []),
    ],
)
def test_every_right_has_its_name(subject: Subject, rights: list[Right]) -> None:
    assert list(rights_of(subject, "hall", PLAN, CALM, NOW_MS)) == rights


def test_nobody_needs_a_right_to_leave() -> None:
    assert rights_of(person("guest"), "out", PLAN, CALM, NOW_MS) == (Right(RightKind.WAY_OUT),)
    assert rights_of(person("guest"), "nowhere", PLAN, CALM, NOW_MS) == ()


def test_a_right_that_changes_begins_another_way_though_the_answer_stays() -> None:
    own = person("staff", groups=("physics",))

    ways = ways_of(own, "hall", PLAN, CALM, NOW_MS, NOW_MS + 20)

    day, lab = Right(RightKind.GROUP_LEVEL, "day", "staff"), Right(RightKind.GROUP_LEVEL, "lab", "physics")
    assert [(one.from_ms, one.rights) for one in ways] == [
        (NOW_MS, (day,)),
        (NOW_MS + 5, (day, lab)),
        (NOW_MS + 9, (day,)),
    ]
    assert len(times_of(own, "hall", PLAN, CALM, NOW_MS, NOW_MS + 20)) == 1
