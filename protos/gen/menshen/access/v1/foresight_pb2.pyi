from menshen.access.v1 import decision_pb2 as _decision_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RightKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHT_KIND_UNSPECIFIED: _ClassVar[RightKind]
    RIGHT_KIND_OWN_LEVEL: _ClassVar[RightKind]
    RIGHT_KIND_GROUP_LEVEL: _ClassVar[RightKind]
    RIGHT_KIND_VISIT: _ClassVar[RightKind]
    RIGHT_KIND_PERMIT: _ClassVar[RightKind]
    RIGHT_KIND_NO_PERMIT_NEEDED: _ClassVar[RightKind]
    RIGHT_KIND_WHITE_LIST: _ClassVar[RightKind]
    RIGHT_KIND_WAY_OUT: _ClassVar[RightKind]

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_GAINED: _ClassVar[ChangeKind]
    CHANGE_KIND_LOST: _ClassVar[ChangeKind]
    CHANGE_KIND_REVIEWED: _ClassVar[ChangeKind]
    CHANGE_KIND_REFUSED: _ClassVar[ChangeKind]
RIGHT_KIND_UNSPECIFIED: RightKind
RIGHT_KIND_OWN_LEVEL: RightKind
RIGHT_KIND_GROUP_LEVEL: RightKind
RIGHT_KIND_VISIT: RightKind
RIGHT_KIND_PERMIT: RightKind
RIGHT_KIND_NO_PERMIT_NEEDED: RightKind
RIGHT_KIND_WHITE_LIST: RightKind
RIGHT_KIND_WAY_OUT: RightKind
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_GAINED: ChangeKind
CHANGE_KIND_LOST: ChangeKind
CHANGE_KIND_REVIEWED: ChangeKind
CHANGE_KIND_REFUSED: ChangeKind

class Right(_message.Message):
    __slots__ = ("kind", "access_level", "group")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCESS_LEVEL_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    kind: RightKind
    access_level: str
    group: str
    def __init__(self, kind: _Optional[_Union[RightKind, str]] = ..., access_level: _Optional[str] = ..., group: _Optional[str] = ...) -> None: ...

class UnreadableRecords(_message.Message):
    __slots__ = ("count", "subject_ids")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    count: int
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, count: _Optional[int] = ..., subject_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class WhoCanPassRequest(_message.Message):
    __slots__ = ("site", "purpose", "access_point", "at_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    access_point: str
    at_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., access_point: _Optional[str] = ..., at_ms: _Optional[int] = ...) -> None: ...

class PassGroup(_message.Message):
    __slots__ = ("subject_ids", "outcome", "reason_code", "rights")
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    outcome: _decision_pb2.Outcome
    reason_code: str
    rights: _containers.RepeatedCompositeFieldContainer[Right]
    def __init__(self, subject_ids: _Optional[_Iterable[str]] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ..., rights: _Optional[_Iterable[_Union[Right, _Mapping]]] = ...) -> None: ...

class WhoCanPassResponse(_message.Message):
    __slots__ = ("groups", "unreadable")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[PassGroup]
    unreadable: UnreadableRecords
    def __init__(self, groups: _Optional[_Iterable[_Union[PassGroup, _Mapping]]] = ..., unreadable: _Optional[_Union[UnreadableRecords, _Mapping]] = ...) -> None: ...

