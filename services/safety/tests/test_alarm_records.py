"""Alarms over the running service."""

import asyncio
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.safety.v1 import safety_pb2 as pb
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_safety.domain.alarms import NEXT, AlarmState, Step
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.status import domain_error_of

SITE = "north"
OPERATOR = spiffe_uri(Role.OPERATOR, "control-room")
GUARD = spiffe_uri(Role.GUARD, "south-post", SITE)
AGENT = spiffe_uri(Role.AGENT, "north-1", SITE)
new_id = Uuid7Factory(SystemClock())


def an_alarm(**fields: Any) -> pb.Alarm:
    values = {"alarm_id": new_id(), "kind": pb.ALARM_KIND_DOOR_FORCED, "source": "n-door", "raised_at_ms": 1_000}
    return pb.Alarm(**{**values, **fields})


async def raised(safety: Any, alarm: pb.Alarm, identity: str = AGENT) -> pb.Alarm:
    stub = safety.stub(AlarmServiceStub, identity)
    return (await stub.RaiseAlarm(pb.RaiseAlarmRequest(site=SITE, alarm=alarm), timeout=5)).alarm


async def test_an_alarm_is_acknowledged_assigned_and_closed_with_a_note(safety: Any) -> None:
    alarm = await raised(safety, an_alarm())
    stub = safety.stub(AlarmServiceStub, OPERATOR)

    seen = await stub.AcknowledgeAlarm(pb.AcknowledgeAlarmRequest(site=SITE, alarm_id=alarm.alarm_id), timeout=5)
    owned = await stub.AssignAlarm(
        pb.AssignAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, owner="patrol-2"), timeout=5
    )
    closed = await stub.CloseAlarm(
        pb.CloseAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, note="door was wedged"), timeout=5
    )

    assert alarm.state == pb.ALARM_STATE_RAISED
    assert alarm.stored_at_ms > 0
    assert seen.alarm.acknowledged_at_ms > 0
    assert (owned.alarm.state, owned.alarm.owner) == (pb.ALARM_STATE_ASSIGNED, "patrol-2")
    assert (closed.alarm.state, closed.alarm.note) == (pb.ALARM_STATE_CLOSED, "door was wedged")
    assert closed.alarm.version > owned.alarm.version > seen.alarm.version


async def test_a_repeated_alarm_changes_nothing(safety: Any) -> None:
    alarm = await raised(safety, an_alarm())

    again = await raised(safety, an_alarm(alarm_id=alarm.alarm_id, source="another door"))

    assert again == alarm


async def test_an_alarm_is_not_closed_without_a_note(safety: Any) -> None:
    alarm = await raised(safety, an_alarm())
    stub = safety.stub(AlarmServiceStub, OPERATOR)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.CloseAlarm(pb.CloseAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, note=" "), timeout=5)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert domain_error_of(refused.value).message_zh == "关闭警报须填写说明"


