from menshen.access.v1 import decision_pb2 as _decision_pb2
from menshen.access.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReplayHistoryRequest(_message.Message):
    __slots__ = ("site", "purpose", "policy_id", "document", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    policy_id: str
    document: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., policy_id: _Optional[str] = ..., document: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class ReplayProgress(_message.Message):
    __slots__ = ("decisions", "sequence", "at_ms")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    decisions: int
    sequence: int
    at_ms: int
    def __init__(self, decisions: _Optional[int] = ..., sequence: _Optional[int] = ..., at_ms: _Optional[int] = ...) -> None: ...

class ReplayAnswer(_message.Message):
    __slots__ = ("outcome", "reason_code")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    outcome: _decision_pb2.Outcome
    reason_code: str
    def __init__(self, outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ...) -> None: ...

class ReplayDifference(_message.Message):
    __slots__ = ("sequence", "event_id", "kind", "at_ms", "access_point", "subject_ids", "then", "again", "parts")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    event_id: str
    kind: _decision_pb2.EventKind
    at_ms: int
    access_point: str
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    then: ReplayAnswer
    again: ReplayAnswer
    parts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sequence: _Optional[int] = ..., event_id: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., at_ms: _Optional[int] = ..., access_point: _Optional[str] = ..., subject_ids: _Optional[_Iterable[str]] = ..., then: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., again: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., parts: _Optional[_Iterable[str]] = ...) -> None: ...

class ReplayedAtPoint(_message.Message):
    __slots__ = ("access_point", "then", "again", "count")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    THEN_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    then: _decision_pb2.Outcome
    again: _decision_pb2.Outcome
    count: int
    def __init__(self, access_point: _Optional[str] = ..., then: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., again: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., count: _Optional[int] = ...) -> None: ...

class ReplayedAnswer(_message.Message):
    __slots__ = ("then", "again", "count")
    THEN_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    then: ReplayAnswer
    again: ReplayAnswer
    count: int
    def __init__(self, then: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., again: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class NotReplayed(_message.Message):
    __slots__ = ("kind", "verdict", "missing", "count")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    kind: _decision_pb2.EventKind
    verdict: _events_pb2.RerunVerdict
    missing: _containers.RepeatedScalarFieldContainer[str]
    count: int
    def __init__(self, kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., verdict: _Optional[_Union[_events_pb2.RerunVerdict, str]] = ..., missing: _Optional[_Iterable[str]] = ..., count: _Optional[int] = ...) -> None: ...

class ReplayTotals(_message.Message):
    __slots__ = ("decisions", "replayed", "differing", "points", "answers", "not_replayed")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    NOT_REPLAYED_FIELD_NUMBER: _ClassVar[int]
    decisions: int
    replayed: int
    differing: int
    points: _containers.RepeatedCompositeFieldContainer[ReplayedAtPoint]
    answers: _containers.RepeatedCompositeFieldContainer[ReplayedAnswer]
    not_replayed: _containers.RepeatedCompositeFieldContainer[NotReplayed]
    def __init__(self, decisions: _Optional[int] = ..., replayed: _Optional[int] = ..., differing: _Optional[int] = ..., points: _Optional[_Iterable[_Union[ReplayedAtPoint, _Mapping]]] = ..., answers: _Optional[_Iterable[_Union[ReplayedAnswer, _Mapping]]] = ..., not_replayed: _Optional[_Iterable[_Union[NotReplayed, _Mapping]]] = ...) -> None: ...

class ReplayHistoryResponse(_message.Message):
    __slots__ = ("progress", "differences", "totals")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    progress: ReplayProgress
    differences: _containers.RepeatedCompositeFieldContainer[ReplayDifference]
    totals: ReplayTotals
    def __init__(self, progress: _Optional[_Union[ReplayProgress, _Mapping]] = ..., differences: _Optional[_Iterable[_Union[ReplayDifference, _Mapping]]] = ..., totals: _Optional[_Union[ReplayTotals, _Mapping]] = ...) -> None: ...
