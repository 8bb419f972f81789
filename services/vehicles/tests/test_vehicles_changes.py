"""Changes of vehicles, permits and tags over gRPC: what is stored, what is refused, and how precisely."""

from typing import Any

import grpc
import pytest
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_servicekit.status import DomainError, Trouble, domain_error_of


async def refusal(call: Any) -> DomainError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return domain_error_of(raised.value)


async def permit_state(clients: Any, permit: pb.Permit, state: Any, reason: str = "illegal parking") -> pb.Permit:
    request = pb.ChangePermitStateRequest(site="north", permit_id=permit.permit_id, state=state, reason=reason)
    return (await clients.stub().ChangePermitState(request, timeout=10)).permit


async def release(clients: Any, binding: pb.TagBinding, reason: str = "vehicle sold") -> pb.TagBinding:
    request = pb.ReleaseTagRequest(site="north", binding_id=binding.binding_id, reason=reason)
    return (await clients.stub().ReleaseTag(request, timeout=10)).binding


async def lost(clients: Any, epc: str, reason: str = "reported by phone") -> pb.TagBinding:
    request = pb.ReportTagLostRequest(site="north", epc=epc, reason=reason)
    return (await clients.stub().ReportTagLost(request, timeout=10)).binding


async def test_a_vehicle_gets_an_id_a_version_and_its_plate_in_one_form(clients: Any) -> None:
    stored = await clients.vehicle(
        vehicle_class=pb.VEHICLE_CLASS_CAR, plate="陕a·12345", sites=["east"], owner_category="staff"
    )
    change = (await clients.snapshot("east"))[stored.vehicle_id]
    assert stored.vehicle_id.startswith("v:")
    assert (stored.plate, stored.version, list(stored.sites)) == ("陕A12345", 1, ["east", "north"])
    assert (change.plate, change.home_site, change.owner_category) == ("陕A12345", "north", "staff")


async def test_every_wrong_field_is_named_in_both_languages(clients: Any) -> None:
    error = await refusal(clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="A12345", sites=["moon"]))
    assert error.trouble is Trouble.INVALID
    assert {field.path for field in error.fields} == {"vehicle.plate", "vehicle.sites"}
    assert all(field.message_zh and field.message_en for field in error.fields)


async def test_a_change_of_an_old_version_is_refused_and_says_which_is_current(clients: Any) -> None:
    vehicle = await clients.vehicle()
    request = pb.PutVehicleRequest(site="north", vehicle=vehicle)
    request.vehicle.owner_category = "student"
    changed = (await clients.stub().PutVehicle(request)).vehicle
    error = await refusal(clients.stub().PutVehicle(request))
    assert changed.version == 2
    assert (error.trouble, error.code) == (Trouble.CONFLICT, "VERSION_CONFLICT")


async def test_the_same_vehicle_again_changes_nothing(clients: Any) -> None:
    vehicle = await clients.vehicle()
    again = (await clients.stub().PutVehicle(pb.PutVehicleRequest(site="north", vehicle=vehicle))).vehicle
    assert again == vehicle


async def test_a_plate_and_a_reference_belong_to_one_vehicle(clients: Any) -> None:
    await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="陕B11111", external_ref="ref-1")
    plate = await refusal(clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="陕B-11111"))
    reference = await refusal(clients.vehicle(external_ref="ref-1"))
    assert [field.path for field in plate.fields] == ["vehicle.plate"]
    assert [field.path for field in reference.fields] == ["vehicle.external_ref"]
    assert plate.trouble is reference.trouble is Trouble.EXISTS


async def test_a_vehicle_unknown_or_at_home_elsewhere_is_not_changed(clients: Any) -> None:
    vehicle = await clients.vehicle(site="east")
    stranger = pb.Vehicle(
        vehicle_id="v:00000000-0000-7000-8000-000000000000", vehicle_class=pb.VEHICLE_CLASS_CAR, version=3
    )
    for found in (vehicle, stranger):
        error = await refusal(clients.stub().PutVehicle(pb.PutVehicleRequest(site="north", vehicle=found)))
        assert error.trouble is Trouble.NOT_FOUND


async def test_a_permit_is_suspended_restored_and_revoked_for_good(clients: Any) -> None:
    permit = await clients.permit(await clients.vehicle(), valid_from_ms=5)
    suspended = await permit_state(clients, permit, pb.PERMIT_STATE_SUSPENDED)
    restored = await permit_state(clients, permit, pb.PERMIT_STATE_ACTIVE)
    revoked = await permit_state(clients, permit, pb.PERMIT_STATE_REVOKED)
    error = await refusal(permit_state(clients, permit, pb.PERMIT_STATE_ACTIVE))
    states = [found.state for found in (permit, suspended, restored, revoked)]
    assert states == [
        pb.PERMIT_STATE_ACTIVE,
        pb.PERMIT_STATE_SUSPENDED,
        pb.PERMIT_STATE_ACTIVE,
        pb.PERMIT_STATE_REVOKED,
    ]
    assert (error.trouble, error.code) == (Trouble.CONFLICT, "STATE_CONFLICT")


async def test_a_suspended_permit_is_on_the_revocation_lane_and_a_restored_one_is_not_moved_there(
    clients: Any,
) -> None:
    vehicle = await clients.vehicle()
    permit = await clients.permit(vehicle)
    before = await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS)
    await permit_state(clients, permit, pb.PERMIT_STATE_SUSPENDED)
    after = await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS)
    assert vehicle.vehicle_id not in before
    assert after[vehicle.vehicle_id].permits[0].state == pb.PERMIT_STATE_SUSPENDED


