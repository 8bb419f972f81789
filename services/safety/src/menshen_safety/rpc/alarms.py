"""AlarmService."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import grpc
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceServicer
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Bell
from menshen_servicekit.identity import Role, caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_safety.domain.alarms import CONTROL_ROOM_ONLY, Alarm, Step
from menshen_safety.ports import AlarmRecords
from menshen_safety.rpc.convert import alarm_message, alarm_of, check_choice
from menshen_safety.troubles import alarm_unknown

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

POLL_S = 1.0


class AlarmServicer(AlarmServiceServicer):
    """Serves alarms. Guards never see what is for the control room only."""

    def __init__(
        self,
        alarms: AlarmRecords,
        clock: Clock,
        bell: Bell,
        stopping: asyncio.Event,
        escalate_after_ms: int,
        new_id: Callable[[], str],
    ) -> None:
        self._alarms = alarms
        self._clock = clock
        self._bell = bell
        self._stopping = stopping
        self._escalate_after_ms = escalate_after_ms
        self._new_id = new_id

    async def RaiseAlarm(
        self, request: safety_pb2.RaiseAlarmRequest, context: Context
    ) -> safety_pb2.RaiseAlarmResponse:
        now_ms = self._clock.now_ms()
        raised = alarm_of(request.alarm)
        stored = await self._insert(request.site, raised, now_ms)
        if raised.kind in CONTROL_ROOM_ONLY and stored.kind is not raised.kind:
            # Its id follows from an event that a gate knows: nobody silences it by raising another alarm under that id.
            raised = replace(raised, alarm_id=self._new_id())
            stored = await self._insert(request.site, raised, now_ms)
        # Whoever may not see what stands under the id is answered as if nothing did.
        told = stored if _visible_to(context)(stored) else replace(raised, stored_at_ms=now_ms)
        return safety_pb2.RaiseAlarmResponse(alarm=alarm_message(told))

    async def AcknowledgeAlarm(
        self, request: safety_pb2.AcknowledgeAlarmRequest, context: Context
    ) -> safety_pb2.AcknowledgeAlarmResponse:
        alarm = await self._step(request.site, request.alarm_id, Step.ACKNOWLEDGE, context)
        return safety_pb2.AcknowledgeAlarmResponse(alarm=alarm_message(alarm))

    async def AssignAlarm(
        self, request: safety_pb2.AssignAlarmRequest, context: Context
    ) -> safety_pb2.AssignAlarmResponse:
        _require("owner", request.owner, "OWNER_MISSING", "须指定负责人", "an owner is required")
        alarm = await self._step(request.site, request.alarm_id, Step.ASSIGN, context, owner=request.owner)
        return safety_pb2.AssignAlarmResponse(alarm=alarm_message(alarm))

    async def CloseAlarm(
        self, request: safety_pb2.CloseAlarmRequest, context: Context
    ) -> safety_pb2.CloseAlarmResponse:
        _require("note", request.note, "NOTE_MISSING", "关闭警报须填写说明", "a note is required to close an alarm")
        alarm = await self._step(request.site, request.alarm_id, Step.CLOSE, context, note=request.note)
        return safety_pb2.CloseAlarmResponse(alarm=alarm_message(alarm))

    async def ListAlarms(
        self, request: safety_pb2.ListAlarmsRequest, context: Context
    ) -> safety_pb2.ListAlarmsResponse:
        check_choice(request)
        alarms = await self._alarms.listed(request.site, request.from_ms, request.state, request.kind)
        visible = _visible_to(context)
        return safety_pb2.ListAlarmsResponse(alarms=[alarm_message(alarm) for alarm in alarms if visible(alarm)])

    async def WatchAlarms(
        self, request: safety_pb2.WatchAlarmsRequest, context: Context
    ) -> AsyncIterator[safety_pb2.WatchAlarmsResponse]:
        visible = _visible_to(context)
        alarms, position = await self._alarms.open(request.site)
        while True:
            for alarm in filter(visible, alarms):
                yield safety_pb2.WatchAlarmsResponse(alarm=alarm_message(alarm))
            position = max([position, *(alarm.position for alarm in alarms)])
            alarms = await self._next(request.site, position)
            if self._stopping.is_set():
                return

    async def _insert(self, site: str, alarm: Alarm, now_ms: int) -> Alarm:
        return await self._alarms.insert(site, alarm, now_ms, now_ms + self._escalate_after_ms)

    async def _next(self, site: str, position: int) -> list[Alarm]:
        while not self._stopping.is_set():
            rung = self._bell.next_ring()
            alarms = await self._alarms.after(site, position)
            if alarms:
                return alarms
            await first_of(rung, self._stopping, POLL_S)
        return []

    async def _step(self, site: str, alarm_id: str, step: Step, context: Context, **words: str) -> Alarm:
        caller = caller_of(context)
        if caller is not None and caller.role is Role.GUARD:
            await self._refuse_hidden(site, alarm_id)
        name = caller.name if caller else ""
        return await self._alarms.step(site, alarm_id, step, self._clock.now_ms(), name, **words)

    async def _refuse_hidden(self, site: str, alarm_id: str) -> None:
        alarm = await self._alarms.one(site, alarm_id)
        if alarm.kind in CONTROL_ROOM_ONLY:
            raise alarm_unknown()


async def first_of(rung: asyncio.Event, stopping: asyncio.Event, seconds: float) -> None:
    """Wait until an event is set or the time is over."""
    waits = [asyncio.ensure_future(rung.wait()), asyncio.ensure_future(stopping.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _visible_to(context: Context) -> Callable[[Alarm], bool]:
    caller = caller_of(context)
    if caller is not None and caller.role is Role.OPERATOR:
        return lambda _: True
    return lambda alarm: alarm.kind not in CONTROL_ROOM_ONLY


def _require(path: str, text: str, code: str, zh: str, en: str) -> None:
    if not text.strip():
        raise DomainError(Trouble.INVALID, code, zh, en, [FieldTrouble(path, zh, en)])
