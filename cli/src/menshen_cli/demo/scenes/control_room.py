"""The control room: sees every alarm as it is stored, takes it and closes it with a note."""

import asyncio
from contextlib import suppress
from typing import Any

import grpc
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub

ASK_S = 5.0
_RETRY_S = 0.3
OWNER = "control-room-1"
Alarm = safety_pb2.Alarm


class ControlRoom:
    """Follows the alarms of some sites on one channel, through outages of safety, until `close`."""

    def __init__(self, safety: grpc.aio.Channel) -> None:
        self._stub: Any = AlarmServiceStub(safety)
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self.alarms: dict[str, tuple[str, Alarm]] = {}
        """Alarm id to its site and the alarm as it stands."""

    def follow(self, site: str) -> None:
        """Begin to follow a site."""
        self._tasks.add(asyncio.get_running_loop().create_task(self._follow(site), name=f"alarms of {site}"))

    async def close(self) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def alarm(self, kind: int, source: str = "", *, event_id: str = "", since_ms: int = 0) -> Alarm:
        """The first alarm of a kind that fits, once it is there. The caller bounds the wait."""
        while True:
            for _, alarm in tuple(self.alarms.values()):
                fits = alarm.kind == kind and alarm.raised_at_ms >= since_ms
                if fits and source in ("", alarm.source) and event_id in ("", alarm.event_id):
                    return alarm
            self._news.clear()
            await self._news.wait()

    async def own(self, site: str, alarm: Alarm, note: str) -> Alarm:
        """Take an alarm and close it with a note; as it was while owned."""
        assign = safety_pb2.AssignAlarmRequest(site=site, alarm_id=alarm.alarm_id, owner=OWNER)
        owned = (await self._stub.AssignAlarm(assign, timeout=ASK_S)).alarm
        close = safety_pb2.CloseAlarmRequest(site=site, alarm_id=alarm.alarm_id, note=note)
        closed = (await self._stub.CloseAlarm(close, timeout=ASK_S)).alarm
        self._take(site, closed)
        return owned  # type: ignore[no-any-return]

    def open_count(self) -> int:
        """Alarms that are not closed."""
        return sum(alarm.state != safety_pb2.ALARM_STATE_CLOSED for _, alarm in self.alarms.values())

    async def _follow(self, site: str) -> None:
        while True:
            with suppress(grpc.aio.AioRpcError):
                request = safety_pb2.WatchAlarmsRequest(site=site)
                async for response in self._stub.WatchAlarms(request, wait_for_ready=True):
                    self._take(site, response.alarm)
            await asyncio.sleep(_RETRY_S)

    def _take(self, site: str, alarm: Alarm) -> None:
        known = self.alarms.get(alarm.alarm_id)
        if known is not None and known[1].version >= alarm.version:
            return
        self.alarms[alarm.alarm_id] = (site, alarm)
        self._news.set()


async def alarms_seen_by_guard(channel: grpc.aio.Channel, site: str) -> list[Alarm]:
    """The alarms a guard's identity may list. The caller closes the channel."""
    request = safety_pb2.ListAlarmsRequest(site=site)
    listed = await AlarmServiceStub(channel).ListAlarms(request, timeout=ASK_S)
    return list(listed.alarms)
