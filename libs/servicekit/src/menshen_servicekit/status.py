"""The one status table: what went wrong, as the domain says it, and as gRPC carries it.

On the wire a trouble is a `google.rpc.Status` with ErrorInfo (reason = the code), LocalizedMessage in zh and en, and
BadRequest when fields are named. `domain_error_of` reads the same back at the client.

A transport drops a status of more than 8 kB: long texts end with an ellipsis, and of many fields the first are told,
one at least, and how many more there are.
"""

import enum
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

DOMAIN = "menshen"
DETAILS_KEY = "grpc-status-details-bin"
MOST_FIELDS = 20
MOST_WIRE_BYTES = 7_600
_MOST_LETTERS: Final = (600, 300, 150)
"""Of any text of a status: the first of these by which all that has to be told is not too much for a transport."""
_OTHER_BYTES: Final = 160
"""How many more fields there are, in words, and what frames them all."""
_PLAIN: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class Trouble(enum.Enum):
    """The error vocabulary. A denial at a gate is a response and never one of these."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    EXISTS = "EXISTS"
    CONFLICT = "CONFLICT"
    STALE = "STALE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    EXHAUSTED = "EXHAUSTED"
    BACKPRESSURE = "BACKPRESSURE"
    NOT_READY = "NOT_READY"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE = "DEADLINE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    INTERNAL = "INTERNAL"


STATUS_TABLE: dict[Trouble, grpc.StatusCode] = {
    Trouble.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Trouble.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Trouble.EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    Trouble.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    Trouble.STALE: grpc.StatusCode.ABORTED,
    Trouble.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Trouble.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Trouble.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Trouble.BACKPRESSURE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Trouble.NOT_READY: grpc.StatusCode.UNAVAILABLE,
    Trouble.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Trouble.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
    Trouble.OUT_OF_RANGE: grpc.StatusCode.OUT_OF_RANGE,
    Trouble.INTERNAL: grpc.StatusCode.INTERNAL,
}


@dataclass(frozen=True, slots=True)
class FieldTrouble:
    """One field of a request that is wrong: its path (`holder.valid_from_ms`) and what was expected, zh and en."""

    path: str
    message_zh: str
    message_en: str


class DomainError(Exception):
    """Raised by domain and use cases, mapped to a status at the edge. Messages carry no personal data.

    `code` is a stable upper-case word for machines (`HOLD_UNKNOWN`); the messages are for people.
    """

    def __init__(
        self,
        trouble: Trouble,
        code: str,
        message_zh: str,
        message_en: str,
        fields: Iterable[FieldTrouble] = (),
    ) -> None:
        super().__init__(f"{code}: {message_en}")
        self.trouble = trouble
        self.code = code
        self.message_zh = message_zh
        self.message_en = message_en
        self.fields = tuple(fields)

    def __reduce__(self) -> tuple[type["DomainError"], tuple[object, ...]]:
        """It is told in one process and raised in another."""
        return type(self), (self.trouble, self.code, self.message_zh, self.message_en, self.fields)


@dataclass(frozen=True, slots=True)
class RpcStatus:
    """What `context.abort` takes."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def status_of(error: DomainError) -> RpcStatus:
    """The gRPC status of a domain error, rich details included."""
    for most in _MOST_LETTERS:
        message, details = _cut(error.message_en, most), _details(error, most)
        if _wire_bytes(message, details) <= MOST_WIRE_BYTES:
            break
    return RpcStatus(STATUS_TABLE[error.trouble], message, ((DETAILS_KEY, details),))


