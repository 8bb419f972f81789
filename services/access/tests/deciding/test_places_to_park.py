"""Places for vehicles, against a real Redis: ten lanes over three connections never grant the last one twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from menshen_access.domain.asking import Decided
from menshen_access.domain.events import EventKind
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient
from menshen_cli.local.servers import Server
from menshen_rulebook.clauses import Admission
from menshen_rulebook.types import (
    AccessPointClass,
    Outcome,
    PermitState,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
)
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.supervision import Tasks

SITE = "north"
LANES = tuple(f"lot-{number}" for number in range(10))
OPENS = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)


def lot_plan(gate: Any, *parking: dict[str, Any]) -> Any:
    """Ten lanes into a car park that stands in the campus, one out, and a gate for people into the same area."""
    lane = {"access_point_class": "MOTOR", "direction": "ENTRY", "from_area": "outside", "to_area": "lot"}
    walk = {**lane, "access_point_class": "PEDESTRIAN"}
    out = {**lane, "direction": "EXIT", "from_area": "lot", "to_area": "outside"}
    return gate.plan(
        2,
        areas=[{"id": "outside"}, {"id": "campus"}, {"id": "lot", "parent": "campus", "limit": 1}],
        access_points=[
            *({"id": name, **lane} for name in LANES),
            {"id": "lot-out", **out},
            {"id": "lot-walk", **walk},
        ],
        access_levels=[{"id": "all", "entries": [{"access_point": "lot-walk"}]}],
        parking=[*parking],
    )


def car(gate: Any, number: int, vehicle_class: VehicleClass = VehicleClass.CAR, category: str = "staff") -> Subject:
    """A vehicle with a permit and a tag of its own."""
    subject: Subject = gate.staff(f"v:{number}", f"TAG{number}")
    vehicle = Vehicle(vehicle_class, PermitState.ACTIVE)
    return replace(subject, kind=SubjectKind.VEHICLE, category=category, groups=(), vehicle=vehicle)


def is_open(decided: Decided) -> bool:
    return decided.event.core["outcome"] in OPENS


def codes(decided: Decided) -> list[str]:
    return [reason[0] for reason in decided.event.core["reasons"]]


async def counted(gate: Any, *names: str) -> list[tuple[int, int]]:
    found = await gate.projection.occupancy(SITE, names, gate.clock.now_ms())
    return [found[name] for name in names]


@pytest_asyncio.fixture(loop_scope="session")
async def gates(gate: Any, new_gate: Any, valkey: Server, clock: SystemClock, tasks: Tasks) -> AsyncIterator[list[Any]]:
    """The ready site as three processes see it, each over a connection of its own."""
    connected = [gate]
    for _ in range(2):
        generations = SiteGenerations((SITE,))
        client = RespClient(
            SingleNode(place_of(valkey.url, valkey.password_file)), None, generations.prepare, generations.forget_all
        )
        generations.attach({SITE: client})
        tasks.keep("redis", client.run)
        await client.wait_connected()
        assert (await generations.inspect(SITE)).usable
        connected.append(new_gate(client, generations, clock, tasks))
    yield connected
    for one in connected[1:]:
        await one.pins.close()


@pytest.mark.parametrize("limit", [1, 3])
async def test_ten_lanes_over_three_connections_never_grant_the_last_place_twice(gates: list[Any], limit: int) -> None:
    first = gates[0]
    await first.put_plan(lot_plan(first, {"id": "lot", "area": "lot", "limit": limit}))
    await first.put(*(car(first, number) for number in range(10)))

    answers = await asyncio.gather(
        *(gates[number % 3].present(f"TAG{number}", lane) for number, lane in enumerate(LANES))
    )

    assert sum(map(is_open, answers)) == limit
    assert {code for answer in answers if not is_open(answer) for code in codes(answer)} == {"PARKING_FULL"}
    assert await counted(first, "vehicles:lot", "vehicles:campus:CAR", "lot") == [(0, limit), (0, limit), (0, 0)]


async def test_a_place_is_free_again_once_its_car_has_left_or_did_not_come(gate: Any) -> None:
    await gate.put_plan(lot_plan(gate, {"id": "lot", "area": "lot", "limit": 1}))
    await gate.put(*(car(gate, number) for number in range(3)))

    first = await gate.present("TAG0", LANES[0])
    await gate.events.receive(SITE, "north-1", gate.report(first.event.event_id, EventKind.NOT_TAKEN))
    second = await gate.present("TAG1", LANES[0])
    await gate.events.receive(SITE, "north-1", gate.report(second.event.event_id, EventKind.TAKEN))
    inside = await counted(gate, "vehicles:lot")
    full = await gate.present("TAG2", LANES[1])
    out = await gate.present("TAG1", "lot-out")
    await gate.events.receive(SITE, "north-1", gate.report(out.event.event_id, EventKind.TAKEN))

    assert [is_open(answer) for answer in (first, second, full, out)] == [True, True, False, True]
    assert inside == [(1, 0)]
    assert is_open(await gate.present("TAG2", LANES[1]))


@pytest.mark.parametrize("taken", [True, False])
async def test_a_vehicle_whose_class_was_corrected_takes_no_place_that_is_not_there(gate: Any, *, taken: bool) -> None:
    goods = {"id": "goods", "area": "lot", "limit": 1, "vehicle_class": "GOODS"}
    plan = lot_plan(gate, goods)
    both = Admission(AccessPointClass.MOTOR, vehicles=frozenset({VehicleClass.CAR, VehicleClass.GOODS}))
    await gate.put_plan(replace(plan, policies=(replace(plan.policies[0], admissions=(both,)),)))
    await gate.put(car(gate, 0, VehicleClass.GOODS), car(gate, 1))
    entered = [await gate.present(f"TAG{number}", LANES[number]) for number in (0, 1)]
    for one in entered if taken else ():
        await gate.events.receive(SITE, "north-1", gate.report(one.event.event_id, EventKind.TAKEN))

    await gate.put(replace(car(gate, 1, VehicleClass.GOODS), version=2))
    corrected = await gate.present("TAG1", LANES[2])
    counted_before = await gate.present("TAG0", LANES[3])

    assert list(map(is_open, entered)) == [True, True]
    assert codes(corrected) == ["PARKING_FULL"]
    assert is_open(counted_before)


async def test_people_and_vehicles_take_no_places_of_one_another(gate: Any) -> None:
    await gate.put_plan(lot_plan(gate, {"id": "lot", "area": "lot", "limit": 1}))
    await gate.put(car(gate, 0), gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))

    answers = [await gate.present("TAG0", LANES[0]), await gate.present("AA", "lot-walk")]
    third = await gate.present("BB", "lot-walk")

    assert all(map(is_open, answers))
    assert codes(third) == ["AREA_FULL"]
    assert await counted(gate, "vehicles:lot", "lot") == [(0, 1), (0, 1)]


async def test_a_class_has_places_of_its_own_and_the_last_ones_are_reserved(gate: Any) -> None:
    goods = {"id": "goods", "area": "lot", "limit": 1, "vehicle_class": "GOODS"}
    whole = {"id": "lot", "area": "lot", "limit": 2, "reserved": 1, "reserved_for": ["staff"]}
    plan = lot_plan(gate, goods, whole)
    both = Admission(AccessPointClass.MOTOR, vehicles=frozenset({VehicleClass.CAR, VehicleClass.GOODS}))
    policy = replace(plan.policies[0], admissions=(both,))
    await gate.put_plan(replace(plan, policies=(policy,)))
    await gate.put(
        car(gate, 0, VehicleClass.GOODS),
        car(gate, 1, VehicleClass.GOODS),
        car(gate, 2, category="shop"),
        car(gate, 3),
    )

    first, second = [await gate.present(f"TAG{number}", LANES[number]) for number in (0, 1)]
    shop, staff = [await gate.present(f"TAG{number}", LANES[number]) for number in (2, 3)]

    assert [is_open(answer) for answer in (first, second, shop, staff)] == [True, False, False, True]
    assert await counted(gate, "vehicles:lot:GOODS", "vehicles:lot") == [(0, 1), (0, 2)]
