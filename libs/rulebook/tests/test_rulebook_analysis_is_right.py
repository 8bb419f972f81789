"""The analysis against the rules themselves, and against a search that knows nothing of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

from harness.rulebook_strategies import ANY_PLANS, LIVES, PARTIES, PRESENTATIONS
from harness.rulebook_strategies import NOW_MS as DECIDED_AT_MS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.analysis import analyse, analyse_policies
from menshen_rulebook.analysis.leaving import outside_areas
from menshen_rulebook.case import Case
from menshen_rulebook.clauses import Admission, Closure, FactTest, Hours, ListEffects, Requirement, Rulings, Where
from menshen_rulebook.decide import decide
from menshen_rulebook.facts import find
from menshen_rulebook.plan import AccessPoint, Area, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import (
    AccessPointClass,
    Direction,
    FactState,
    LiveState,
    Outcome,
    Presentation,
    Subject,
    SubjectKind,
)

PEOPLE = AccessPointClass.PEDESTRIAN
CANNOT_LEAVE = {"AREA_NO_WAY_OUT", "AREA_WAY_OUT_CAN_REFUSE"}
thorough = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

_AREAS = ("outside", "campus", "lab", "store")
_WAYS = st.builds(
    lambda start, end, direction, kind, escape: AccessPoint(
        "", start, end, direction, kind, escape=escape and direction is Direction.INNER
    ),
    st.sampled_from(_AREAS),
    st.sampled_from(_AREAS),
    st.sampled_from([Direction.ENTRY, Direction.EXIT, Direction.INNER]),
    st.sampled_from([PEOPLE, PEOPLE, PEOPLE, AccessPointClass.MOTOR]),
    st.booleans(),
)
_PARENTS = st.tuples(*[st.sampled_from(["", *_AREAS[:place]]) for place in range(4)])


def _site(parents: tuple[str, ...], ways: list[AccessPoint]) -> SitePlan:
    areas = tuple(Area(name, parent) for name, parent in zip(_AREAS, parents, strict=True))
    points = tuple(replace(way, access_point_id=f"p{place}") for place, way in enumerate(ways))
    return SitePlan("north", 1, areas, points)


def _walks_out(plan: SitePlan, area_id: str) -> bool:
    """Whether some order of areas is a walk from here to outside by ways that never refuse; tries them all."""
    entries = [p for p in plan.access_points if p.direction is Direction.ENTRY]
    ends = {p.from_area_id for p in entries} | {
        p.to_area_id for p in plan.access_points if p.direction is Direction.EXIT
    }
    outside = ends - {p.to_area_id for p in entries if p.to_area_id != p.from_area_id}
    for length in range(len(_AREAS)):
        for order in permutations([name for name in _AREAS if name != area_id], length):
            walk = (area_id, *order)
            if walk[-1] in outside and all(_may_step(plan, a, b) for a, b in pairwise(walk)):
                return True
    return False


def _may_step(plan: SitePlan, start: str, end: str) -> bool:
    for way in plan.access_points:
        here = way.access_point_class is PEOPLE and (way.from_area_id, way.to_area_id) == (start, end)
        if here and (way.direction is Direction.EXIT or way.escape):
            return True
    parents = {area.area_id: area.parent_id for area in plan.areas}
    return any(parents[inner] == outer and not _is_walled(plan, inner) for inner, outer in ((start, end), (end, start)))


def _is_walled(plan: SitePlan, inner: str) -> bool:
    return any(
        way.to_area_id == inner
        and way.from_area_id in _around(plan, inner)
        and way.direction is not Direction.EXIT
        and not way.escape
        for way in plan.access_points
    )


def _around(plan: SitePlan, inner: str) -> Iterator[str]:
    parents = {area.area_id: area.parent_id for area in plan.areas}
    while inner := parents[inner]:
        yield inner


def _no_way_out(plan: SitePlan) -> set[str]:
    return {finding.path for finding in analyse(plan) if finding.code in CANNOT_LEAVE}


@settings(thorough, max_examples=200)
@given(_PARENTS, st.lists(_WAYS, max_size=6))
def test_an_area_is_called_leaveable_exactly_where_a_walk_out_is_found(
    parents: tuple[str, ...], ways: list[AccessPoint]
) -> None:
    plan = _site(parents, ways)

    found = _no_way_out(plan)

    for place, name in enumerate(_AREAS):
        is_entered = any(
            p.access_point_class is PEOPLE and p.to_area_id == name != p.from_area_id for p in plan.access_points
        )
        assert (f"areas[{place}]" in found) is (is_entered and not _walks_out(plan, name)), name


@settings(thorough, max_examples=200)
@given(_PARENTS, st.lists(_WAYS, max_size=6), _WAYS)
def test_another_exit_never_locks_anyone_in(
    parents: tuple[str, ...], ways: list[AccessPoint], way: AccessPoint
) -> None:
    exit_point = replace(way, direction=Direction.EXIT, access_point_class=PEOPLE, escape=False)
    before, after = _site(parents, ways), _site(parents, [*ways, exit_point])

    fresh = _no_way_out(after) - _no_way_out(before)

    # Only an area nobody could walk into before can be told of, and only where the exit itself leads into it.
    target = exit_point.to_area_id
    assert fresh <= {f"areas[{_AREAS.index(target)}]"}
    was_entered = any(
        p.to_area_id == target != p.from_area_id for p in before.access_points if p.access_point_class is PEOPLE
    )
    assert not fresh or not (was_entered or target in outside_areas(before))


_ADMISSIONS = st.sampled_from([(), (Admission(PEOPLE),), (Admission(PEOPLE, people=True),)])
_SHUT = st.builds(
    Policy,
    st.just(1),
    st.just(1),
    st.just("north"),
    st.just(0),
    closures=st.sampled_from([(), (Closure("p0"), Closure("p1", 0, DECIDED_AT_MS), Closure("p1", DECIDED_AT_MS))]),
    hours=st.sampled_from([(), (Hours("p0", "never"), Hours("p1", "never"))]),
    admissions=_ADMISSIONS,
    lists=st.builds(ListEffects, white_waives=st.sampled_from([frozenset(), frozenset({"access_point_hours"})])),
)


@thorough
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, _SHUT)
def test_nobody_enters_where_nobody_is_said_to_pass(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, policy: Policy
) -> None:
    plan = replace(plan, policies=(policy,), closures=())
    told = [one.text.en for one in analyse(plan) if one.code.startswith("POINT_") and one.path == "policies[0]"]

    decision = decide(presentation, party, presentation.access_point_id, plan, live, DECIDED_AT_MS)

    if party and not live.released and any(f" {presentation.access_point_id}" in text for text in told):
        assert decision.outcome is Outcome.DENY


_VALUES: tuple[Any, ...] = ("", "valid", "true", "false", "1", "2.0", "nan", None, "None", True, False, 0, 1, 2, 37.5)
_NARROW_TESTS = st.builds(
    FactTest,
    st.just("temperature_c"),
    st.lists(st.sampled_from(_VALUES), max_size=2).map(tuple),
    st.sampled_from([None, 0, 1, 2, 37.5]),
    st.sampled_from([None, 0, 1, 2, 37.5]),
)


@settings(thorough, max_examples=200)
@given(_NARROW_TESTS)
def test_a_test_said_to_pass_nothing_passes_nothing(test: FactTest) -> None:
    policy = Policy(1, 1, "north", 0, requirements=(Requirement("r", test),))
    plan = _site(("",) * 4, [AccessPoint("", "outside", "campus", Direction.ENTRY, PEOPLE)])
    point = plan.point("p0", 0)
    assert point is not None

    is_told = "TEST_NEVER_PRESENT" in [one.code for one in analyse_policies([policy])]

    subject = Subject("c:1", 1, SubjectKind.CARDHOLDER, "staff", "north")
    for value in _VALUES:
        presentation = Presentation("e", "north", "p0", "a", 0, measured=(("temperature_c", value),))
        found = find(test, subject, Case(presentation, (subject,), point, LiveState(), 0))
        assert not (is_told and found is FactState.PRESENT), value


@thorough
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, st.data())
def test_what_is_said_to_be_in_vain_changes_no_answer(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, data: st.DataObject
) -> None:
    # Few categories, tests and rulings, so that bans overtake what comes after them.
    bans = st.builds(Rulings, *[st.sampled_from([Outcome.DENY, Outcome.GRANT])] * 4)
    wheres = st.builds(Where, st.frozensets(st.sampled_from(["staff", "student"]), max_size=2))
    facts = st.sampled_from([FactTest("leave.state"), FactTest("subject.category", ("staff", "student"))])
    drawn = data.draw(st.lists(st.tuples(facts, wheres, bans), min_size=2, max_size=3))
    rules = tuple(
        Requirement(f"r{place}", test, where, (), rulings) for place, (test, where, rulings) in enumerate(drawn)
    )
    policy = Policy(1, 1, "north", 0, requirements=rules)
    vain = {
        int(re.findall(r"\[(\d+)\]", one.path)[1])
        for one in analyse_policies([policy])
        if one.code in {"REQUIREMENT_SHADOWED", "REQUIREMENT_WITHOUT_EFFECT"}
    }
    without = replace(policy, requirements=tuple(rule for place, rule in enumerate(rules) if place not in vain))

    answers = [
        decide(presentation, party, presentation.access_point_id, replace(plan, policies=(one,)), live, DECIDED_AT_MS)
        for one in (policy, without)
    ]

    assert answers[0].unclamped is answers[1].unclamped
