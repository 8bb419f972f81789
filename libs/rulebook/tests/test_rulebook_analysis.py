"""What the analysis finds, and what it keeps silent about."""

import re
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS
from harness.rulebook_strategies import NOW_MS as DECIDED_AT_MS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.analysis import Severity, Supply, analyse, analyse_policies
from menshen_rulebook.analysis.sentences import SENTENCES
from menshen_rulebook.plan import SitePlan

from .analysed import CASES, IN, NOW_MS, OUT, findings, plan_with, point, requirement

thorough = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _leave_is(value: object) -> dict[str, Any]:
    return {"test": {"fact": "leave.state", "accept": [value]}}


def _admits(level: int, *categories: str, **where: Any) -> dict[str, Any]:
    return {"where": {"threat_level": level, **where}, "admits": {"categories": [*categories]}}


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


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, ", … (+1)"), (300, ", … (+290)")])
def test_ten_of_the_ways_into_an_area_without_a_way_out_are_named(count: int, more: str) -> None:
    ways = [f"in-{place}" for place in range(count)]
    found = findings({}, access_points=[point(way, "outside", "campus", "ENTRY") for way in ways])

    [text] = [finding.text for finding in found if finding.code == "AREA_NO_WAY_OUT"]
    assert f"by {', '.join(ways[:10])}{more}, and" in text.en
    assert f"由 {', '.join(ways[:10])}{more} 进入" in text.zh


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
        (
            {"threats": [_admits(2, "staff", "student"), _admits(1, "student"), _admits(3, "student")]},
            {},
            "THREAT_ADMITS_NOBODY",
        ),
        ({"threats": [_admits(2, "staff"), _admits(3, "student", areas=["campus"])]}, {}, "THREAT_AT_WAYS_OUT"),
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


def test_a_pack_that_is_switched_off_needs_no_supply_and_overtakes_nobody() -> None:
    rulings = dict.fromkeys(("present", "absent", "unknown", "stale"), "DENY")
    ban = requirement(id="ban", pack="health", rulings=rulings, test={"fact": "health.test"})
    later = requirement(id="later")
    supply = Supply((("hr", frozenset({later["test"]["fact"]})),))
    awake = plan_with({"requirements": [ban, later]})
    asleep = plan_with({"requirements": [ban, later], "switched_off": ["health"]})

    assert {"FACT_NOT_SUPPLIED", "REQUIREMENT_SHADOWED"} <= codes(analyse(awake, supply))
    assert codes(analyse(asleep, supply)) == set()


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
