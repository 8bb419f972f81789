"""OSDP replies (SIA OSDP v2.2 clause 7)."""

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


SECURITY_WANTED = frozenset((NakCode.SECURITY_UNSUPPORTED, NakCode.SECURITY_REQUIRED))
CONVERSATION_OVER = SECURITY_WANTED | {NakCode.BAD_SEQUENCE}


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