def _details(error: DomainError, most: int) -> bytes:
    """The serialised status with texts of so many letters at most."""
    zh, en = _cut(error.message_zh, most), _cut(error.message_en, most)
    status = status_pb2.Status(code=STATUS_TABLE[error.trouble].value[0], message=en)
    info = error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN, metadata={"trouble": error.trouble.value})
    details: list[Any] = [
        info,
        error_details_pb2.LocalizedMessage(locale="zh", message=zh),
        error_details_pb2.LocalizedMessage(locale="en", message=en),
    ]
    for detail in details:
        _pack(status, detail)
    if error.fields:
        room = (MOST_WIRE_BYTES - _wire_bytes(en, status.SerializeToString())) * 3 // 4 - _OTHER_BYTES
        first = [_violation(item, most) for item in error.fields[:MOST_FIELDS]]
        _pack(status, _bad_request(first, len(error.fields), room))
    told: bytes = status.SerializeToString()
    return told


def _pack(status: Any, detail: Any) -> None:
    packed = any_pb2.Any()
    packed.Pack(detail)
    status.details.append(packed)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wire_bytes(message: str, details: bytes) -> int:
    """The message is percent-encoded, the details are in Base64."""
    return len(quote(message, safe=_PLAIN)) + len(b64encode(details))


def domain_error_of(error: grpc.aio.AioRpcError) -> DomainError:
    """The domain error a call failed with. A status that is not ours becomes the nearest trouble, without fields."""
    status = _rich_status(error)
    if status is not None:
        found = _read_details(status)
        if found is not None:
            return found
    trouble = _NEAREST.get(error.code(), Trouble.INTERNAL)
    text = error.details() or error.code().name
    return DomainError(trouble, error.code().name, text, text)


_NEAREST = {code: trouble for trouble, code in reversed(STATUS_TABLE.items())} | {
    grpc.StatusCode.UNAVAILABLE: Trouble.UNAVAILABLE,
    grpc.StatusCode.CANCELLED: Trouble.UNAVAILABLE,
}


def counted(count: int, noun: str) -> str:
    """`1 fault`, `3 faults`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _bad_request(violations: Sequence[Any], count: int, room: int) -> error_details_pb2.BadRequest:
    """The first of so many, as many as there is room for but one at least, and how many are left."""
    told = error_details_pb2.BadRequest(field_violations=violations[:1])
    for violation in violations[1:]:
        if told.ByteSize() + violation.ByteSize() > room:
            break
        told.field_violations.append(violation)
    left = count - len(told.field_violations)
    if left:
        told.field_violations.append(
            _violation(FieldTrouble("", f"另有 {left} 处", f"and {left} more"), _MOST_LETTERS[0])
        )
    return told


def _violation(item: FieldTrouble, most: int) -> Any:
    """In English as its description and in Chinese as its localized message."""
    return error_details_pb2.BadRequest.FieldViolation(
        field=_cut(item.path, most),
        description=_cut(item.message_en, most),
        localized_message=error_details_pb2.LocalizedMessage(locale="zh", message=_cut(item.message_zh, most)),
    )


def _rich_status(error: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            status = status_pb2.Status()
            try:
                status.ParseFromString(value)
            except Exception:  # noqa: BLE001  (a peer's bytes; protobuf's DecodeError has no public type here)
                return None
            return status
    return None


def _read_details(status: status_pb2.Status) -> DomainError | None:
    info = error_details_pb2.ErrorInfo()
    texts: dict[str, str] = {}
    fields: tuple[FieldTrouble, ...] = ()
    for packed in status.details:
        local, bad = error_details_pb2.LocalizedMessage(), error_details_pb2.BadRequest()
        if packed.Unpack(local):
            texts[local.locale] = local.message
        elif packed.Unpack(bad):
            fields = _read_fields(bad)
        else:
            packed.Unpack(info)
    word = info.metadata.get("trouble", "")
    if info.domain != DOMAIN or word not in Trouble.__members__:
        return None
    return DomainError(
        Trouble[word], info.reason, texts.get("zh", status.message), texts.get("en", status.message), fields
    )


def _read_fields(bad: error_details_pb2.BadRequest) -> tuple[FieldTrouble, ...]:
    return tuple(
        FieldTrouble(told.field, told.localized_message.message, told.description) for told in bad.field_violations
    )
