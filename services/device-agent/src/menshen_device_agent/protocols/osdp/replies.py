"""OSDP replies and their payloads (SIA OSDP v2.2 clause 7). Multi-byte numbers are little-endian.

`decode` judges any bytes: what does not fit its code is `Malformed`, what is not in the table is `Unknown`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Reply(IntEnum):
    """Reply codes in use."""

    ACK = 0x40
    NAK = 0x41
    PDID = 0x45
    PDCAP = 0x46
    LSTATR = 0x48
    ISTATR = 0x49
    OSTATR = 0x4A
    RSTATR = 0x4B
    RAW = 0x50
    FMT = 0x51
    KEYPAD = 0x53
    COM = 0x54
    CCRYPT = 0x76
    RMAC_I = 0x78
    BUSY = 0x79


class NakCode(IntEnum):
    """Why a PD refused a command; codes outside the table read as UNSPECIFIED."""

    UNSPECIFIED = 0
    BAD_CHECK = 1
    BAD_LENGTH = 2
    UNKNOWN_COMMAND = 3
    BAD_SEQUENCE = 4
    SECURITY_UNSUPPORTED = 5
    SECURITY_REQUIRED = 6
    BIOMETRIC_TYPE = 7
    BIOMETRIC_FORMAT = 8
    RECORD = 9


class Function(IntEnum):
    """Capability functions the session reads."""

    INPUTS = 1
    OUTPUTS = 2
    LED = 4
    BUZZER = 5
    TEXT = 6
    SECURITY = 9
    RECEIVE_LIMIT = 10


class CardFormat(IntEnum):
    """How a card's bits are to be read: as they came, Wiegand with its parities, or characters."""

    RAW = 0
    WIEGAND = 1
    CHARACTERS = 2


class ReaderState(IntEnum):
    """State of a reader head behind a PD."""

    NORMAL = 0
    NOT_CONNECTED = 1
    TAMPER = 2


@dataclass(frozen=True, slots=True)
class Ack:
    pass


@dataclass(frozen=True, slots=True)
class NakReply:
    code: NakCode


@dataclass(frozen=True, slots=True)
class PdId:
    """Vendor OUI (3 bytes), model, hardware version, serial number, firmware (major, minor, build)."""

    vendor: bytes
    model: int
    version: int
    serial: int
    firmware: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Capability:
    """One PDCAP entry; `function` is kept as a number, since PDs name functions outside `Function`."""

    function: int
    compliance: int
    count: int


@dataclass(frozen=True, slots=True)
class PdCap:
    entries: tuple[Capability, ...]

    def of(self, function: Function) -> Capability:
        """The entry, or one with compliance and count 0."""
        return next((entry for entry in self.entries if entry.function == function), Capability(function, 0, 0))

    @property
    def secure(self) -> bool:
        """The PD offers the AES-128 secure channel."""
        return bool(self.of(Function.SECURITY).compliance & 1)

    @property
    def receive_limit(self) -> int:
        """The longest frame the PD takes, in bytes; 0 when it does not say."""
        entry = self.of(Function.RECEIVE_LIMIT)
        return entry.compliance | entry.count << 8


@dataclass(frozen=True, slots=True)
class LocalStatus:
    tamper: bool
    power_failed: bool


