"""Operators and guards command access points, and the agent, driven by hand over its real stream, does or does not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
import pytest_asyncio
from harness.patience import eventually
from harness.terminal import run
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.status import domain_error_of
from scenarios.agent_streams import CLOCK, AgentStream
from scenarios.campus import CALL_S, Campus, plan_mapping

SITE, POINTS, DOOR = "orders", ("n-in", "n-out"), "n-door"
PULSE, HOLD_OPEN, SECURE, RESTORE = (
    pb.OPERATOR_COMMAND_PULSE,
    pb.OPERATOR_COMMAND_HOLD_OPEN,
    pb.OPERATOR_COMMAND_SECURE,
    pb.OPERATOR_COMMAND_RESTORE,
)
OPERATED = decision_pb2.EVENT_KIND_OPERATED


@dataclass
class Office:
    """The operators of the site."""

    town: Suite
    campus: Campus

    def agent(self) -> AgentStream:
        return AgentStream(self.town, "access", "o-1", SITE, POINTS, (DOOR,))

    async def operate(self, command: Any, *, uri: str = "", **wanted: Any) -> pb.OperateAccessPointResponse:
        until_ms = CLOCK.now_ms() + 60_000 if command in (HOLD_OPEN, SECURE) else 0
        given = {"access_point": "n-in", "reason": "a delivery", "until_ms": until_ms, **wanted}
        request = pb.OperateAccessPointRequest(site=SITE, command=command, **given)
        desk = self.campus.administration
        if uri:
            desk = AdministrationServiceStub(self.town.channel("access", uri))
        response: pb.OperateAccessPointResponse = await desk.OperateAccessPoint(request, timeout=CALL_S)
        return response

    async def orders(self) -> list[pb.Order]:
        response = await self.campus.administration.ListOrders(pb.ListOrdersRequest(site=SITE), timeout=CALL_S)
        return list(response.orders)

    async def hold(self, hold_id: str) -> pb.Hold:
        response = await self.campus.administration.ListHolds(pb.ListHoldsRequest(site=SITE), timeout=CALL_S)
        return next(one for one in response.holds if one.hold_id == hold_id)

    async def alarms_about(self, cause: str) -> list[dict[str, str]]:
        room = AlarmServiceStub(self.town.channel("safety"))
        listed = await room.ListAlarms(safety_pb2.ListAlarmsRequest(site=SITE), timeout=CALL_S)
        return [dict(one.detail) for one in listed.alarms if one.detail.get("secured_by") == cause]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(town: Suite) -> AsyncIterator[Office]:
    campus = Campus(town, SITE)
    await campus.put_plan(plan_mapping())
    await campus.activate()
    await eventually(campus.is_ready, 30)
    yield Office(town, campus)


async def test_a_pulse_reaches_the_agent_and_is_answered_when_it_says_so(office: Office) -> None:
    async with office.agent() as agent:
        asked = asyncio.ensure_future(office.operate(PULSE, uri=spiffe_uri(Role.GUARD, "north-post", SITE)))
        pulse = await asyncio.wait_for(agent.pulses.get(), 5)
        await agent.report(pulse.event_id, OPERATED, "n-in", DOOR, operator=pulse.operator)
        answer = await asked

    assert (answer.id, answer.acted, answer.not_acted) == (pulse.event_id, True, 0)
    assert 0 <= answer.acted_after_ms < 2_000
    assert (pulse.access_point, pulse.operator, pulse.reason) == ("n-in", "guard/north-post", "a delivery")
    assert 0 < pulse.expires_at_ms - CLOCK.now_ms() <= 2_000
    events = await office.campus.recorded(pulse.event_id, "COMMANDED", "OPERATED")
    assert events["COMMANDED"].detail["reason"] == "a delivery"


async def test_without_its_agent_a_pulse_is_lost_and_the_operator_reads_so(office: Office) -> None:
    answer = await office.operate(PULSE)
    async with office.agent() as agent:
        await office.campus.recorded(answer.id, "COMMANDED")

        assert agent.pulses.empty()

    assert (answer.acted, answer.acted_after_ms) == (False, -1)
    assert answer.not_acted == pb.NOT_ACTED_CAUSE_AGENT_AWAY


async def test_an_order_reaches_the_edge_is_answered_when_obeyed_and_ends_when_restored(office: Office) -> None:
    async with office.agent() as agent:
        asked = asyncio.ensure_future(office.operate(HOLD_OPEN))
        held = await agent.held(lambda holds: bool(holds.orders))
        [order] = held.orders
        event_id = office.campus.new_id()
        await agent.report(event_id, OPERATED, "n-in", DOOR, order=order.order_id, posture="UNLOCKED")
        answer = await asked
        listed = await office.orders()

        restored = asyncio.ensure_future(office.operate(RESTORE))
        after = await agent.held(lambda holds: holds.version > held.version)
        event_id = office.campus.new_id()
        await agent.report(event_id, OPERATED, "", DOOR, posture="LOCKED", cause="NOTHING")
        ended = await restored

    assert (order.access_point, order.kind) == ("n-in", decision_pb2.ORDER_KIND_HOLD_OPEN)
    assert (answer.id, answer.acted) == (order.order_id, True)
    assert [(one.order_id, one.until_ms, one.reason) for one in listed] == [
        (order.order_id, order.until_ms, "a delivery")
    ]
    assert (ended.id, ended.acted, list(after.orders), await office.orders()) == ("", True, [], [])


async def test_an_operator_at_a_terminal_holds_a_door_open_and_restores_it(office: Office) -> None:
    folder = ("--folder", str(office.town.folder))
    told = ("orders", "n-in", "--reason", "furniture", "--as", "li", *folder)
    async with office.agent() as agent:
        asked = asyncio.ensure_future(run("door", "hold-open", *told, "--minutes", "5", language="zh"))
        [order] = (await agent.held(lambda holds: bool(holds.orders))).orders
        event_id = office.campus.new_id()
        await agent.report(event_id, OPERATED, "", DOOR, order=order.order_id, posture="UNLOCKED")
        held_open, listed = await asyncio.gather(asked, run("door", "orders", "orders", *folder, language="zh"))
        restoring = asyncio.ensure_future(run("door", "restore", *told, language="zh"))
        await agent.held(lambda holds: not holds.orders)
        await agent.report(office.campus.new_id(), OPERATED, "", DOOR, posture="LOCKED", cause="NOTHING")
        restored = await restoring

    for done in (held_open, restored):
        assert (done.status, "已执行" in done.printed) == (0, True), done.printed
    assert [word for word in ("n-in", "operator/li", "furniture", "保持开放") if word not in listed.printed] == []
    assert await office.orders() == []


async def test_a_guard_is_refused_an_order_in_both_languages(office: Office) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await office.operate(SECURE, uri=spiffe_uri(Role.GUARD, "north-post", SITE))

    refused = domain_error_of(error.value)
    assert (error.value.code(), refused.code) == (grpc.StatusCode.PERMISSION_DENIED, "GUARD_PULSES_ONLY")
    assert "门岗" in refused.message_zh


async def test_the_doors_of_a_lockdown_and_of_an_order_are_answered_for_one_by_one(office: Office) -> None:
    async with office.agent() as agent:
        secure = asyncio.ensure_future(office.operate(SECURE))
        [order] = (await agent.held(lambda holds: bool(holds.orders))).orders
        event_id = office.campus.new_id()
        kind = decision_pb2.EVENT_KIND_DOOR_SECURED
        await agent.report(event_id, kind, "", DOOR, order=order.order_id)
        secured = await secure
        hold_id = await raise_hold(office)
        at_first = await office.hold(hold_id)
        await report_open(agent, office, hold_id)

        async def is_told() -> bool:
            return (await office.hold(hold_id)).doors[0].state == pb.SECURED_STATE_NOT_SECURED

        await eventually(is_told)
        [listed] = await office.orders()
        restored = asyncio.ensure_future(office.operate(RESTORE))
        await agent.held(lambda holds: not holds.orders)
        await agent.report(office.campus.new_id(), OPERATED, "", DOOR, posture="LOCKED", cause="NOTHING")

    assert (secured.acted, (await restored).acted) == (True, True)
    assert [(one.door, one.state) for one in listed.doors] == [(DOOR, pb.SECURED_STATE_SECURED)]
    assert [(one.door, one.state) for one in at_first.doors] == [(DOOR, pb.SECURED_STATE_UNSPECIFIED)]
    await release_hold(office, hold_id)


async def test_doors_that_say_nothing_are_silent_and_the_control_room_is_alarmed(office: Office) -> None:
    hold_id = await raise_hold(office)

    [alarm] = await eventually(lambda: office.alarms_about(hold_id))
    hold = await office.hold(hold_id)
    await release_hold(office, hold_id)

    assert (alarm["door"], alarm["cause"]) == (DOOR, "DOOR_SILENT")
    assert [(one.door, one.state, one.reported_at_ms) for one in hold.doors] == [(DOOR, pb.SECURED_STATE_SILENT, 0)]


async def raise_hold(office: Office) -> str:
    request = pb.RaiseHoldRequest(site=SITE, reason="search")
    return str((await office.campus.administration.RaiseHold(request, timeout=CALL_S)).hold.hold_id)


async def release_hold(office: Office, hold_id: str) -> None:
    request = pb.ReleaseHoldRequest(site=SITE, hold_id=hold_id, reason="over")
    await office.campus.administration.ReleaseHold(request, timeout=CALL_S)


async def report_open(agent: AgentStream, office: Office, hold_id: str) -> None:
    kind = decision_pb2.EVENT_KIND_DOOR_NOT_SECURED
    await agent.report(office.campus.new_id(), kind, "", DOOR, hold=hold_id)
