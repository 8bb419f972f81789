"""Safety, as the control room that takes alarms."""

from typing import Final, cast

import grpc
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub

from menshen_access.domain.administration import WaitingAlarm

TIMEOUT_S: Final = 5.0
_FOR_GOOD: Final = frozenset({grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS})


class SafetyRoom:
    """Implements alarming.ControlRoom."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = AlarmServiceStub(channel)

    async def raise_alarm(self, alarm: WaitingAlarm) -> bool:
        message = safety_pb2.Alarm(
            alarm_id=alarm.alarm_id,
            kind=cast("safety_pb2.AlarmKind", alarm.kind),
            source=alarm.source,
            event_id=alarm.event_id,
            raised_at_ms=alarm.raised_at_ms,
            detail=dict(alarm.detail),
        )
        try:
            request = safety_pb2.RaiseAlarmRequest(site=alarm.site, alarm=message)
            await self._stub.RaiseAlarm(request, timeout=TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            if error.code() in _FOR_GOOD:
                return False
            raise ConnectionError(f"safety did not take the alarm: {error.code().name}") from error
        return True