@dataclass(frozen=True, slots=True)
class Inputs:
    active: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Outputs:
    active: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Readers:
    states: tuple[ReaderState, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`bits` holds `count` bits, first bit first, the last byte filled up with zeros."""

    reader: int
    format: CardFormat
    count: int
    bits: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keypad:
    """`digits` of 0-9, '*' and '#'."""

    reader: int
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Communication:
    address: int
    baud: int


@dataclass(frozen=True, slots=True)
class ClientCryptogram:
    """CCRYPT: the PD's unique id (8 bytes), RND.B (8) and its cryptogram (16)."""

    uid: bytes
    nonce: bytes = field(repr=False)
    cryptogram: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class InitialMac:
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Busy:
    pass


@dataclass(frozen=True, slots=True)
class Malformed:
    """The payload does not fit its code."""

    code: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A reply code outside the support table."""

    code: int


Message = (
    Ack
    | NakReply
    | PdId
    | PdCap
    | LocalStatus
    | Inputs
    | Outputs
    | Readers
    | Card
    | Keypad
    | Communication
    | ClientCryptogram
    | InitialMac
    | Busy
    | Malformed
    | Unknown
)


def decode(code: int, data: bytes) -> Message:
    """Read one reply's clear payload."""
    reader = _READERS.get(code)
    if reader is None:
        return Unknown(code)
    message = reader(data)
    return Malformed(code) if message is None else message


def _nak(data: bytes) -> Message | None:
    if not data:
        return None
    return NakReply(NakCode(data[0]) if data[0] in NakCode else NakCode.UNSPECIFIED)


def _pd_id(data: bytes) -> Message | None:
    if len(data) != 12:
        return None
    serial = int.from_bytes(data[5:9], "little")
    return PdId(data[:3], data[3], data[4], serial, (data[9], data[10], data[11]))


def _pd_cap(data: bytes) -> Message | None:
    if len(data) % 3:
        return None
    return PdCap(tuple(Capability(*data[at : at + 3]) for at in range(0, len(data), 3)))


def _local_status(data: bytes) -> Message | None:
    return LocalStatus(data[0] != 0, data[1] != 0) if len(data) == 2 else None


def _flags(data: bytes) -> tuple[bool, ...]:
    return tuple(octet != 0 for octet in data)


def _readers(data: bytes) -> Message | None:
    """An unheard-of state reads as tamper: it is not normal."""
    return Readers(tuple(ReaderState(octet) if octet in ReaderState else ReaderState.TAMPER for octet in data))


def _raw(data: bytes) -> Message | None:
    if len(data) < 4 or data[1] > CardFormat.WIEGAND:
        return None
    count = int.from_bytes(data[2:4], "little")
    bits = data[4:]
    if not count or len(bits) != -(-count // 8):
        return None
    spare = -count % 8
    clean = bits[:-1] + bytes((bits[-1] >> spare << spare,))
    return Card(data[0], CardFormat(data[1]), count, clean)


def _formatted(data: bytes) -> Message | None:
    if len(data) < 4 or len(data) != 3 + data[2]:
        return None
    return Card(data[0], CardFormat.CHARACTERS, 8 * data[2], data[3:])


_KEYS = {ord(sign): sign for sign in "0123456789*#"} | {0x7F: "*", 0x0D: "#"}


def _keypad(data: bytes) -> Message | None:
    if len(data) < 3 or len(data) != 2 + data[1] or any(octet not in _KEYS for octet in data[2:]):
        return None
    return Keypad(data[0], "".join(_KEYS[octet] for octet in data[2:]))


def _communication(data: bytes) -> Message | None:
    return Communication(data[0], int.from_bytes(data[1:5], "little")) if len(data) == 5 else None


def _client_cryptogram(data: bytes) -> Message | None:
    return ClientCryptogram(data[:8], data[8:16], data[16:]) if len(data) == 32 else None


_READERS: Mapping[int, Callable[[bytes], Message | None]] = {
    Reply.ACK: lambda data: None if data else Ack(),
    Reply.NAK: _nak,
    Reply.PDID: _pd_id,
    Reply.PDCAP: _pd_cap,
    Reply.LSTATR: _local_status,
    Reply.ISTATR: lambda data: Inputs(_flags(data)),
    Reply.OSTATR: lambda data: Outputs(_flags(data)),
    Reply.RSTATR: _readers,
    Reply.RAW: _raw,
    Reply.FMT: _formatted,
    Reply.KEYPAD: _keypad,
    Reply.COM: _communication,
    Reply.CCRYPT: _client_cryptogram,
    Reply.RMAC_I: lambda data: InitialMac(data) if len(data) == 16 else None,
    Reply.BUSY: lambda data: None if data else Busy(),
}
