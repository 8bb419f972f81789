"""No policy hides what another one takes, whether it overrules it, ends or is taken out; and what no count sees."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.guarded_change import UNCOMPUTED, Bound, Loss, LossCount, Unseen
from menshen_access.domain.unseen import unseen
from menshen_access.domain.weighing import WEEK_MS, Weighing, weighings
from menshen_access.foresight_work import joined, what_is_lost_in_each
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.policy import Policy
from menshen_rulebook.records import pack
from menshen_rulebook.types import FOREVER_MS, Credential, CredentialState, Identifier, IdentifierType, Subject
from menshen_rulebook.vocabulary import AccessPointClass, SubjectKind

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


def loss(before: SitePlan, after: SitePlan, from_ms: int) -> Loss:
    weighed = [
        (plan_to_json(old), plan_to_json(new), start_ms, start_ms + WEEK_MS)
        for old, new, start_ms in weighings(before, after, from_ms, NOW_MS)
    ]
    return Bound().largest(what_is_lost_in_each([PAGE], weighed))


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
