"""Intervals to the millisecond, on a plan where nothing else stands in the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_rulebook.clauses import Closure, FactTest, Leave, ListEffects, Requirement, Rulings
from menshen_rulebook.decide import decide, time_boundaries
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import (
    AccessPointClass,
    AntiPassbackMode,
    Credential,
    CredentialState,
    Decision,
    Direction,
    Fact,
    Identifier,
    IdentifierType,
    LeaveMode,
    LevelAssignment,
    ListEntry,
    ListKind,
    LiveState,
    Outcome,
    PermitState,
    Presence,
    Presentation,
    Reservation,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)

NOW_MS = 1_772_409_600_000
OFFSETS = st.integers(-2, 2)
CARD = Identifier(IdentifierType.CARD, "04A1B2C3D4")
GATE = AccessPoint("p", "outside", "campus", Direction.ENTRY, AccessPointClass.PEDESTRIAN)
PLAN = SitePlan(
    "north",
    1,
    areas=(Area("outside"), Area("campus")),
    access_points=(GATE,),
    access_levels=(AccessLevel("l", (LevelEntry("p"),)),),
    group_assignments=(GroupAssignment("l", "staff"),),
    policies=(Policy(1, 1, "north", 0),),
)
STAFF = Subject(
    "c:1",
    1,
    SubjectKind.CARDHOLDER,
    "staff",
    "north",
    credentials=(Credential("k", (CARD,), CredentialState.ACTIVE),),
)
CALM = LiveState()


@dataclass(frozen=True)
class World:
    """What stands at the gate."""

    subject: Subject = STAFF
    plan: SitePlan = PLAN
    live: LiveState = CALM

    def decide(self, now_ms: int) -> Decision:
        """The answer at an instant."""
        presentation = Presentation("e", "north", "p", "a", now_ms, (CARD,))
        return decide(presentation, (self.subject,), "p", self.plan, self.live, now_ms)


Built = Callable[[int, int], World]


def _policy(**changes: object) -> SitePlan:
    return replace(PLAN, policies=(replace(PLAN.policies[0], **changes),))  # type: ignore[arg-type]


def _credential(from_ms: int, to_ms: int) -> World:
    return World(
        replace(STAFF, credentials=(Credential("k", (CARD,), CredentialState.ACTIVE, from_ms, to_ms),)),
    )


def _level(from_ms: int, to_ms: int) -> World:
    return World(replace(STAFF, category="guest", levels=(LevelAssignment("l", from_ms, to_ms),)))


def _group(from_ms: int, to_ms: int) -> World:
    return World(plan=replace(PLAN, group_assignments=(GroupAssignment("l", "staff", from_ms, to_ms),)))


def _visit(from_ms: int, to_ms: int) -> World:
    return World(replace(STAFF, category="visitor", visits=(Visit("v", "north", from_ms, to_ms, VisitState.READY),)))


def _white(from_ms: int, to_ms: int) -> World:
    return World(
        replace(STAFF, category="guest", list_entries=(ListEntry(ListKind.WHITE, from_ms=from_ms, to_ms=to_ms),))
    )


def _fact(from_ms: int, to_ms: int) -> World:
    plan = _policy(requirements=(Requirement("r", FactTest("training")),))
    return World(replace(STAFF, facts=(Fact("training", "passed", "", from_ms, to_ms),)), plan)


def _policy_span(from_ms: int, to_ms: int) -> World:
    return World(plan=_policy(from_ms=from_ms, to_ms=to_ms))


def _permit(from_ms: int, to_ms: int) -> World:
    vehicle = Vehicle(VehicleClass.BICYCLE, PermitState.ACTIVE, from_ms, to_ms)
    lane = replace(GATE, access_point_class=AccessPointClass.NON_MOTOR)
    return World(replace(STAFF, kind=SubjectKind.VEHICLE, vehicle=vehicle), replace(PLAN, access_points=(lane,)))


def _black(from_ms: int, to_ms: int) -> World:
    return World(replace(STAFF, list_entries=(ListEntry(ListKind.BLACK, from_ms=from_ms, to_ms=to_ms),)))


def _closure(from_ms: int, to_ms: int) -> World:
    return World(plan=replace(PLAN, closures=(Closure("p", from_ms, to_ms),)))


def _ban(from_ms: int, to_ms: int) -> World:
    rulings = Rulings(present=Outcome.DENY, absent=Outcome.GRANT)
    plan = _policy(requirements=(Requirement("r", FactTest("ban"), rulings=rulings),))
    return World(replace(STAFF, facts=(Fact("ban", 1, "", from_ms, to_ms),)), plan)


OPENING: list[Built] = [_credential, _level, _group, _visit, _white, _fact, _policy_span, _permit]
BARRING: list[Built] = [_black, _closure, _ban]
brief = settings(max_examples=40, deadline=None, derandomize=True)


@pytest.mark.parametrize("build", OPENING)
@brief
@given(OFFSETS, OFFSETS)
def test_what_opens_does_so_from_its_first_millisecond_to_before_its_end(build: Built, start: int, end: int) -> None:
    from_ms, to_ms = NOW_MS + start, NOW_MS + end

    opens = build(from_ms, to_ms).decide(NOW_MS).outcome is Outcome.GRANT

    assert opens is (from_ms <= NOW_MS < to_ms)


@pytest.mark.parametrize("build", BARRING)
@brief
@given(OFFSETS, OFFSETS)
def test_what_bars_does_so_from_its_first_millisecond_to_before_its_end(build: Built, start: int, end: int) -> None:
    from_ms, to_ms = NOW_MS + start, NOW_MS + end

    bars = build(from_ms, to_ms).decide(NOW_MS).outcome is Outcome.DENY

    assert bars is (from_ms <= NOW_MS < to_ms)


@pytest.mark.parametrize("build", [*OPENING, *BARRING])
def test_both_ends_of_an_interval_are_boundaries(build: Built) -> None:
    world = build(NOW_MS, NOW_MS + 1000)

    found = time_boundaries(world.subject, "p", world.plan, world.live, NOW_MS - 5000, NOW_MS + 5000)

    assert {NOW_MS, NOW_MS + 1000} <= set(found)


@brief
@given(OFFSETS)
def test_the_age_of_a_fact_is_inclusive_and_its_end_is_a_boundary(late: int) -> None:
    plan = _policy(requirements=(Requirement("r", FactTest("test", max_age_ms=1000)),))
    subject = replace(STAFF, facts=(Fact("test", "negative", reported_at_ms=NOW_MS - 1000 - late),))
    world = World(subject, plan)

    opens = world.decide(NOW_MS).outcome is Outcome.GRANT

    assert opens is (late <= 0)
    found = time_boundaries(subject, "p", plan, world.live, NOW_MS - 5000, NOW_MS + 5000)
    assert NOW_MS - late + 1 in found


@brief
@given(OFFSETS)
def test_a_timed_violation_ends_with_its_timeout(since: int) -> None:
    area = Area("campus", anti_passback=AntiPassbackMode.TIMED, timeout_ms=1000)
    plan = replace(PLAN, areas=(Area("outside"), area))
    live = LiveState(presences=(Presence("c:1", "campus", NOW_MS - 1000 + since, "e", 1),))

    opens = World(plan=plan, live=live).decide(NOW_MS).outcome is Outcome.GRANT

    assert opens is (since <= 0)
    assert NOW_MS + since in time_boundaries(STAFF, "p", plan, live, NOW_MS - 5000, NOW_MS + 5000)


@brief
@given(OFFSETS)
def test_a_reservation_counts_until_it_expires(left: int) -> None:
    area = Area("campus", anti_passback=AntiPassbackMode.HARD)
    plan = replace(PLAN, areas=(Area("outside"), area))
    live = LiveState(reservations=(Reservation("c:1", "campus", "other", NOW_MS + left, ("campus",)),))

    opens = World(plan=plan, live=live).decide(NOW_MS).outcome is Outcome.GRANT

    assert opens is (left <= 0)
    assert NOW_MS + left in time_boundaries(STAFF, "p", plan, live, NOW_MS - 5000, NOW_MS + 5000)


@pytest.mark.parametrize("black", list(Outcome))
def test_no_policy_turns_a_black_entry_into_a_grant(black: Outcome) -> None:
    entries = (ListEntry(ListKind.WHITE), ListEntry(ListKind.BLACK, reason_code="trespass"))
    world = World(replace(STAFF, list_entries=entries), _policy(lists=ListEffects(black=black)))

    outcome = world.decide(NOW_MS).outcome

    assert outcome is max(black, Outcome.MANUAL_REVIEW)


@pytest.mark.parametrize("states", list(permutations(["none", "approved", "overdue", "closed"])))
def test_of_several_leaves_reported_at_once_the_order_does_not_matter(states: tuple[str, ...]) -> None:
    plan = _policy(leave=Leave(LeaveMode.NORMAL, frozenset({"staff"})))
    world = World(replace(STAFF, facts=tuple(Fact("leave.state", state) for state in states)), plan)

    reasons = [reason.code for reason in world.decide(NOW_MS).reasons]

    assert reasons == ["LEAVE_OVERDUE"]


@pytest.mark.parametrize("state", [state for state in CredentialState if state is not CredentialState.ACTIVE])
def test_only_an_active_credential_opens(state: CredentialState) -> None:
    world = World(replace(STAFF, credentials=(Credential("k", (CARD,), state),)))

    assert world.decide(NOW_MS).outcome is Outcome.DENY
