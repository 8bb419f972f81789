from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RetentionClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETENTION_CLASS_UNSPECIFIED: _ClassVar[RetentionClass]
    RETENTION_CLASS_IDENTITY: _ClassVar[RetentionClass]
    RETENTION_CLASS_HEALTH: _ClassVar[RetentionClass]
    RETENTION_CLASS_CORE: _ClassVar[RetentionClass]
    RETENTION_CLASS_SUBJECT_VERSIONS: _ClassVar[RetentionClass]
    RETENTION_CLASS_PLAN_VERSIONS: _ClassVar[RetentionClass]
    RETENTION_CLASS_CIRCUMSTANCES_VERSIONS: _ClassVar[RetentionClass]
RETENTION_CLASS_UNSPECIFIED: RetentionClass
RETENTION_CLASS_IDENTITY: RetentionClass
RETENTION_CLASS_HEALTH: RetentionClass
RETENTION_CLASS_CORE: RetentionClass
RETENTION_CLASS_SUBJECT_VERSIONS: RetentionClass
RETENTION_CLASS_PLAN_VERSIONS: RetentionClass
RETENTION_CLASS_CIRCUMSTANCES_VERSIONS: RetentionClass

class LegalHold(_message.Message):
    __slots__ = ("hold_id", "subject_id", "from_ms", "to_ms", "reason", "origin", "placed_at_ms", "ended_at_ms", "ended_by")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    PLACED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    subject_id: str
    from_ms: int
    to_ms: int
    reason: str
    origin: str
    placed_at_ms: int
    ended_at_ms: int
    ended_by: str
    def __init__(self, hold_id: _Optional[str] = ..., subject_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason: _Optional[str] = ..., origin: _Optional[str] = ..., placed_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., ended_by: _Optional[str] = ...) -> None: ...

class RetentionRun(_message.Message):
    __slots__ = ("retention_class", "started_at_ms", "ended_at_ms", "deleted", "kept_by_holds", "kept_in_use", "oldest_left_ms")
    RETENTION_CLASS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    KEPT_BY_HOLDS_FIELD_NUMBER: _ClassVar[int]
    KEPT_IN_USE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_LEFT_MS_FIELD_NUMBER: _ClassVar[int]
    retention_class: RetentionClass
    started_at_ms: int
    ended_at_ms: int
    deleted: int
    kept_by_holds: int
    kept_in_use: int
    oldest_left_ms: int
    def __init__(self, retention_class: _Optional[_Union[RetentionClass, str]] = ..., started_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., deleted: _Optional[int] = ..., kept_by_holds: _Optional[int] = ..., kept_in_use: _Optional[int] = ..., oldest_left_ms: _Optional[int] = ...) -> None: ...

class PlaceLegalHoldRequest(_message.Message):
    __slots__ = ("site", "subject_id", "from_ms", "to_ms", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    subject_id: str
    from_ms: int
    to_ms: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., subject_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class PlaceLegalHoldResponse(_message.Message):
    __slots__ = ("hold",)
    HOLD_FIELD_NUMBER: _ClassVar[int]
    hold: LegalHold
    def __init__(self, hold: _Optional[_Union[LegalHold, _Mapping]] = ...) -> None: ...

class EndLegalHoldRequest(_message.Message):
    __slots__ = ("site", "hold_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    hold_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., hold_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class EndLegalHoldResponse(_message.Message):
    __slots__ = ("hold",)
    HOLD_FIELD_NUMBER: _ClassVar[int]
    hold: LegalHold
    def __init__(self, hold: _Optional[_Union[LegalHold, _Mapping]] = ...) -> None: ...

class ListLegalHoldsRequest(_message.Message):
    __slots__ = ("site", "purpose", "ended_too")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    ENDED_TOO_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    ended_too: bool
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., ended_too: _Optional[bool] = ...) -> None: ...

class ListLegalHoldsResponse(_message.Message):
    __slots__ = ("holds",)
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    holds: _containers.RepeatedCompositeFieldContainer[LegalHold]
    def __init__(self, holds: _Optional[_Iterable[_Union[LegalHold, _Mapping]]] = ...) -> None: ...

class ListRetentionRunsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListRetentionRunsResponse(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[RetentionRun]
    def __init__(self, runs: _Optional[_Iterable[_Union[RetentionRun, _Mapping]]] = ...) -> None: ...