async def test_a_closed_alarm_stays_closed(safety: Any) -> None:
    alarm = await raised(safety, an_alarm())
    stub = safety.stub(AlarmServiceStub, OPERATOR)
    await stub.CloseAlarm(pb.CloseAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, note="done"), timeout=5)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.AssignAlarm(pb.AssignAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, owner="x"), timeout=5)

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.parametrize(
    ("alarm", "field"),
    [
        (pb.Alarm(kind=pb.ALARM_KIND_FIRE, source="x", raised_at_ms=1), "alarm.alarm_id"),
        (pb.Alarm(alarm_id="x", source="x", raised_at_ms=1), "alarm.kind"),
        (pb.Alarm(alarm_id="x", kind=99, source="x", raised_at_ms=1), "alarm.kind"),  # type: ignore[arg-type]
        (pb.Alarm(alarm_id="x", kind=pb.ALARM_KIND_FIRE, raised_at_ms=1), "alarm.source"),
        (pb.Alarm(alarm_id="x", kind=pb.ALARM_KIND_FIRE, source="x"), "alarm.raised_at_ms"),
    ],
)
async def test_a_malformed_alarm_names_its_field(safety: Any, alarm: pb.Alarm, field: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await raised(safety, alarm)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field in {trouble.path for trouble in domain_error_of(refused.value).fields}


async def test_an_alarm_id_that_is_no_uuid_is_refused_with_its_field(safety: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await raised(safety, an_alarm(alarm_id="not-a-uuid"))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_watcher_gets_open_alarms_and_every_change_once(safety: Any) -> None:
    first = await raised(safety, an_alarm())
    watch = safety.stub(AlarmServiceStub, OPERATOR).WatchAlarms(pb.WatchAlarmsRequest(site=SITE))
    seen: list[pb.Alarm] = []

    async def follow() -> None:
        while isinstance(response := await watch.read(), pb.WatchAlarmsResponse):
            seen.append(response.alarm)

    following = asyncio.ensure_future(follow())
    await eventually(lambda: any(alarm.alarm_id == first.alarm_id for alarm in seen))
    second = await raised(safety, an_alarm())
    await eventually(lambda: any(alarm.alarm_id == second.alarm_id for alarm in seen))
    watch.cancel()
    await asyncio.gather(following, return_exceptions=True)

    assert sum(a.alarm_id == second.alarm_id and a.version == second.version for a in seen) == 1


async def test_a_guard_never_sees_a_duress_alarm(safety: Any) -> None:
    alarm = await raised(safety, an_alarm(kind=pb.ALARM_KIND_DURESS))
    guard = safety.stub(AlarmServiceStub, GUARD)

    listed = await guard.ListAlarms(pb.ListAlarmsRequest(site=SITE), timeout=5)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await guard.AcknowledgeAlarm(pb.AcknowledgeAlarmRequest(site=SITE, alarm_id=alarm.alarm_id), timeout=5)

    assert alarm.alarm_id not in {item.alarm_id for item in listed.alarms}
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_agent_that_guesses_the_id_of_a_duress_alarm_learns_and_silences_nothing(safety: Any) -> None:
    taken, free = await raised(safety, an_alarm(kind=pb.ALARM_KIND_DURESS), OPERATOR), an_alarm()

    guessed = await raised(safety, an_alarm(alarm_id=taken.alarm_id))
    unknown = await raised(safety, free)
    squatted = await raised(
        safety, an_alarm(alarm_id=free.alarm_id, kind=pb.ALARM_KIND_DURESS, source="p-in"), OPERATOR
    )

    for told in (guessed, unknown):
        told.ClearField("alarm_id")
        assert told.stored_at_ms > 0
        told.ClearField("stored_at_ms")
    assert guessed == unknown
    listed = await safety.stub(AlarmServiceStub, OPERATOR).ListAlarms(pb.ListAlarmsRequest(site=SITE), timeout=5)
    kinds = {alarm.alarm_id: alarm.kind for alarm in listed.alarms}
    assert (kinds[taken.alarm_id], kinds[squatted.alarm_id]) == (pb.ALARM_KIND_DURESS, pb.ALARM_KIND_DURESS)
    assert squatted.alarm_id != free.alarm_id


async def test_an_alarm_without_an_owner_escalates_until_it_has_one(safety: Any) -> None:
    alarm = await raised(safety, an_alarm())
    stub = safety.stub(AlarmServiceStub, OPERATOR)

    async def current() -> pb.Alarm:
        listed = await stub.ListAlarms(pb.ListAlarmsRequest(site=SITE), timeout=5)
        return next(item for item in listed.alarms if item.alarm_id == alarm.alarm_id)

    await eventually(lambda: escalated(current), 10)
    await stub.AssignAlarm(pb.AssignAlarmRequest(site=SITE, alarm_id=alarm.alarm_id, owner="patrol"), timeout=5)

    assert (await current()).owner == "patrol"


async def escalated(current: Any) -> bool:
    return bool((await current()).escalations >= 1)


async def test_an_agent_may_not_close_and_no_agent_speaks_for_another_site(safety: Any) -> None:
    agent = safety.stub(AlarmServiceStub, AGENT)
    foreign = safety.stub(AlarmServiceStub, spiffe_uri(Role.AGENT, "east-1", "east"))

    with pytest.raises(grpc.aio.AioRpcError) as closing:
        await agent.CloseAlarm(pb.CloseAlarmRequest(site=SITE, alarm_id=new_id(), note="x"), timeout=5)
    with pytest.raises(grpc.aio.AioRpcError) as raising:
        await foreign.RaiseAlarm(pb.RaiseAlarmRequest(site=SITE, alarm=an_alarm()), timeout=5)

    assert closing.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert raising.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_every_step_of_every_open_state_is_in_the_table() -> None:
    open_states = (AlarmState.RAISED, AlarmState.ACKNOWLEDGED, AlarmState.ASSIGNED)

    assert set(NEXT) == {(state, step) for state in open_states for step in Step}
