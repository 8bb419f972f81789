"""Vehicles: permits and bans over time, plates, who waits for whom, and what an exit never does."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_rulebook import permits, plates
from menshen_rulebook.clauses import DriverCheck, FactTest, Parking, Requirement, Rulings, Vehicles
from menshen_rulebook.decide import decide, time_boundaries
from menshen_rulebook.decision import Decision
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.reasons import render
from menshen_rulebook.types import (
    FOREVER_MS,
    AccessPointClass,
    Audience,
    Credential,
    CredentialState,
    Direction,
    Identifier,
    IdentifierType,
    Language,
    LiveState,
    Outcome,
    Permit,
    PermitState,
    Presentation,
    Subject,
    SubjectKind,
    Suspension,
    Vehicle,
    VehicleClass,
)

NOW_MS = 1_772_409_600_000
TAG, CARD = Identifier(IdentifierType.EPC, "E280"), Identifier(IdentifierType.CARD, "04A1")
CAR = Subject(
    "v:1",
    1,
    SubjectKind.VEHICLE,
    "staff",
    "north",
    credentials=(Credential("t", (TAG,), CredentialState.ACTIVE),),
    vehicle=Vehicle(VehicleClass.CAR, PermitState.ACTIVE, owner_id="c:1", plate="云Z00001"),
)
OWNER = Subject(
    "c:1", 1, SubjectKind.CARDHOLDER, "staff", "north", credentials=(Credential("k", (CARD,), CredentialState.ACTIVE),)
)
IN = AccessPoint("in", "outside", "campus", Direction.ENTRY, AccessPointClass.MOTOR)
OUT = AccessPoint("out", "campus", "outside", Direction.EXIT, AccessPointClass.MOTOR)
PLAN = SitePlan(
    "north",
    1,
    areas=(Area("outside"), Area("campus")),
    access_points=(IN, OUT),
    access_levels=(AccessLevel("l", (LevelEntry("in"),)),),
    group_assignments=(GroupAssignment("l", "staff"),),
    policies=(Policy(1, 1, "north", 0),),
)
_DEFAULT = Vehicles()
STRICT = Vehicles(drivers=(DriverCheck(),))
OFFSETS = st.integers(-3, 3)
brief = settings(max_examples=60, deadline=None, derandomize=True)


def under(vehicles: Vehicles = _DEFAULT, **changes: object) -> SitePlan:
    """The plan under a policy."""
    policy = replace(PLAN.policies[0], vehicles=vehicles, **changes)  # type: ignore[arg-type]
    return replace(PLAN, policies=(policy,))


def asked(plan: SitePlan, *subjects: Subject, at: str = "in", plate: str = "", now_ms: int = NOW_MS) -> Decision:
    """The decision about everything the subjects hold, and a plate seen."""
    shown = tuple(i for subject in subjects for credential in subject.credentials for i in credential.identifiers)
    measured = (("plate", plate),) if plate else ()
    presentation = Presentation(
        "01957b2e-0000-7000-8000-000000000001", "north", at, "a", now_ms, shown, measured=measured
    )
    return decide(presentation, subjects, at, plan, LiveState(), now_ms)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def with_vehicle(**changes: object) -> Subject:
    assert CAR.vehicle is not None
    return replace(CAR, vehicle=replace(CAR.vehicle, **changes))  # type: ignore[arg-type]


@brief
@given(OFFSETS, OFFSETS)
def test_a_suspension_bars_from_its_first_millisecond_to_before_its_end(start: int, end: int) -> None:
    ban = Suspension(NOW_MS + start, NOW_MS + end, "speeding")

    barred = codes(asked(PLAN, with_vehicle(suspensions=(ban,)))) == ["VEHICLE_SUSPENDED"]

    assert barred is (start <= 0 < end)


@brief
@given(OFFSETS, OFFSETS)
def test_a_ban_with_a_test_lasts_beyond_its_end_whatever_runs_beside_it(start: int, end: int) -> None:
    bans = (Suspension(NOW_MS + start, NOW_MS + end, "speeding", until_test=True), Suspension(0, 1, "parking"))

    found = codes(asked(PLAN, with_vehicle(suspensions=bans)))

    assert found == ([] if start > 0 or start >= end else ["VEHICLE_SUSPENDED" if end > 0 else "VEHICLE_AWAITS_TEST"])


@brief
@given(st.permutations([(0, -2), (-2, 0), (0, 3), (5, 9)]), OFFSETS)
def test_of_several_permits_one_in_force_is_enough_in_whatever_order(spans: list[tuple[int, int]], later: int) -> None:
    renewals = tuple(Permit(PermitState.ACTIVE, NOW_MS + start, NOW_MS + end) for start, end in spans)
    car = with_vehicle(permit_state=PermitState.UNSPECIFIED, renewals=renewals)

    opens = asked(PLAN, car, now_ms=NOW_MS + later).outcome is Outcome.GRANT

    assert opens is any(start <= later < end for start, end in spans)


def test_every_begin_and_end_is_a_boundary_and_of_the_fact_permit_state_too() -> None:
    instants = [NOW_MS + 10 * number for number in range(1, 5)]
    renewal, ban = Permit(PermitState.ACTIVE, *instants[:2]), Suspension(*instants[2:])
    car = with_vehicle(renewals=(renewal,), suspensions=(ban,))
    test = FactTest("permit.state", ("ACTIVE",))
    plan = under(requirements=(Requirement("p", test, rulings=Rulings(rejected=Outcome.MANUAL_REVIEW)),))

    found = time_boundaries(car, "out", plan, LiveState(), NOW_MS, NOW_MS + 100)

    assert set(instants) <= set(found)
    assert codes(asked(plan, car, at="out", now_ms=instants[2])) == ["FACT_REJECTED"]
    assert codes(asked(plan, car, at="out", now_ms=instants[3])) == []


def test_the_ban_that_ends_last_and_its_end_are_told_to_the_guard_alone() -> None:
    bans = (Suspension(0, NOW_MS + 86_400_000, "parking"), Suspension(0, NOW_MS + 60_000, "speeding"))

    [reason] = asked(PLAN, with_vehicle(suspensions=bans)).reasons

    said = render(reason, Language.EN, Audience.GUARD)
    assert said == "The vehicle may not enter until 2026-03-03 08:00, reason parking."
    assert render(reason, Language.EN, Audience.HOLDER) == "This vehicle may not enter for a time."


def test_a_ban_without_an_end_names_none() -> None:
    [reason] = asked(PLAN, with_vehicle(suspensions=(Suspension(0, FOREVER_MS, "theft"),))).reasons

    assert render(reason, Language.ZH, Audience.GUARD) == "车辆暂停入校至 —，原因 theft。"


@pytest.mark.parametrize("state", [state for state in PermitState if state is not PermitState.ACTIVE])
def test_no_other_state_than_active_admits(state: PermitState) -> None:
    vehicle = Vehicle(VehicleClass.CAR, state, renewals=(Permit(state),))

    assert not permits.standing(vehicle, NOW_MS).admits
    assert asked(PLAN, replace(CAR, vehicle=vehicle)).outcome is Outcome.DENY


@pytest.mark.parametrize("text", ["云z·00001", "云Z-00001", "云Ｚ０0001", " 云ZOOOOI ", "云Z 0000I"])
def test_a_plate_written_otherwise_is_the_same_plate(text: str) -> None:
    assert plates.compared(text) == plates.compared("云Z00001")
    assert codes(asked(PLAN, CAR, plate=text)) == []


@brief
@given(st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=5, max_size=6))
def test_serials_without_i_and_o_stay_apart(serial: str) -> None:
    assert plates.compared(f"云Z{serial}") == f"云Z{serial}"


def test_plates_that_differ_are_told_to_the_guard_and_to_nobody_else() -> None:
    decision = asked(PLAN, CAR, plate="云Z99999")
    [reason] = decision.reasons
    said = {audience: render(reason, Language.ZH, audience) for audience in Audience if audience}

    assert decision.outcome is Outcome.MANUAL_REVIEW
    assert said[Audience.GUARD] == "车牌不符：登记 云Z00001，识别 云Z99999。"
    assert not any("云Z" in said[audience] for audience in (Audience.HOLDER, Audience.RECORD))


@pytest.mark.parametrize("plate", ["云Z99999", "无牌"])
@pytest.mark.parametrize("mismatch", list(Outcome))
@pytest.mark.parametrize("driver", list(Outcome))
def test_a_vehicle_that_leaves_is_reviewed_at_worst(plate: str, mismatch: Outcome, driver: Outcome) -> None:
    plan = under(Vehicles(plate_mismatch=mismatch, drivers=(DriverCheck(stranger=driver, missing=driver),)))
    stranger = replace(OWNER, subject_id="c:2")

    for party in ((CAR,), (CAR, stranger), (CAR, OWNER)):
        assert asked(plan, *party, at="out", plate=plate).outcome is not Outcome.DENY


def test_an_unplated_vehicle_is_seen_by_the_guard_at_lanes_for_vehicles_alone() -> None:
    walk = replace(IN, access_point_class=AccessPointClass.PEDESTRIAN)
    on_foot = replace(PLAN, access_points=(walk, OUT))

    assert codes(asked(PLAN, plate="无牌车")) == ["VEHICLE_UNPLATED"]
    assert asked(PLAN, plate="无牌车").outcome is Outcome.MANUAL_REVIEW
    assert asked(under(Vehicles(unplated=Outcome.DENY)), plate="无牌").outcome is Outcome.DENY
    assert codes(asked(PLAN, plate="云Z99999")) == ["CREDENTIAL_MISSING"]
    assert codes(asked(on_foot, plate="无牌")) == ["CREDENTIAL_MISSING"]


@pytest.mark.parametrize("first", [CAR, OWNER], ids=["tag", "card"])
def test_whichever_comes_first_waits_and_both_together_enter(first: Subject) -> None:
    plan = under(STRICT)

    waiting, both = asked(plan, first), asked(plan, CAR, OWNER)

    assert waiting.awaits_second_until_ms == NOW_MS + IN.second_within_ms
    assert both.outcome is Outcome.GRANT


def test_nobody_waits_where_something_else_is_missing() -> None:
    plan = under(STRICT)
    stranger = replace(OWNER, category="guest")

    expired, without_level = asked(plan, with_vehicle(permit_to_ms=1)), asked(plan, stranger)

    assert (codes(expired), expired.awaits_second_until_ms) == (["PERMIT_EXPIRED", "DRIVER_AWAITED"], 0)
    assert (codes(without_level), without_level.awaits_second_until_ms) == (["NO_ACCESS_LEVEL", "VEHICLE_AWAITED"], 0)


def test_without_a_time_to_wait_a_missing_card_goes_to_the_guard() -> None:
    plan = replace(under(STRICT), access_points=(replace(IN, second_within_ms=0), OUT))

    assert codes(asked(plan, CAR)) == ["DRIVER_MISSING"]
    assert codes(asked(plan, OWNER)) == ["CLASS_NOT_ALLOWED"]


def test_a_policys_parking_stands_in_place_of_the_plans_of_the_same_id() -> None:
    own = Parking("p", "campus", 9)
    plan = replace(under(parking=(Parking("p", "campus", 0),)), parking=(own,))

    assert codes(asked(replace(PLAN, parking=(own,)), CAR)) == []
    assert codes(asked(plan, CAR)) == ["PARKING_FULL"]


def test_a_vehicle_that_moves_within_an_area_needs_no_new_place_there() -> None:
    inner = replace(IN, access_point_id="inner", from_area_id="campus", to_area_id="yard")
    areas = (Area("outside"), Area("campus"), Area("yard", "campus"))
    plan = replace(PLAN, areas=areas, access_points=(inner, IN, OUT), parking=(Parking("p", "campus", 0),))

    assert codes(asked(plan, CAR, at="inner")) == []
    assert codes(asked(plan, CAR)) == ["PARKING_FULL"]
