"""ReleaseService."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import grpc
import structlog
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import ReleaseServiceServicer
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Bell
from menshen_servicekit.identity import caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_safety.domain.zones import PanelState
from menshen_safety.ports import ZoneRecords
from menshen_safety.rpc.alarms import first_of
from menshen_safety.rpc.convert import report_message, report_of, state_message, status_message, zone_message, zone_of
from menshen_safety.rpc.waiting_reports import WaitingReports, zone_and_door
from menshen_safety.troubles import ZONE_UNKNOWN

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_log = structlog.get_logger(__name__)


class ReleaseServicer(ReleaseServiceServicer):
    """Serves zones. A stream that agents hold is told of every change and at least every `heartbeat_s`.

    What an agent reports of a zone that is not known here ends nothing, and counts as soon as the zone is known. Too
    many such reports end the stream: the agent comes back and tells anew what stands.
    """

    def __init__(
        self,
        zones: ZoneRecords,
        clock: Clock,
        new_id: Callable[[], str],
        bell: Bell,
        stopping: asyncio.Event,
        heartbeat_s: float,
    ) -> None:
        self._zones = zones
        self._clock = clock
        self._new_id = new_id
        self._bell = bell
        self._stopping = stopping
        self._heartbeat_s = heartbeat_s

    async def PutZone(self, request: safety_pb2.PutZoneRequest, context: Context) -> safety_pb2.PutZoneResponse:
        zone = zone_of(request.zone)
        await self._zones.put(request.site, zone, self._clock.now_ms(), _caller(context))
        return safety_pb2.PutZoneResponse(zone=zone_message(zone))

    async def ListZones(self, request: safety_pb2.ListZonesRequest, context: Context) -> safety_pb2.ListZonesResponse:
        statuses = await self._zones.listed(request.site)
        return safety_pb2.ListZonesResponse(zones=[status_message(status) for status in statuses])

    async def RaiseRelease(
        self, request: safety_pb2.RaiseReleaseRequest, context: Context
    ) -> safety_pb2.RaiseReleaseResponse:
        _require_reason(request.reason)
        release_id = await self._zones.release(
            request.site, request.zone_id, self._new_id(), self._clock.now_ms(), _caller(context), request.reason
        )
        self._bell.ring()
        return safety_pb2.RaiseReleaseResponse(release_id=release_id)

    async def ResetRelease(
        self, request: safety_pb2.ResetReleaseRequest, context: Context
    ) -> safety_pb2.ResetReleaseResponse:
        _require_reason(request.reason)
        release_id = await self._zones.reset(
            request.site, request.zone_id, self._clock.now_ms(), _caller(context), request.reason
        )
        self._bell.ring()
        return safety_pb2.ResetReleaseResponse(release_id=release_id)

    async def ListReleaseDoors(
        self, request: safety_pb2.ListReleaseDoorsRequest, context: Context
    ) -> safety_pb2.ListReleaseDoorsResponse:
        release_id, zone, reports = await self._zones.doors(request.site, request.zone_id, request.release_id)
        answered = {report.door: report for report in reports}
        doors = [
            safety_pb2.ReleaseDoor(
                door=door,
                acknowledged=door in answered and answered[door].commanded_after_ms >= 0,
                report=report_message(answered[door]) if door in answered else None,
            )
            for door in zone.doors
        ]
        return safety_pb2.ListReleaseDoorsResponse(release_id=release_id, doors=doors)

    async def HoldZones(
        self, request_iterator: AsyncIterator[safety_pb2.HoldZonesRequest], context: Context
    ) -> AsyncIterator[safety_pb2.HoldZonesResponse]:
        first = await anext(aiter(request_iterator), None)
        if first is None or first.WhichOneof("body") != "hello":
            raise _invalid("hello", "HELLO_MISSING", "首条消息应为 hello", "the first message must be hello")
        doors, zones = frozenset(first.hello.doors), frozenset(first.hello.zones)
        agent_id, waiting = _caller(context), WaitingReports()
        reading = asyncio.ensure_future(self._read(first.site, agent_id, request_iterator, waiting))
        try:
            while not self._stopping.is_set() and not reading.done():
                rung = self._bell.next_ring()
                await self._take_waiting(first.site, agent_id, waiting)
                yield await self._states(first.site, doors, zones)
                await self._pause(rung, reading)
            if reading.done() and not reading.cancelled():
                reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _pause(self, rung: asyncio.Event, reading: "asyncio.Future[None]") -> None:
        wait = asyncio.ensure_future(first_of(rung, self._stopping, self._heartbeat_s))
        try:
            await asyncio.wait([wait, reading], return_when=asyncio.FIRST_COMPLETED)
        finally:
            wait.cancel()
            await asyncio.gather(wait, return_exceptions=True)

    async def _states(self, site: str, doors: frozenset[str], zones: frozenset[str]) -> safety_pb2.HoldZonesResponse:
        statuses = await self._zones.listed(site)
        covering = [status for status in statuses if doors.intersection(status.zone.doors)]
        told = {status.zone.zone_id for status in covering}
        told.update(status.zone.zone_id for status in statuses if status.release_id)
        states = [state_message(status, doors) for status in covering]
        return safety_pb2.HoldZonesResponse(zones=states, not_held=sorted(zones - told))

    async def _read(
        self,
        site: str,
        agent_id: str,
        requests: AsyncIterator[safety_pb2.HoldZonesRequest],
        waiting: WaitingReports,
    ) -> None:
        async for request in requests:
            async with waiting.turn:
                await self._take_or_keep(site, agent_id, request, waiting)

    async def _take_waiting(self, site: str, agent_id: str, waiting: WaitingReports) -> None:
        async with waiting.turn:
            if not waiting:
                return
            known = {status.zone.zone_id for status in await self._zones.listed(site)}
            for request in waiting.of(known):
                await self._take_or_keep(site, agent_id, request, waiting)

    async def _take_or_keep(
        self, site: str, agent_id: str, request: safety_pb2.HoldZonesRequest, waiting: WaitingReports
    ) -> None:
        try:
            await self._take(site, agent_id, request)
        except DomainError as refused:
            if refused.code != ZONE_UNKNOWN or not waiting.keep(request):
                raise
            zone, door = zone_and_door(request)
            _log.warning("report_of_unknown_zone", site=site, agent=agent_id, zone=zone, door=door)
        else:
            waiting.outdated_by(request)

    async def _take(self, site: str, agent_id: str, request: safety_pb2.HoldZonesRequest) -> None:
        body = request.WhichOneof("body")
        if body == "panel":
            await self._panel(site, agent_id, request.panel)
        elif body == "door":
            await self._zones.door(site, report_of(request.door))

    async def _panel(self, site: str, agent_id: str, report: safety_pb2.PanelReport) -> None:
        if report.state not in _PANEL_STATES:
            raise _invalid("panel.state", "PANEL_STATE", "未知的消防线路状态", "the state of the line is not known")
        await self._zones.panel(
            site,
            report.zone_id,
            agent_id,
            PanelState(report.state),
            report.at_ms,
            self._new_id(),
            self._clock.now_ms(),
        )
        self._bell.ring()


_PANEL_STATES = frozenset(int(state) for state in PanelState if state is not PanelState.UNSPECIFIED)


def _caller(context: Context) -> str:
    caller = caller_of(context)
    return caller.name if caller else ""


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise _invalid("reason", "REASON_MISSING", "须填写原因", "a reason is required")


def _invalid(path: str, code: str, zh: str, en: str) -> DomainError:
    return DomainError(Trouble.INVALID, code, zh, en, [FieldTrouble(path, zh, en)])
