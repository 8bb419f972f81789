"""No policy hides what another one takes, whether it overrules it, ends or is taken out; and what no count sees."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.guarded_change import UNCOMPUTED, Bound, Loss, LossCount, Unseen
from menshen_access.domain.taken_later import TooManyInstantsError, taken_later
from menshen_access.domain.unseen import unseen
from menshen_access.domain.weighing import WEEK_MS, Weighing, weighings
from menshen_access.foresight_work import joined, what_is_lost_in_each
from menshen_rulebook.clauses import Closure
from menshen_rulebook.plan import (
    AccessLevel,
    Door,
    GroupAssignment,
    LevelEntry,
    SitePlan,
    plan_from_mapping,
    plan_to_json,
)
from menshen_rulebook.policy import Policy
from menshen_rulebook.records import pack
from menshen_rulebook.schedule import CalendarDay, Interval, Schedule
from menshen_rulebook.subject import Vehicle
from menshen_rulebook.types import FOREVER_MS, Credential, CredentialState, Identifier, IdentifierType, Subject
from menshen_rulebook.vocabulary import (
    AccessPointClass,
    DayKind,
    PermitState,
    PersonRule,
    SubjectKind,
    VehicleClass,
)

DAY_MS = 86_400_000
NOW_MS = 1_772_409_600_000
THEN_MS = NOW_MS + 5 * DAY_MS
PEOPLE = 30
SHUT = {"closures": [{"access_point": "n-in"}]}
POINT = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"}


def person(number: int) -> tuple[str, bytes]:
    card = Identifier(IdentifierType.CARD, f"{number:08X}")
    credentials = (Credential(f"k{number}", (card,), CredentialState.ACTIVE),)
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, "staff", "s", credentials=credentials)
    return subject.subject_id, pack(subject)


PAGE = joined([person(number) for number in range(PEOPLE)])


def policy(version: int, from_ms: int = 1, to_ms: int = FOREVER_MS, **clauses: Any) -> dict[str, Any]:
    return {"language": 1, "version": version, "site": "s", "from_ms": from_ms, "to_ms": to_ms, **clauses}


def plan(*policies: dict[str, Any], rights_end_ms: int = FOREVER_MS, **areas: Any) -> SitePlan:
    return plan_from_mapping(
        {
            "site": "s",
            "version": 2,
            "areas": [{"id": "outside"}, {"id": "campus", **areas}],
            "access_points": [
                {"id": "n-in", **POINT},
                {"id": "n-out", **POINT, "from_area": "campus", "to_area": "outside", "direction": "EXIT"},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "n-in"}]}],
            "group_assignments": [{"level": "all", "group": "staff", "to_ms": rights_end_ms}],
            "policies": policies,
        }
    )


def loss(before: SitePlan, after: SitePlan, from_ms: int, page: tuple[bytes, bytes] = PAGE) -> Loss:
    weighed = [
        (plan_to_json(old), plan_to_json(new), start_ms, start_ms + WEEK_MS)
        for old, new, start_ms in weighings(before, after, from_ms, NOW_MS)
    ]
    return Bound().largest(what_is_lost_in_each(lambda: [page], weighed))


IN_FORCE, STRICT = policy(1), policy(2, THEN_MS, **SHUT)
LATER_ON = policy(3, THEN_MS, THEN_MS + 8 * DAY_MS)
ENDING = policy(3, NOW_MS - DAY_MS, NOW_MS + 10 * DAY_MS)


@pytest.mark.parametrize(
    ("standing", "added"),
    [
        ([IN_FORCE], STRICT),
        ([IN_FORCE, policy(3, THEN_MS)], STRICT),  # overruled by a higher version of the same instant
        ([IN_FORCE, policy(3, THEN_MS + 1)], STRICT),  # overruled the moment it takes force
        ([IN_FORCE, LATER_ON], STRICT),  # overruled by one that ends when the week is over
        ([IN_FORCE, ENDING], policy(2, NOW_MS - 2 * DAY_MS, **SHUT)),  # overruled by one in force that ends
        ([IN_FORCE, policy(3, THEN_MS, **SHUT)], policy(4, THEN_MS, **SHUT)),  # as strict as one still to come
    ],
)
def test_a_policy_that_takes_access_is_seen_whatever_overrules_it(
    standing: list[dict[str, Any]], added: dict[str, Any]
) -> None:
    found = loss(plan(*standing), plan(*standing, added), added["from_ms"])

    assert (found.people, found.points) == (LossCount(PEOPLE, PEOPLE), (("n-in", PEOPLE, 0),))


@pytest.mark.parametrize("added", [policy(4, THEN_MS), policy(4, NOW_MS), policy(4, THEN_MS + 1)])
def test_a_policy_that_takes_nothing_is_counted_as_nothing_and_in_its_place_in_the_plan(added: dict[str, Any]) -> None:
    assert loss(plan(IN_FORCE), plan(IN_FORCE, added), added["from_ms"]).people.losing == 0


@pytest.mark.parametrize(
    ("kept", "removed"),
    [
        ([IN_FORCE, STRICT], policy(3, THEN_MS)),
        ([IN_FORCE, STRICT], policy(3, THEN_MS + 30 * DAY_MS)),
        ([IN_FORCE, STRICT, policy(4, THEN_MS, THEN_MS + 8 * DAY_MS)], policy(3, THEN_MS)),
        ([policy(2, 1, **SHUT)], policy(3, NOW_MS - DAY_MS)),  # in force: rolled back
    ],
)
def test_taking_a_policy_out_is_seen_to_uncover_another(kept: list[dict[str, Any]], removed: dict[str, Any]) -> None:
    found = loss(plan(*kept, removed), plan(*kept), removed["from_ms"])

    assert found.people == LossCount(PEOPLE, PEOPLE)


def test_rights_that_run_out_before_a_policy_takes_force_are_held_against_it_now() -> None:
    ends_ms = NOW_MS + 2 * DAY_MS
    before, after = (plan(*given, rights_end_ms=ends_ms) for given in ([IN_FORCE], [IN_FORCE, STRICT]))

    found = loss(before, after, THEN_MS)

    assert found.people == LossCount(PEOPLE, PEOPLE)


LENIENT = [{"access_point_class": "PEDESTRIAN", "people": True}, {"access_point_class": "MOTOR", "people": True}]


@pytest.mark.parametrize(
    ("standing", "losing"),
    [
        ([policy(3, admissions=LENIENT)], 0),
        ([policy(1), policy(3, NOW_MS - DAY_MS, NOW_MS + 10 * DAY_MS, admissions=LENIENT)], PEOPLE),
        ([policy(3, admissions=LENIENT), policy(4, NOW_MS + 9 * DAY_MS)], PEOPLE),
    ],
)
def test_what_is_no_policy_is_held_against_each_policy_that_is_to_be_in_force(
    standing: list[dict[str, Any]], losing: int
) -> None:
    before = plan(*standing)
    gate, *others = before.access_points
    after = replace(before, access_points=(replace(gate, access_point_class=AccessPointClass.MOTOR), *others))

    assert loss(before, after, 0).people == LossCount(PEOPLE, losing)


def test_what_is_no_policy_is_counted_once_and_a_change_of_one_in_force_now_too() -> None:
    gone = replace(plan(IN_FORCE), access_levels=())

    assert [one.from_ms for one in weighings(plan(IN_FORCE), gone, 0, NOW_MS)] == [NOW_MS]
    assert len(weighings(plan(IN_FORCE), plan(IN_FORCE, policy(2, NOW_MS, **SHUT)), NOW_MS, NOW_MS)) == 1
    assert weighings(plan(IN_FORCE), plan(IN_FORCE), 0, NOW_MS) == ()


def closes(one: Policy | None) -> bool:
    return one is None or bool(one.closures)


def takes(weighing: Weighing) -> bool:
    before, after, from_ms = weighing
    later = {*before.index.policy_boundaries(), *after.index.policy_boundaries()}
    instants = [from_ms, *(at_ms for at_ms in later if from_ms <= at_ms < from_ms + WEEK_MS)]
    return any(not closes(before.policy_at(at_ms)) and closes(after.policy_at(at_ms)) for at_ms in instants)


HALVES = st.integers(-40, 40).map(lambda half: NOW_MS + half * DAY_MS // 2)
STEPS = st.one_of(
    st.tuples(st.just("put"), st.booleans(), HALVES, st.integers(1, 40).map(lambda half: half * DAY_MS // 2)),
    st.tuples(st.just("put"), st.booleans(), HALVES, st.none()),
    st.tuples(st.just("take"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 20).map(lambda half: half * DAY_MS // 2)),
)
BARE = replace(plan(IN_FORCE), access_points=(), access_levels=(), group_assignments=())


CLOSURES = plan(policy(9, **SHUT)).policies[0].closures


@settings(max_examples=30)
@given(st.lists(STEPS, min_size=2, max_size=10))
def test_no_row_of_changes_that_each_take_nothing_closes_the_gate_in_the_end(steps: list[tuple[Any, ...]]) -> None:
    standing, now_ms = BARE, NOW_MS
    for version, (step, *told) in enumerate(steps, 2):
        policies = list(standing.policies)
        if step == "wait":
            now_ms += told[0]
            continue
        if step == "take":
            gone = policies.pop(told[0] % len(policies))
            from_ms = gone.from_ms
        else:
            is_strict, from_ms, lasting_ms = told
            to_ms = from_ms + lasting_ms if lasting_ms else FOREVER_MS
            policies.append(
                replace(
                    BARE.policies[0],
                    version=version,
                    from_ms=from_ms,
                    to_ms=to_ms,
                    closures=CLOSURES if is_strict else (),
                )
            )
        changed = replace(standing, policies=tuple(policies))
        if not any(takes(one) for one in weighings(standing, changed, from_ms, now_ms)):
            standing = changed

    later = [now_ms, *(at_ms for at_ms in standing.index.policy_boundaries() if at_ms > now_ms)]
    assert not any(closes(standing.policy_at(at_ms)) for at_ms in later)


def area(**rule: Any) -> dict[str, Any]:
    return policy(1, areas=[{"area": "campus", **rule}])


TWICE = {"access_points": ["n-in"], "timeout": "10m"}
PARKING = {"id": "p", "area": "campus", "limit": 9}


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        (policy(1), area(limit=10), [("occupancy", "campus", "10")]),
        (area(limit=11), area(limit=10), [("occupancy", "campus", "10")]),
        (area(limit=10), area(limit=11), []),
        (area(limit=10), policy(1), []),
        (policy(1), area(anti_passback="SOFT"), []),
        (area(anti_passback="SOFT"), area(anti_passback="HARD"), [("anti_passback", "campus", "HARD")]),
        (area(anti_passback="HARD"), area(anti_passback="TIMED", timeout="10m"), []),
        (
            area(anti_passback="TIMED", timeout="10m"),
            area(anti_passback="TIMED", timeout="20m"),
            [("anti_passback", "campus", "TIMED 1200 s")],
        ),
        (
            area(anti_passback="HARD", exempt_categories=["staff"]),
            area(anti_passback="HARD"),
            [("anti_passback", "campus", "HARD")],
        ),
        (policy(1), policy(1, points=[TWICE]), [("anti_passback", "n-in", "TIMED 600 s")]),
        (policy(1, points=[TWICE]), policy(1, points=[{**TWICE, "timeout": "5m"}]), []),
        (policy(1), policy(1, parking=[PARKING]), [("parking", "p", "9/9")]),
        (policy(1, parking=[PARKING]), policy(1, parking=[{**PARKING, "reserved": 8}]), [("parking", "p", "1/9")]),
        (policy(1, parking=[{**PARKING, "reserved": 8}]), policy(1, parking=[{**PARKING, "limit": 10}]), []),
    ],
)
def test_what_grows_stricter_and_only_the_moment_shows_is_named(
    before: dict[str, Any], after: dict[str, Any], seen: list[tuple[str, str, str]]
) -> None:
    assert list(unseen(plan(before), plan(after), NOW_MS, NOW_MS + WEEK_MS)) == seen


def test_a_limit_is_named_whether_plan_or_policy_sets_it_and_through_a_policy_that_overrules_it() -> None:
    limited = policy(2, THEN_MS, areas=[{"area": "campus", "limit": 1}])
    standing = [IN_FORCE, policy(3, THEN_MS)]

    by_policy = loss(plan(*standing), plan(*standing, limited), THEN_MS)
    by_plan = loss(plan(IN_FORCE), plan(IN_FORCE, limit=1), 0)

    for found in (by_policy, by_plan):
        assert found.people == LossCount(PEOPLE, 0)
        assert found.unseen == (Unseen("occupancy", "campus", "1"),)
        assert Bound().exceeded_by(found)
        assert found != UNCOMPUTED


def ending(level: str, to_ms: int) -> GroupAssignment:
    return GroupAssignment(level, "staff", 0, to_ms)


EIGHTH, LAST = NOW_MS + 8 * DAY_MS, NOW_MS + 20 * DAY_MS
DAY = Schedule("day", (Interval(tuple(one for one in DayKind if one not in (DayKind.UNSPECIFIED, DayKind.HOLIDAY))),))
LASTING = plan(IN_FORCE)
DAILY = replace(LASTING, schedules=(DAY,), access_levels=(AccessLevel("all", (LevelEntry("n-in", "day"),)),))
DOUBLED = replace(
    LASTING,
    access_levels=(*LASTING.access_levels, replace(LASTING.access_levels[0], level_id="same")),
    group_assignments=(*LASTING.group_assignments, ending("same", EIGHTH)),
)


@pytest.mark.parametrize(
    ("before", "changed"),
    [
        (LASTING, {"group_assignments": (ending("all", EIGHTH),)}),
        (DOUBLED, {"group_assignments": (ending("all", NOW_MS + 1), ending("same", EIGHTH))}),
        (DAILY, {"holidays": (CalendarDay("2026-03-20", DayKind.HOLIDAY),)}),
        (LASTING, {"closures": (Closure("n-in", from_ms=EIGHTH, to_ms=EIGHTH + DAY_MS),)}),
        (LASTING, {"closures": (Closure("n-in", from_ms=EIGHTH), Closure("n-out", from_ms=LAST))}),
    ],
)
def test_what_is_taken_later_than_in_the_first_week_is_counted_then(before: SitePlan, changed: dict[str, Any]) -> None:
    assert loss(before, replace(before, **changed), 0).people == LossCount(PEOPLE, PEOPLE)


def test_what_is_given_later_or_taken_from_now_on_is_counted_in_no_further_week() -> None:
    given_later = replace(DOUBLED, group_assignments=LASTING.group_assignments)
    revoked = replace(LASTING, group_assignments=())
    off = replace(LASTING, holidays=(CalendarDay("2026-03-20", DayKind.HOLIDAY),))

    for before, after in ((given_later, DOUBLED), (LASTING, revoked), (LASTING, off)):
        assert taken_later(before, after, NOW_MS, WEEK_MS) == ()


SPANS = st.lists(st.tuples(st.sampled_from(["all", "same"]), HALVES, HALVES), max_size=3)


@settings(max_examples=40)
@given(SPANS, SPANS)
def test_every_time_at_which_a_group_begins_to_lack_a_right_lies_in_a_week_that_is_counted(
    had: list[tuple[str, int, int]], has: list[tuple[str, int, int]]
) -> None:
    before, after = (
        replace(DOUBLED, group_assignments=tuple(GroupAssignment(level, "staff", *span) for level, *span in given))
        for given in (had, has)
    )

    def passes(given: list[tuple[str, int, int]], at_ms: int) -> bool:
        return any(from_ms <= at_ms < to_ms for _, from_ms, to_ms in given)

    halves = [NOW_MS + half * DAY_MS // 2 for half in range(41)]
    lacks = [passes(had, at_ms) and not passes(has, at_ms) for at_ms in halves]
    begun = [at_ms for at_ms, now, then in zip(halves, lacks, [False, *lacks], strict=False) if now and not then]
    counted = (NOW_MS, *taken_later(before, after, NOW_MS, WEEK_MS))

    assert all(any(start <= at_ms < start + WEEK_MS for start in counted) for at_ms in begun)


def test_more_later_weeks_than_are_counted_are_told() -> None:
    days = tuple(CalendarDay(f"2026-{month:02d}-10", DayKind.HOLIDAY) for month in range(4, 9))

    with pytest.raises(TooManyInstantsError):
        weighings(DAILY, replace(DAILY, holidays=days), 0, NOW_MS)
    assert len(taken_later(DAILY, replace(DAILY, holidays=days[:4]), NOW_MS, WEEK_MS)) == 4


@pytest.mark.parametrize("below", [policy(4, NOW_MS - DAY_MS - 1, **SHUT), policy(2, NOW_MS - DAY_MS, **SHUT)])
def test_a_policy_put_beneath_the_one_in_force_is_held_against_it(below: dict[str, Any]) -> None:
    over = policy(3, NOW_MS - DAY_MS)

    found = loss(plan(IN_FORCE, over), plan(IN_FORCE, over, below), below["from_ms"])

    assert found.people == LossCount(PEOPLE, PEOPLE)


@pytest.mark.parametrize("rule", [{"opened_by": frozenset({"porter"})}, {"person_rule": PersonRule.TWO_PERSON}])
def test_who_passes_only_with_somebody_else_has_access_to_lose(rule: dict[str, Any]) -> None:
    gate, out = LASTING.access_points
    ruled = replace(LASTING, access_points=(replace(gate, **rule), out))

    assert loss(ruled, replace(ruled, group_assignments=()), 0).people == LossCount(PEOPLE, PEOPLE)
    assert loss(LASTING, ruled, 0).people == LossCount(PEOPLE, PEOPLE)
    assert loss(ruled, LASTING, 0).people.losing == 0


def car(number: int) -> tuple[str, bytes]:
    vehicle = Vehicle(VehicleClass.CAR, PermitState.ACTIVE, 0, FOREVER_MS, f"c:{number}", f"京A{number:05d}")
    plate = (Identifier(IdentifierType.PLATE, vehicle.plate),)
    credentials = (Credential(f"p{number}", plate, CredentialState.ACTIVE),)
    subject = Subject(f"v:{number}", 1, SubjectKind.VEHICLE, "staff", "s", credentials=credentials, vehicle=vehicle)
    return subject.subject_id, pack(subject)


CARS = joined([car(number) for number in range(PEOPLE)])
DRIVEN = {"vehicles": {"drivers": [{}]}}


def test_vehicles_that_pass_with_their_driver_alone_have_access_to_lose() -> None:
    gate, out = LASTING.access_points
    lane = replace(gate, access_point_class=AccessPointClass.MOTOR, second_within_ms=20_000)
    driven, shut = (
        replace(plan(one), access_points=(lane, out)) for one in (policy(1, **DRIVEN), policy(1, **DRIVEN, **SHUT))
    )

    assert loss(driven, shut, 0, CARS).vehicles == LossCount(PEOPLE, PEOPLE)


def test_an_interlock_and_another_company_are_named() -> None:
    gate, out = LASTING.access_points
    doors = (Door("d-in"), Door("d-out"))
    held = tuple(replace(one, interlock_id="lock") for one in doors)
    before = replace(
        LASTING,
        doors=doors,
        access_points=(
            replace(gate, door_id="d-in", opened_by=frozenset({"porter"}), person_rule=PersonRule.TWO_PERSON),
            replace(out, door_id="d-out"),
        ),
    )
    point, _ = before.access_points
    other = replace(point, opened_by=frozenset({"dean"}), person_rule=PersonRule.ESCORT)
    after = replace(before, doors=held, access_points=(other, before.access_points[1]))
    lane = replace(gate, access_point_class=AccessPointClass.MOTOR)
    checked = [
        replace(plan(policy(1, vehicles={"drivers": [{"stranger": one}]})), access_points=(lane, out))
        for one in ("MANUAL_REVIEW", "DENY")
    ]

    seen = unseen(before, after, NOW_MS, NOW_MS + WEEK_MS)

    assert seen == (("company", "n-in", "ESCORT"), ("first_person", "n-in", "dean"), ("interlock", "n-in", "lock"))
    assert unseen(after, before, NOW_MS, NOW_MS + WEEK_MS)[-1].rule == "first_person"
    assert [one.rule for one in unseen(*checked, NOW_MS, NOW_MS + WEEK_MS)] == ["drivers"]
