from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_GRANT: _ClassVar[Outcome]
    OUTCOME_GRANT_WITH_REMINDER: _ClassVar[Outcome]
    OUTCOME_MANUAL_REVIEW: _ClassVar[Outcome]
    OUTCOME_DENY: _ClassVar[Outcome]

class IdentifierType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFIER_TYPE_UNSPECIFIED: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_CARD: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_QR: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_EPC: _ClassVar[IdentifierType]
    IDENTIFIER_TYPE_PLATE: _ClassVar[IdentifierType]

class EventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_KIND_UNSPECIFIED: _ClassVar[EventKind]
    EVENT_KIND_CENTRE: _ClassVar[EventKind]
    EVENT_KIND_EDGE: _ClassVar[EventKind]
    EVENT_KIND_ACTED: _ClassVar[EventKind]
    EVENT_KIND_TAKEN: _ClassVar[EventKind]
    EVENT_KIND_NOT_TAKEN: _ClassVar[EventKind]
    EVENT_KIND_DOOR_FORCED: _ClassVar[EventKind]
    EVENT_KIND_DOOR_HELD: _ClassVar[EventKind]
    EVENT_KIND_TAILGATED: _ClassVar[EventKind]
    EVENT_KIND_TAMPER: _ClassVar[EventKind]
    EVENT_KIND_DEVICE_LOST: _ClassVar[EventKind]
    EVENT_KIND_DEVICE_BACK: _ClassVar[EventKind]
    EVENT_KIND_REX: _ClassVar[EventKind]
    EVENT_KIND_DOOR_SECURED: _ClassVar[EventKind]
    EVENT_KIND_RELEASED: _ClassVar[EventKind]
    EVENT_KIND_RESET: _ClassVar[EventKind]
    EVENT_KIND_LINE_FAULT: _ClassVar[EventKind]
    EVENT_KIND_SPOOL_GAP: _ClassVar[EventKind]
    EVENT_KIND_OPERATED: _ClassVar[EventKind]
    EVENT_KIND_SECURITY: _ClassVar[EventKind]
    EVENT_KIND_REVERSED: _ClassVar[EventKind]
    EVENT_KIND_DOOR_NOT_SECURED: _ClassVar[EventKind]
    EVENT_KIND_COMMANDED: _ClassVar[EventKind]

class OrderKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_KIND_UNSPECIFIED: _ClassVar[OrderKind]
    ORDER_KIND_HOLD_OPEN: _ClassVar[OrderKind]
    ORDER_KIND_SECURE: _ClassVar[OrderKind]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_GRANT: Outcome
OUTCOME_GRANT_WITH_REMINDER: Outcome
OUTCOME_MANUAL_REVIEW: Outcome
OUTCOME_DENY: Outcome
IDENTIFIER_TYPE_UNSPECIFIED: IdentifierType
IDENTIFIER_TYPE_CARD: IdentifierType
IDENTIFIER_TYPE_QR: IdentifierType
IDENTIFIER_TYPE_EPC: IdentifierType
IDENTIFIER_TYPE_PLATE: IdentifierType
EVENT_KIND_UNSPECIFIED: EventKind
EVENT_KIND_CENTRE: EventKind
EVENT_KIND_EDGE: EventKind
EVENT_KIND_ACTED: EventKind
EVENT_KIND_TAKEN: EventKind
EVENT_KIND_NOT_TAKEN: EventKind
EVENT_KIND_DOOR_FORCED: EventKind
EVENT_KIND_DOOR_HELD: EventKind
EVENT_KIND_TAILGATED: EventKind
EVENT_KIND_TAMPER: EventKind
EVENT_KIND_DEVICE_LOST: EventKind
EVENT_KIND_DEVICE_BACK: EventKind
EVENT_KIND_REX: EventKind
EVENT_KIND_DOOR_SECURED: EventKind
EVENT_KIND_RELEASED: EventKind
EVENT_KIND_RESET: EventKind
EVENT_KIND_LINE_FAULT: EventKind
EVENT_KIND_SPOOL_GAP: EventKind
EVENT_KIND_OPERATED: EventKind
EVENT_KIND_SECURITY: EventKind
EVENT_KIND_REVERSED: EventKind
EVENT_KIND_DOOR_NOT_SECURED: EventKind
EVENT_KIND_COMMANDED: EventKind
ORDER_KIND_UNSPECIFIED: OrderKind
ORDER_KIND_HOLD_OPEN: OrderKind
ORDER_KIND_SECURE: OrderKind

