"""What a policy would bring about is told before it is stored, and errors keep it from being stored."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from menshen_access.domain.administration import Deed
from menshen_access.plan_documents import read_document
from menshen_access.plan_making import merged_plan, plan_change
from menshen_access.planning import Planning
from menshen_access.policy_checks import LineFinding
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.sites import Sites
from menshen_rulebook.analysis import Severity, Supply
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "south"
PLAN = """
areas: [{id: outside}, {id: campus}, {id: lab, parent: campus}]
schedules: [{id: day, intervals: [{days: [MON], opens: 06:30, closes: 23:00}]}]
access_points:
  - {id: in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
  - {id: lab-in, from_area: campus, to_area: lab, direction: INNER, access_point_class: PEDESTRIAN}
  - {id: lab-out, from_area: lab, to_area: campus, direction: INNER, access_point_class: PEDESTRIAN, escape: true}
access_levels: [{id: all, entries: [{access_point: in}, {access_point: lab-in}]}]
group_assignments: [{level: all, group: staff}]
"""
FAR_FUTURE = "2100-01-01T00:00:00+08:00"


def document(version: int, *clauses: str) -> str:
    head = ["language: 1", f"version: {version}", f"site: {SITE}", f"from: {FAR_FUTURE}"]
    return "\n".join([*head, *clauses])


CONTRADICTION = (
    "requirements:",
    "  - id: proof",
    "    test: {fact: work_proof}",
    "    where:",
    "      access_points: [in]",
    "      directions: [EXIT]",
)


@pytest_asyncio.fixture(loop_scope="session")
async def planning(pool: Pool, sites: Sites, new_id: Any) -> AsyncIterator[Planning]:
    async def publish(_site: str) -> None:
        return

    yield Planning(Administration(pool, sites), publish, ManualClock(), new_id)


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _planned(planning: Planning) -> None:
    await planning.put_plan(SITE, PLAN, 0, "because", "operator/li")


async def put_unchecked(store: Administration, text: str) -> None:
    """A plan as it was put before plans were checked."""
    deed = Deed(SITE, 1, "operator/li", "PUT_PLAN", "", "because")
    made = lambda version, plan: plan_change(merged_plan(SITE, version, plan, read_document(text))[0])  # noqa: E731
    await store.change_plan(SITE, deed, made)


def brought_about(findings: tuple[LineFinding, ...]) -> list[tuple[Severity, str, str, int]]:
    return [(one.severity, one.code, one.path, one.line) for one in findings if not one.standing]


async def test_a_finding_has_its_line_in_the_document(planning: Planning) -> None:
    check = await planning.validate_policy(SITE, document(1, *CONTRADICTION))

    assert check.faults == ()
    assert brought_about(check.findings) == [
        (Severity.ERROR, "CLAUSE_REACHES_NO_POINT", "requirements[0].where", 8),
    ]


async def test_what_the_plan_has_already_is_told_apart_and_keeps_no_policy_back(
    planning: Planning, pool: Pool, sites: Sites
) -> None:
    await put_unchecked(Administration(pool, sites), PLAN.replace(", escape: true", ""))

    check = await planning.validate_policy(SITE, document(2))
    stored = await planning.activate_policy(SITE, document(2), 0, "notice", "operator/li")

    errors = [one for one in check.findings if one.severity is Severity.ERROR]
    assert [(one.code, one.path, one.line, one.standing) for one in errors] == [
        ("AREA_WAY_OUT_CAN_REFUSE", "areas[2]", 0, True)
    ]
    _, plan = await planning.get_plan(SITE)
    assert stored.outline.version in [policy["version"] for policy in json.loads(plan)["policies"]]


async def test_a_policy_with_errors_is_not_stored(planning: Planning) -> None:
    before = await planning.get_plan(SITE)

    with pytest.raises(DomainError) as refused:
        await planning.activate_policy(SITE, document(3, *CONTRADICTION), 0, "notice", "operator/li")

    (field,) = refused.value.fields
    assert (refused.value.trouble, refused.value.code) == (Trouble.INVALID, "POLICY_UNFIT")
    assert field.path == "requirements[0].where"
    assert field.message_en.startswith("line 8: CLAUSE_REACHES_NO_POINT")
    assert field.message_zh.startswith("第 8 行")
    assert await planning.get_plan(SITE) == before


async def test_a_policy_with_warnings_alone_is_stored(planning: Planning) -> None:
    closing = document(4, "closures:", "  - {access_point: in}")

    check = await planning.validate_policy(SITE, closing)
    stored = await planning.activate_policy(SITE, closing, 0, "notice", "operator/li")

    assert {one.severity for one in check.findings if not one.standing} == {Severity.WARNING}
    assert "POINT_ALWAYS_CLOSED" in [one.code for one in check.findings]
    assert stored.plan_version == (await planning.get_plan(SITE))[0]


async def test_a_policy_that_would_leave_a_time_without_any_is_refused(planning: Planning) -> None:
    await planning.put_plan("west", PLAN, 0, "because", "operator/li")
    first = document(1, "to: 2101-01-01T00:00:00+08:00").replace(SITE, "west")
    second = document(2).replace(SITE, "west").replace(FAR_FUTURE, "2102-01-01T00:00:00+08:00")
    await planning.activate_policy("west", first, 0, "notice", "operator/li")

    with pytest.raises(DomainError) as refused:
        await planning.activate_policy("west", second, 0, "notice", "operator/li")

    (field,) = refused.value.fields
    assert field.message_en == (
        "POLICY_GAP: from 2101-01-01 00:00 to 2102-01-01 00:00 no policy is in force: every entry refuses"
    )


async def test_facts_are_judged_by_what_the_caller_says_is_supplied(planning: Planning) -> None:
    leave = document(7, "leave: {mode: NORMAL, source: student-office}")
    supply = Supply((("student-office", frozenset({"leave.state"})),))

    silent = await planning.validate_policy(SITE, leave)
    supplied = await planning.validate_policy(SITE, leave, supply)
    missing = await planning.validate_policy(SITE, leave, Supply((("hr", frozenset({"work_proof"})),)))

    assert not [one for one in (*silent.findings, *supplied.findings) if "FACT" in one.code or "SOURCE" in one.code]
    errors = [one[1:] for one in brought_about(missing.findings) if one[0] is Severity.ERROR]
    assert errors == [("FACT_NOT_SUPPLIED", "leave.fact", 5), ("SOURCE_UNKNOWN", "leave.source", 5)]
