from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NotDecidedCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOT_DECIDED_CAUSE_UNSPECIFIED: _ClassVar[NotDecidedCause]
    NOT_DECIDED_CAUSE_BACKPRESSURE: _ClassVar[NotDecidedCause]
    NOT_DECIDED_CAUSE_NOT_READY: _ClassVar[NotDecidedCause]
    NOT_DECIDED_CAUSE_STORE_AWAY: _ClassVar[NotDecidedCause]
    NOT_DECIDED_CAUSE_CLOCK: _ClassVar[NotDecidedCause]
    NOT_DECIDED_CAUSE_INVALID: _ClassVar[NotDecidedCause]
NOT_DECIDED_CAUSE_UNSPECIFIED: NotDecidedCause
NOT_DECIDED_CAUSE_BACKPRESSURE: NotDecidedCause
NOT_DECIDED_CAUSE_NOT_READY: NotDecidedCause
NOT_DECIDED_CAUSE_STORE_AWAY: NotDecidedCause
NOT_DECIDED_CAUSE_CLOCK: NotDecidedCause
NOT_DECIDED_CAUSE_INVALID: NotDecidedCause

class AgentEvent(_message.Message):
    __slots__ = ("event_id", "kind", "access_point", "door", "at_ms", "clock_error_ms", "spool", "presentation", "decision", "obeyed", "detail", "media_ref", "inputs")
    class DetailEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    DOOR_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_MS_FIELD_NUMBER: _ClassVar[int]
    SPOOL_FIELD_NUMBER: _ClassVar[int]
    PRESENTATION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    OBEYED_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    MEDIA_REF_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    kind: _decision_pb2.EventKind
    access_point: str
    door: str
    at_ms: int
    clock_error_ms: int
    spool: _decision_pb2.SpoolPosition
    presentation: _decision_pb2.Presentation
    decision: _decision_pb2.Decision
    obeyed: _decision_pb2.EventKind
    detail: _containers.ScalarMap[str, str]
    media_ref: str
    inputs: EdgeInputs
    def __init__(self, event_id: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., access_point: _Optional[str] = ..., door: _Optional[str] = ..., at_ms: _Optional[int] = ..., clock_error_ms: _Optional[int] = ..., spool: _Optional[_Union[_decision_pb2.SpoolPosition, _Mapping]] = ..., presentation: _Optional[_Union[_decision_pb2.Presentation, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., obeyed: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., detail: _Optional[_Mapping[str, str]] = ..., media_ref: _Optional[str] = ..., inputs: _Optional[_Union[EdgeInputs, _Mapping]] = ...) -> None: ...

class EdgeInputs(_message.Message):
    __slots__ = ("form", "holds_version", "age_ms", "stale_after_ms", "released", "wired_exit", "pin_typed", "used_ids")
    FORM_FIELD_NUMBER: _ClassVar[int]
    HOLDS_VERSION_FIELD_NUMBER: _ClassVar[int]
    AGE_MS_FIELD_NUMBER: _ClassVar[int]
    STALE_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    WIRED_EXIT_FIELD_NUMBER: _ClassVar[int]
    PIN_TYPED_FIELD_NUMBER: _ClassVar[int]
    USED_IDS_FIELD_NUMBER: _ClassVar[int]
    form: int
    holds_version: int
    age_ms: int
    stale_after_ms: int
    released: bool
    wired_exit: bool
    pin_typed: bool
    used_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, form: _Optional[int] = ..., holds_version: _Optional[int] = ..., age_ms: _Optional[int] = ..., stale_after_ms: _Optional[int] = ..., released: _Optional[bool] = ..., wired_exit: _Optional[bool] = ..., pin_typed: _Optional[bool] = ..., used_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class AgentHello(_message.Message):
    __slots__ = ("spool_epoch", "spool_number", "access_points", "doors", "rulebook")
    SPOOL_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SPOOL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINTS_FIELD_NUMBER: _ClassVar[int]
    DOORS_FIELD_NUMBER: _ClassVar[int]
    RULEBOOK_FIELD_NUMBER: _ClassVar[int]
    spool_epoch: int
    spool_number: int
    access_points: _containers.RepeatedScalarFieldContainer[str]
    doors: _containers.RepeatedScalarFieldContainer[str]
    rulebook: str
    def __init__(self, spool_epoch: _Optional[int] = ..., spool_number: _Optional[int] = ..., access_points: _Optional[_Iterable[str]] = ..., doors: _Optional[_Iterable[str]] = ..., rulebook: _Optional[str] = ...) -> None: ...

class AuthorizeRequest(_message.Message):
    __slots__ = ("site", "hello", "presentation", "event")
    SITE_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    PRESENTATION_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    site: str
    hello: AgentHello
    presentation: _decision_pb2.Presentation
    event: AgentEvent
    def __init__(self, site: _Optional[str] = ..., hello: _Optional[_Union[AgentHello, _Mapping]] = ..., presentation: _Optional[_Union[_decision_pb2.Presentation, _Mapping]] = ..., event: _Optional[_Union[AgentEvent, _Mapping]] = ...) -> None: ...

class NotDecided(_message.Message):
    __slots__ = ("event_id", "cause", "detail")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    cause: NotDecidedCause
    detail: str
    def __init__(self, event_id: _Optional[str] = ..., cause: _Optional[_Union[NotDecidedCause, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("recorded",)
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    recorded: _decision_pb2.SpoolPosition
    def __init__(self, recorded: _Optional[_Union[_decision_pb2.SpoolPosition, _Mapping]] = ...) -> None: ...

class UploadDue(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReviewResolution(_message.Message):
    __slots__ = ("review_id", "event_id", "open", "access_point")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    event_id: str
    open: bool
    access_point: str
    def __init__(self, review_id: _Optional[str] = ..., event_id: _Optional[str] = ..., open: _Optional[bool] = ..., access_point: _Optional[str] = ...) -> None: ...

class Pulse(_message.Message):
    __slots__ = ("event_id", "access_point", "operator", "reason", "expires_at_ms")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    access_point: str
    operator: str
    reason: str
    expires_at_ms: int
    def __init__(self, event_id: _Optional[str] = ..., access_point: _Optional[str] = ..., operator: _Optional[str] = ..., reason: _Optional[str] = ..., expires_at_ms: _Optional[int] = ...) -> None: ...

class AgentWelcome(_message.Message):
    __slots__ = ("recorded", "now_ms")
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    NOW_MS_FIELD_NUMBER: _ClassVar[int]
    recorded: _decision_pb2.SpoolPosition
    now_ms: int
    def __init__(self, recorded: _Optional[_Union[_decision_pb2.SpoolPosition, _Mapping]] = ..., now_ms: _Optional[int] = ...) -> None: ...

class AuthorizeResponse(_message.Message):
    __slots__ = ("welcome", "decision", "not_decided", "acknowledgement", "review", "upload_due", "pulse")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    NOT_DECIDED_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_DUE_FIELD_NUMBER: _ClassVar[int]
    PULSE_FIELD_NUMBER: _ClassVar[int]
    welcome: AgentWelcome
    decision: _decision_pb2.Decision
    not_decided: NotDecided
    acknowledgement: Acknowledgement
    review: ReviewResolution
    upload_due: UploadDue
    pulse: Pulse
    def __init__(self, welcome: _Optional[_Union[AgentWelcome, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., not_decided: _Optional[_Union[NotDecided, _Mapping]] = ..., acknowledgement: _Optional[_Union[Acknowledgement, _Mapping]] = ..., review: _Optional[_Union[ReviewResolution, _Mapping]] = ..., upload_due: _Optional[_Union[UploadDue, _Mapping]] = ..., pulse: _Optional[_Union[Pulse, _Mapping]] = ...) -> None: ...

class DecideRequest(_message.Message):
    __slots__ = ("site", "presentation")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PRESENTATION_FIELD_NUMBER: _ClassVar[int]
    site: str
    presentation: _decision_pb2.Presentation
    def __init__(self, site: _Optional[str] = ..., presentation: _Optional[_Union[_decision_pb2.Presentation, _Mapping]] = ...) -> None: ...

class DecideResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class UploadEventsRequest(_message.Message):
    __slots__ = ("site", "events")
    SITE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    site: str
    events: _containers.RepeatedCompositeFieldContainer[AgentEvent]
    def __init__(self, site: _Optional[str] = ..., events: _Optional[_Iterable[_Union[AgentEvent, _Mapping]]] = ...) -> None: ...

class UploadEventsResponse(_message.Message):
    __slots__ = ("recorded", "inserted")
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    INSERTED_FIELD_NUMBER: _ClassVar[int]
    recorded: _decision_pb2.SpoolPosition
    inserted: int
    def __init__(self, recorded: _Optional[_Union[_decision_pb2.SpoolPosition, _Mapping]] = ..., inserted: _Optional[int] = ...) -> None: ...

class EdgeCursor(_message.Message):
    __slots__ = ("epoch", "position")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    position: int
    def __init__(self, epoch: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class SyncEdgeRequest(_message.Message):
    __slots__ = ("site", "cursor", "record_schema", "policy_language")
    SITE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    RECORD_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    POLICY_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    site: str
    cursor: EdgeCursor
    record_schema: int
    policy_language: int
    def __init__(self, site: _Optional[str] = ..., cursor: _Optional[_Union[EdgeCursor, _Mapping]] = ..., record_schema: _Optional[int] = ..., policy_language: _Optional[int] = ...) -> None: ...

class EdgeRecord(_message.Message):
    __slots__ = ("subject_id", "version", "record", "keys")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    version: int
    record: bytes
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subject_id: _Optional[str] = ..., version: _Optional[int] = ..., record: _Optional[bytes] = ..., keys: _Optional[_Iterable[str]] = ...) -> None: ...

class EdgeSnapshotBegin(_message.Message):
    __slots__ = ("subjects", "record_schema")
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    RECORD_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    subjects: int
    record_schema: int
    def __init__(self, subjects: _Optional[int] = ..., record_schema: _Optional[int] = ...) -> None: ...

class EdgeRecords(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[EdgeRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[EdgeRecord, _Mapping]]] = ...) -> None: ...

class EdgeSnapshotEnd(_message.Message):
    __slots__ = ("cursor", "digest", "signature")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    cursor: EdgeCursor
    digest: bytes
    signature: bytes
    def __init__(self, cursor: _Optional[_Union[EdgeCursor, _Mapping]] = ..., digest: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class EdgePlan(_message.Message):
    __slots__ = ("version", "plan")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    version: int
    plan: bytes
    def __init__(self, version: _Optional[int] = ..., plan: _Optional[bytes] = ...) -> None: ...

class EdgeHolds(_message.Message):
    __slots__ = ("version", "holds", "threat_levels", "stale_sources", "orders")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    THREAT_LEVELS_FIELD_NUMBER: _ClassVar[int]
    STALE_SOURCES_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    version: int
    holds: _containers.RepeatedCompositeFieldContainer[EdgeHold]
    threat_levels: _containers.RepeatedCompositeFieldContainer[EdgeThreatLevel]
    stale_sources: _containers.RepeatedScalarFieldContainer[str]
    orders: _containers.RepeatedCompositeFieldContainer[EdgeOrder]
    def __init__(self, version: _Optional[int] = ..., holds: _Optional[_Iterable[_Union[EdgeHold, _Mapping]]] = ..., threat_levels: _Optional[_Iterable[_Union[EdgeThreatLevel, _Mapping]]] = ..., stale_sources: _Optional[_Iterable[str]] = ..., orders: _Optional[_Iterable[_Union[EdgeOrder, _Mapping]]] = ...) -> None: ...

class EdgeThreatLevel(_message.Message):
    __slots__ = ("area", "level")
    AREA_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    area: str
    level: int
    def __init__(self, area: _Optional[str] = ..., level: _Optional[int] = ...) -> None: ...

class EdgeOrder(_message.Message):
    __slots__ = ("order_id", "access_point", "kind", "origin", "until_ms")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    access_point: str
    kind: _decision_pb2.OrderKind
    origin: str
    until_ms: int
    def __init__(self, order_id: _Optional[str] = ..., access_point: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.OrderKind, str]] = ..., origin: _Optional[str] = ..., until_ms: _Optional[int] = ...) -> None: ...

class EdgeHold(_message.Message):
    __slots__ = ("hold_id", "origin", "area", "access_point")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    origin: str
    area: str
    access_point: str
    def __init__(self, hold_id: _Optional[str] = ..., origin: _Optional[str] = ..., area: _Optional[str] = ..., access_point: _Optional[str] = ...) -> None: ...

class EdgeDigest(_message.Message):
    __slots__ = ("cursor", "digest", "now_ms")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    NOW_MS_FIELD_NUMBER: _ClassVar[int]
    cursor: EdgeCursor
    digest: bytes
    now_ms: int
    def __init__(self, cursor: _Optional[_Union[EdgeCursor, _Mapping]] = ..., digest: _Optional[bytes] = ..., now_ms: _Optional[int] = ...) -> None: ...

class SyncEdgeResponse(_message.Message):
    __slots__ = ("begin", "records", "end", "plan", "holds", "digest", "cursor")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    begin: EdgeSnapshotBegin
    records: EdgeRecords
    end: EdgeSnapshotEnd
    plan: EdgePlan
    holds: EdgeHolds
    digest: EdgeDigest
    cursor: EdgeCursor
    def __init__(self, begin: _Optional[_Union[EdgeSnapshotBegin, _Mapping]] = ..., records: _Optional[_Union[EdgeRecords, _Mapping]] = ..., end: _Optional[_Union[EdgeSnapshotEnd, _Mapping]] = ..., plan: _Optional[_Union[EdgePlan, _Mapping]] = ..., holds: _Optional[_Union[EdgeHolds, _Mapping]] = ..., digest: _Optional[_Union[EdgeDigest, _Mapping]] = ..., cursor: _Optional[_Union[EdgeCursor, _Mapping]] = ...) -> None: ...
