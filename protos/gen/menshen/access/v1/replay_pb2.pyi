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
    __slots__ = ("decisions", "sequence", "at_ms", "epoch")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    decisions: int
    sequence: int
    at_ms: int
    epoch: int
    def __init__(self, decisions: _Optional[int] = ..., sequence: _Optional[int] = ..., at_ms: _Optional[int] = ..., epoch: _Optional[int] = ...) -> None: ...

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

class ReplayedPresentation(_message.Message):
    __slots__ = ("line", "at_ms", "credential", "credential_type", "access_point")
    LINE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_TYPE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    line: int
    at_ms: int
    credential: str
    credential_type: _decision_pb2.IdentifierType
    access_point: str
    def __init__(self, line: _Optional[int] = ..., at_ms: _Optional[int] = ..., credential: _Optional[str] = ..., credential_type: _Optional[_Union[_decision_pb2.IdentifierType, str]] = ..., access_point: _Optional[str] = ...) -> None: ...

class ReplayPresentationsRequest(_message.Message):
    __slots__ = ("site", "purpose", "policy_id", "document", "presentations")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    PRESENTATIONS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    policy_id: str
    document: str
    presentations: _containers.RepeatedCompositeFieldContainer[ReplayedPresentation]
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., policy_id: _Optional[str] = ..., document: _Optional[str] = ..., presentations: _Optional[_Iterable[_Union[ReplayedPresentation, _Mapping]]] = ...) -> None: ...

class PresentationDifference(_message.Message):
    __slots__ = ("line", "in_force", "asked")
    LINE_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    line: int
    in_force: ReplayAnswer
    asked: ReplayAnswer
    def __init__(self, line: _Optional[int] = ..., in_force: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., asked: _Optional[_Union[ReplayAnswer, _Mapping]] = ...) -> None: ...

class CountedAnswer(_message.Message):
    __slots__ = ("answer", "count")
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    answer: ReplayAnswer
    count: int
    def __init__(self, answer: _Optional[_Union[ReplayAnswer, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class CountedAtPoint(_message.Message):
    __slots__ = ("access_point", "outcome", "count")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    outcome: _decision_pb2.Outcome
    count: int
    def __init__(self, access_point: _Optional[str] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., count: _Optional[int] = ...) -> None: ...

class CountedAtTime(_message.Message):
    __slots__ = ("time", "outcome", "count")
    TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    time: int
    outcome: _decision_pb2.Outcome
    count: int
    def __init__(self, time: _Optional[int] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., count: _Optional[int] = ...) -> None: ...

class RefusedCredential(_message.Message):
    __slots__ = ("credential", "count")
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    credential: str
    count: int
    def __init__(self, credential: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class PresentationTotals(_message.Message):
    __slots__ = ("presentations", "differing", "answers", "points", "hours", "weekdays", "refused_most", "refused_credentials", "inside", "peak", "peak_at_ms")
    PRESENTATIONS_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_MOST_FIELD_NUMBER: _ClassVar[int]
    REFUSED_CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    INSIDE_FIELD_NUMBER: _ClassVar[int]
    PEAK_FIELD_NUMBER: _ClassVar[int]
    PEAK_AT_MS_FIELD_NUMBER: _ClassVar[int]
    presentations: int
    differing: int
    answers: _containers.RepeatedCompositeFieldContainer[CountedAnswer]
    points: _containers.RepeatedCompositeFieldContainer[CountedAtPoint]
    hours: _containers.RepeatedCompositeFieldContainer[CountedAtTime]
    weekdays: _containers.RepeatedCompositeFieldContainer[CountedAtTime]
    refused_most: _containers.RepeatedCompositeFieldContainer[RefusedCredential]
    refused_credentials: int
    inside: int
    peak: int
    peak_at_ms: int
    def __init__(self, presentations: _Optional[int] = ..., differing: _Optional[int] = ..., answers: _Optional[_Iterable[_Union[CountedAnswer, _Mapping]]] = ..., points: _Optional[_Iterable[_Union[CountedAtPoint, _Mapping]]] = ..., hours: _Optional[_Iterable[_Union[CountedAtTime, _Mapping]]] = ..., weekdays: _Optional[_Iterable[_Union[CountedAtTime, _Mapping]]] = ..., refused_most: _Optional[_Iterable[_Union[RefusedCredential, _Mapping]]] = ..., refused_credentials: _Optional[int] = ..., inside: _Optional[int] = ..., peak: _Optional[int] = ..., peak_at_ms: _Optional[int] = ...) -> None: ...

class ReplayPresentationsResponse(_message.Message):
    __slots__ = ("presentations", "differences", "totals")
    PRESENTATIONS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    presentations: int
    differences: _containers.RepeatedCompositeFieldContainer[PresentationDifference]
    totals: PresentationTotals
    def __init__(self, presentations: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[PresentationDifference, _Mapping]]] = ..., totals: _Optional[_Union[PresentationTotals, _Mapping]] = ...) -> None: ...
