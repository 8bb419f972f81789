"""Announced visits and suspensions over gRPC: what the feed then carries to the gates, and what is refused."""

import asyncio
import time
from typing import Any

import grpc
import pytest
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_cli.local.pki import ALL_SITES_OPERATOR
from menshen_servicekit.status import DomainError, Trouble, domain_error_of
from menshen_vehicles.domain.visits import MAX_OPEN

HOUR = 3_600_000
EAST_OPERATOR = "spiffe://menshen/site/east/operator/desk"
HOST = "c:00000000-0000-7000-8000-000000000001"


async def refusal(call: Any) -> DomainError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return domain_error_of(raised.value)


def now_ms() -> int:
    return int(time.time() * 1000)


async def announce(
    clients: Any, plate: str, *, site: str = "north", uri: str = "", **fields: Any
) -> pb.AnnounceVehicleResponse:
    """A car for the next hour, unless it says otherwise."""
    given = {"from_ms": now_ms(), "to_ms": now_ms() + HOUR, **fields}
    request = pb.AnnounceVehicleRequest(
        site=site, plate=plate, vehicle_class=pb.VEHICLE_CLASS_CAR, visit=pb.VehicleVisit(**given)
    )
    answer: pb.AnnounceVehicleResponse = await clients.stub(uri or ALL_SITES_OPERATOR).AnnounceVehicle(
        request, timeout=10
    )
    return answer


async def suspend(clients: Any, vehicle: pb.Vehicle, reason: str = "on camera", **fields: Any) -> pb.Suspension:
    ban = pb.Suspension(vehicle_id=vehicle.vehicle_id, **{"reason_code": "speeding", **fields})
    request = pb.SuspendVehicleRequest(site="north", suspension=ban, reason=reason)
    stored: pb.Suspension = (await clients.stub().SuspendVehicle(request, timeout=10)).suspension
    return stored


async def test_an_announced_car_is_a_visitor_known_at_every_site_with_visit_code_and_ticket(clients: Any) -> None:
    answer = await announce(
        clients, "云z·10001", host_id=HOST, access_points=["m-in"], single_entry=True, official_ticket=True
    )
    at_home, elsewhere = [(await clients.snapshot(site))[answer.vehicle.vehicle_id] for site in ("north", "east")]

    assert (answer.vehicle.plate, answer.vehicle.owner_category) == ("云Z10001", "visitor")
    assert len(answer.visit.code) == 32
    [visit] = at_home.visits
    assert visit == answer.visit
    assert (visit.site, visit.host_id, list(visit.access_points)) == ("north", HOST, ["m-in"])
    [fact] = at_home.facts
    assert (fact.type, fact.value, fact.source) == ("official_ticket", "valid", "vehicles")
    assert (fact.valid_from_ms, fact.valid_to_ms) == (visit.from_ms, visit.to_ms)
    assert list(elsewhere.visits) == [visit]
    assert not elsewhere.facts


async def test_a_visit_of_a_registered_plate_is_that_vehicles(clients: Any) -> None:
    car = await clients.vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate="云Z10002", owner_category="staff")

    answer = await announce(clients, "云z 10002", site="lake")

    assert answer.vehicle.vehicle_id == car.vehicle_id
    assert (answer.vehicle.owner_category, answer.vehicle.version) == ("staff", 2)


async def test_where_a_registered_car_is_only_expected_its_visit_is_known_and_nothing_that_opens_for_good(
    clients: Any,
) -> None:
    car = await clients.vehicle(
        vehicle_class=pb.VEHICLE_CLASS_CAR, plate="云Z10009", owner_category="staff", owner_id=HOST, driver_ids=[HOST]
    )
    await clients.permit(car)
    await clients.bind(car, "E280116060009001")
    laid = await suspend(clients, car)

    answer = await announce(clients, "云Z10009", site="east", uri=EAST_OPERATOR)
    at_home, expected = [(await clients.snapshot(site))[car.vehicle_id] for site in ("north", "east")]
    looked_up = await refusal(
        clients.stub(EAST_OPERATOR).GetVehicle(pb.GetVehicleRequest(site="east", vehicle_id=car.vehicle_id))
    )
    listed = await clients.stub(EAST_OPERATOR).ListVehicles(pb.ListVehiclesRequest(site="east", page_size=1000))

    assert (answer.vehicle.owner_id, list(answer.vehicle.driver_ids), list(answer.vehicle.sites)) == ("", [], ["north"])
    assert (at_home.owner_id, len(at_home.permits), len(at_home.tags)) == (HOST, 1, 1)
    assert (expected.plate, list(expected.visits), list(expected.suspensions)) == ("云Z10009", [answer.visit], [laid])
    assert not expected.owner_id
    assert not [*expected.driver_ids, *expected.permits, *expected.tags]
    assert looked_up.trouble is Trouble.NOT_FOUND
    assert car.vehicle_id not in [vehicle.vehicle_id for vehicle in listed.vehicles]


