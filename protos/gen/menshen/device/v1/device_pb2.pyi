from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DoorState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOOR_STATE_UNSPECIFIED: _ClassVar[DoorState]
    DOOR_STATE_SECURED: _ClassVar[DoorState]
    DOOR_STATE_UNLOCKED: _ClassVar[DoorState]
    DOOR_STATE_OPEN: _ClassVar[DoorState]
    DOOR_STATE_FORCED: _ClassVar[DoorState]
    DOOR_STATE_HELD: _ClassVar[DoorState]
    DOOR_STATE_RELEASED: _ClassVar[DoorState]

class DoorCommand(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOOR_COMMAND_UNSPECIFIED: _ClassVar[DoorCommand]
    DOOR_COMMAND_PULSE: _ClassVar[DoorCommand]
DOOR_STATE_UNSPECIFIED: DoorState
DOOR_STATE_SECURED: DoorState
DOOR_STATE_UNLOCKED: DoorState
DOOR_STATE_OPEN: DoorState
DOOR_STATE_FORCED: DoorState
DOOR_STATE_HELD: DoorState
DOOR_STATE_RELEASED: DoorState
DOOR_COMMAND_UNSPECIFIED: DoorCommand
DOOR_COMMAND_PULSE: DoorCommand

class Door(_message.Message):
    __slots__ = ("door", "state", "open", "locked", "released_by", "release_commanded_after_ms", "release_confirmed_after_ms", "stuck")
    DOOR_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_BY_FIELD_NUMBER: _ClassVar[int]
    RELEASE_COMMANDED_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_CONFIRMED_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    STUCK_FIELD_NUMBER: _ClassVar[int]
    door: str
    state: DoorState
    open: bool
    locked: bool
    released_by: str
    release_commanded_after_ms: int
    release_confirmed_after_ms: int
    stuck: bool
    def __init__(self, door: _Optional[str] = ..., state: _Optional[_Union[DoorState, str]] = ..., open: _Optional[bool] = ..., locked: _Optional[bool] = ..., released_by: _Optional[str] = ..., release_commanded_after_ms: _Optional[int] = ..., release_confirmed_after_ms: _Optional[int] = ..., stuck: _Optional[bool] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("name", "online", "protocol", "cause")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    name: str
    online: bool
    protocol: str
    cause: str
    def __init__(self, name: _Optional[str] = ..., online: _Optional[bool] = ..., protocol: _Optional[str] = ..., cause: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("agent_id", "devices", "doors", "centre_online", "edge_subjects", "edge_staleness_ms", "edge_digest", "spool_pending", "clock_error_ms", "fire_lines", "decision_latency_us")
    class FireLinesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    CENTRE_ONLINE_FIELD_NUMBER: _ClassVar[int]
    EDGE_SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    EDGE_STALENESS_MS_FIELD_NUMBER: _ClassVar[int]
    EDGE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    SPOOL_PENDING_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_MS_FIELD_NUMBER: _ClassVar[int]
    FIRE_LINES_FIELD_NUMBER: _ClassVar[int]
    DECISION_LATENCY_US_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    devices: _containers.RepeatedCompositeFieldContainer[Device]
    doors: _containers.RepeatedCompositeFieldContainer[Door]
    centre_online: bool
    edge_subjects: int
    edge_staleness_ms: int
    edge_digest: bytes
    spool_pending: int
    clock_error_ms: int
    fire_lines: _containers.ScalarMap[str, str]
    decision_latency_us: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, agent_id: _Optional[str] = ..., devices: _Optional[_Iterable[_Union[Device, _Mapping]]] = ..., doors: _Optional[_Iterable[_Union[Door, _Mapping]]] = ..., centre_online: _Optional[bool] = ..., edge_subjects: _Optional[int] = ..., edge_staleness_ms: _Optional[int] = ..., edge_digest: _Optional[bytes] = ..., spool_pending: _Optional[int] = ..., clock_error_ms: _Optional[int] = ..., fire_lines: _Optional[_Mapping[str, str]] = ..., decision_latency_us: _Optional[_Iterable[int]] = ...) -> None: ...

class WatchDoorsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class WatchDoorsResponse(_message.Message):
    __slots__ = ("door",)
    DOOR_FIELD_NUMBER: _ClassVar[int]
    door: Door
    def __init__(self, door: _Optional[_Union[Door, _Mapping]] = ...) -> None: ...

class WatchLanesRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class WatchLanesResponse(_message.Message):
    __slots__ = ("access_point", "event_id", "outcome", "reason_code", "text_zh", "text_en", "edge", "latency_us", "at_ms")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_ZH_FIELD_NUMBER: _ClassVar[int]
    TEXT_EN_FIELD_NUMBER: _ClassVar[int]
    EDGE_FIELD_NUMBER: _ClassVar[int]
    LATENCY_US_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    event_id: str
    outcome: str
    reason_code: str
    text_zh: str
    text_en: str
    edge: bool
    latency_us: int
    at_ms: int
    def __init__(self, access_point: _Optional[str] = ..., event_id: _Optional[str] = ..., outcome: _Optional[str] = ..., reason_code: _Optional[str] = ..., text_zh: _Optional[str] = ..., text_en: _Optional[str] = ..., edge: _Optional[bool] = ..., latency_us: _Optional[int] = ..., at_ms: _Optional[int] = ...) -> None: ...

class OperateDoorRequest(_message.Message):
    __slots__ = ("site", "door", "command", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DOOR_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    door: str
    command: DoorCommand
    reason: str
    def __init__(self, site: _Optional[str] = ..., door: _Optional[str] = ..., command: _Optional[_Union[DoorCommand, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class OperateDoorResponse(_message.Message):
    __slots__ = ("door",)
    DOOR_FIELD_NUMBER: _ClassVar[int]
    door: Door
    def __init__(self, door: _Optional[_Union[Door, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("doors",)
    DOORS_FIELD_NUMBER: _ClassVar[int]
    doors: _containers.RepeatedCompositeFieldContainer[Door]
    def __init__(self, doors: _Optional[_Iterable[_Union[Door, _Mapping]]] = ...) -> None: ...
