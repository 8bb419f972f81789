"""Plans, policies, assignments and holds on a real PostgreSQL: versions, faults with their lines, audit."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from menshen_access.assigning import Assigning
from menshen_access.domain.administration import Assignment
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.drafts import Drafts
from menshen_access.holding import Holding
from menshen_access.plan_documents import DocumentFaultyError, read_document
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.work_apart import HERE
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.records import unpack
from menshen_rulebook.types import Subject, SubjectKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "north"
PLAN = """
areas: [{id: outside}, {id: campus, anti_passback: SOFT}]
schedules:
  - id: day
    intervals: [{days: [MON, TUE, WED, THU, FRI], opens: 06:30, closes: 23:00}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN,
     name: {zh: 北门, en: North Gate}, schedule: day}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
access_levels: [{id: campus-day, entries: [{access_point: n-in, schedule: day}]}]
group_assignments: [{level: campus-day, group: staff}]
"""
POLICY = """
language: 1
version: {version}
site: north
title: {{zh: 校门管理, en: Gate rules}}
from: 2026-03-02T00:00:00+08:00
closures:
  - access_point: {point}
"""


class Desk:
    """The use cases an operator reaches, and who was told to publish."""

    def __init__(self, pool: Pool, sites: Sites, clock: ManualClock, new_id: Callable[[], str]) -> None:
        self.pool = pool
        self.store = Administration(pool, sites)
        self.policies = Policies(pool, sites)
        self.published: list[str] = []
        self.clock = clock
        self.planning = Planning(self.store, self._publish, clock, new_id)
        self.assigning = Assigning(self.store, self._publish, self._publish_subjects, clock, new_id)
        self.holding = Holding(self.store, self._publish, clock, new_id)
        self.changed: list[Any] = []

    async def put(self, document: str, expected: int = 0) -> int:
        return await self.planning.put_plan(SITE, document, expected, "because", "operator/li")

    async def plan(self) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads((await self.store.current_plan(SITE))[1])
        return plan

    async def _publish(self, site: str) -> None:
        self.published.append(site)

    async def _publish_subjects(self, site: str, changed: Any) -> None:
        self.changed.extend(changed)


@pytest.fixture
def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    return Desk(pool, sites, ManualClock(), new_id)


async def test_a_document_creates_what_it_names_and_leaves_the_rest(desk: Desk) -> None:
    await desk.put(PLAN)

    version = await desk.put("areas: [{id: lab, parent: campus, limit: 5}]")

    plan = await desk.plan()
    assert plan["version"] == version
    assert [area["id"] for area in plan["areas"]] == ["outside", "campus", "lab"]
    assert plan["schedules"][0]["intervals"][0]["closes_ms"] == 23 * 3_600_000
    assert desk.published[-1] == SITE


async def test_a_fault_names_its_line_in_both_languages_and_changes_nothing(desk: Desk) -> None:
    await desk.put(PLAN)
    before = await desk.store.current_plan(SITE)
    document = (
        "areas: [{id: fine}]\naccess_points:\n  - id: x\n    from_area: nowhere\n    to_area: campus\n"
        "    direction: ENTRY\n    access_point_class: PEDESTRIAN\n"
    )

    with pytest.raises(DomainError) as refused:
        await desk.put(document)

    (fault,) = refused.value.fields
    assert (refused.value.trouble, fault.path) == (Trouble.INVALID, "access_points[0].from_area")
    assert fault.message_en.startswith("line 4: expected")
    assert fault.message_zh.startswith("第 4 行")
    assert await desk.store.current_plan(SITE) == before


async def test_a_plan_that_locks_people_in_is_refused_whoever_asks_for_it(desk: Desk) -> None:
    await desk.put(PLAN)
    before = await desk.store.current_plan(SITE)
    way_in = "{id: l-in, from_area: campus, to_area: lab, direction: INNER, access_point_class: PEDESTRIAN}"
    way_out = "{id: l-out, from_area: lab, to_area: campus, direction: INNER, access_point_class: PEDESTRIAN%s}"
    areas = "areas: [{id: lab, parent: campus}]"

    refusals = []
    for points in (way_in, f"{way_in}, {way_out % ''}"):
        with pytest.raises(DomainError) as refused:
            await desk.put(f"{areas}\naccess_points: [{points}]")
        refusals.append(refused.value)
    unchanged = await desk.store.current_plan(SITE)
    await desk.put(f"{areas}\naccess_points: [{way_in}, {way_out % ', escape: true'}]")
    with pytest.raises(DomainError) as taken_away:
        await desk.put(f"access_points:\n  - {way_out % ''}")

    assert [(one.trouble, one.code) for one in refusals] == [(Trouble.INVALID, "PLAN_UNFIT")] * 2
    assert [one.fields[0].path for one in refusals] == ["areas[0]"] * 2
    assert refusals[0].fields[0].message_en.startswith("line 1: AREA_NO_WAY_OUT: people enter area lab by l-in")
    assert refusals[1].fields[0].message_zh.startswith("第 1 行：AREA_WAY_OUT_CAN_REFUSE")
    assert unchanged == before
    assert taken_away.value.fields[0].message_en.startswith("AREA_WAY_OUT_CAN_REFUSE")


async def test_a_plan_that_takes_the_only_gate_out_from_people_is_refused(desk: Desk) -> None:
    await desk.put(PLAN)

    with pytest.raises(DomainError) as refused:
        await desk.put(
            "access_points:\n"
            "  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: MOTOR}\n"
        )

    assert refused.value.fields[0].path == "areas[1]"
    assert "AREA_NO_WAY_OUT: people enter area campus by n-in" in refused.value.fields[0].message_en


async def test_a_plan_with_warnings_alone_is_taken(desk: Desk) -> None:
    await desk.put(PLAN)

    version = await desk.put(
        "access_points:\n"
        "  - {id: c-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: MOTOR}\n"
    )

    assert (await desk.plan())["version"] == version


async def test_a_change_made_on_an_older_plan_is_refused(desk: Desk) -> None:
    version = await desk.put(PLAN)
    await desk.put("areas: [{id: yard}]")

    with pytest.raises(DomainError) as refused:
        await desk.put("areas: [{id: hall}]", expected=version)

    assert refused.value.trouble is Trouble.STALE


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("areas: [{id: a}\nx: [", 2),
        ("areas: []\nsite: elsewhere", 2),
        ("areas: &a [1]\ndoors: *a", 2),
        ("areas: []\nareas: []", 2),
        ("- areas", 1),
        ("gates: []", 1),
        ("areas:\n  - 7", 1),
        ("areas: " + "[" * 50 + "]" * 50, 1),
    ],
)
async def test_what_is_no_plan_document_is_refused_with_its_line(desk: Desk, document: str, line: int) -> None:
    with pytest.raises(DomainError) as refused:
        await desk.put(document)

    assert f"line {line}:" in refused.value.fields[0].message_en


async def test_every_fault_of_a_plan_document_is_named_at_once(desk: Desk) -> None:
    faulty = """
