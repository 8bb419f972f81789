"""Alarms and their life: raised, acknowledged, assigned, closed with a note."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class AlarmKind(IntEnum):
    """Numbers equal menshen.safety.v1.AlarmKind."""

    UNSPECIFIED = 0
    DOOR_FORCED = 1
    DOOR_HELD = 2
    TAILGATED = 3
    TAMPER = 4
    DEVICE_LOST = 5
    DURESS = 6
    FIRE = 7
    LINE_FAULT = 8
    WRONG_ATTEMPTS = 9
    CLONED_TAG = 10
    SECURITY = 11
    DOOR_STUCK = 12
    BLACKLISTED = 13
    SYSTEM = 14


CONTROL_ROOM_ONLY = frozenset({AlarmKind.DURESS})
"""Never shown at a lane or its guard's post."""


class AlarmState(IntEnum):
    """Numbers equal menshen.safety.v1.AlarmState."""

    UNSPECIFIED = 0
    RAISED = 1
    ACKNOWLEDGED = 2
    ASSIGNED = 3
    CLOSED = 4


class Step(IntEnum):
    """What an operator does to an alarm."""

    ACKNOWLEDGE = 1
    ASSIGN = 2
    CLOSE = 3


NEXT: Mapping[tuple[AlarmState, Step], AlarmState] = {
    (AlarmState.RAISED, Step.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.RAISED, Step.ASSIGN): AlarmState.ASSIGNED,
    (AlarmState.RAISED, Step.CLOSE): AlarmState.CLOSED,
    (AlarmState.ACKNOWLEDGED, Step.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Step.ASSIGN): AlarmState.ASSIGNED,
    (AlarmState.ACKNOWLEDGED, Step.CLOSE): AlarmState.CLOSED,
    (AlarmState.ASSIGNED, Step.ACKNOWLEDGE): AlarmState.ASSIGNED,
    (AlarmState.ASSIGNED, Step.ASSIGN): AlarmState.ASSIGNED,
    (AlarmState.ASSIGNED, Step.CLOSE): AlarmState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm record. Instants in epoch milliseconds, 0 while they have not come."""

    alarm_id: str
    kind: AlarmKind
    source: str
    event_id: str
    raised_at_ms: int
    detail: Mapping[str, str] = field(default_factory=dict)
    state: AlarmState = AlarmState.RAISED
    stored_at_ms: int = 0
    acknowledged_at_ms: int = 0
    owner: str = ""
    closed_at_ms: int = 0
    note: str = ""
    escalations: int = 0
    version: int = 1
    position: int = 0


def next_state(alarm: Alarm, step: Step) -> AlarmState | None:
    """Where the step leads; None when the alarm is closed."""
    return NEXT.get((alarm.state, step))
