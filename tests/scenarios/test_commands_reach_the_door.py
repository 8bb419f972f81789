"""From the operator's command to the lock and back: the real service, the real agent, a simulated door."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from harness.patience import eventually
from menshen.access.v1 import administration_pb2 as pb
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, CLOCK, Campus, codes, plan_mapping
from scenarios.gatehouse import DOOR, Gatehouse, gatehouse

SITE = "operated"
PULSE, HOLD_OPEN, SECURE, RESTORE = (
    pb.OPERATOR_COMMAND_PULSE,
    pb.OPERATOR_COMMAND_HOLD_OPEN,
    pb.OPERATOR_COMMAND_SECURE,
    pb.OPERATOR_COMMAND_RESTORE,
)


@dataclass
class Controlled:
    """A gate, and the operators who command it."""

    campus: Campus
    house: Gatehouse

    async def operate(self, command: Any, access_point: str = "n-in") -> pb.OperateAccessPointResponse:
        until_ms = CLOCK.now_ms() + 60_000 if command in (HOLD_OPEN, SECURE) else 0
        request = pb.OperateAccessPointRequest(
            site=SITE, access_point=access_point, command=command, until_ms=until_ms, reason="proof"
        )
        desk = self.campus.administration
        response: pb.OperateAccessPointResponse = await desk.OperateAccessPoint(request, timeout=CALL_S)
        return response

    async def door_of_order(self) -> Any:
        response = await self.campus.administration.ListOrders(pb.ListOrdersRequest(site=SITE), timeout=CALL_S)
        return response.orders[0].doors[0].state

    async def door_of_hold(self) -> Any:
        response = await self.campus.administration.ListHolds(pb.ListHoldsRequest(site=SITE), timeout=CALL_S)
        return response.holds[0].doors[0].state


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gate(town: Suite) -> AsyncIterator[Controlled]:
    campus = Campus(town, SITE)
    await campus.put_plan(plan_mapping())
    await campus.activate()
    await eventually(campus.is_ready, 30)
    async with gatehouse(town, town.folder / "operated-gate", "operated-1", SITE) as house:
        yield Controlled(campus, house)


def is_state(ask: Callable[[], Awaitable[Any]], wanted: Any) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return bool(await ask() == wanted)

    return asked


async def test_a_pulse_opens_the_door_once_and_the_operator_reads_so(gate: Controlled) -> None:
    answer = await gate.operate(PULSE)
    walked = await gate.house.door.walk()

    assert (answer.acted, answer.not_acted, walked) == (True, 0, 1)
    assert answer.acted_after_ms < 2_000
    await gate.campus.recorded(answer.id, "COMMANDED", "OPERATED")
    await eventually(lambda: not gate.house.door.is_unlocked)


async def test_an_order_holds_the_door_open_until_it_is_restored(gate: Controlled) -> None:
    held_open = await gate.operate(HOLD_OPEN)
    was_unlocked = gate.house.door.is_unlocked
    restored = await gate.operate(RESTORE)

    assert (held_open.acted, was_unlocked, restored.acted) == (True, True, True)
    assert not gate.house.door.is_unlocked


async def test_an_order_secures_the_door_admits_nobody_and_lets_people_out(gate: Controlled) -> None:
    person = await gate.campus.enrol()
    secured = await gate.operate(SECURE)
    state = await gate.door_of_order()
    refused = await gate.campus.decide("n-in", person)
    left = await gate.house.walk("out", person.card)
    restored = await gate.operate(RESTORE)

    assert (secured.acted, state, restored.acted) == (True, pb.SECURED_STATE_SECURED, True)
    assert ("SECURED_BY_OPERATOR" in codes(refused), left) == (True, 1)


async def test_a_door_that_stands_open_under_a_lockdown_is_listed_so_until_it_shuts(gate: Controlled) -> None:
    await gate.operate(HOLD_OPEN)
    gate.house.door.hold_open()
    desk = gate.campus.administration
    raised = await desk.RaiseHold(pb.RaiseHoldRequest(site=SITE, reason="drill"), timeout=CALL_S)

    await eventually(is_state(gate.door_of_hold, pb.SECURED_STATE_NOT_SECURED))
    gate.house.door.let_close()
    await eventually(is_state(gate.door_of_hold, pb.SECURED_STATE_SECURED))
    listed = await desk.ListHolds(pb.ListHoldsRequest(site=SITE), timeout=CALL_S)
    await desk.ReleaseHold(pb.ReleaseHoldRequest(site=SITE, hold_id=raised.hold.hold_id, reason="over"), timeout=CALL_S)

    restored = await gate.operate(RESTORE)

    assert [one.door for one in listed.holds[0].doors] == [DOOR]
    assert restored.acted
