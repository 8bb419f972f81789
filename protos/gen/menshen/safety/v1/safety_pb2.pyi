from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlarmKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALARM_KIND_UNSPECIFIED: _ClassVar[AlarmKind]
    ALARM_KIND_DOOR_FORCED: _ClassVar[AlarmKind]
    ALARM_KIND_DOOR_HELD: _ClassVar[AlarmKind]
    ALARM_KIND_TAILGATED: _ClassVar[AlarmKind]
    ALARM_KIND_TAMPER: _ClassVar[AlarmKind]
    ALARM_KIND_DEVICE_LOST: _ClassVar[AlarmKind]
    ALARM_KIND_DURESS: _ClassVar[AlarmKind]
    ALARM_KIND_FIRE: _ClassVar[AlarmKind]
    ALARM_KIND_LINE_FAULT: _ClassVar[AlarmKind]
    ALARM_KIND_WRONG_ATTEMPTS: _ClassVar[AlarmKind]
    ALARM_KIND_CLONED_TAG: _ClassVar[AlarmKind]
    ALARM_KIND_SECURITY: _ClassVar[AlarmKind]
    ALARM_KIND_DOOR_STUCK: _ClassVar[AlarmKind]
    ALARM_KIND_BLACKLISTED: _ClassVar[AlarmKind]
    ALARM_KIND_SYSTEM: _ClassVar[AlarmKind]

class AlarmState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALARM_STATE_UNSPECIFIED: _ClassVar[AlarmState]
    ALARM_STATE_RAISED: _ClassVar[AlarmState]
    ALARM_STATE_ACKNOWLEDGED: _ClassVar[AlarmState]
    ALARM_STATE_ASSIGNED: _ClassVar[AlarmState]
    ALARM_STATE_CLOSED: _ClassVar[AlarmState]

class PanelState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PANEL_STATE_UNSPECIFIED: _ClassVar[PanelState]
    PANEL_STATE_NORMAL: _ClassVar[PanelState]
    PANEL_STATE_ALARM: _ClassVar[PanelState]
    PANEL_STATE_OPEN: _ClassVar[PanelState]
    PANEL_STATE_SHORT: _ClassVar[PanelState]
ALARM_KIND_UNSPECIFIED: AlarmKind
ALARM_KIND_DOOR_FORCED: AlarmKind
ALARM_KIND_DOOR_HELD: AlarmKind
ALARM_KIND_TAILGATED: AlarmKind
ALARM_KIND_TAMPER: AlarmKind
ALARM_KIND_DEVICE_LOST: AlarmKind
ALARM_KIND_DURESS: AlarmKind
ALARM_KIND_FIRE: AlarmKind
ALARM_KIND_LINE_FAULT: AlarmKind
ALARM_KIND_WRONG_ATTEMPTS: AlarmKind
ALARM_KIND_CLONED_TAG: AlarmKind
ALARM_KIND_SECURITY: AlarmKind
ALARM_KIND_DOOR_STUCK: AlarmKind
ALARM_KIND_BLACKLISTED: AlarmKind
ALARM_KIND_SYSTEM: AlarmKind
ALARM_STATE_UNSPECIFIED: AlarmState
ALARM_STATE_RAISED: AlarmState
ALARM_STATE_ACKNOWLEDGED: AlarmState
ALARM_STATE_ASSIGNED: AlarmState
ALARM_STATE_CLOSED: AlarmState
PANEL_STATE_UNSPECIFIED: PanelState
PANEL_STATE_NORMAL: PanelState
PANEL_STATE_ALARM: PanelState
PANEL_STATE_OPEN: PanelState
PANEL_STATE_SHORT: PanelState

class Alarm(_message.Message):
    __slots__ = ("alarm_id", "kind", "state", "source", "event_id", "raised_at_ms", "stored_at_ms", "acknowledged_at_ms", "owner", "closed_at_ms", "note", "escalations", "version", "detail")
    class DetailEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ALARM_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAISED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    STORED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ESCALATIONS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    alarm_id: str
    kind: AlarmKind
    state: AlarmState
    source: str
    event_id: str
    raised_at_ms: int
    stored_at_ms: int
    acknowledged_at_ms: int
    owner: str
    closed_at_ms: int
    note: str
    escalations: int
    version: int
    detail: _containers.ScalarMap[str, str]
    def __init__(self, alarm_id: _Optional[str] = ..., kind: _Optional[_Union[AlarmKind, str]] = ..., state: _Optional[_Union[AlarmState, str]] = ..., source: _Optional[str] = ..., event_id: _Optional[str] = ..., raised_at_ms: _Optional[int] = ..., stored_at_ms: _Optional[int] = ..., acknowledged_at_ms: _Optional[int] = ..., owner: _Optional[str] = ..., closed_at_ms: _Optional[int] = ..., note: _Optional[str] = ..., escalations: _Optional[int] = ..., version: _Optional[int] = ..., detail: _Optional[_Mapping[str, str]] = ...) -> None: ...

