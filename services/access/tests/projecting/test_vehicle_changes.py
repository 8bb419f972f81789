"""A vehicle as the feed tells it, as a subject of decisions."""

from typing import Any

import pytest
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_access.peers.subjects import vehicle_change
from menshen_rulebook.permits import standing
from menshen_rulebook.records import pack, unpack
from menshen_rulebook.types import (
    FOREVER_MS,
    Fact,
    Identifier,
    IdentifierType,
    PermitState,
    Subject,
    Suspension,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)

ACTIVE, SUSPENDED, REVOKED = PermitState.ACTIVE, PermitState.SUSPENDED, PermitState.REVOKED


def a_permit(from_ms: int, to_ms: int, state: int = pb.PERMIT_STATE_ACTIVE) -> pb.Permit:
    return pb.Permit(
        permit_id=f"p{from_ms}", state=pb.PermitState.Name(state), valid_from_ms=from_ms, valid_to_ms=to_ms
    )


def told(**changes: Any) -> Subject:
    """The subject a car becomes, and that its record gives back."""
    given = {"subject_id": "v:1", "version": 1, "vehicle_class": pb.VEHICLE_CLASS_CAR, **changes}
    subject = vehicle_change(pb.VehicleChange(**given)).subject
    assert subject is not None
    kept = unpack(pack(subject))
    assert pack(kept) == pack(subject)
    return kept


def words(instants: list[int], **changes: Any) -> list[str]:
    """The permit's state at these instants."""
    vehicle = told(**changes).vehicle
    assert vehicle is not None
    return [standing(vehicle, at_ms).word for at_ms in instants]


def test_a_renewal_without_a_gap_takes_over_at_its_instant() -> None:
    permits = [a_permit(2_000, 3_000), a_permit(500, 2_000)]

    assert words([499, 500, 1_999, 2_000, 2_999, 3_000], permits=permits) == [
        "PENDING", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "EXPIRED",
    ]  # fmt: skip


def test_a_renewal_after_a_gap_begins_at_its_instant_without_a_change_of_the_vehicle() -> None:
    permits = [a_permit(500, 2_000), a_permit(2_500, 0)]

    assert words([1_999, 2_000, 2_499, 2_500, 9_999], permits=permits) == [
        "ACTIVE", "PENDING", "PENDING", "ACTIVE", "ACTIVE",
    ]  # fmt: skip


@pytest.mark.parametrize("state", [pb.PERMIT_STATE_SUSPENDED, pb.PERMIT_STATE_REVOKED])
def test_what_is_suspended_or_revoked_renews_nothing(state: int) -> None:
    assert "ACTIVE" not in words([2_000, 2_500], permits=[a_permit(500, 2_000), a_permit(2_000, 3_000, state)])


def test_a_suspended_permit_alone_stays_suspended() -> None:
    assert words([600], permits=[a_permit(500, 2_000, pb.PERMIT_STATE_SUSPENDED)]) == ["SUSPENDED"]


def test_a_vehicle_without_permits_has_none() -> None:
    assert told().vehicle == Vehicle(VehicleClass.CAR)


def test_of_very_many_permits_those_that_end_last_are_carried() -> None:
    vehicle = told(permits=[a_permit(number * 10 + 1, number * 10 + 11) for number in range(40)]).vehicle

    assert vehicle is not None
    assert (vehicle.permit_to_ms, len(vehicle.renewals)) == (401, 15)


def test_suspensions_begin_and_end_at_their_instants_and_a_test_is_waited_for() -> None:
    suspensions = [
        pb.Suspension(from_ms=1_000, to_ms=2_000, reason_code="parking"),
        pb.Suspension(from_ms=3_000, to_ms=4_000, reason_code="speeding", until_test=True),
    ]
    permits = [a_permit(1, 0)]

    assert told(suspensions=suspensions).vehicle == Vehicle(
        VehicleClass.CAR,
        suspensions=(Suspension(1_000, 2_000, "parking"), Suspension(3_000, 4_000, "speeding", until_test=True)),
    )
    assert words([999, 1_000, 1_999, 2_000, 3_000, 4_000], permits=permits, suspensions=suspensions) == [
        "ACTIVE", "SUSPENDED", "SUSPENDED", "ACTIVE", "SUSPENDED", "AWAITING_TEST",
    ]  # fmt: skip


def test_an_announced_car_is_known_by_plate_and_code_and_brings_its_visit_and_ticket() -> None:
    visit = pb.VehicleVisit(
        visit_id="w", site="east", from_ms=1, to_ms=9, access_points=["m-in"], code="7D1E",
        state=pb.VEHICLE_VISIT_STATE_READY, host_id="c:9", single_entry=True,
    )  # fmt: skip
    fact = pb.VehicleFact(type="official_ticket", value="valid", source="vehicles", valid_from_ms=1, valid_to_ms=9)

    car = told(plate="云ZO0001", visits=[visit], facts=[fact], driver_ids=["c:8"], owner_category="visitor")

    known = {identifier for credential in car.credentials for identifier in credential.identifiers}
    assert known == {Identifier(IdentifierType.PLATE, "云Z00001"), Identifier(IdentifierType.QR, "7D1E")}
    assert car.visits == (Visit("w", "east", 1, 9, VisitState.READY, ("m-in",), single_entry=True, host_id="c:9"),)
    assert car.facts == (Fact("official_ticket", "valid", "vehicles", 1, 9),)
    assert car.vehicle == Vehicle(VehicleClass.CAR, plate="云ZO0001", driver_ids=("c:8",))


def test_a_visit_in_a_state_of_a_newer_service_admits_nobody() -> None:
    [visit] = told(visits=[pb.VehicleVisit(visit_id="w", site="east", from_ms=1, to_ms=9)]).visits

    assert (visit.state, visit.to_ms < FOREVER_MS) == (VisitState.UNSPECIFIED, True)