areas: [{id: campus}, {id: campus}]
gates: []
doors: 7
access_points:
  - {id: moon-in, from_area: moon, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
"""

    with pytest.raises(DomainError) as refused:
        await desk.put(faulty)

    told = {field.path: field.message_en for field in refused.value.fields}
    assert {"areas[1]", "gates", "doors", "access_points[0].from_area"} <= told.keys()
    assert told["gates"].startswith("line 3: expected one of the keys")


def test_yaml_scalars_are_what_people_mean() -> None:
    plain = read_document("a: 23:00\nb: on\nc: 7\nd: '7'\ne: true\nf: 2026-03-02\ng: 1.5\nh: ~").plain

    assert plain == {"a": "23:00", "b": "on", "c": 7, "d": "7", "e": True, "f": "2026-03-02", "g": 1.5, "h": None}


def test_an_oversized_document_is_refused() -> None:
    with pytest.raises(DocumentFaultyError):
        read_document("a: " + "x" * 1_000_001)


async def test_a_policy_takes_force_at_its_instant(desk: Desk) -> None:
    await desk.put(PLAN)
    at_ms = desk.clock.now_ms() + 60_000

    stored = await desk.planning.activate_policy(
        SITE, POLICY.format(version=21, point="n-in"), at_ms, "notice 12", "operator/li"
    )

    plan = plan_from_mapping(await desk.plan())
    assert stored.plan_version == plan.version
    before, after = plan.policy_at(at_ms - 1), plan.policy_at(at_ms)
    assert after is not None
    assert (after.version, before is None or before.version != 21) == (21, True)
    assert await desk.policies.get(SITE, stored.policy_id) is not None


async def test_a_policy_about_an_unknown_access_point_is_faulted_with_its_line_and_not_stored(desk: Desk) -> None:
    await desk.put(PLAN)
    document = POLICY.format(version=22, point="moon-gate")
    before = await desk.store.current_plan(SITE)

    faults = (await desk.planning.validate_policy(SITE, document)).faults
    with pytest.raises(DomainError):
        await desk.planning.activate_policy(SITE, document, 0, "notice", "operator/li")

    assert [(fault.path, fault.line) for fault in faults] == [("closures[0].access_point", 8)]
    assert await desk.store.current_plan(SITE) == before


async def test_a_policy_version_is_used_once(desk: Desk) -> None:
    await desk.put(PLAN)
    await desk.planning.activate_policy(SITE, POLICY.format(version=23, point="n-in"), 0, "notice", "operator/li")

    check = await desk.planning.validate_policy(SITE, POLICY.format(version=23, point="n-in"))

    assert [fault.path for fault in check.faults] == ["version"]


async def test_a_policy_is_told_all_the_plan_does_not_know_and_that_its_version_is_used(desk: Desk) -> None:
    await desk.put(PLAN)
    await desk.planning.activate_policy(SITE, POLICY.format(version=25, point="n-in"), 0, "notice", "operator/li")

    check = await desk.planning.validate_policy(SITE, POLICY.format(version=25, point="moon-gate"))

    assert [fault.path for fault in check.faults] == ["version", "closures[0].access_point"]


async def test_a_stored_policy_in_the_plan_is_not_compared_and_says_its_state(desk: Desk) -> None:
    await desk.put(PLAN)
    now_ms = desk.clock.now_ms()
    ids = []
    for version, from_ms in ((31, now_ms + 1_000), (32, now_ms + 2_000)):
        document = POLICY.format(version=version, point="n-in")
        stored = await desk.planning.activate_policy(SITE, document, from_ms, "notice", "operator/li")
        ids.append(stored.policy_id)

    states = []
    for at_ms in (0, 1_000, 2_000):
        drafts = Drafts(desk.policies, HERE, ManualClock(now_ms + at_ms))
        for policy_id in ids:
            with pytest.raises(DomainError) as refused:
                await drafts.plans(SITE, policy_id, "", now_ms)
            assert (refused.value.code, refused.value.trouble) == ("POLICY_IN_PLAN", Trouble.CONFLICT)
            states.append(refused.value.message_en.split()[3])
    assert states == ["SCHEDULED", "SCHEDULED", "ACTIVE", "SCHEDULED", "SUPERSEDED", "ACTIVE"]


def assignment(**changes: Any) -> Assignment:
    given = {"subject_id": "c:wu", "group": "", "access_level": "campus-day", "reason": "thesis", **changes}
    return Assignment("", from_ms=0, to_ms=0, grantor="", **given)


async def test_an_assignment_that_is_none_or_is_over_is_named_so_to_whoever_would_approve_its_end(desk: Desk) -> None:
    await desk.put(PLAN)
    made = await desk.assigning.assign(SITE, assignment(subject_id="", group="choir"), "operator/li")
    await desk.assigning.revoke(SITE, made.assignment_id, "left", "operator/li")

    codes = []
    for assignment_id in ("12", "", "00000000-0000-7000-8000-000000000000", made.assignment_id):
        with pytest.raises(DomainError) as refused:
            await desk.assigning.ending(SITE, assignment_id)
        codes.append(refused.value.code)
    with pytest.raises(DomainError) as unknown:
        await desk.assigning.revoke(SITE, "12", "left", "operator/li")
    again = await desk.assigning.revoke(SITE, made.assignment_id, "left", "operator/li")

    assert codes == [*["ASSIGNMENT_UNKNOWN"] * 3, "ASSIGNMENT_OVER"]
    assert unknown.value.code == "ASSIGNMENT_UNKNOWN"
    assert again.to_ms == desk.clock.now_ms()


async def test_an_assignment_changes_the_record_of_its_subject_and_ends_when_revoked(
    desk: Desk, pool: Pool, sites: Sites
) -> None:
    await desk.put(PLAN)
    subject = Subject("c:wu", 0, SubjectKind.CARDHOLDER, "student", SITE)
    subjects = Subjects(pool, sites)
    await subjects.apply_changes(SITE, [FeedChange("c:wu", 1, subject)], "identity", FeedPlace(1, 1))

    made = await desk.assigning.assign(SITE, assignment(), "operator/li")
    given = unpack(desk.changed[-1].record)
    ended = await desk.assigning.revoke(SITE, made.assignment_id, "left", "operator/li")

    assert (made.grantor, given.levels[0].level_id, given.version) == ("operator/li", "campus-day", 2)
    assert ended.to_ms == desk.clock.now_ms()
    assert unpack(desk.changed[-1].record).levels[0].to_ms == desk.clock.now_ms()
    audit = await pool.fetch(
        "SELECT action FROM audit WHERE target IN ('c:wu', $1) ORDER BY number", made.assignment_id
    )
    assert [row["action"] for row in audit] == ["ASSIGN_LEVEL", "REVOKE_LEVEL"]


async def test_an_assignment_made_before_its_subject_is_known_counts_when_it_comes(
    desk: Desk, pool: Pool, sites: Sites
) -> None:
    await desk.put(PLAN)
    await desk.assigning.assign(SITE, assignment(subject_id="c:later"), "operator/li")

    subject = Subject("c:later", 0, SubjectKind.CARDHOLDER, "student", SITE)
    (held,) = await Subjects(pool, sites).apply_changes(
        SITE, [FeedChange("c:later", 1, subject)], "identity", FeedPlace(1, 2)
    )

    assert [level.level_id for level in unpack(held.record).levels] == ["campus-day"]


async def test_a_groups_assignment_lives_in_the_plan_and_ends_there(desk: Desk) -> None:
    await desk.put(PLAN)
    made = await desk.assigning.assign(SITE, assignment(subject_id="", group="guests"), "operator/li")
    assert {"level": "campus-day", "group": "guests"} in (await desk.plan())["group_assignments"]

    desk.clock.advance_ms(1000)
    await desk.assigning.revoke(SITE, made.assignment_id, "over", "operator/li")

    ends = [g.get("to_ms") for g in (await desk.plan())["group_assignments"] if g["group"] == "guests"]
    assert ends == [desk.clock.now_ms()]


@pytest.mark.parametrize("changes", [{"group": "both"}, {"access_level": "none"}, {"reason": " "}])
async def test_a_bad_assignment_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    await desk.put(PLAN)

    with pytest.raises(DomainError) as refused:
        await desk.assigning.assign(SITE, assignment(**changes), "operator/li")

    assert refused.value.trouble is Trouble.INVALID


async def test_holds_are_a_union_released_one_by_one(desk: Desk) -> None:
    await desk.put(PLAN)
    first = await desk.holding.raise_hold(SITE, "", "", "search", "service/safety")
    second = await desk.holding.raise_hold(SITE, "campus", "", "search", "operator/li")
    standing = await desk.holding.holds(SITE)

    await desk.holding.release_hold(SITE, first.hold_id, "found", "operator/li")

    left = await desk.holding.holds(SITE)
    assert {hold.hold_id for hold in standing.holds} == {first.hold_id, second.hold_id}
    assert [hold.hold_id for hold in left.holds] == [second.hold_id]
    assert left.version == standing.version + 1
    with pytest.raises(DomainError) as refused:
        await desk.holding.release_hold(SITE, first.hold_id, "again", "operator/li")
    assert refused.value.trouble is Trouble.NOT_FOUND


async def test_a_hold_on_an_unknown_place_is_refused(desk: Desk) -> None:
    await desk.put(PLAN)

    with pytest.raises(DomainError):
        await desk.holding.raise_hold(SITE, "atlantis", "", "search", "operator/li")