class RaiseAlarmRequest(_message.Message):
    __slots__ = ("site", "alarm")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ALARM_FIELD_NUMBER: _ClassVar[int]
    site: str
    alarm: Alarm
    def __init__(self, site: _Optional[str] = ..., alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class RaiseAlarmResponse(_message.Message):
    __slots__ = ("alarm",)
    ALARM_FIELD_NUMBER: _ClassVar[int]
    alarm: Alarm
    def __init__(self, alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class AcknowledgeAlarmRequest(_message.Message):
    __slots__ = ("site", "alarm_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ALARM_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    alarm_id: str
    def __init__(self, site: _Optional[str] = ..., alarm_id: _Optional[str] = ...) -> None: ...

class AcknowledgeAlarmResponse(_message.Message):
    __slots__ = ("alarm",)
    ALARM_FIELD_NUMBER: _ClassVar[int]
    alarm: Alarm
    def __init__(self, alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class AssignAlarmRequest(_message.Message):
    __slots__ = ("site", "alarm_id", "owner")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ALARM_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    site: str
    alarm_id: str
    owner: str
    def __init__(self, site: _Optional[str] = ..., alarm_id: _Optional[str] = ..., owner: _Optional[str] = ...) -> None: ...

class AssignAlarmResponse(_message.Message):
    __slots__ = ("alarm",)
    ALARM_FIELD_NUMBER: _ClassVar[int]
    alarm: Alarm
    def __init__(self, alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class CloseAlarmRequest(_message.Message):
    __slots__ = ("site", "alarm_id", "note")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ALARM_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    site: str
    alarm_id: str
    note: str
    def __init__(self, site: _Optional[str] = ..., alarm_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class CloseAlarmResponse(_message.Message):
    __slots__ = ("alarm",)
    ALARM_FIELD_NUMBER: _ClassVar[int]
    alarm: Alarm
    def __init__(self, alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class ListAlarmsRequest(_message.Message):
    __slots__ = ("site", "state", "from_ms", "kind")
    SITE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    site: str
    state: AlarmState
    from_ms: int
    kind: AlarmKind
    def __init__(self, site: _Optional[str] = ..., state: _Optional[_Union[AlarmState, str]] = ..., from_ms: _Optional[int] = ..., kind: _Optional[_Union[AlarmKind, str]] = ...) -> None: ...

class ListAlarmsResponse(_message.Message):
    __slots__ = ("alarms",)
    ALARMS_FIELD_NUMBER: _ClassVar[int]
    alarms: _containers.RepeatedCompositeFieldContainer[Alarm]
    def __init__(self, alarms: _Optional[_Iterable[_Union[Alarm, _Mapping]]] = ...) -> None: ...

class WatchAlarmsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class WatchAlarmsResponse(_message.Message):
    __slots__ = ("alarm",)
    ALARM_FIELD_NUMBER: _ClassVar[int]
    alarm: Alarm
    def __init__(self, alarm: _Optional[_Union[Alarm, _Mapping]] = ...) -> None: ...

class Zone(_message.Message):
    __slots__ = ("zone_id", "name_zh", "name_en", "doors", "areas", "external_ref")
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_ZH_FIELD_NUMBER: _ClassVar[int]
    NAME_EN_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    AREAS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    zone_id: str
    name_zh: str
    name_en: str
    doors: _containers.RepeatedScalarFieldContainer[str]
    areas: _containers.RepeatedScalarFieldContainer[str]
    external_ref: str
    def __init__(self, zone_id: _Optional[str] = ..., name_zh: _Optional[str] = ..., name_en: _Optional[str] = ..., doors: _Optional[_Iterable[str]] = ..., areas: _Optional[_Iterable[str]] = ..., external_ref: _Optional[str] = ...) -> None: ...

class PutZoneRequest(_message.Message):
    __slots__ = ("site", "zone")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    site: str
    zone: Zone
    def __init__(self, site: _Optional[str] = ..., zone: _Optional[_Union[Zone, _Mapping]] = ...) -> None: ...

class PutZoneResponse(_message.Message):
    __slots__ = ("zone",)
    ZONE_FIELD_NUMBER: _ClassVar[int]
    zone: Zone
    def __init__(self, zone: _Optional[_Union[Zone, _Mapping]] = ...) -> None: ...

class ListZonesRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ZoneStatus(_message.Message):
    __slots__ = ("zone", "release_id", "released_at_ms", "panel_in_alarm")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    PANEL_IN_ALARM_FIELD_NUMBER: _ClassVar[int]
    zone: Zone
    release_id: str
    released_at_ms: int
    panel_in_alarm: bool
    def __init__(self, zone: _Optional[_Union[Zone, _Mapping]] = ..., release_id: _Optional[str] = ..., released_at_ms: _Optional[int] = ..., panel_in_alarm: _Optional[bool] = ...) -> None: ...

class ListZonesResponse(_message.Message):
    __slots__ = ("zones",)
    ZONES_FIELD_NUMBER: _ClassVar[int]
    zones: _containers.RepeatedCompositeFieldContainer[ZoneStatus]
    def __init__(self, zones: _Optional[_Iterable[_Union[ZoneStatus, _Mapping]]] = ...) -> None: ...

class RaiseReleaseRequest(_message.Message):
    __slots__ = ("site", "zone_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    zone_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., zone_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RaiseReleaseResponse(_message.Message):
    __slots__ = ("release_id",)
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    release_id: str
    def __init__(self, release_id: _Optional[str] = ...) -> None: ...

class ResetReleaseRequest(_message.Message):
    __slots__ = ("site", "zone_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    zone_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., zone_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ResetReleaseResponse(_message.Message):
    __slots__ = ("release_id",)
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    release_id: str
    def __init__(self, release_id: _Optional[str] = ...) -> None: ...

class ZoneHello(_message.Message):
    __slots__ = ("doors", "zones")
    DOORS_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    doors: _containers.RepeatedScalarFieldContainer[str]
    zones: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, doors: _Optional[_Iterable[str]] = ..., zones: _Optional[_Iterable[str]] = ...) -> None: ...

class PanelReport(_message.Message):
    __slots__ = ("zone_id", "state", "at_ms")
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    zone_id: str
    state: PanelState
    at_ms: int
    def __init__(self, zone_id: _Optional[str] = ..., state: _Optional[_Union[PanelState, str]] = ..., at_ms: _Optional[int] = ...) -> None: ...

class DoorReport(_message.Message):
    __slots__ = ("door", "zone_id", "released", "commanded_at_ms", "commanded_after_ms", "confirmed_after_ms", "stuck", "release_id")
    DOOR_FIELD_NUMBER: _ClassVar[int]
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    COMMANDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    COMMANDED_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    STUCK_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    door: str
    zone_id: str
    released: bool
    commanded_at_ms: int
    commanded_after_ms: int
    confirmed_after_ms: int
    stuck: bool
    release_id: str
    def __init__(self, door: _Optional[str] = ..., zone_id: _Optional[str] = ..., released: _Optional[bool] = ..., commanded_at_ms: _Optional[int] = ..., commanded_after_ms: _Optional[int] = ..., confirmed_after_ms: _Optional[int] = ..., stuck: _Optional[bool] = ..., release_id: _Optional[str] = ...) -> None: ...

class HoldZonesRequest(_message.Message):
    __slots__ = ("site", "hello", "panel", "door")
    SITE_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    PANEL_FIELD_NUMBER: _ClassVar[int]
    DOOR_FIELD_NUMBER: _ClassVar[int]
    site: str
    hello: ZoneHello
    panel: PanelReport
    door: DoorReport
    def __init__(self, site: _Optional[str] = ..., hello: _Optional[_Union[ZoneHello, _Mapping]] = ..., panel: _Optional[_Union[PanelReport, _Mapping]] = ..., door: _Optional[_Union[DoorReport, _Mapping]] = ...) -> None: ...

class ZoneState(_message.Message):
    __slots__ = ("zone_id", "release_id", "doors", "at_ms", "reset", "ended_release_id")
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    ENDED_RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    zone_id: str
    release_id: str
    doors: _containers.RepeatedScalarFieldContainer[str]
    at_ms: int
    reset: bool
    ended_release_id: str
    def __init__(self, zone_id: _Optional[str] = ..., release_id: _Optional[str] = ..., doors: _Optional[_Iterable[str]] = ..., at_ms: _Optional[int] = ..., reset: _Optional[bool] = ..., ended_release_id: _Optional[str] = ...) -> None: ...

class HoldZonesResponse(_message.Message):
    __slots__ = ("zones", "not_held")
    ZONES_FIELD_NUMBER: _ClassVar[int]
    NOT_HELD_FIELD_NUMBER: _ClassVar[int]
    zones: _containers.RepeatedCompositeFieldContainer[ZoneState]
    not_held: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, zones: _Optional[_Iterable[_Union[ZoneState, _Mapping]]] = ..., not_held: _Optional[_Iterable[str]] = ...) -> None: ...

class ListReleaseDoorsRequest(_message.Message):
    __slots__ = ("site", "zone_id", "release_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ZONE_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    zone_id: str
    release_id: str
    def __init__(self, site: _Optional[str] = ..., zone_id: _Optional[str] = ..., release_id: _Optional[str] = ...) -> None: ...

class ReleaseDoor(_message.Message):
    __slots__ = ("door", "acknowledged", "report")
    DOOR_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    door: str
    acknowledged: bool
    report: DoorReport
    def __init__(self, door: _Optional[str] = ..., acknowledged: _Optional[bool] = ..., report: _Optional[_Union[DoorReport, _Mapping]] = ...) -> None: ...

class ListReleaseDoorsResponse(_message.Message):
    __slots__ = ("release_id", "doors")
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    release_id: str
    doors: _containers.RepeatedCompositeFieldContainer[ReleaseDoor]
    def __init__(self, release_id: _Optional[str] = ..., doors: _Optional[_Iterable[_Union[ReleaseDoor, _Mapping]]] = ...) -> None: ...