class Identifier(_message.Message):
    __slots__ = ("type", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: IdentifierType
    value: str
    def __init__(self, type: _Optional[_Union[IdentifierType, str]] = ..., value: _Optional[str] = ...) -> None: ...

class SpoolPosition(_message.Message):
    __slots__ = ("epoch", "number")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    number: int
    def __init__(self, epoch: _Optional[int] = ..., number: _Optional[int] = ...) -> None: ...

class LocalizedText(_message.Message):
    __slots__ = ("zh", "en")
    ZH_FIELD_NUMBER: _ClassVar[int]
    EN_FIELD_NUMBER: _ClassVar[int]
    zh: str
    en: str
    def __init__(self, zh: _Optional[str] = ..., en: _Optional[str] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("code", "parameters", "holder", "guard", "record")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    GUARD_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    code: str
    parameters: _containers.ScalarMap[str, str]
    holder: LocalizedText
    guard: LocalizedText
    record: LocalizedText
    def __init__(self, code: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ..., holder: _Optional[_Union[LocalizedText, _Mapping]] = ..., guard: _Optional[_Union[LocalizedText, _Mapping]] = ..., record: _Optional[_Union[LocalizedText, _Mapping]] = ...) -> None: ...

class Presentation(_message.Message):
    __slots__ = ("event_id", "access_point", "identifiers", "tid", "pin", "at_ms", "clock_error_ms", "spool", "temperature_c", "plate", "media_ref", "reader", "awaiting", "open_interlock_doors")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    TID_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_MS_FIELD_NUMBER: _ClassVar[int]
    SPOOL_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_C_FIELD_NUMBER: _ClassVar[int]
    PLATE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_REF_FIELD_NUMBER: _ClassVar[int]
    READER_FIELD_NUMBER: _ClassVar[int]
    AWAITING_FIELD_NUMBER: _ClassVar[int]
    OPEN_INTERLOCK_DOORS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    access_point: str
    identifiers: _containers.RepeatedCompositeFieldContainer[Identifier]
    tid: str
    pin: str
    at_ms: int
    clock_error_ms: int
    spool: SpoolPosition
    temperature_c: float
    plate: str
    media_ref: str
    reader: str
    awaiting: _containers.RepeatedCompositeFieldContainer[Identifier]
    open_interlock_doors: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, event_id: _Optional[str] = ..., access_point: _Optional[str] = ..., identifiers: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., tid: _Optional[str] = ..., pin: _Optional[str] = ..., at_ms: _Optional[int] = ..., clock_error_ms: _Optional[int] = ..., spool: _Optional[_Union[SpoolPosition, _Mapping]] = ..., temperature_c: _Optional[float] = ..., plate: _Optional[str] = ..., media_ref: _Optional[str] = ..., reader: _Optional[str] = ..., awaiting: _Optional[_Iterable[_Union[Identifier, _Mapping]]] = ..., open_interlock_doors: _Optional[_Iterable[str]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("event_id", "outcome", "reasons", "decided_at_ms", "plan_version", "subject_ids", "subject_versions", "grant_expires_at_ms", "review_id", "kind", "repeated_event", "awaits_second_until_ms", "policy_version")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    GRANT_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REPEATED_EVENT_FIELD_NUMBER: _ClassVar[int]
    AWAITS_SECOND_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    outcome: Outcome
    reasons: _containers.RepeatedCompositeFieldContainer[Reason]
    decided_at_ms: int
    plan_version: int
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    subject_versions: _containers.RepeatedScalarFieldContainer[int]
    grant_expires_at_ms: int
    review_id: str
    kind: EventKind
    repeated_event: bool
    awaits_second_until_ms: int
    policy_version: int
    def __init__(self, event_id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., reasons: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ..., decided_at_ms: _Optional[int] = ..., plan_version: _Optional[int] = ..., subject_ids: _Optional[_Iterable[str]] = ..., subject_versions: _Optional[_Iterable[int]] = ..., grant_expires_at_ms: _Optional[int] = ..., review_id: _Optional[str] = ..., kind: _Optional[_Union[EventKind, str]] = ..., repeated_event: _Optional[bool] = ..., awaits_second_until_ms: _Optional[int] = ..., policy_version: _Optional[int] = ...) -> None: ...