async def test_a_change_of_a_vehicles_sites_leaves_its_visit_and_the_withdrawn_visit_ends_it(clients: Any) -> None:
    row = "external_ref,class,plate,owner_category,sites\nvisit-10,CAR,云Z10010,staff"
    await clients.load(f"{row},lake")
    answer = await announce(clients, "云Z10010", site="east")
    found = await clients.stub().GetVehicle(pb.GetVehicleRequest(site="north", vehicle_id=answer.vehicle.vehicle_id))
    vehicle = found.vehicle
    vehicle.sites[:] = []
    await clients.stub().PutVehicle(pb.PutVehicleRequest(site="north", vehicle=vehicle))
    put = (await clients.snapshot("east"))[vehicle.vehicle_id]
    imported = await clients.load(f"{row.replace('staff', 'unit')},north")
    loaded = (await clients.snapshot("east"))[vehicle.vehicle_id]
    await clients.stub().CancelVehicleVisit(
        pb.CancelVehicleVisitRequest(site="east", visit_id=answer.visit.visit_id, reason="called off")
    )

    assert imported.changed == 1
    assert (put.version, list(put.visits)) == (3, [answer.visit])
    assert (loaded.version, loaded.owner_category, list(loaded.visits)) == (4, "unit", [answer.visit])
    assert vehicle.vehicle_id not in await clients.snapshot("east")
    assert vehicle.vehicle_id not in await clients.snapshot("lake")


async def test_the_same_new_plate_announced_twice_at_once_is_one_vehicle_with_two_visits(clients: Any) -> None:
    answers = await asyncio.gather(*(announce(clients, "云Z10003") for _ in range(4)))

    [vehicle_id] = {answer.vehicle.vehicle_id for answer in answers}
    assert len((await clients.snapshot())[vehicle_id].visits) == 4


async def test_a_visit_that_was_withdrawn_says_so_and_takes_its_ticket_back(clients: Any) -> None:
    answer = await announce(clients, "云Z10004", official_ticket=True)
    request = pb.CancelVehicleVisitRequest(site="north", visit_id=answer.visit.visit_id, reason="called off")

    cancelled = (await clients.stub().CancelVehicleVisit(request)).visit
    again = await refusal(clients.stub().CancelVehicleVisit(request))
    urgent = (await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS))[answer.vehicle.vehicle_id]

    assert (cancelled.state, cancelled.code) == (pb.VEHICLE_VISIT_STATE_CANCELLED, "")
    assert [visit.state for visit in urgent.visits] == [pb.VEHICLE_VISIT_STATE_CANCELLED]
    assert not urgent.facts
    assert again.trouble is Trouble.CONFLICT


async def test_the_next_visits_reach_the_gates_and_one_beyond_what_they_carry_is_refused(clients: Any) -> None:
    day, plate = 24 * HOUR, "云Z10008"
    away = [await announce(clients, plate, site="east") for _ in range(2)]
    later = [await announce(clients, plate, to_ms=now_ms() + (20 - number) * day) for number in range(MAX_OPEN - 1)]
    first = await announce(clients, plate)
    refused = await refusal(announce(clients, plate))
    vehicle_id, told = first.vehicle.vehicle_id, [answer.visit.visit_id for answer in (*later, first)]

    at_home, elsewhere = [(await clients.snapshot(site))[vehicle_id] for site in ("north", "east")]
    request = pb.CancelVehicleVisitRequest(site="north", visit_id=later[0].visit.visit_id, reason="called off")
    await clients.stub().CancelVehicleVisit(request)
    replaced = await announce(clients, plate)

    assert (refused.trouble, refused.code) == (Trouble.CONFLICT, "TOO_MANY_VISITS")
    assert {visit.visit_id for visit in at_home.visits} == set(told)
    assert {answer.visit.visit_id for answer in away} < {visit.visit_id for visit in elsewhere.visits}
    assert replaced.visit in (await clients.snapshot())[vehicle_id].visits


