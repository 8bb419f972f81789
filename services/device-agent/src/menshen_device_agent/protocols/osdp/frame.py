"""OSDP frames: bytes to frames and back (IEC 60839-11-5 clause 5, SIA OSDP v2.2 clause 5).

A frame on the wire: ``53 | address | length LE16 | control | [security block] | code | data | [MAC 4] | check``.
Length counts from the start byte to the last check byte; the mark byte (FF) before it is not counted.
Nothing here raises on any input: a frame that does not parse is a `Fault`, counted in `Counters`.
"""

import binascii
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

MARK = b"\xff"
START = 0x53
BROADCAST = 0x7F
MAC_LENGTH = 4
FRAME_LIMIT = 256
_REPLY_BIT = 0x80
_CRC_BIT = 0x04
_SECURITY_BIT = 0x08
_RESERVED_BITS = 0x70
_HEADER_LENGTH = 5
_SHORTEST = 7
_CRC_SEED = 0x1D0F


class Check(IntEnum):
    """How a frame ends; the value is the number of check bytes."""

    CHECKSUM = 1
    CRC = 2


class Scs(IntEnum):
    """Security block types."""

    CHALLENGE = 0x11
    CLIENT_CRYPTOGRAM = 0x12
    SERVER_CRYPTOGRAM = 0x13
    INITIAL_MAC = 0x14
    COMMAND_MAC = 0x15
    REPLY_MAC = 0x16
    COMMAND_ENCRYPTED = 0x17
    REPLY_ENCRYPTED = 0x18


_WITH_MAC = frozenset((Scs.COMMAND_MAC, Scs.REPLY_MAC, Scs.COMMAND_ENCRYPTED, Scs.REPLY_ENCRYPTED))


class Fault(Enum):
    """Why bytes were not a frame."""

    CHECK = auto()
    LENGTH = auto()
    SECURITY_BLOCK = auto()


@dataclass(frozen=True, slots=True)
class SecurityBlock:
    """The security block of a frame: its type (see `Scs`) and the bytes after the type."""

    kind: int
    data: bytes = b""

    @property
    def has_mac(self) -> bool:
        return self.kind in _WITH_MAC

    def encode(self) -> bytes:
        return bytes((2 + len(self.data), self.kind)) + self.data


@dataclass(frozen=True, slots=True)
class Frame:
    """One checked frame. `data` is as on the wire: ciphertext where the security block says so.

    `body` is everything before the MAC (or before the check bytes where there is none): what the MAC covers.
    """

    address: int
    reply: bool
    sequence: int
    code: int
    data: bytes
    security: SecurityBlock | None
    mac: bytes
    check: Check
    body: bytes


@dataclass(slots=True)
class Counters:
    """What a framer met since it was made; `discarded` counts bytes outside any accepted frame, mark bytes too."""

    frames: int = 0
    check_faults: int = 0
    length_faults: int = 0
    security_block_faults: int = 0
    discarded: int = 0


def crc16(content: bytes) -> int:
    """CRC-16 with polynomial 1021 and seed 1D0F, sent low byte first (SIA OSDP v2.2 Annex C)."""
    return binascii.crc_hqx(content, _CRC_SEED)


def checksum(content: bytes) -> int:
    """Two's complement of the sum of all bytes."""
    return -sum(content) & 0xFF


def body(
    address: int,
    sequence: int,
    code: int,
    data: bytes = b"",
    *,
    reply: bool = False,
    security: SecurityBlock | None = None,
    check: Check = Check.CRC,
) -> bytes:
    """The frame up to the MAC, its length field already counting MAC and check bytes."""
    block = security.encode() if security else b""
    mac_length = MAC_LENGTH if security and security.has_mac else 0
    length = _HEADER_LENGTH + len(block) + 1 + len(data) + mac_length + check
    control = sequence & 0x03
    control |= _CRC_BIT if check is Check.CRC else 0
    control |= _SECURITY_BIT if security else 0
    header = bytes((START, address | (_REPLY_BIT if reply else 0), length & 0xFF, length >> 8, control))
    return header + block + bytes((code,)) + data


def seal(content: bytes, check: Check = Check.CRC) -> bytes:
    """Append the check bytes to a body (with its MAC, where it has one)."""
    if check is Check.CRC:
        return content + crc16(content).to_bytes(2, "little")
    return content + bytes((checksum(content),))


