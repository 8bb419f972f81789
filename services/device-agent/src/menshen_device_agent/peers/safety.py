"""The stream that carries zones and releases, and the delivery of alarms."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import cast

import grpc
import structlog
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub, ReleaseServiceStub

from menshen_device_agent.alarming import Alarm
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.model.zone import PanelState
from menshen_device_agent.releasing import ZoneWord

_log = structlog.get_logger(__name__)

OUTBOX_LIMIT = 1_000
SILENCE_S = 15.0
CALL_TIMEOUT_S = 5.0


def alarm_body(alarm: Alarm) -> bytes:
    """An alarm as its spool keeps it."""
    return safety_pb2.Alarm(
        alarm_id=alarm.alarm_id,
        kind=getattr(safety_pb2, f"ALARM_KIND_{alarm.kind}"),
        source=alarm.source,
        event_id=alarm.event_id,
        raised_at_ms=alarm.raised_at_ms,
        detail=dict(alarm.detail),
    ).SerializeToString()


class SafetyAlarms:
    """Delivers alarms to safety."""

    def __init__(self, channel: grpc.aio.Channel, site: str) -> None:
        self._stub = AlarmServiceStub(channel)
        self._site = site

    async def store(self, body: bytes) -> None:
        """Store one alarm; OSError while safety does not take it."""
        request = safety_pb2.RaiseAlarmRequest(site=self._site, alarm=safety_pb2.Alarm.FromString(body))
        try:
            await self._stub.RaiseAlarm(request, timeout=CALL_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
                _log.error("alarm_refused", reason=error.details())
                return
            raise ConnectionError(error.code().name) from error


class ZoneLink:
    """Owns the zone stream while `run` runs. `present` gives the reports that stand when the stream opens."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        site: str,
        doors: Sequence[str],
        zones: Sequence[str],
        present: Callable[[], list[safety_pb2.HoldZonesRequest]],
        say: Callable[[list[ZoneWord], Sequence[str]], None],
        online: Callable[[bool], None],
    ) -> None:
        self._stub = ReleaseServiceStub(channel)
        self._site = site
        self._hello = safety_pb2.ZoneHello(doors=doors, zones=zones)
        self._present = present
        self._say = say
        self._online = online
        self._outbox: deque[safety_pb2.HoldZonesRequest] = deque(maxlen=OUTBOX_LIMIT)
        self._outgoing = asyncio.Event()
        self._open = False

    def report(self, request: safety_pb2.HoldZonesRequest) -> None:
        """Send a report if the stream is open; otherwise `present` will tell when it is."""
        if self._open:
            request.site = self._site
            self._outbox.append(request)
            self._outgoing.set()

    async def run(self) -> None:
        """Hold one stream until it breaks or falls silent; whoever owns the link runs it again, after a pause."""
        call = self._stub.HoldZones(self._requests())
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    response = await call.read()
                if not isinstance(response, safety_pb2.HoldZonesResponse):
                    raise ConnectionError("the stream ended")
                self._opened()
                words = [ZoneWord(zone.zone_id, zone.release_id, zone.ended_release_id) for zone in response.zones]
                self._say(words, tuple(response.not_held))
        finally:
            call.cancel()
            self._closed()

    def _opened(self) -> None:
        if not self._open:
            self._open = True
            _log.info("safety_online")
            self._online(True)  # noqa: FBT003  (the listener's only argument)
            for request in self._present():
                self.report(request)

    def _closed(self) -> None:
        self._outbox.clear()
        if self._open:
            self._open = False
            _log.warning("safety_offline")
            self._online(False)  # noqa: FBT003  (the listener's only argument)

    async def _requests(self) -> AsyncIterator[safety_pb2.HoldZonesRequest]:
        yield safety_pb2.HoldZonesRequest(site=self._site, hello=self._hello)
        while True:
            await self._outgoing.wait()
            while self._outbox:
                yield self._outbox.popleft()
            self._outgoing.clear()


def panel_report(zone: str, state: PanelState, at_ms: int) -> safety_pb2.HoldZonesRequest:
    """A fire line, for safety."""
    return safety_pb2.HoldZonesRequest(
        panel=safety_pb2.PanelReport(zone_id=zone, state=cast("safety_pb2.PanelState", int(state)), at_ms=at_ms)
    )


def door_report(control: DoorControl, zone: str, release_id: str, at_ms: int) -> safety_pb2.HoldZonesRequest:
    """How a door answered a release or a reset, for safety."""
    release = control.release
    return safety_pb2.HoldZonesRequest(
        door=safety_pb2.DoorReport(
            door=control.binding.name,
            zone_id=zone,
            released=zone in control.door.released_by,
            commanded_at_ms=at_ms,
            commanded_after_ms=release.commanded_after_ms if release else -1,
            confirmed_after_ms=release.confirmed_after_ms if release else -1,
            stuck=bool(release and release.stuck),
            release_id=release_id,
        )
    )