async def test_every_wrong_field_of_a_visit_is_named(clients: Any) -> None:
    over = await refusal(announce(clients, "云Z10005", from_ms=1, to_ms=2))
    unplated = await refusal(announce(clients, ""))
    impossible = await refusal(announce(clients, "X"))
    host = await refusal(announce(clients, "云Z10005", host_id="somebody", access_points=["?"]))

    assert [field.path for field in over.fields] == ["visit.to_ms"]
    assert [field.path for field in unplated.fields] == ["plate"]
    assert [field.path for field in impossible.fields] == ["plate"]
    assert {field.path for field in host.fields} == {"visit.host_id", "visit.access_points"}


async def test_a_reference_is_announced_once(clients: Any) -> None:
    await announce(clients, "云Z10006", external_ref="hall-1")
    error = await refusal(announce(clients, "云Z10007", external_ref="hall-1"))
    assert (error.trouble, error.fields[0].path) == (Trouble.EXISTS, "visit.external_ref")


async def test_several_suspensions_run_at_once_and_reach_the_gates_ahead_of_bulk_changes(clients: Any) -> None:
    vehicle = await clients.vehicle()
    at = now_ms()
    first = await suspend(clients, vehicle, to_ms=at + HOUR)
    second = await suspend(clients, vehicle, from_ms=at + HOUR, to_ms=at + 9 * HOUR, until_test=True)
    urgent = (await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS))[vehicle.vehicle_id]

    assert at <= first.from_ms <= now_ms()
    assert list(urgent.suspensions) == [first, second]


async def test_a_suspension_taken_back_is_history_and_bars_nobody(clients: Any) -> None:
    vehicle = await clients.vehicle()
    laid = await suspend(clients, vehicle)
    request = pb.LiftSuspensionRequest(site="north", suspension_id=laid.suspension_id, reason="mistaken plate")

    lifted = (await clients.stub().LiftSuspension(request)).suspension
    again = await refusal(clients.stub().LiftSuspension(request))
    found = await clients.stub().GetVehicle(pb.GetVehicleRequest(site="north", vehicle_id=vehicle.vehicle_id))

    assert lifted.lifted_at_ms >= laid.from_ms
    assert list(found.suspensions) == [lifted]
    assert not (await clients.snapshot())[vehicle.vehicle_id].suspensions
    assert again.trouble is Trouble.CONFLICT


async def test_the_test_after_a_ban_is_recorded_once_and_leaves_the_ban_its_end(clients: Any) -> None:
    vehicle = await clients.vehicle()
    at = now_ms()
    laid = await suspend(clients, vehicle, from_ms=at - 2 * HOUR, to_ms=at - HOUR, until_test=True)
    request = pb.RecordTestRequest(site="north", suspension_id=laid.suspension_id, reason="passed with 92")

    passed = (await clients.stub().RecordTest(request)).suspension
    again = await refusal(clients.stub().RecordTest(request))

    [told] = (await clients.snapshot())[vehicle.vehicle_id].suspensions
    assert told == passed
    assert (passed.until_test, passed.to_ms) == (False, laid.to_ms)
    assert again.trouble is Trouble.CONFLICT


async def test_every_wrong_field_of_a_suspension_is_named(clients: Any) -> None:
    vehicle = await clients.vehicle()
    window = await refusal(suspend(clients, vehicle, from_ms=9, to_ms=9, reason_code="no code"))
    reason = await refusal(suspend(clients, vehicle, reason=""))
    stranger = await refusal(suspend(clients, pb.Vehicle(vehicle_id="v:nobody")))

    assert {field.path for field in window.fields} == {"suspension.to_ms", "suspension.reason_code"}
    assert [field.path for field in reason.fields] == ["reason"]
    assert stranger.trouble is Trouble.NOT_FOUND


async def test_drivers_are_cardholders_and_reach_the_gates(clients: Any) -> None:
    vehicle = await clients.vehicle(driver_ids=[HOST, HOST])
    error = await refusal(clients.vehicle(driver_ids=["v:not-a-person"]))

    assert list((await clients.snapshot())[vehicle.vehicle_id].driver_ids) == [HOST]
    assert [field.path for field in error.fields] == ["vehicle.driver_ids"]
