from menshen.access.v1 import decision_pb2 as _decision_pb2
from menshen.access.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportHistoryRequest(_message.Message):
    __slots__ = ("site", "purpose", "after", "through")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    THROUGH_FIELD_NUMBER: _ClassVar[int]
    site: str
    purpose: str
    after: _events_pb2.EventCursor
    through: int
    def __init__(self, site: _Optional[str] = ..., purpose: _Optional[str] = ..., after: _Optional[_Union[_events_pb2.EventCursor, _Mapping]] = ..., through: _Optional[int] = ...) -> None: ...

class RetainedClass(_message.Message):
    __slots__ = ("commitment", "stored", "salt")
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    STORED_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    commitment: bytes
    stored: bytes
    salt: bytes
    def __init__(self, commitment: _Optional[bytes] = ..., stored: _Optional[bytes] = ..., salt: _Optional[bytes] = ...) -> None: ...

class HistoryLink(_message.Message):
    __slots__ = ("sequence", "epoch", "event_id", "kind", "core", "identity", "health", "previous", "hash")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CORE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    epoch: int
    event_id: str
    kind: _decision_pb2.EventKind
    core: RetainedClass
    identity: RetainedClass
    health: RetainedClass
    previous: bytes
    hash: bytes
    def __init__(self, sequence: _Optional[int] = ..., epoch: _Optional[int] = ..., event_id: _Optional[str] = ..., kind: _Optional[_Union[_decision_pb2.EventKind, str]] = ..., core: _Optional[_Union[RetainedClass, _Mapping]] = ..., identity: _Optional[_Union[RetainedClass, _Mapping]] = ..., health: _Optional[_Union[RetainedClass, _Mapping]] = ..., previous: _Optional[bytes] = ..., hash: _Optional[bytes] = ...) -> None: ...

class ExportHistoryResponse(_message.Message):
    __slots__ = ("epoch", "through", "read_at_ms", "links")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    THROUGH_FIELD_NUMBER: _ClassVar[int]
    READ_AT_MS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    through: int
    read_at_ms: int
    links: _containers.RepeatedCompositeFieldContainer[HistoryLink]
    def __init__(self, epoch: _Optional[int] = ..., through: _Optional[int] = ..., read_at_ms: _Optional[int] = ..., links: _Optional[_Iterable[_Union[HistoryLink, _Mapping]]] = ...) -> None: ...
