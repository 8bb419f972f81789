"""Files of vehicles, and the feed that carries them."""

import asyncio
import time
from typing import Any

import grpc
import pytest
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_servicekit.status import domain_error_of

ACCESS = "spiffe://menshen/service/access"
HEADER = "external_ref,class,plate,owner_category,epc,tid,permit_from,permit_to"


async def id_of(pool: Any, external_ref: str) -> str:
    found: str = await pool.fetchval("SELECT vehicle_id FROM vehicles WHERE external_ref = $1", external_ref)
    return found


async def test_a_good_file_is_published_with_permits_and_tags(clients: Any, pool: Any) -> None:
    csv = (
        f"{HEADER},sites\r\n"
        "G1,e_bike,西安A-00001,student,e280 1160 6000 1001,E28011602000,2026-01-01,2026-12-31,east\r\n"
        "G2,CAR,陕D·33333,staff,,,,,\r\n"
    )
    answer = await clients.load(csv, chunk=11)
    first = (await clients.snapshot("east"))[await id_of(pool, "G1")]
    second = (await clients.snapshot("north"))[await id_of(pool, "G2")]
    assert (answer.rows, answer.created, answer.changed, len(answer.faults)) == (2, 2, 0, 0)
    assert (first.vehicle_class, first.plate) == (pb.VEHICLE_CLASS_E_BIKE, "西安A00001")
    assert [(tag.epc, tag.tid, tag.state) for tag in first.tags] == [
        ("E280116060001001", "E28011602000", pb.TAG_STATE_ACTIVE)
    ]
    assert [(permit.state, permit.valid_to_ms) for permit in first.permits] == [
        (pb.PERMIT_STATE_ACTIVE, 1_798_732_800_000)
    ]
    assert (second.plate, len(second.permits), len(second.tags)) == ("陕D33333", 0, 0)


async def test_the_same_file_again_changes_nothing_and_a_measure_outlives_it(clients: Any, pool: Any) -> None:
    csv = f"{HEADER}\nA1,E_BIKE,,student,E280116060002001,,2026-01-01,"
    await clients.load(csv)
    subject_id = await id_of(pool, "A1")
    permit = (await clients.snapshot())[subject_id].permits[0]
    await clients.stub().ChangePermitState(
        pb.ChangePermitStateRequest(
            site="north", permit_id=permit.permit_id, state=pb.PERMIT_STATE_SUSPENDED, reason="speeding"
        )
    )
    again = await clients.load(csv)
    assert (again.created, again.changed) == (0, 0)
    assert (await clients.snapshot())[subject_id].permits[0].state == pb.PERMIT_STATE_SUSPENDED


async def test_a_changed_row_changes_its_vehicle_alone(clients: Any, pool: Any) -> None:
    await clients.load(f"{HEADER}\nB1,E_BIKE,,student,E280116060003001,,,\nB2,E_BIKE,,student,,,,")
    answer = await clients.load(f"{HEADER}\nB1,E_BIKE,,staff,E280116060003001,E2801160200A,,\nB2,E_BIKE,,student,,,,")
    changes = await clients.snapshot()
    first, second = changes[await id_of(pool, "B1")], changes[await id_of(pool, "B2")]
    assert (answer.created, answer.changed) == (0, 1)
    assert (first.owner_category, first.tags[0].tid, first.version) == ("staff", "E2801160200A", 2)
    assert second.version == 1


async def test_every_fault_is_named_by_line_and_nothing_is_published(clients: Any, pool: Any) -> None:
    holder = await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="陕E44444")
    await clients.bind(holder, "E280116060004001")
    csv = (
        f"{HEADER}\n"
        "E1,E_BIKE,,student,,,,\n"
        "E2,tank,,student,,,,\n"
        "E3,CAR,陕E44444,staff,,,,\n"
        "E4,E_BIKE,,student,E280116060004001,,,\n"
        "E1,E_BIKE,,student,,,,\n"
        "E6,E_BIKE,,student,,,2026-02-01,2026-01-01\n"
    )
    answer = await clients.load(csv)
    assert [(fault.line, fault.field) for fault in answer.faults] == [
        (3, "class"),
        (4, "plate"),
        (5, "epc"),
        (6, "external_ref"),
        (7, "permit_to"),
    ]
    assert await id_of(pool, "E1") is None
    assert await pool.fetchval("SELECT count(*) FROM staged_rows") == 0


