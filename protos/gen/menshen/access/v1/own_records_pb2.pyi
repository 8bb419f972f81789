from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListOwnEventsRequest(_message.Message):
    __slots__ = ("site", "subject_id", "from_ms", "to_ms", "page_size", "page_token")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    site: str
    subject_id: str
    from_ms: int
    to_ms: int
    page_size: int
    page_token: str
    def __init__(self, site: _Optional[str] = ..., subject_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class OwnEvent(_message.Message):
    __slots__ = ("event_id", "access_point", "at_ms", "clock_error_ms", "kind", "outcome", "texts", "late")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ERROR_MS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    access_point: str
    at_ms: int
    clock_error_ms: int
    kind: _decision_pb2.EventKind
    outcome: _decision_pb2.Outcome
    texts: _containers.RepeatedCompositeFieldContainer[_decision_pb2.LocalizedText]
    late: bool
    def __init__(self, event_id: _Optional[str] = ..., access_point: _Optional[str] = ..., at_ms: _Optional[int] = ..., clock_error_ms: _Optional[int] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., texts: _Optional[_Iterable[_Union[_decision_pb2.LocalizedText, _Mapping]]] = ..., late: _Optional[bool] = ...) -> None: ...

class ListOwnEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[OwnEvent]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[OwnEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