def encode(
    address: int,
    sequence: int,
    code: int,
    data: bytes = b"",
    *,
    reply: bool = False,
    security: SecurityBlock | None = None,
    check: Check = Check.CRC,
) -> bytes:
    """A whole frame without MAC and without mark byte."""
    return seal(body(address, sequence, code, data, reply=reply, security=security, check=check), check)


def parse(raw: bytes) -> Frame | Fault:
    """Judge exactly one frame, from its start byte to its last check byte."""
    if len(raw) < _SHORTEST or raw[0] != START or int.from_bytes(raw[2:4], "little") != len(raw):
        return Fault.LENGTH
    check = Check.CRC if raw[4] & _CRC_BIT else Check.CHECKSUM
    content = raw[:-check]
    if seal(content, check) != raw:
        return Fault.CHECK
    block = _security_block(content) if raw[4] & _SECURITY_BIT else None
    if isinstance(block, Fault):
        return block
    return _frame(content, check, block)


def _security_block(content: bytes) -> SecurityBlock | Fault:
    size = content[_HEADER_LENGTH]
    end = _HEADER_LENGTH + size
    if size < 2 or end >= len(content):
        return Fault.SECURITY_BLOCK
    return SecurityBlock(content[_HEADER_LENGTH + 1], content[_HEADER_LENGTH + 2 : end])


def _frame(content: bytes, check: Check, block: SecurityBlock | None) -> Frame | Fault:
    code_at = _HEADER_LENGTH + (2 + len(block.data) if block else 0)
    data_end = len(content) - (MAC_LENGTH if block and block.has_mac else 0)
    if data_end <= code_at:
        return Fault.LENGTH
    return Frame(
        address=content[1] & ~_REPLY_BIT,
        reply=bool(content[1] & _REPLY_BIT),
        sequence=content[4] & 0x03,
        code=content[code_at],
        data=content[code_at + 1 : data_end],
        security=block,
        mac=content[data_end:],
        check=check,
        body=content[:data_end],
    )


class Framer:
    """Finds the frames of one direction in a byte stream, whatever its chunks.

    A rejected candidate costs its start byte only, so the next good frame is found even inside it. A false header holds
    the stream for at most `limit` bytes; `reset` (before each command, the line being half duplex) ends that sooner.
    """

    def __init__(self, *, replies: bool = True, limit: int = FRAME_LIMIT) -> None:
        self.counters = Counters()
        self._replies = replies
        self._limit = limit
        self._buffer = bytearray()

    @property
    def partial(self) -> bool:
        """A frame has begun and has not ended."""
        return bool(self._buffer)

    def reset(self) -> None:
        """Forget a frame that has begun."""
        self.counters.discarded += len(self._buffer)
        self._buffer.clear()

    def feed(self, data: bytes) -> tuple[Frame, ...]:
        """The frames that end within `data`, in order."""
        frames: list[Frame] = []
        for at in range(0, len(data), self._limit):
            self._buffer += data[at : at + self._limit]
            self._drain(frames)
        return tuple(frames)

    def _drain(self, frames: list[Frame]) -> None:
        while self._skip_to_start():
            length = self._declared_length()
            if length is None or length > len(self._buffer):
                return
            verdict = parse(bytes(self._buffer[:length])) if length else Fault.LENGTH
            if isinstance(verdict, Fault):
                self._reject(verdict)
            else:
                frames.append(verdict)
                self.counters.frames += 1
                del self._buffer[:length]

    def _skip_to_start(self) -> bool:
        at = self._buffer.find(START)
        skipped = len(self._buffer) if at < 0 else at
        self.counters.discarded += skipped
        del self._buffer[:skipped]
        return bool(self._buffer)

    def _declared_length(self) -> int | None:
        """The length the header gives, None while the header is incomplete, 0 for an impossible header."""
        if len(self._buffer) < _HEADER_LENGTH:
            return None
        length = int.from_bytes(self._buffer[2:4], "little")
        direction = bool(self._buffer[1] & _REPLY_BIT) is self._replies
        plain_control = not self._buffer[4] & _RESERVED_BITS
        return length if direction and plain_control and _SHORTEST <= length <= self._limit else 0

    def _reject(self, fault: Fault) -> None:
        match fault:
            case Fault.CHECK:
                self.counters.check_faults += 1
            case Fault.LENGTH:
                self.counters.length_faults += 1
            case Fault.SECURITY_BLOCK:
                self.counters.security_block_faults += 1
        self.counters.discarded += 1
        del self._buffer[0]
