from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LossCount(_message.Message):
    __slots__ = ("passing", "losing")
    PASSING_FIELD_NUMBER: _ClassVar[int]
    LOSING_FIELD_NUMBER: _ClassVar[int]
    passing: int
    losing: int
    def __init__(self, passing: _Optional[int] = ..., losing: _Optional[int] = ...) -> None: ...

class PointLoss(_message.Message):
    __slots__ = ("access_point", "losing", "people", "vehicles")
    ACCESS_POINT_FIELD_NUMBER: _ClassVar[int]
    LOSING_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    VEHICLES_FIELD_NUMBER: _ClassVar[int]
    access_point: str
    losing: int
    people: int
    vehicles: int
    def __init__(self, access_point: _Optional[str] = ..., losing: _Optional[int] = ..., people: _Optional[int] = ..., vehicles: _Optional[int] = ...) -> None: ...

class Unseen(_message.Message):
    __slots__ = ("rule", "place", "value")
    RULE_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    place: str
    value: str
    def __init__(self, rule: _Optional[str] = ..., place: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Loss(_message.Message):
    __slots__ = ("computed", "people", "vehicles", "points", "unseen")
    COMPUTED_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    VEHICLES_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    UNSEEN_FIELD_NUMBER: _ClassVar[int]
    computed: bool
    people: LossCount
    vehicles: LossCount
    points: _containers.RepeatedCompositeFieldContainer[PointLoss]
    unseen: _containers.RepeatedCompositeFieldContainer[Unseen]
    def __init__(self, computed: _Optional[bool] = ..., people: _Optional[_Union[LossCount, _Mapping]] = ..., vehicles: _Optional[_Union[LossCount, _Mapping]] = ..., points: _Optional[_Iterable[_Union[PointLoss, _Mapping]]] = ..., unseen: _Optional[_Iterable[_Union[Unseen, _Mapping]]] = ...) -> None: ...

class ApprovePlanRequest(_message.Message):
    __slots__ = ("site", "document", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    document: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., document: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApprovePlanResponse(_message.Message):
    __slots__ = ("sha256", "loss", "until_ms")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    loss: Loss
    until_ms: int
    def __init__(self, sha256: _Optional[bytes] = ..., loss: _Optional[_Union[Loss, _Mapping]] = ..., until_ms: _Optional[int] = ...) -> None: ...

class ApproveRevocationRequest(_message.Message):
    __slots__ = ("site", "assignment_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    assignment_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., assignment_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApproveRevocationResponse(_message.Message):
    __slots__ = ("loss", "until_ms")
    LOSS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    loss: Loss
    until_ms: int
    def __init__(self, loss: _Optional[_Union[Loss, _Mapping]] = ..., until_ms: _Optional[int] = ...) -> None: ...

class ApproveRemovalRequest(_message.Message):
    __slots__ = ("site", "policy_id", "reason")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy_id: str
    reason: str
    def __init__(self, site: _Optional[str] = ..., policy_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ApproveRemovalResponse(_message.Message):
    __slots__ = ("loss", "until_ms")
    LOSS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    loss: Loss
    until_ms: int
    def __init__(self, loss: _Optional[_Union[Loss, _Mapping]] = ..., until_ms: _Optional[int] = ...) -> None: ...
