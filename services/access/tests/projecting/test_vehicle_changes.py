"""A vehicle as the feed tells it, as a subject of decisions."""

import pytest
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_access.peers.subjects import vehicle_change
from menshen_rulebook.types import FOREVER_MS, PermitState

NOW = 1_000


def a_permit(from_ms: int, to_ms: int, state: int = pb.PERMIT_STATE_ACTIVE) -> pb.Permit:
    return pb.Permit(
        permit_id=f"p{from_ms}", state=pb.PermitState.Name(state), valid_from_ms=from_ms, valid_to_ms=to_ms
    )


def window(*permits: pb.Permit) -> tuple[PermitState, int, int]:
    change = pb.VehicleChange(subject_id="v:1", version=1, vehicle_class=pb.VEHICLE_CLASS_CAR, permits=permits)
    subject = vehicle_change(change, NOW).subject
    assert subject is not None
    assert subject.vehicle is not None
    vehicle = subject.vehicle
    return vehicle.permit_state, vehicle.permit_from_ms, vehicle.permit_to_ms


def test_a_renewal_without_a_gap_takes_over_at_its_instant() -> None:
    assert window(a_permit(2_000, 3_000), a_permit(500, 2_000)) == (PermitState.ACTIVE, 500, 3_000)


def test_a_chain_of_renewals_ends_with_its_last() -> None:
    chain = [a_permit(500, 2_000), a_permit(1_900, 2_500), a_permit(2_500, 0)]

    assert window(*chain) == (PermitState.ACTIVE, 500, FOREVER_MS)


def test_a_renewal_after_a_gap_does_not_lengthen_what_is_in_force() -> None:
    assert window(a_permit(500, 2_000), a_permit(2_001, 3_000)) == (PermitState.ACTIVE, 500, 2_000)


@pytest.mark.parametrize("state", [pb.PERMIT_STATE_SUSPENDED, pb.PERMIT_STATE_REVOKED])
def test_what_is_suspended_or_revoked_renews_nothing(state: int) -> None:
    assert window(a_permit(500, 2_000), a_permit(2_000, 3_000, state)) == (PermitState.ACTIVE, 500, 2_000)


def test_a_suspended_permit_alone_stays_suspended() -> None:
    assert window(a_permit(500, 2_000, pb.PERMIT_STATE_SUSPENDED))[0] is PermitState.SUSPENDED


def test_a_vehicle_without_permits_has_none() -> None:
    assert window()[0] is PermitState.UNSPECIFIED
