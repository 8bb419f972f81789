"""Foresight answers as `decide` does, and kin are answered alike."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from harness.rulebook_strategies import ANY_PLANS, LIVES, NOW_MS, POINTS, subjects
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from menshen_rulebook.foresight import Kinship, compare, forecast, may_pass, times_of, total
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.schedule import Interval, Schedule
from menshen_rulebook.types import (
    AccessPointClass,
    Credential,
    CredentialRequirement,
    CredentialState,
    DayKind,
    Direction,
    Identifier,
    IdentifierType,
    LevelAssignment,
    LiveState,
    Outcome,
    Subject,
    SubjectKind,
)

DAY_MS = 86_400_000
FROM_MS, TO_MS = NOW_MS - 3, NOW_MS + DAY_MS + 7
CALM = LiveState()
SUBJECTS = subjects("c:1")
INSTANTS = st.lists(st.integers(FROM_MS, TO_MS - 1) | st.integers(NOW_MS - 3, NOW_MS + 6), max_size=6)
brief = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

HALL = AccessPoint("hall", "outside", "campus", Direction.ENTRY, AccessPointClass.PEDESTRIAN)
WORKDAY = Schedule("day", (Interval(tuple(DayKind)[1:], 8 * 3_600_000, 18 * 3_600_000),))
PLAN = SitePlan(
    "north",
    1,
    areas=(Area("outside"), Area("campus")),
    access_points=(HALL,),
    schedules=(WORKDAY,),
    access_levels=(AccessLevel("l", (LevelEntry("hall"),)),),
    group_assignments=(GroupAssignment("l", "staff"),),
    policies=(Policy(1, 1, "north", 0),),
)


def person(number: int, category: str = "staff", **changes: Any) -> Subject:
    card = Credential(f"k{number}", (Identifier(IdentifierType.CARD, f"{number:08X}"),), CredentialState.ACTIVE)
    return replace(
        Subject(f"c:{number}", number, SubjectKind.CARDHOLDER, category, "north", credentials=(card,)), **changes
    )


def kinship(*known: Subject, plans: tuple[SitePlan, ...] = (PLAN,), days: int = 7) -> Kinship:
    found = Kinship(plans, CALM, NOW_MS, NOW_MS + days * DAY_MS)
    for one in known:
        found.add(one)
    return found


@brief
@given(SUBJECTS, st.sampled_from(POINTS), ANY_PLANS, LIVES, INSTANTS)
def test_the_times_are_what_is_answered_at_every_instant(
    subject: Subject, point: str, plan: SitePlan, live: LiveState, sampled: list[int]
) -> None:
    found = times_of(subject, point, plan, live, FROM_MS, TO_MS)

    edges = [at for one in found for at in (one.from_ms - 1, one.from_ms, one.from_ms + 1)]
    for at_ms in (*sampled, *(at for at in edges if FROM_MS <= at < TO_MS)):
        said = next(one.answer for one in found if one.from_ms <= at_ms < one.to_ms)
        assert said == may_pass(subject, point, plan, live, at_ms)
    assert (found[0].from_ms, found[-1].to_ms) == (FROM_MS, TO_MS)
    assert all(one.to_ms == other.from_ms and one.answer != other.answer for one, other in pairwise(found))


@st.composite
def _altered(draw: Any) -> tuple[Subject, Subject]:
    """A subject and another one that differs in a few parts, so that both cases of being kin are met."""
    one, other = draw(SUBJECTS), draw(SUBJECTS)
    parts = draw(
        st.sets(st.sampled_from(["facts", "visits", "levels", "list_entries", "groups", "vehicle"]), max_size=2)
    )
    changed = replace(one, version=99, home_site="?", **{name: getattr(other, name) for name in parts})
    if draw(st.booleans()):
        value = draw(st.sampled_from(["A", "B", "C"]))
        credentials = tuple(
            replace(
                held,
                credential_id=f"x{held.credential_id}",
                replaces=held.replaces and f"x{held.replaces}",
                identifiers=tuple(Identifier(i.type, value) for i in held.identifiers),
                valid_from_ms=held.valid_from_ms - draw(st.integers(0, 2)),
            )
            for held in one.credentials
        )
        changed = replace(changed, credentials=credentials)
    return one, changed


@settings(brief, max_examples=30)
@given(_altered(), st.sampled_from(POINTS), ANY_PLANS, LIVES)
def test_kin_are_answered_alike(pair: tuple[Subject, Subject], point: str, plan: SitePlan, live: LiveState) -> None:
    one, other = pair
    kin = Kinship((plan,), live, FROM_MS, TO_MS)
    assume(kin.mark(one) == kin.mark(other))

    assert times_of(one, point, plan, live, FROM_MS, TO_MS) == times_of(other, point, plan, live, FROM_MS, TO_MS)


@settings(brief, max_examples=12)
@given(SUBJECTS, st.lists(st.sampled_from(["staff", "student", "guard", "chess"]), max_size=3), ANY_PLANS, LIVES)
def test_what_is_asked_once_for_many_is_what_each_is_told(
    subject: Subject, groups: list[str], plan: SitePlan, live: LiveState
) -> None:
    found = Kinship((plan,), live, FROM_MS, TO_MS)
    found.add(subject)
    found.add(replace(subject, groups=tuple(groups)))
    found.add(replace(subject, levels=()))

    for kin in found:
        for point in POINTS:
            assert found.times(kin, point, plan) == times_of(kin.one, point, plan, live, FROM_MS, TO_MS)


@settings(brief, max_examples=12)
@given(SUBJECTS, ANY_PLANS, ANY_PLANS, LIVES, INSTANTS)
def test_a_comparison_names_exactly_the_instants_that_change(
    subject: Subject, before: SitePlan, after: SitePlan, live: LiveState, sampled: list[int]
) -> None:
    kin = Kinship((before, after), live, FROM_MS, TO_MS)
    kin.add(subject)

    changes = list(compare(kin, before, after, POINTS))

    for point in POINTS:
        for at_ms in (*sampled, FROM_MS, TO_MS - 1):
            old, new = (may_pass(subject, point, plan, live, at_ms) for plan in (before, after))
            here = [c for c in changes if c.access_point_id == point and c.from_ms <= at_ms < c.to_ms]
            assert any(c.is_gain for c in here) is (new.passes and not old.passes)
            assert any(c.is_loss for c in here) is (old.passes and not new.passes)
            assert len(here) <= 1


def test_a_thousand_alike_are_asked_once_and_counted_each() -> None:
    known = [person(number) for number in range(1000)] + [person(1000, "guest")]
    without = replace(PLAN, version=2, group_assignments=())
    found = kinship(*known, plans=(PLAN, without))

    changes = list(compare(found, PLAN, without, ["hall"]))

    assert len(found) == 2
    assert [(c.is_loss, c.from_ms, c.to_ms, len(c.kin.subject_ids)) for c in changes] == [
        (True, NOW_MS, NOW_MS + 7 * DAY_MS, 1000)
    ]
    assert (total(changes).losing, total(changes).lost, total(changes).gaining) == (1000, 1000, 0)


def test_what_ends_within_the_window_is_foreseen_and_what_the_hours_close_is_not() -> None:
    plan = replace(PLAN, access_levels=(AccessLevel("l", (LevelEntry("hall", "day"),)),))
    ends_ms = NOW_MS + 2 * DAY_MS
    guest = person(2, "guest", levels=(LevelAssignment("l", 0, ends_ms),))
    found = kinship(person(1), guest, plans=(plan,))

    losses = list(forecast(found, plan, ["hall"]))

    assert [(loss.kin.subject_ids, loss.from_ms, loss.code) for loss in losses] == [
        (["c:2"], ends_ms, "ACCESS_LEVEL_EXPIRED")
    ]


def test_whoever_holds_a_card_and_a_code_is_asked_with_both() -> None:
    plan = replace(
        PLAN, access_points=(replace(HALL, requires=CredentialRequirement.CARD_AND_CODE, second_within_ms=0),)
    )
    code = Credential("q", (Identifier(IdentifierType.QR, "Q"),), CredentialState.ACTIVE)
    holder = person(1)
    both = replace(holder, credentials=(*holder.credentials, code))

    assert may_pass(both, "hall", plan, CALM, NOW_MS) == (Outcome.GRANT, "")
    assert may_pass(holder, "hall", plan, CALM, NOW_MS) == (Outcome.DENY, "CODE_MISSING")
    assert may_pass(person(3, credentials=()), "hall", plan, CALM, NOW_MS) == (Outcome.DENY, "CREDENTIAL_MISSING")
