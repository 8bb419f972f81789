from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ShadowState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHADOW_STATE_UNSPECIFIED: _ClassVar[ShadowState]
    SHADOW_STATE_RUNNING: _ClassVar[ShadowState]
    SHADOW_STATE_STOPPED: _ClassVar[ShadowState]
    SHADOW_STATE_OVER: _ClassVar[ShadowState]
    SHADOW_STATE_IN_FORCE: _ClassVar[ShadowState]
    SHADOW_STATE_REVISED: _ClassVar[ShadowState]
    SHADOW_STATE_WITHDRAWN: _ClassVar[ShadowState]
SHADOW_STATE_UNSPECIFIED: ShadowState
SHADOW_STATE_RUNNING: ShadowState
SHADOW_STATE_STOPPED: ShadowState
SHADOW_STATE_OVER: ShadowState
SHADOW_STATE_IN_FORCE: ShadowState
SHADOW_STATE_REVISED: ShadowState
SHADOW_STATE_WITHDRAWN: ShadowState

class Shadow(_message.Message):
    __slots__ = ("shadow_id", "policy_id", "document_sha256", "state", "started_at_ms", "ends_at_ms", "ended_at_ms", "started_by", "reason", "ended_by", "end_reason", "from_sequence", "through_sequence", "lag", "decided", "differing", "unjudged", "kept")
    SHADOW_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    STARTED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    END_REASON_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    THROUGH_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    UNJUDGED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    shadow_id: str
    policy_id: str
    document_sha256: bytes
    state: ShadowState
    started_at_ms: int
    ends_at_ms: int
    ended_at_ms: int
    started_by: str
    reason: str
    ended_by: str
    end_reason: str
    from_sequence: int
    through_sequence: int
    lag: int
    decided: int
    differing: int
    unjudged: int
    kept: int
    def __init__(self, shadow_id: _Optional[str] = ..., policy_id: _Optional[str] = ..., document_sha256: _Optional[bytes] = ..., state: _Optional[_Union[ShadowState, str]] = ..., started_at_ms: _Optional[int] = ..., ends_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., started_by: _Optional[str] = ..., reason: _Optional[str] = ..., ended_by: _Optional[str] = ..., end_reason: _Optional[str] = ..., from_sequence: _Optional[int] = ..., through_sequence: _Optional[int] = ..., lag: _Optional[int] = ..., decided: _Optional[int] = ..., differing: _Optional[int] = ..., unjudged: _Optional[int] = ..., kept: _Optional[int] = ...) -> None: ...

class ShadowCount(_message.Message):
    __slots__ = ("access_point", "outcome", "outcome_under", "decided", "differing")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_UNDER_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    outcome: _decision_pb2.Outcome
    outcome_under: _decision_pb2.Outcome
    decided: int
    differing: int
    def __init__(self, access_point: _Optional[str] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., outcome_under: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., decided: _Optional[int] = ..., differing: _Optional[int] = ...) -> None: ...

class ShadowDifference(_message.Message):
    __slots__ = ("sequence", "event_id", "kind", "access_point", "at_ms", "outcome", "reason_code", "outcome_under", "reason_code_under", "subject_ids")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_UNDER_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_UNDER_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    event_id: str
    kind: _decision_pb2.EventKind
    access_point: str
    at_ms: int
    outcome: _decision_pb2.Outcome
    reason_code: str
    outcome_under: _decision_pb2.Outcome
    reason_code_under: str
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sequence: _Optional[int] = ..., event_id: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., access_point: _Optional[str] = ..., at_ms: _Optional[int] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ..., outcome_under: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code_under: _Optional[str] = ..., subject_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class StartShadowRequest(_message.Message):
    __slots__ = ("site", "policy_id", "hours", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    hours: int
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., hours: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class StartShadowResponse(_message.Message):
    __slots__ = ("shadow",)
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    shadow: Shadow
    def __init__(self, shadow: _Optional[_Union[Shadow, _Mapping]] = ...) -> None: ...

class StopShadowRequest(_message.Message):
    __slots__ = ("site", "shadow_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    shadow_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., shadow_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StopShadowResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListShadowsRequest(_message.Message):
    __slots__ = ("site", "shadow_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    shadow_id: str
    def __init__(self, site: _Optional[str] = ..., shadow_id: _Optional[str] = ...) -> None: ...

class ListShadowsResponse(_message.Message):
    __slots__ = ("shadows", "counts")
    SHADOWS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    shadows: _containers.RepeatedCompositeFieldContainer[Shadow]
    counts: _containers.RepeatedCompositeFieldContainer[ShadowCount]
    def __init__(self, shadows: _Optional[_Iterable[_Union[Shadow, _Mapping]]] = ..., counts: _Optional[_Iterable[_Union[ShadowCount, _Mapping]]] = ...) -> None: ...

class ListShadowDifferencesRequest(_message.Message):
    __slots__ = ("site", "purpose", "shadow_id", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    shadow_id: str
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., shadow_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListShadowDifferencesResponse(_message.Message):
    __slots__ = ("differences", "next_page_token")
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    differences: _containers.RepeatedCompositeFieldContainer[ShadowDifference]
    next_page_token: str
    def __init__(self, differences: _Optional[_Iterable[_Union[ShadowDifference, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
