"""What the analysis finds, and what it keeps silent about."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS, LIVES, PARTIES, PRESENTATIONS
from harness.rulebook_strategies import NOW_MS as DECIDED_AT_MS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.analysis import Severity, Supply, analyse, analyse_policies
from menshen_rulebook.analysis.leaving import outside_areas
from menshen_rulebook.analysis.sentences import SENTENCES
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import AccessPoint, Area, SitePlan
from menshen_rulebook.types import AccessPointClass, Direction, LiveState, Outcome, Presentation, Subject

from .analysed import CASES, IN, NOW_MS, OUT, findings, plan_with, point, requirement

PEOPLE = AccessPointClass.PEDESTRIAN
CANNOT_LEAVE = {"AREA_NO_WAY_OUT", "AREA_WAY_OUT_CAN_REFUSE"}
thorough = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _leave_is(value: object) -> dict[str, Any]:
    return {"test": {"fact": "leave.state", "accept": [value]}}


def codes(found: Any) -> set[str]:
    return {finding.code for finding in found}


def test_a_sound_plan_has_no_findings() -> None:
    assert findings({}) == ()


@pytest.mark.parametrize(("code", "path", "policy", "changes"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_finding_is_made_where_it_is_brought_about(
    code: str, path: str, policy: dict[str, Any], changes: dict[str, Any]
) -> None:
    found = findings(policy, **changes)

    one = next(finding for finding in found if (finding.code, finding.path) == (code, path))
    assert one.severity is SENTENCES[code].severity
    assert re.search("[一-鿿]", one.text.zh)
    assert "{" not in one.text.zh + one.text.en


def test_every_finding_can_be_made() -> None:
    assert {case[0] for case in CASES} == set(SENTENCES)


@pytest.mark.parametrize(
    ("policy", "changes", "silent"),
    [
        ({"closures": [{"access_point": "n-out"}]}, {}, "AREA_NO_WAY_OUT"),
        ({"closures": [{"access_point": "n-in", "redirect": "s-in"}]}, {}, "REDIRECT_CLOSED"),
        (
            {"closures": [{"access_point": "n-in", "redirect": "n-in"}]},
            {"access_points": [{**IN, "redirects": ["s-in"]}, OUT, point("s-in", "outside", "campus", "ENTRY")]},
            "REDIRECT_CLOSED",
        ),
        (
            {},
            {"schedules": [{"id": "day", "intervals": [{"days": ["MON"], "opens": "22:00", "closes": "06:00"}]}]},
            "INTERVAL_NEVER_OPEN",
        ),
        ({"requirements": [requirement(only_if=[])]}, {}, "REQUIREMENT_WITHOUT_EFFECT"),
        ({"requirements": [requirement(), requirement(id="later")]}, {}, "REQUIREMENT_SHADOWED"),
        ({"to": "2026-04-01T00:00:00+08:00", "from": "2026-03-02T00:00:00+08:00"}, {}, "POLICY_GAP"),
        ({}, {"access_points": [IN, OUT, point("lobby", "outside", "lab", "ENTRY")]}, "AREA_NO_WAY_OUT"),
        (
            {
                "visitors": {"categories": ["guest"]},
                "requirements": [requirement(where={"categories": ["guest"]})],
            },
            {},
            "CATEGORY_UNNAMED",
        ),
        (
            {"requirements": [{"id": "t", "test": {"fact": "plate", "accept": ["true"], "at_least": 1}}]},
            {},
            "TEST_NEVER_PRESENT",
        ),
        (
            {"requirements": [requirement(only_if=[_leave_is(1), {**_leave_is(True), "present": False}])]},
            {},
            "CONDITIONS_CONTRADICT",
        ),
    ],
)
def test_what_may_be_meant_is_no_finding(policy: dict[str, Any], changes: dict[str, Any], silent: str) -> None:
    assert silent not in codes(findings(policy, **changes))


def test_without_a_supply_nothing_is_said_about_facts() -> None:
    plan = plan_with({"requirements": [{"id": "h", "test": {"fact": "health.test", "source": "clinic"}}]})

    assert codes(analyse(plan)) == set()
    assert codes(analyse(plan, Supply())) == {"FACT_NOT_SUPPLIED", "SOURCE_UNKNOWN"}


def test_a_policy_that_is_over_is_left_alone() -> None:
    plan = plan_with({"to": "2026-03-02T00:00:01+08:00", "closures": [{"access_point": "n-in"}]})

    assert "POINT_ALWAYS_CLOSED" in codes(analyse(plan, None, NOW_MS))
    assert codes(analyse(plan, None, NOW_MS + 1000)) == {"POLICY_ENDS"}


def test_a_policy_is_read_without_the_plan_of_its_site() -> None:
    policy = plan_with({"requirements": [requirement(test={"fact": "x", "at_least": 2, "at_most": 1})]}).policies[0]

    assert [(one.severity, one.path) for one in analyse_policies([policy])] == [
        (Severity.ERROR, "policies[0].requirements[0].test")
    ]


@thorough
@given(ANY_PLANS, st.none() | st.just(Supply()), st.none() | st.just(DECIDED_AT_MS))
def test_the_analysis_never_raises_and_is_the_same_again(
    plan: SitePlan, supply: Supply | None, now_ms: int | None
) -> None:
    found = analyse(plan, supply, now_ms, range(len(plan.policies)))

    assert found == analyse(plan, supply, now_ms, range(len(plan.policies)))
    assert [one.severity for one in found] == sorted((one.severity for one in found), reverse=True)
    analyse_policies(plan.policies, supply, now_ms)


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


@thorough
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES)
def test_nobody_enters_where_nobody_is_said_to_pass(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState
) -> None:
    unpassed = set()
    for finding in analyse(plan):
        place = re.fullmatch(r"policies\[(\d+)\]", finding.path)
        if place and finding.code in {"POINT_ALWAYS_CLOSED", "POINT_NEVER_OPEN", "POINT_ADMITS_NOBODY"}:
            unpassed |= {(int(place[1]), p) for p in ("p0", "p1", "p2") if f" {p}" in finding.text.en}

    decision = decide(presentation, party, presentation.access_point_id, plan, live, DECIDED_AT_MS)

    in_force = plan.policy_at(DECIDED_AT_MS)
    places = {place for place, policy in enumerate(plan.policies) if policy is in_force}
    if party and not live.released and any((place, presentation.access_point_id) in unpassed for place in places):
        assert decision.outcome is Outcome.DENY
