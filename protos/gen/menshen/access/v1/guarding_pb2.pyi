from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListTripsRequest(_message.Message):
    __slots__ = ("site",)
    SITE_FIELD_NUMBER: _ClassVar[int]
    site: str
    def __init__(self, site: _Optional[str] = ...) -> None: ...

class ListTripsResponse(_message.Message):
    __slots__ = ("trips",)
    TRIPS_FIELD_NUMBER: _ClassVar[int]
    trips: _containers.RepeatedCompositeFieldContainer[Trip]
    def __init__(self, trips: _Optional[_Iterable[_Union[Trip, _Mapping]]] = ...) -> None: ...

class Trip(_message.Message):
    __slots__ = ("change_id", "changed_at_ms", "tripped_at_ms", "plan_version", "roll_back_to", "policy_id", "decided_before", "refused_before", "decided_after", "refused_after", "reason_code")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    TRIPPED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    ROLL_BACK_TO_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    REFUSED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AFTER_FIELD_NUMBER: _ClassVar[int]
    REFUSED_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    changed_at_ms: int
    tripped_at_ms: int
    plan_version: int
    roll_back_to: int
    policy_id: str
    decided_before: int
    refused_before: int
    decided_after: int
    refused_after: int
    reason_code: str
    def __init__(self, change_id: _Optional[str] = ..., changed_at_ms: _Optional[int] = ..., tripped_at_ms: _Optional[int] = ..., plan_version: _Optional[int] = ..., roll_back_to: _Optional[int] = ..., policy_id: _Optional[str] = ..., decided_before: _Optional[int] = ..., refused_before: _Optional[int] = ..., decided_after: _Optional[int] = ..., refused_after: _Optional[int] = ..., reason_code: _Optional[str] = ...) -> None: ...

class RollBackPolicyRequest(_message.Message):
    __slots__ = ("site", "reason", "expected_plan_version", "policy_id")
    SITE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    site: str
    reason: str
    expected_plan_version: int
    policy_id: str
    def __init__(self, site: _Optional[str] = ..., reason: _Optional[str] = ..., expected_plan_version: _Optional[int] = ..., policy_id: _Optional[str] = ...) -> None: ...

class RollBackPolicyResponse(_message.Message):
    __slots__ = ("policy_id", "plan_version")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    plan_version: int
    def __init__(self, policy_id: _Optional[str] = ..., plan_version: _Optional[int] = ...) -> None: ...
