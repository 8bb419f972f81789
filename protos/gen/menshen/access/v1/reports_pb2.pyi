from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CountPassagesRequest(_message.Message):
    __slots__ = ("site", "purpose", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class PassageCount(_message.Message):
    __slots__ = ("access_point", "hour_from_ms", "passages")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    HOUR_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    hour_from_ms: int
    passages: int
    def __init__(self, access_point: _Optional[str] = ..., hour_from_ms: _Optional[int] = ..., passages: _Optional[int] = ...) -> None: ...

class CountPassagesResponse(_message.Message):
    __slots__ = ("total", "rows", "deleted", "utc_offset_minutes")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    UTC_OFFSET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    total: int
    rows: _containers.RepeatedCompositeFieldContainer[PassageCount]
    deleted: int
    utc_offset_minutes: int
    def __init__(self, total: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[PassageCount, _Mapping]]] = ..., deleted: _Optional[int] = ..., utc_offset_minutes: _Optional[int] = ...) -> None: ...

class CountRefusalsRequest(_message.Message):
    __slots__ = ("site", "purpose", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class RefusalCount(_message.Message):
    __slots__ = ("access_point", "reason_code", "refusals")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    reason_code: str
    refusals: int
    def __init__(self, access_point: _Optional[str] = ..., reason_code: _Optional[str] = ..., refusals: _Optional[int] = ...) -> None: ...

class CountRefusalsResponse(_message.Message):
    __slots__ = ("total", "rows", "deleted")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    total: int
    rows: _containers.RepeatedCompositeFieldContainer[RefusalCount]
    deleted: int
    def __init__(self, total: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[RefusalCount, _Mapping]]] = ..., deleted: _Optional[int] = ...) -> None: ...

class ListOverstaysRequest(_message.Message):
    __slots__ = ("site", "purpose", "area", "hours")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    area: str
    hours: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., area: _Optional[str] = ..., hours: _Optional[int] = ...) -> None: ...

class Overstay(_message.Message):
    __slots__ = ("subject_id", "since_ms", "area")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    AREA_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    since_ms: int
    area: str
    def __init__(self, subject_id: _Optional[str] = ..., since_ms: _Optional[int] = ..., area: _Optional[str] = ...) -> None: ...

class ListOverstaysResponse(_message.Message):
    __slots__ = ("total", "rows", "utc_offset_minutes")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    UTC_OFFSET_MINUTES_FIELD_NUMBER: _ClassVar[int]
    total: int
    rows: _containers.RepeatedCompositeFieldContainer[Overstay]
    utc_offset_minutes: int
    def __init__(self, total: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[Overstay, _Mapping]]] = ..., utc_offset_minutes: _Optional[int] = ...) -> None: ...

class ListWithoutPassageRequest(_message.Message):
    __slots__ = ("site", "purpose", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class WithoutPassage(_message.Message):
    __slots__ = ("subject_id",)
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    def __init__(self, subject_id: _Optional[str] = ...) -> None: ...

class ListWithoutPassageResponse(_message.Message):
    __slots__ = ("total", "passed", "rows", "deleted")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    total: int
    passed: int
    rows: _containers.RepeatedCompositeFieldContainer[WithoutPassage]
    deleted: int
    def __init__(self, total: _Optional[int] = ..., passed: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[WithoutPassage, _Mapping]]] = ..., deleted: _Optional[int] = ...) -> None: ...

class ListUnusedCredentialsRequest(_message.Message):
    __slots__ = ("site", "purpose", "from_ms", "to_ms")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FROM_MS_FIELD_NUMBER: _ClassVar[int]
    TO_MS_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    from_ms: int
    to_ms: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., from_ms: _Optional[int] = ..., to_ms: _Optional[int] = ...) -> None: ...

class UnusedCredential(_message.Message):
    __slots__ = ("subject_id", "credential_id")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    credential_id: str
    def __init__(self, subject_id: _Optional[str] = ..., credential_id: _Optional[str] = ...) -> None: ...

class ListUnusedCredentialsResponse(_message.Message):
    __slots__ = ("total", "presented", "deleted", "rows")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PRESENTED_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    total: int
    presented: int
    deleted: int
    rows: _containers.RepeatedCompositeFieldContainer[UnusedCredential]
    def __init__(self, total: _Optional[int] = ..., presented: _Optional[int] = ..., deleted: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[UnusedCredential, _Mapping]]] = ...) -> None: ...

class CountMusterRequest(_message.Message):
    __slots__ = ("site", "purpose")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class MusterCount(_message.Message):
    __slots__ = ("area", "inside", "unknown")
    AREA_FIELD_NUMBER: _ClassVar[int]
    INSIDE_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    area: str
    inside: int
    unknown: int
    def __init__(self, area: _Optional[str] = ..., inside: _Optional[int] = ..., unknown: _Optional[int] = ...) -> None: ...

class CountMusterResponse(_message.Message):
    __slots__ = ("total", "rows")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    total: int
    rows: _containers.RepeatedCompositeFieldContainer[MusterCount]
    def __init__(self, total: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[MusterCount, _Mapping]]] = ...) -> None: ...
