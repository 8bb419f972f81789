"""DeviceService: the local view and the local commands, with every server away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceServicer
from menshen_servicekit.identity import Role, caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_device_agent.agent import Agent
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.rpc.convert import door_message, lane_message, status_message

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class DeviceServicer(DeviceServiceServicer):
    """Serves one agent; `stopping` ends its streams."""

    def __init__(self, agent: Agent, stopping: asyncio.Event) -> None:
        self._agent = agent
        self._stopping = stopping

    async def GetStatus(self, request: device_pb2.GetStatusRequest, context: Context) -> device_pb2.GetStatusResponse:
        self._own(request.site)
        return status_message(self._agent)

    async def WatchDoors(
        self, request: device_pb2.WatchDoorsRequest, context: Context
    ) -> AsyncIterator[device_pb2.WatchDoorsResponse]:
        self._own(request.site)
        for control in self._agent.doors.values():
            yield device_pb2.WatchDoorsResponse(door=door_message(control))
        async for control in self._agent.door_changes.follow(self._stopping):
            yield device_pb2.WatchDoorsResponse(door=door_message(control))

    async def WatchLanes(
        self, request: device_pb2.WatchLanesRequest, context: Context
    ) -> AsyncIterator[device_pb2.WatchLanesResponse]:
        self._own(request.site)
        async for shown in self._agent.screen.lanes.follow(self._stopping):
            yield lane_message(shown, self._agent.keeper.holding.plan)

    async def OperateDoor(
        self, request: device_pb2.OperateDoorRequest, context: Context
    ) -> device_pb2.OperateDoorResponse:
        self._own(request.site)
        if request.command != device_pb2.DOOR_COMMAND_PULSE:
            raise _invalid("command", "COMMAND_UNKNOWN", "未知的开门指令", "the command is not known")
        _require_reason(request.reason)
        control = self._door(request.door)
        caller = caller_of(context)
        self._agent.by_hand.check(control, by_operator=caller is not None and caller.role is Role.OPERATOR)
        control.operate(caller.name if caller else "", request.reason)
        return device_pb2.OperateDoorResponse(door=door_message(control))

    async def ResetRelease(
        self, request: device_pb2.ResetReleaseRequest, context: Context
    ) -> device_pb2.ResetReleaseResponse:
        self._own(request.site)
        _require_reason(request.reason)
        control = self._agent.releases.reset(request.zone_id)
        return device_pb2.ResetReleaseResponse(doors=[door_message(door) for door in control.doors])

    def _own(self, site: str) -> None:
        if site != self._agent.configuration.site:
            raise DomainError(Trouble.FORBIDDEN, "SITE_FOREIGN", "不是本机所在校区", "not the site of this agent")

    def _door(self, name: str) -> DoorControl:
        control = self._agent.doors.get(name)
        if control is None:
            raise DomainError(Trouble.NOT_FOUND, "DOOR_UNKNOWN", f"本机没有门 {name}", f"no door {name} here")
        return control


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise _invalid("reason", "REASON_MISSING", "须填写原因", "a reason is required")


def _invalid(path: str, code: str, zh: str, en: str) -> DomainError:
    return DomainError(Trouble.INVALID, code, zh, en, [FieldTrouble(path, zh, en)])
