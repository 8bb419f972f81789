"""A tag and the driver's card become one decision, against a real Redis, whichever is read first."""

from dataclasses import replace
from typing import Any

import pytest
from menshen_access.domain.asking import Asked, Decided
from menshen_access.domain.events import EventKind
from menshen_rulebook.clauses import DriverCheck, Vehicles
from menshen_rulebook.types import Identifier, IdentifierType, Outcome, PermitState, Subject, SubjectKind, Vehicle
from menshen_rulebook.vocabulary import VehicleClass

SITE = "north"
GRANT, REVIEW, DENY = int(Outcome.GRANT), int(Outcome.MANUAL_REVIEW), int(Outcome.DENY)


@pytest.fixture
async def lane(gate: Any) -> Any:
    """A lane that asks who drives; a car, its owner and somebody else."""
    common = {"access_point_class": "MOTOR", "from_area": "outside", "to_area": "campus", "direction": "ENTRY"}
    plan = gate.plan(
        2,
        access_points=[
            {"id": "m-in", "second_within_ms": 9_000, **common},
            {"id": "m-out", **common, "from_area": "campus", "to_area": "outside", "direction": "EXIT"},
        ],
        access_levels=[{"id": "all", "entries": [{"access_point": "m-in"}]}],
    )
    policy = replace(plan.policies[0], vehicles=Vehicles(drivers=(DriverCheck(),)))
    await gate.put_plan(replace(plan, policies=(policy,)))
    tag: Subject = gate.staff("v:1", "TAG")
    car = replace(tag, kind=SubjectKind.VEHICLE, vehicle=Vehicle(VehicleClass.CAR, PermitState.ACTIVE, owner_id="c:1"))
    await gate.put(car, gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    return gate


def together(gate: Any, read: str, waiting: str) -> Asked:
    """What the lane asks when this is read while that waits there."""
    asked: Asked = gate.asked(read, "m-in")
    other = Identifier(IdentifierType.CARD, waiting)
    shown = replace(asked.presentation, identifiers=(*asked.presentation.identifiers, other))
    return replace(asked, presentation=shown, keys=(*asked.keys, other.key), own=1)


def said(decided: Decided) -> tuple[int, list[str]]:
    return decided.event.core["outcome"], [reason[0] for reason in decided.event.core["reasons"]]


@pytest.mark.parametrize(("first", "then", "code"), [("TAG", "AA", "DRIVER_AWAITED"), ("AA", "TAG", "VEHICLE_AWAITED")])
async def test_whichever_is_read_first_waits_and_both_are_one_passage(
    lane: Any, first: str, then: str, code: str
) -> None:
    waiting = await lane.present(first, "m-in")
    both = await lane.answer(together(lane, then, first))
    await lane.events.receive(SITE, "north-1", lane.report(both.event.event_id, EventKind.TAKEN, access_point="m-in"))

    core = waiting.event.core
    assert said(waiting) == (DENY, [code])
    assert core["awaits_second_until_ms"] == core["decided_at_ms"] + 9_000
    assert said(both) == (GRANT, [])
    counts = await lane.projection.occupancy(SITE, ["campus", "vehicles:campus"], lane.clock.now_ms())
    assert counts == {"campus": (1, 0), "vehicles:campus": (1, 0)}


async def test_a_stranger_at_the_wheel_is_the_guards_matter_with_both_ids(lane: Any) -> None:
    both = await lane.answer(together(lane, "BB", "TAG"))

    assert said(both) == (REVIEW, ["DRIVER_MISMATCH"])
    assert both.event.identity["arguments"] == [{"driver": "c:2", "owner": "c:1"}]


async def test_a_car_that_leaves_without_a_card_is_reviewed(lane: Any) -> None:
    assert said(await lane.present("TAG", "m-out")) == (REVIEW, ["DRIVER_MISSING"])
