"""Announced cars, from the service that knows them to the lane: rows R12 and R20 of the policy replay, and VI-3.

Nothing is put where a projector would put it: each car is announced to `vehicles`, and its feed brings it to the gates.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
import yaml
from harness.patience import eventually
from menshen.access.v1 import decision_pb2
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen.vehicles.v1.vehicles_pb2_grpc import VehicleServiceStub
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, CLOCK, Campus, codes, outcome
from scenarios.shifted_cases import EXAMPLES

SITE = "announced"
HOUR_MS = 3_600_000
CLOSED_CAMPUS, LECTURES = "2022-10-11", "2020-05-27"
PLATE, QR = decision_pb2.IDENTIFIER_TYPE_PLATE, decision_pb2.IDENTIFIER_TYPE_QR


@dataclass
class Gates:
    """The example campus at a site of its own, and the office that announces cars there."""

    campus: Campus
    vehicles: Any
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(20_001))

    async def under(self, policy: str) -> None:
        """Have this example policy in force from now on."""
        document = _load(EXAMPLES / "north" / f"{policy}.yaml")
        kept = {name: part for name, part in document.items() if name not in ("from", "to")}
        await self.campus.put_policy({**kept, "site": SITE})

    def plate(self) -> str:
        """One nobody has."""
        return f"云Z{next(self.numbers)}"

    async def announce(self, plate: str, **visit: Any) -> pb.AnnounceVehicleResponse:
        """A car for the next hour; returns once the lanes know it."""
        now_ms = CLOCK.now_ms()
        given = {"from_ms": now_ms - 1, "to_ms": now_ms + HOUR_MS, **visit}
        request = pb.AnnounceVehicleRequest(
            site=SITE, plate=plate, vehicle_class=pb.VEHICLE_CLASS_CAR, visit=pb.VehicleVisit(**given)
        )
        answer: pb.AnnounceVehicleResponse = await self.vehicles.AnnounceVehicle(request, timeout=CALL_S)
        await self.known(QR, answer.visit.code)
        return answer

    async def known(self, kind: Any, value: str) -> None:
        async def is_known() -> bool:
            return bool((await self.read("nowhere", kind, value)).subject_ids)

        await eventually(is_known, 10)

    async def read(self, access_point: str, kind: Any, value: str, camera: str = "") -> decision_pb2.Decision:
        """What the lane answers to a plate or a code, and to what its camera saw beside it."""
        shown = self.campus.presentation(access_point, [])
        shown.identifiers.append(decision_pb2.Identifier(type=kind, value=value))
        shown.plate = camera
        return await self.campus.ask(shown)

    async def becomes(self, code: str, access_point: str, plate: str) -> decision_pb2.Decision:
        """The first decision that gives this reason, once the feed has brought what it is about."""

        async def given() -> decision_pb2.Decision | None:
            decision = await self.read(access_point, PLATE, plate)
            return decision if codes(decision) == [code] else None

        decision = await eventually(given, 10)
        assert decision is not None
        return decision


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gates(town: Suite) -> Gates:
    campus = Campus(town, SITE)
    plan = {key: part for key, part in _load(EXAMPLES / "plans" / "north.yaml").items() if key != "site"}
    # Its gates close at night, and these cars come whenever the tests run.
    points = [{key: part for key, part in point.items() if key != "schedule"} for point in plan["access_points"]]
    await campus.put_plan({**plan, "access_points": points})
    opened = Gates(campus, VehicleServiceStub(town.channel("vehicles")))
    await opened.under(CLOSED_CAMPUS)
    await eventually(campus.is_ready, 30)
    return opened


async def test_r12_an_approved_outside_car_is_sent_to_the_lane_for_cars_and_enters_there(gates: Gates) -> None:
    await gates.under(CLOSED_CAMPUS)
    plate = gates.plate()
    await gates.announce(plate)

    elsewhere = await gates.read("n1-m1-in", PLATE, plate)
    there = await gates.read("n4-m1-in", PLATE, plate)

    assert (outcome(elsewhere), codes(elsewhere)) == ("DENY", ["OTHER_GATE_FOR_CARS"])
    assert elsewhere.reasons[0].parameters["redirect"] == "n4-m1-in"
    assert (outcome(there), codes(there)) == ("GRANT", [])


async def test_r20_the_fee_is_stated_to_an_announced_car_and_waived_by_its_official_ticket(gates: Gates) -> None:
    await gates.under(LECTURES)
    guest, official = gates.plate(), gates.plate()
    await gates.announce(guest)
    await gates.announce(official, official_ticket=True)

    paying = await gates.read("n4-m1-in", PLATE, guest)
    free = await gates.read("n4-m1-in", PLATE, official)
    elsewhere = await gates.read("n1-m1-in", PLATE, official)

    assert (outcome(paying), codes(paying)) == ("GRANT_WITH_REMINDER", ["FEE_DUE"])
    assert (outcome(free), codes(free)) == ("GRANT", ["FEE_WAIVED"])
    assert (outcome(elsewhere), codes(elsewhere)) == ("DENY", ["OTHER_GATE_FOR_CARS"])


async def test_r20_a_car_nobody_announced_is_refused_and_owes_nothing(gates: Gates) -> None:
    await gates.under(LECTURES)
    plate = gates.plate()
    car = pb.Vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate=plate, owner_category="visitor")
    await gates.vehicles.PutVehicle(pb.PutVehicleRequest(site=SITE, vehicle=car), timeout=CALL_S)
    await gates.known(PLATE, plate)

    unknown = await gates.read("n4-m1-in", PLATE, gates.plate())
    known = await gates.read("n4-m1-in", PLATE, plate)

    assert (outcome(unknown), codes(unknown)) == ("DENY", ["CREDENTIAL_UNKNOWN"])
    assert (outcome(known), codes(known)) == ("DENY", ["VISIT_MISSING"])


async def test_vi_3_a_car_with_another_plate_than_announced_goes_to_the_guard_with_both(gates: Gates) -> None:
    await gates.under(CLOSED_CAMPUS)
    plate, other = gates.plate(), gates.plate()
    visit = (await gates.announce(plate)).visit

    right = await gates.read("n4-m1-in", QR, visit.code, camera=f"{plate[:2]}·{plate[2:]}".replace("0", "O"))
    wrong = await gates.read("n4-m1-in", QR, visit.code, camera=other)
    review = await gates.campus.open_review(wrong.event_id)

    assert (outcome(right), codes(right)) == ("GRANT", [])
    assert (outcome(wrong), codes(wrong)) == ("MANUAL_REVIEW", ["PLATE_MISMATCH"])
    [reason] = review.reasons
    assert plate in reason.guard.zh
    assert other in reason.guard.en
    assert not {plate, other} & {reason.holder.zh, reason.holder.en}
    assert reason.holder.en == "Please see the guard."


async def test_a_visit_withdrawn_or_a_car_suspended_is_refused_as_soon_as_the_feed_tells(gates: Gates) -> None:
    await gates.under(CLOSED_CAMPUS)
    withdrawn, banned = await gates.announce(gates.plate()), await gates.announce(gates.plate())
    cancel = pb.CancelVehicleVisitRequest(site=SITE, visit_id=withdrawn.visit.visit_id, reason="called off")
    ban = pb.Suspension(vehicle_id=banned.vehicle.vehicle_id, reason_code="speeding")

    await gates.vehicles.CancelVehicleVisit(cancel, timeout=CALL_S)
    suspend = pb.SuspendVehicleRequest(site=SITE, suspension=ban, reason="37 in a 30 zone")
    laid = (await gates.vehicles.SuspendVehicle(suspend, timeout=CALL_S)).suspension
    await gates.becomes("VISIT_NOT_APPROVED", "n4-m1-in", withdrawn.vehicle.plate)
    await gates.becomes("VEHICLE_SUSPENDED", "n4-m1-in", banned.vehicle.plate)
    lift = pb.LiftSuspensionRequest(site=SITE, suspension_id=laid.suspension_id, reason="appeal upheld")
    await gates.vehicles.LiftSuspension(lift, timeout=CALL_S)

    async def may_enter() -> bool:
        return outcome(await gates.read("n4-m1-in", PLATE, banned.vehicle.plate)) == "GRANT"

    await eventually(may_enter, 10)


async def test_a_suspension_ends_at_its_instant_without_any_change_of_the_vehicle(gates: Gates) -> None:
    await gates.under(CLOSED_CAMPUS)
    car = (await gates.announce(gates.plate())).vehicle
    announced = (await gates.campus.projection()).feed_positions["vehicles"]
    ban = pb.Suspension(vehicle_id=car.vehicle_id, reason_code="parking", to_ms=CLOCK.now_ms() + 1_500)
    await gates.vehicles.SuspendVehicle(
        pb.SuspendVehicleRequest(site=SITE, suspension=ban, reason="on a fire lane"), timeout=CALL_S
    )
    barred = await gates.becomes("VEHICLE_SUSPENDED", "n4-m1-in", car.plate)

    async def caught_up() -> Any:
        """A ban is published ahead of the log, which then says the same."""
        projection = await gates.campus.projection()
        return projection if projection.feed_positions["vehicles"] > announced else None

    held = await eventually(caught_up, 10)

    async def may_enter() -> decision_pb2.Decision | None:
        decision = await gates.read("n4-m1-in", PLATE, car.plate)
        return decision if outcome(decision) == "GRANT" else None

    entered = await eventually(may_enter, 10)

    assert entered is not None
    assert barred.decided_at_ms < ban.to_ms <= entered.decided_at_ms
    assert list(entered.subject_versions) == list(barred.subject_versions)
    assert (await gates.campus.projection()).feed_positions == held.feed_positions


async def test_a_registered_car_without_a_permit_enters_once_by_the_visit_it_was_announced_for(gates: Gates) -> None:
    await gates.under(CLOSED_CAMPUS)
    plate = gates.plate()
    car = pb.Vehicle(vehicle_class=pb.VEHICLE_CLASS_CAR, plate=plate, owner_category="supplier")
    await gates.vehicles.PutVehicle(pb.PutVehicleRequest(site="east", vehicle=car), timeout=CALL_S)
    unknown = await gates.read("n4-m1-in", PLATE, plate)
    visit = (await gates.announce(plate, single_entry=True)).visit

    entered = await gates.read("n4-m1-in", PLATE, plate)
    again = await gates.read("n4-m1-in", PLATE, plate)
    cancel = pb.CancelVehicleVisitRequest(site=SITE, visit_id=visit.visit_id, reason="called off")
    await gates.vehicles.CancelVehicleVisit(cancel, timeout=CALL_S)
    await gates.becomes("CREDENTIAL_UNKNOWN", "n4-m1-in", plate)

    assert codes(unknown) == ["CREDENTIAL_UNKNOWN"]
    assert (outcome(entered), codes(entered)) == ("GRANT", [])
    assert (outcome(again), codes(again)) == ("DENY", ["PERMIT_MISSING"])


async def test_a_visit_to_another_site_says_so(gates: Gates, town: Suite) -> None:
    await gates.under(CLOSED_CAMPUS)
    plate, now_ms = gates.plate(), CLOCK.now_ms()
    visit = pb.VehicleVisit(from_ms=now_ms - 1, to_ms=now_ms + HOUR_MS)
    request = pb.AnnounceVehicleRequest(site="east", plate=plate, vehicle_class=pb.VEHICLE_CLASS_CAR, visit=visit)
    await VehicleServiceStub(town.channel("vehicles")).AnnounceVehicle(request, timeout=CALL_S)
    await gates.known(PLATE, plate)

    decision = await gates.read("n4-m1-in", PLATE, plate)

    assert (outcome(decision), codes(decision)) == ("DENY", ["VISIT_WRONG_SITE"])


def _load(path: Any) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