async def test_a_dry_run_validates_and_publishes_nothing(clients: Any, pool: Any) -> None:
    answer = await clients.load(f"{HEADER}\nJ1,E_BIKE,,student,,,,", dry_run=True)
    assert (answer.rows, answer.created, len(answer.faults)) == (1, 0, 0)
    assert await id_of(pool, "J1") is None


async def test_a_lost_tag_overtakes_a_bulk_that_is_still_being_published(clients: Any) -> None:
    vehicle = await clients.vehicle(site="lake")
    await clients.bind(vehicle, "E280116060005001")
    rows = "".join(f"\nbulk-{number},E_BIKE,,student,,,," for number in range(2_000))
    load = asyncio.create_task(clients.load(HEADER + rows, site="lake"))
    call = clients.stub(ACCESS).WatchVehicles(
        pb.WatchVehiclesRequest(site="lake", lane=pb.FEED_LANE_REVOCATIONS), timeout=30
    )
    await call.read()
    await clients.stub().ReportTagLost(
        pb.ReportTagLostRequest(site="lake", epc="E280116060005001", reason="reported by phone"), timeout=10
    )
    seen: list[pb.VehicleChange] = []
    while not seen:
        seen += (await asyncio.wait_for(call.read(), 10)).changes
    call.cancel()
    await load
    assert [change.subject_id for change in seen] == [vehicle.vehicle_id]
    assert seen[0].tags[0].state == pb.TAG_STATE_LOST


async def test_a_vehicle_that_leaves_a_site_is_removed_there(clients: Any) -> None:
    vehicle = await clients.vehicle(sites=["east"])
    call = clients.stub(ACCESS).WatchVehicles(pb.WatchVehiclesRequest(site="east", lane=pb.FEED_LANE_ALL), timeout=30)
    while not (await asyncio.wait_for(call.read(), 10)).caught_up:
        pass
    vehicle.sites[:] = []
    await clients.stub().PutVehicle(pb.PutVehicleRequest(site="north", vehicle=vehicle))
    changes: list[pb.VehicleChange] = []
    while not changes:
        changes += (await asyncio.wait_for(call.read(), 10)).changes
    call.cancel()
    assert [(change.subject_id, change.removed, change.version) for change in changes] == [
        (vehicle.vehicle_id, True, 2)
    ]


async def test_a_cursor_of_another_epoch_is_refused_so_that_its_owner_begins_again(clients: Any) -> None:
    request = pb.WatchVehiclesRequest(site="north", lane=pb.FEED_LANE_ALL, cursor=pb.FeedCursor(epoch=1, position=0))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await clients.stub(ACCESS).WatchVehicles(request, timeout=10).read()
    assert domain_error_of(raised.value).code == "FEED_EPOCH_ENDED"


async def test_plates_that_readings_do_not_tell_apart_belong_to_one_vehicle(clients: Any, pool: Any) -> None:
    car = await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="民航01234")
    await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="民航B1234")
    given = pb.Vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="民航OI234")
    visit = pb.VehicleVisit(from_ms=1, to_ms=int(time.time() * 1000) + 60_000)
    visit.from_ms = visit.to_ms - 120_000
    announced = pb.AnnounceVehicleRequest(
        site="north", plate="民航O1234", vehicle_class=pb.VEHICLE_CLASS_CAR, visit=visit
    )
    errors = []
    for call in (
        clients.stub().PutVehicle(pb.PutVehicleRequest(site="east", vehicle=given)),
        clients.stub().AnnounceVehicle(announced),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call
        errors.append(domain_error_of(raised.value))
    loaded = await clients.load(
        f"{HEADER}\nP1,CAR,民航O1234,unit,,,,\nP2,CAR,民航OO999,unit,,,,\nP3,CAR,民航00999,unit,,,,\n"
    )
    car.owner_category = "unit"
    changed = await clients.stub().PutVehicle(pb.PutVehicleRequest(site="north", vehicle=car))

    assert [(error.code, error.fields[0].path) for error in errors] == [
        ("PLATE_ALIKE", "vehicle.plate"),
        ("PLATE_ALIKE", "plate"),
    ]
    assert [(fault.line, fault.field) for fault in loaded.faults] == [(2, "plate"), (4, "plate")]
    assert await id_of(pool, "P2") is None
    assert changed.vehicle.version == 2
