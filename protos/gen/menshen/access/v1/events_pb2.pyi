from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RerunVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RERUN_VERDICT_UNSPECIFIED: _ClassVar[RerunVerdict]
    RERUN_VERDICT_REPRODUCED: _ClassVar[RerunVerdict]
    RERUN_VERDICT_DIFFERS: _ClassVar[RerunVerdict]
    RERUN_VERDICT_DATA_DELETED: _ClassVar[RerunVerdict]
    RERUN_VERDICT_INPUT_MISSING: _ClassVar[RerunVerdict]
RERUN_VERDICT_UNSPECIFIED: RerunVerdict
RERUN_VERDICT_REPRODUCED: RerunVerdict
RERUN_VERDICT_DIFFERS: RerunVerdict
RERUN_VERDICT_DATA_DELETED: RerunVerdict
RERUN_VERDICT_INPUT_MISSING: RerunVerdict

class AccessEvent(_message.Message):
    __slots__ = ("site", "sequence", "event_id", "kind", "access_point", "door", "subject_ids", "outcome", "reasons", "at_ms", "clock_error_ms", "recorded_at_ms", "plan_version", "subject_versions", "agent_id", "spool", "obeyed", "late", "detail", "media_ref", "policy_version")
    class DetailEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SITE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    DOOR_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_MS_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    SPOOL_FIELD_NUMBER: _ClassVar[int]
    OBEYED_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    MEDIA_REF_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    site: str
    sequence: int
    event_id: str
    kind: _decision_pb2.EventKind
    access_point: str
    door: str
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    outcome: _decision_pb2.Outcome
    reasons: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Reason]
    at_ms: int
    clock_error_ms: int
    recorded_at_ms: int
    plan_version: int
    subject_versions: _containers.RepeatedScalarFieldContainer[int]
    agent_id: str
    spool: _decision_pb2.SpoolPosition
    obeyed: _decision_pb2.EventKind
    late: bool
    detail: _containers.ScalarMap[str, str]
    media_ref: str
    policy_version: int
    def __init__(self, site: _Optional[str] = ..., sequence: _Optional[int] = ..., event_id: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., access_point: _Optional[str] = ..., door: _Optional[str] = ..., subject_ids: _Optional[_Iterable[str]] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reasons: _Optional[_Iterable[_Union[_decision_pb2.Reason, _Mapping]]] = ..., at_ms: _Optional[int] = ..., clock_error_ms: _Optional[int] = ..., recorded_at_ms: _Optional[int] = ..., plan_version: _Optional[int] = ..., subject_versions: _Optional[_Iterable[int]] = ..., agent_id: _Optional[str] = ..., spool: _Optional[_Union[_decision_pb2.SpoolPosition, _Mapping]] = ..., obeyed: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., late: _Optional[bool] = ..., detail: _Optional[_Mapping[str, str]] = ..., media_ref: _Optional[str] = ..., policy_version: _Optional[int] = ...) -> None: ...

class EventCursor(_message.Message):
    __slots__ = ("epoch", "sequence")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    sequence: int
    def __init__(self, epoch: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class ListEventsRequest(_message.Message):
    __slots__ = ("site", "purpose", "subject_id", "access_point", "from_ms", "to_ms", "kind", "outcome", "reason_code", "page_size", "page_token", "category", "unit")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    subject_id: str
    access_point: str
    from_ms: int
    to_ms: int
    kind: _decision_pb2.EventKind
    outcome: _decision_pb2.Outcome
    reason_code: str
    page_size: int
    page_token: str
    category: str
    unit: str
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., subject_id: _Optional[str] = ..., access_point: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., category: _Optional[str] = ..., unit: _Optional[str] = ...) -> None: ...

class ListEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AccessEvent]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[AccessEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListMusterRequest(_message.Message):
    __slots__ = ("site", "area", "purpose", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    area: str
    purpose: str
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., area: _Optional[str] = ..., purpose: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class MusterEntry(_message.Message):
    __slots__ = ("subject_id", "area", "last_passage_at_ms", "event_id", "place_unknown")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    LAST_PASSAGE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    area: str
    last_passage_at_ms: int
    event_id: str
    place_unknown: bool
    def __init__(self, subject_id: _Optional[str] = ..., area: _Optional[str] = ..., last_passage_at_ms: _Optional[int] = ..., event_id: _Optional[str] = ..., place_unknown: _Optional[bool] = ...) -> None: ...

class ListMusterResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[MusterEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[MusterEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("site", "purpose", "cursor", "until_now")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NOW_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    cursor: EventCursor
    until_now: bool
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., cursor: _Optional[_Union[EventCursor, _Mapping]] = ..., until_now: _Optional[bool] = ...) -> None: ...

class WatchEventsResponse(_message.Message):
    __slots__ = ("events", "cursor")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AccessEvent]
    cursor: EventCursor
    def __init__(self, events: _Optional[_Iterable[_Union[AccessEvent, _Mapping]]] = ..., cursor: _Optional[_Union[EventCursor, _Mapping]] = ...) -> None: ...

class ExplainEventRequest(_message.Message):
    __slots__ = ("site", "event_id", "purpose")
    SITE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    site: str
    event_id: str
    purpose: str
    def __init__(self, site: _Optional[str] = ..., event_id: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class ExplainEventResponse(_message.Message):
    __slots__ = ("events", "verdict", "differences", "missing_inputs", "rules", "today_outcome", "today_reasons", "would_differ", "reruns")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    MISSING_INPUTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    TODAY_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TODAY_REASONS_FIELD_NUMBER: _ClassVar[int]
    WOULD_DIFFER_FIELD_NUMBER: _ClassVar[int]
    RERUNS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AccessEvent]
    verdict: RerunVerdict
    differences: _containers.RepeatedCompositeFieldContainer[RerunDifference]
    missing_inputs: _containers.RepeatedScalarFieldContainer[str]
    rules: _containers.RepeatedCompositeFieldContainer[RuleAccount]
    today_outcome: _decision_pb2.Outcome
    today_reasons: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Reason]
    would_differ: bool
    reruns: _containers.RepeatedCompositeFieldContainer[DecisionRerun]
    def __init__(self, events: _Optional[_Iterable[_Union[AccessEvent, _Mapping]]] = ..., verdict: _Optional[_Union[RerunVerdict, str]] = ..., differences: _Optional[_Iterable[_Union[RerunDifference, _Mapping]]] = ..., missing_inputs: _Optional[_Iterable[str]] = ..., rules: _Optional[_Iterable[_Union[RuleAccount, _Mapping]]] = ..., today_outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., today_reasons: _Optional[_Iterable[_Union[_decision_pb2.Reason, _Mapping]]] = ..., would_differ: _Optional[bool] = ..., reruns: _Optional[_Iterable[_Union[DecisionRerun, _Mapping]]] = ...) -> None: ...

class DecisionRerun(_message.Message):
    __slots__ = ("kind", "obeyed", "verdict", "differences", "missing_inputs", "rules")
    KIND_FIELD_NUMBER: _ClassVar[int]
    OBEYED_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    MISSING_INPUTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    kind: _decision_pb2.EventKind
    obeyed: bool
    verdict: RerunVerdict
    differences: _containers.RepeatedCompositeFieldContainer[RerunDifference]
    missing_inputs: _containers.RepeatedScalarFieldContainer[str]
    rules: _containers.RepeatedCompositeFieldContainer[RuleAccount]
    def __init__(self, kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., obeyed: _Optional[bool] = ..., verdict: _Optional[_Union[RerunVerdict, str]] = ..., differences: _Optional[_Iterable[_Union[RerunDifference, _Mapping]]] = ..., missing_inputs: _Optional[_Iterable[str]] = ..., rules: _Optional[_Iterable[_Union[RuleAccount, _Mapping]]] = ...) -> None: ...

class RerunDifference(_message.Message):
    __slots__ = ("part", "recorded", "again")
    PART_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    part: str
    recorded: str
    again: str
    def __init__(self, part: _Optional[str] = ..., recorded: _Optional[str] = ..., again: _Optional[str] = ...) -> None: ...

class RuleAccount(_message.Message):
    __slots__ = ("rule", "passed", "reasons")
    RULE_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    rule: str
    passed: bool
    reasons: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Reason]
    def __init__(self, rule: _Optional[str] = ..., passed: _Optional[bool] = ..., reasons: _Optional[_Iterable[_Union[_decision_pb2.Reason, _Mapping]]] = ...) -> None: ...

class VerifyChainRequest(_message.Message):
    __slots__ = ("site", "from_sequence", "to_sequence")
    SITE_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TO_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    site: str
    from_sequence: int
    to_sequence: int
    def __init__(self, site: _Optional[str] = ..., from_sequence: _Optional[int] = ..., to_sequence: _Optional[int] = ...) -> None: ...

class VerifyChainResponse(_message.Message):
    __slots__ = ("checked", "broken_at", "detail")
    CHECKED_FIELD_NUMBER: _ClassVar[int]
    BROKEN_AT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    checked: int
    broken_at: int
    detail: str
    def __init__(self, checked: _Optional[int] = ..., broken_at: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...
