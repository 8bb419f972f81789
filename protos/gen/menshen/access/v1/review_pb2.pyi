from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_STATE_UNSPECIFIED: _ClassVar[ReviewState]
    REVIEW_STATE_OPEN: _ClassVar[ReviewState]
    REVIEW_STATE_TAKEN: _ClassVar[ReviewState]
    REVIEW_STATE_PASSED: _ClassVar[ReviewState]
    REVIEW_STATE_REFUSED: _ClassVar[ReviewState]
    REVIEW_STATE_EXPIRED: _ClassVar[ReviewState]
REVIEW_STATE_UNSPECIFIED: ReviewState
REVIEW_STATE_OPEN: ReviewState
REVIEW_STATE_TAKEN: ReviewState
REVIEW_STATE_PASSED: ReviewState
REVIEW_STATE_REFUSED: ReviewState
REVIEW_STATE_EXPIRED: ReviewState

class Review(_message.Message):
    __slots__ = ("review_id", "event_id", "access_point", "subject_ids", "reasons", "state", "opened_at_ms", "expires_at_ms", "operator", "note", "version", "photo_ref", "telephone_record")
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PHOTO_REF_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_RECORD_FIELD_NUMBER: _ClassVar[int]
    review_id: str
    event_id: str
    access_point: str
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    reasons: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Reason]
    state: ReviewState
    opened_at_ms: int
    expires_at_ms: int
    operator: str
    note: str
    version: int
    photo_ref: str
    telephone_record: str
    def __init__(self, review_id: _Optional[str] = ..., event_id: _Optional[str] = ..., access_point: _Optional[str] = ..., subject_ids: _Optional[_Iterable[str]] = ..., reasons: _Optional[_Iterable[_Union[_decision_pb2.Reason, _Mapping]]] = ..., state: _Optional[_Union[ReviewState, str]] = ..., opened_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., operator: _Optional[str] = ..., note: _Optional[str] = ..., version: _Optional[int] = ..., photo_ref: _Optional[str] = ..., telephone_record: _Optional[str] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ("site", "state")
    SITE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    site: str
    state: ReviewState
    def __init__(self, site: _Optional[str] = ..., state: _Optional[_Union[ReviewState, str]] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("reviews",)
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[Review]
    def __init__(self, reviews: _Optional[_Iterable[_Union[Review, _Mapping]]] = ...) -> None: ...

class WatchReviewsRequest(_message.Message):
    __slots__ = ("site", "access_points")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINTS_FIELD_NUMBER: _ClassVar[int]
    site: str
    access_points: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, site: _Optional[str] = ..., access_points: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchReviewsResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class TakeReviewRequest(_message.Message):
    __slots__ = ("site", "review_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    review_id: str
    def __init__(self, site: _Optional[str] = ..., review_id: _Optional[str] = ...) -> None: ...

class TakeReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ResolveReviewRequest(_message.Message):
    __slots__ = ("site", "review_id", "note", "telephone_record")
    SITE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_ID_FIELD_NUMBER: _ClassVar[int]
    PASS_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_RECORD_FIELD_NUMBER: _ClassVar[int]
    site: str
    review_id: str
    note: str
    telephone_record: str
    def __init__(self, site: _Optional[str] = ..., review_id: _Optional[str] = ..., note: _Optional[str] = ..., telephone_record: _Optional[str] = ..., **kwargs) -> None: ...

class ResolveReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...
