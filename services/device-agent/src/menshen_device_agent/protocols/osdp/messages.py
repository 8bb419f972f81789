"""OSDP commands the ACU sends and their payloads (SIA OSDP v2.2 clause 6). Multi-byte numbers are little-endian."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

TEXT_LIMIT = 32


class Command(IntEnum):
    """Command codes in use."""

    POLL = 0x60
    ID = 0x61
    CAP = 0x62
    LSTAT = 0x64
    ISTAT = 0x65
    OSTAT = 0x66
    RSTAT = 0x67
    OUT = 0x68
    LED = 0x69
    BUZ = 0x6A
    TEXT = 0x6B
    COMSET = 0x6E
    KEYSET = 0x75
    CHLNG = 0x76
    SCRYPT = 0x77


class Colour(IntEnum):
    """LED colours."""

    BLACK = 0
    RED = 1
    GREEN = 2
    AMBER = 3
    BLUE = 4
    MAGENTA = 5
    CYAN = 6
    WHITE = 7


class OutputControl(IntEnum):
    """What an output does; the TEMPORARY ones use the timer, PERMANENT_*_ABORTING end a running timer."""

    NOTHING = 0
    PERMANENT_OFF_ABORTING = 1
    PERMANENT_ON_ABORTING = 2
    PERMANENT_OFF = 3
    PERMANENT_ON = 4
    TEMPORARY_ON = 5
    TEMPORARY_OFF = 6


class Tone(IntEnum):
    """Buzzer tones."""

    NONE = 0
    OFF = 1
    DEFAULT = 2


class TextMode(IntEnum):
    """How a text is shown; the TEMPORARY ones use the time."""

    PERMANENT = 1
    PERMANENT_WRAPPED = 2
    TEMPORARY = 3
    TEMPORARY_WRAPPED = 4


def _octets(*values: int) -> bytes:
    """Each value in one byte, held to 0..255 so that no setting can make encoding fail."""
    return bytes(min(max(value, 0), 0xFF) for value in values)


def _word(value: int) -> bytes:
    return min(max(value, 0), 0xFFFF).to_bytes(2, "little")


def ticks(duration_ms: int) -> int:
    """Milliseconds in the wire's unit of 100 ms, rounded up so that a short blink is not lost."""
    return -(-duration_ms // 100)


@dataclass(frozen=True, slots=True)
class Poll:
    code: ClassVar[Command] = Command.POLL

    def payload(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class Identify:
    """ID: asks for PDID."""

    code: ClassVar[Command] = Command.ID

    def payload(self) -> bytes:
        return b"\x00"


@dataclass(frozen=True, slots=True)
class AskCapabilities:
    """CAP: asks for PDCAP."""

    code: ClassVar[Command] = Command.CAP

    def payload(self) -> bytes:
        return b"\x00"


@dataclass(frozen=True, slots=True)
class AskLocalStatus:
    """LSTAT: tamper and power."""

    code: ClassVar[Command] = Command.LSTAT

    def payload(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class AskInputs:
    """ISTAT."""

    code: ClassVar[Command] = Command.ISTAT

    def payload(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class AskOutputs:
    """OSTAT."""

    code: ClassVar[Command] = Command.OSTAT

    def payload(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class AskReaders:
    """RSTAT: state of the reader heads behind a PD."""

    code: ClassVar[Command] = Command.RSTAT

    def payload(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class Output:
    """OUT for one output. `duration_ms` counts for the TEMPORARY controls (at most 6553 s)."""

    code: ClassVar[Command] = Command.OUT
    number: int
    control: OutputControl
    duration_ms: int = 0

    def payload(self) -> bytes:
        return _octets(self.number, self.control) + _word(ticks(self.duration_ms))


@dataclass(frozen=True, slots=True)
class Led:
    """LED for one lamp. With `duration_ms` the blink is temporary and the permanent setting stays; without, permanent.

    A steady light has `off_ms` 0 and any `on_ms` above 0.
    """

    code: ClassVar[Command] = Command.LED
    colour: Colour
    reader: int = 0
    number: int = 0
    on_ms: int = 100
    off_ms: int = 0
    off_colour: Colour = Colour.BLACK
    duration_ms: int = 0

    def payload(self) -> bytes:
        blink = _octets(ticks(self.on_ms), ticks(self.off_ms), self.colour, self.off_colour)
        head = _octets(self.reader, self.number)
        if self.duration_ms:
            return head + b"\x02" + blink + _word(ticks(self.duration_ms)) + bytes(5)
        return head + bytes(7) + b"\x01" + blink


@dataclass(frozen=True, slots=True)
class Buzzer:
    """BUZ. `count` 0 sounds until the next BUZ."""

    code: ClassVar[Command] = Command.BUZ
    tone: Tone = Tone.DEFAULT
    reader: int = 0
    on_ms: int = 100
    off_ms: int = 100
    count: int = 1

    def payload(self) -> bytes:
        return _octets(self.reader, self.tone, ticks(self.on_ms), ticks(self.off_ms), self.count)


@dataclass(frozen=True, slots=True)
class Text:
    """TEXT. Rows and columns count from 1. Characters outside printable ASCII become '?', the end beyond 32 is cut."""

    code: ClassVar[Command] = Command.TEXT
    text: str = field(repr=False)
    reader: int = 0
    mode: TextMode = TextMode.TEMPORARY
    duration_s: int = 3
    row: int = 1
    column: int = 1

    def payload(self) -> bytes:
        shown = "".join(sign if " " <= sign <= "~" else "?" for sign in self.text[:TEXT_LIMIT]).encode("ascii")
        return _octets(self.reader, self.mode, self.duration_s, self.row, self.column, len(shown)) + shown


@dataclass(frozen=True, slots=True)
class Comset:
    """COMSET: a new address (0..126) and speed for the PD; it answers COM at the old ones."""

    code: ClassVar[Command] = Command.COMSET
    address: int
    baud: int

    def payload(self) -> bytes:
        return _octets(self.address) + (self.baud & 0xFFFF_FFFF).to_bytes(4, "little")


@dataclass(frozen=True, slots=True)
class Keyset:
    """KEYSET: a new SCBK of 16 bytes."""

    code: ClassVar[Command] = Command.KEYSET
    scbk: bytes = field(repr=False)

    def payload(self) -> bytes:
        return b"\x01" + _octets(len(self.scbk)) + self.scbk


@dataclass(frozen=True, slots=True)
class Challenge:
    """CHLNG: RND.A."""

    code: ClassVar[Command] = Command.CHLNG
    nonce: bytes = field(repr=False)

    def payload(self) -> bytes:
        return self.nonce


@dataclass(frozen=True, slots=True)
class ServerCryptogram:
    """SCRYPT: the ACU's proof of the key."""

    code: ClassVar[Command] = Command.SCRYPT
    cryptogram: bytes = field(repr=False)

    def payload(self) -> bytes:
        return self.cryptogram


# What a caller may order; the rest belongs to the session itself.
Order = Output | Led | Buzzer | Text | Comset | AskReaders
StatusQuestion = AskLocalStatus | AskInputs | AskOutputs
AnyCommand = Order | StatusQuestion | Poll | Identify | AskCapabilities | Keyset | Challenge | ServerCryptogram
