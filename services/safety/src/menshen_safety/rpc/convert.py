"""Domain values to and from the wire."""

from typing import cast

from menshen.safety.v1 import safety_pb2
from menshen_servicekit.ids import is_uuid7
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_safety.domain.alarms import Alarm, AlarmKind, AlarmState
from menshen_safety.domain.zones import DoorReport, Zone, ZoneStatus

TEXT_LIMIT = 200
DETAIL_LIMIT = 16


def alarm_of(message: safety_pb2.Alarm) -> Alarm:
    """An alarm to be raised; DomainError INVALID names every field that is wrong."""
    faults = [
        *_faulty("alarm.alarm_id", is_uuid7(message.alarm_id), "UUIDv7", "a UUIDv7"),
        *_faulty("alarm.kind", message.kind in _KINDS, "已知的警报类型", "a known kind of alarm"),
        *_faulty("alarm.source", 0 < len(message.source) <= TEXT_LIMIT, "1 至 200 字", "1 to 200 characters"),
        *_faulty("alarm.raised_at_ms", message.raised_at_ms > 0, "毫秒时刻", "an instant in milliseconds"),
        *_faulty("alarm.detail", len(message.detail) <= DETAIL_LIMIT, "至多 16 项", "at most 16 entries"),
    ]
    if faults:
        raise DomainError(Trouble.INVALID, "ALARM_INVALID", "警报不完整", "the alarm is not complete", faults)
    return Alarm(
        alarm_id=message.alarm_id,
        kind=AlarmKind(message.kind),
        source=message.source,
        event_id=message.event_id,
        raised_at_ms=message.raised_at_ms,
        detail={key: value[:TEXT_LIMIT] for key, value in message.detail.items()},
    )


def alarm_message(alarm: Alarm) -> safety_pb2.Alarm:
    """An alarm as it stands."""
    return safety_pb2.Alarm(
        alarm_id=alarm.alarm_id,
        kind=cast("safety_pb2.AlarmKind", int(alarm.kind)),
        state=cast("safety_pb2.AlarmState", int(alarm.state)),
        source=alarm.source,
        event_id=alarm.event_id,
        raised_at_ms=alarm.raised_at_ms,
        stored_at_ms=alarm.stored_at_ms,
        acknowledged_at_ms=alarm.acknowledged_at_ms,
        owner=alarm.owner,
        closed_at_ms=alarm.closed_at_ms,
        note=alarm.note,
        escalations=alarm.escalations,
        version=alarm.version,
        detail=dict(alarm.detail),
    )


def zone_of(message: safety_pb2.Zone) -> Zone:
    """A zone to be stored; DomainError INVALID names every field that is wrong."""
    faults = [
        *_faulty("zone.zone_id", 0 < len(message.zone_id) <= TEXT_LIMIT, "1 至 200 字", "1 to 200 characters"),
        *_faulty("zone.name_zh", bool(message.name_zh), "名称", "a name"),
        *_faulty("zone.name_en", bool(message.name_en), "名称", "a name"),
        *_faulty("zone.doors", len(message.doors) > 0, "至少一扇门", "at least one door"),
    ]
    if faults:
        raise DomainError(Trouble.INVALID, "ZONE_INVALID", "消防区不完整", "the zone is not complete", faults)
    return Zone(
        message.zone_id,
        message.name_zh,
        message.name_en,
        tuple(dict.fromkeys(message.doors)),
        tuple(dict.fromkeys(message.areas)),
        message.external_ref,
    )


def zone_message(zone: Zone) -> safety_pb2.Zone:
    """A zone as configured."""
    return safety_pb2.Zone(
        zone_id=zone.zone_id,
        name_zh=zone.name_zh,
        name_en=zone.name_en,
        doors=zone.doors,
        areas=zone.areas,
        external_ref=zone.external_ref,
    )


def status_message(status: ZoneStatus) -> safety_pb2.ZoneStatus:
    """A zone and its release."""
    return safety_pb2.ZoneStatus(
        zone=zone_message(status.zone),
        release_id=status.release_id,
        released_at_ms=status.released_at_ms if status.release_id else 0,
        panel_in_alarm=status.panel_in_alarm,
    )


def state_message(status: ZoneStatus, doors: frozenset[str]) -> safety_pb2.ZoneState:
    """A zone as an agent with these doors is told."""
    return safety_pb2.ZoneState(
        zone_id=status.zone.zone_id,
        release_id=status.release_id,
        doors=[door for door in status.zone.doors if door in doors],
        at_ms=status.released_at_ms if status.release_id else status.ended_at_ms,
        reset=not status.release_id and bool(status.ended_release_id),
        ended_release_id="" if status.release_id else status.ended_release_id,
    )


def report_of(message: safety_pb2.DoorReport) -> DoorReport:
    """A door's answer."""
    return DoorReport(
        door=message.door,
        zone_id=message.zone_id,
        released=message.released,
        commanded_at_ms=message.commanded_at_ms,
        commanded_after_ms=message.commanded_after_ms,
        confirmed_after_ms=message.confirmed_after_ms,
        stuck=message.stuck,
        release_id=message.release_id,
    )


def report_message(report: DoorReport) -> safety_pb2.DoorReport:
    """A door's answer as stored."""
    return safety_pb2.DoorReport(
        door=report.door,
        zone_id=report.zone_id,
        released=report.released,
        commanded_at_ms=report.commanded_at_ms,
        commanded_after_ms=report.commanded_after_ms,
        confirmed_after_ms=report.confirmed_after_ms,
        stuck=report.stuck,
        release_id=report.release_id,
    )


_KINDS = frozenset(int(kind) for kind in AlarmKind if kind is not AlarmKind.UNSPECIFIED)


def check_choice(request: safety_pb2.ListAlarmsRequest) -> None:
    """DomainError INVALID for a state or a kind that there is not; zero chooses all."""
    faults = [
        *_faulty("state", request.state in {0, *map(int, AlarmState)}, "已知的警报状态", "a known state of an alarm"),
        *_faulty("kind", request.kind in {0, *_KINDS}, "已知的警报类型", "a known kind of alarm"),
    ]
    if faults:
        raise DomainError(Trouble.INVALID, "CHOICE_INVALID", "筛选条件无效", "the choice is not valid", faults)


def _faulty(path: str, holds: bool, zh: str, en: str) -> list[FieldTrouble]:
    return [] if holds else [FieldTrouble(path, f"应为{zh}", f"expected {en}")]