async def test_a_tag_is_bound_once_and_rebound_only_after_release_with_its_history_kept(clients: Any) -> None:
    first, second = await clients.vehicle(), await clients.vehicle()
    binding = await clients.bind(first, "e280 1160 6000 0001", "E28011602000")
    twice = await refusal(clients.bind(second, "E280116060000001"))
    released = await release(clients, binding)
    again = await clients.bind(second, "E280116060000001")
    replacement = await clients.bind(first, "E280116060000002")
    history = (await clients.stub().GetVehicle(pb.GetVehicleRequest(site="north", vehicle_id=first.vehicle_id))).tags
    changes = await clients.snapshot()
    assert twice.trouble is Trouble.EXISTS
    assert "E280116060000001" not in str(twice)
    assert released.ended_at_ms >= released.bound_at_ms
    assert [(tag.binding_id, tag.state) for tag in history] == [
        (binding.binding_id, pb.TAG_STATE_RELEASED),
        (replacement.binding_id, pb.TAG_STATE_ACTIVE),
    ]
    assert [tag.binding_id for tag in changes[first.vehicle_id].tags] == [replacement.binding_id]
    assert [tag.binding_id for tag in changes[second.vehicle_id].tags] == [again.binding_id]
    assert binding.bound_by == "spiffe://menshen/operator/control-room"


async def test_a_lost_tag_is_refused_at_once_and_stays_bound_until_released(clients: Any) -> None:
    vehicle = await clients.vehicle()
    await clients.bind(vehicle, "E280116060000003")
    reported = await lost(clients, "e280-1160-6000-0003")
    again = await lost(clients, "E280116060000003")
    rebound = await refusal(clients.bind(vehicle, "E280116060000003"))
    urgent = (await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS))[vehicle.vehicle_id]
    assert reported == again
    assert [tag.state for tag in urgent.tags] == [pb.TAG_STATE_LOST]
    assert rebound.trouble is Trouble.EXISTS
    assert (await release(clients, reported)).state == pb.TAG_STATE_RELEASED
    assert (await refusal(release(clients, reported))).code == "ALREADY_OVER"


async def test_a_tag_that_is_not_bound_cannot_be_lost(clients: Any) -> None:
    assert (await refusal(lost(clients, "E28011606000FFFF"))).trouble is Trouble.NOT_FOUND


async def test_a_vehicle_is_found_by_plate_and_by_a_tag_it_bears_or_bore(clients: Any) -> None:
    vehicle = await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="陕C22222")
    binding = await clients.bind(vehicle, "E280116060000004")
    by_plate = await clients.stub().GetVehicle(pb.GetVehicleRequest(site="north", plate="陕c 22222"))
    await release(clients, binding)
    by_tag = await clients.stub().GetVehicle(pb.GetVehicleRequest(site="north", epc="e280116060000004"))
    elsewhere = await refusal(clients.stub().GetVehicle(pb.GetVehicleRequest(site="lake", plate="陕C22222")))
    assert by_plate.vehicle.vehicle_id == by_tag.vehicle.vehicle_id == vehicle.vehicle_id
    assert elsewhere.trouble is Trouble.NOT_FOUND


async def test_pages_hold_every_vehicle_once(clients: Any) -> None:
    made = {(await clients.vehicle(site="lake")).vehicle_id for _ in range(5)}
    first = await clients.stub().ListVehicles(pb.ListVehiclesRequest(site="lake", page_size=3))
    rest = await clients.stub().ListVehicles(
        pb.ListVehiclesRequest(site="lake", page_size=3, page_token=first.next_page_token)
    )
    seen = [vehicle.vehicle_id for vehicle in (*first.vehicles, *rest.vehicles)]
    assert sorted(seen) == sorted(made)
    assert rest.next_page_token == ""


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("PutVehicle", pb.PutVehicleRequest(site="north"), "vehicle.vehicle_class"),
        (
            "PutVehicle",
            pb.PutVehicleRequest(site="north", vehicle=pb.Vehicle(vehicle_class=99)),
            "vehicle.vehicle_class",
        ),
        (
            "ChangePermitState",
            pb.ChangePermitStateRequest(site="north", permit_id="x", state=99, reason="r"),
            "state",
        ),
        ("ChangePermitState", pb.ChangePermitStateRequest(site="north", permit_id="x", reason="r"), "state"),
        ("ReleaseTag", pb.ReleaseTagRequest(site="north", binding_id="x"), "reason"),
        ("GetVehicle", pb.GetVehicleRequest(site="north"), "vehicle_id"),
        ("GetVehicle", pb.GetVehicleRequest(site="north", plate="\0"), "plate"),
        ("BindTag", pb.BindTagRequest(site="north", vehicle_id="v:1", epc="E2801160", tid="x"), "tid"),
        ("WatchVehicles", pb.WatchVehiclesRequest(site="north", lane=99), "lane"),
    ],
)
async def test_values_this_version_does_not_know_are_refused_by_name(
    clients: Any, method: str, request_message: Any, field: str
) -> None:
    uri = "spiffe://menshen/service/access" if method == "WatchVehicles" else "spiffe://menshen/operator/control-room"
    call = getattr(clients.stub(uri), method)(request_message, timeout=10)
    error = await refusal(call.read() if method == "WatchVehicles" else call)
    assert error.trouble is Trouble.INVALID
    assert field in {found.path for found in error.fields}


async def test_an_oversized_message_is_refused(clients: Any) -> None:
    error = await refusal(clients.vehicle(external_ref="x" * (5 * 1024 * 1024)))
    assert error.trouble is Trouble.EXHAUSTED