class WhereCanPassRequest(_message.Message):
    __slots__ = ("site", "purpose", "subject_id", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    subject_id: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., subject_id: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class WayRow(_message.Message):
    __slots__ = ("access_point", "from_ms", "to_ms", "outcome", "reason_code", "rights")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    from_ms: int
    to_ms: int
    outcome: _decision_pb2.Outcome
    reason_code: str
    rights: _containers.RepeatedCompositeFieldContainer[Right]
    def __init__(self, access_point: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ..., rights: _Optional[_Iterable[_Union[Right, _Mapping]]] = ...) -> None: ...

class WhereCanPassResponse(_message.Message):
    __slots__ = ("rows",)
    ROWS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[WayRow]
    def __init__(self, rows: _Optional[_Iterable[_Union[WayRow, _Mapping]]] = ...) -> None: ...

class ReviewAccessRequest(_message.Message):
    __slots__ = ("site", "purpose", "unit", "at_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    unit: str
    at_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., unit: _Optional[str] = ..., at_ms: _Optional[int] = ...) -> None: ...

class Access(_message.Message):
    __slots__ = ("access_point", "outcome", "reason_code", "rights")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    outcome: _decision_pb2.Outcome
    reason_code: str
    rights: _containers.RepeatedCompositeFieldContainer[Right]
    def __init__(self, access_point: _Optional[str] = ..., outcome: _Optional[_Union[_decision_pb2.Outcome, str]] = ..., reason_code: _Optional[str] = ..., rights: _Optional[_Iterable[_Union[Right, _Mapping]]] = ...) -> None: ...

class AccessGroup(_message.Message):
    __slots__ = ("subject_ids", "category", "passed")
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    category: str
    passed: _containers.RepeatedCompositeFieldContainer[Access]
    def __init__(self, subject_ids: _Optional[_Iterable[str]] = ..., category: _Optional[str] = ..., passed: _Optional[_Iterable[_Union[Access, _Mapping]]] = ...) -> None: ...

class ReviewAccessResponse(_message.Message):
    __slots__ = ("groups", "unreadable")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[AccessGroup]
    unreadable: UnreadableRecords
    def __init__(self, groups: _Optional[_Iterable[_Union[AccessGroup, _Mapping]]] = ..., unreadable: _Optional[_Union[UnreadableRecords, _Mapping]] = ...) -> None: ...

class ComparePolicyRequest(_message.Message):
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

class ChangeTotals(_message.Message):
    __slots__ = ("subjects", "gaining", "losing", "reviewed", "gained", "lost")
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    GAINING_FIELD_NUMBER: _ClassVar[int]
    LOSING_FIELD_NUMBER: _ClassVar[int]
    REVIEWED_FIELD_NUMBER: _ClassVar[int]
    GAINED_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    subjects: int
    gaining: int
    losing: int
    reviewed: int
    gained: int
    lost: int
    def __init__(self, subjects: _Optional[int] = ..., gaining: _Optional[int] = ..., losing: _Optional[int] = ..., reviewed: _Optional[int] = ..., gained: _Optional[int] = ..., lost: _Optional[int] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("access_point", "kind", "from_ms", "to_ms", "reason_code")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    kind: ChangeKind
    from_ms: int
    to_ms: int
    reason_code: str
    def __init__(self, access_point: _Optional[str] = ..., kind: _Optional[_Union[ChangeKind, str]] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ..., reason_code: _Optional[str] = ...) -> None: ...

class ChangeGroup(_message.Message):
    __slots__ = ("subject_ids", "changes")
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    def __init__(self, subject_ids: _Optional[_Iterable[str]] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ...) -> None: ...

class ComparePolicyResponse(_message.Message):
    __slots__ = ("totals", "groups", "unreadable")
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    totals: ChangeTotals
    groups: _containers.RepeatedCompositeFieldContainer[ChangeGroup]
    unreadable: UnreadableRecords
    def __init__(self, totals: _Optional[_Union[ChangeTotals, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[ChangeGroup, _Mapping]]] = ..., unreadable: _Optional[_Union[UnreadableRecords, _Mapping]] = ...) -> None: ...

class ForecastRequest(_message.Message):
    __slots__ = ("site", "purpose", "days")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    days: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., days: _Optional[int] = ...) -> None: ...

class LossGroup(_message.Message):
    __slots__ = ("subject_ids", "access_point", "from_ms", "reason_code")
    SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    subject_ids: _containers.RepeatedScalarFieldContainer[str]
    access_point: str
    from_ms: int
    reason_code: str
    def __init__(self, subject_ids: _Optional[_Iterable[str]] = ..., access_point: _Optional[str] = ..., from_ms: _Optional[int] = ..., reason_code: _Optional[str] = ...) -> None: ...

class ForecastResponse(_message.Message):
    __slots__ = ("groups", "unreadable")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[LossGroup]
    unreadable: UnreadableRecords
    def __init__(self, groups: _Optional[_Iterable[_Union[LossGroup, _Mapping]]] = ..., unreadable: _Optional[_Union[UnreadableRecords, _Mapping]] = ...) -> None: ...
