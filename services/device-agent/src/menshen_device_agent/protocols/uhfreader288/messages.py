"""Commands and replies of the UHFReader18/288 family (UHFReader288MP user manual v1.14, sections 8.2.1, 8.2.2, 8.4)."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from .frame import Frame, encode

TID_BYTES = 12
WORD_BYTES = 2
NO_PASSWORD = bytes(4)


class Command(IntEnum):
    INVENTORY = 0x01
    READ_MEMORY = 0x02
    READER_INFORMATION = 0x21
    PUSHED = 0xEE


class Status(IntEnum):
    OK = 0x00
    DONE = 0x01
    TIMED_OUT = 0x02
    MORE = 0x03
    MEMORY_FULL = 0x04
    STATISTICS = 0x26
    HEARTBEAT = 0x28
    ANTENNA_FAULT = 0xF8
    NO_TAG = 0xFB


class MemoryBank(IntEnum):
    RESERVED = 0
    EPC = 1
    TID = 2
    USER = 3


class Family(Enum):
    """READER18 reports neither antenna nor RSSI; READER288 reports both."""

    READER18 = "uhfreader18"
    READER288 = "uhfreader288"


class AntennaCoding(Enum):
    """How a READER288 names antennas: one bit each (up to 8 ports), or the port's index from 0 (more ports)."""

    ONE_HOT = "one-hot"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a model's replies look like; model, not message, decides."""

    family: Family = Family.READER288
    antenna_coding: AntennaCoding = AntennaCoding.ONE_HOT


@dataclass(frozen=True, slots=True)
class Tag:
    """One record: EPC, TID if the reader read it with FastID, RSSI as the reader counts it (not dBm)."""

    epc: bytes
    tid: bytes | None
    rssi_raw: int | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """Tags of one reply; `last` ends the round. Every tag was seen on each of `antenna_ports` (from 1)."""

    status: int
    antenna_ports: tuple[int, ...]
    tags: tuple[Tag, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """Reads per second and reads in total of the round before."""

    antenna_ports: tuple[int, ...]
    read_rate: int
    total: int


@dataclass(frozen=True, slots=True)
class AntennaFault:
    """The antenna in use may be disconnected; ends the round."""

    antenna_ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReaderInformation:
    """Firmware as major.minor, and the model byte."""

    firmware: str
    model: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Words read from a tag's bank."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Pushed:
    """Tags that a reader in real-time mode reports by itself."""

    antenna_ports: tuple[int, ...]
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A reader in real-time mode without a tag."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The reader did not do as told; `status` is its own code."""

    command: int
    status: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame with a good CRC whose content does not fit its command."""

    command: int


Reply = (
    Inventory | Statistics | AntennaFault | ReaderInformation | Memory | Pushed | Heartbeat | Refused | Malformed
)  # fmt: skip

_ROUND_ENDS = {Status.DONE, Status.TIMED_OUT, Status.MEMORY_FULL}
_ROUND_EMPTY = {Status.NO_TAG}


@dataclass(frozen=True, slots=True)
class Round:
    """One inventory round.

    `q` is the slot count exponent (2^q near the number of tags in the field), `session` the Gen2 session 0 to 3 (0: a
    tag answers every round), `antenna_port` from 1, `scan_time_ms` the longest round (300 to 25,500, in hundreds).
    """

    q: int = 4
    session: int = 0
    fast_id: bool = False
    antenna_port: int = 1
    scan_time_ms: int = 300


def inventory(address: int, layout: Layout, scan: Round) -> bytes:
    """Ask for one round. READER18 takes no parameters."""
    if layout.family is Family.READER18:
        return encode(address, Command.INVENTORY)
    q_value = (scan.fast_id << 5) | (scan.q & 0x0F)
    no_mask = bytes((MemoryBank.EPC, 0, 0, 0))
    antenna = 0x80 + scan.antenna_port - 1
    ending = bytes((0, antenna & 0xFF, scan.scan_time_ms // 100 & 0xFF))
    return encode(address, Command.INVENTORY, bytes((q_value, scan.session & 0xFF)) + no_mask + ending)


def read_memory(address: int, epc: bytes, bank: MemoryBank, first_word: int, words: int) -> bytes:
    """Read `words` words of the tag with this whole `epc` (even length, at most 30 bytes), without a password."""
    body = bytes((len(epc) // WORD_BYTES,)) + epc + bytes((bank, first_word, words)) + NO_PASSWORD
    return encode(address, Command.READ_MEMORY, body)


def reader_information(address: int) -> bytes:
    """Ask who the reader is; the cheapest sign of life."""
    return encode(address, Command.READER_INFORMATION)


def parse(frame: Frame, layout: Layout) -> Reply:
    """What a reply says; `Malformed` or `Refused`, never an exception, for what it cannot say."""
    match frame.command:
        case Command.INVENTORY:
            return _parse_inventory(frame, layout)
        case Command.PUSHED:
            return _parse_pushed(frame, layout)
        case Command.READER_INFORMATION if frame.status == Status.OK:
            return _parse_information(frame)
        case Command.READ_MEMORY if frame.status == Status.OK:
            return Memory(frame.payload)
        case _:
            return Refused(frame.command, frame.status)


def _parse_inventory(frame: Frame, layout: Layout) -> Reply:
    if frame.status == Status.STATISTICS:
        return _parse_statistics(frame, layout)
    if frame.status == Status.ANTENNA_FAULT:
        return AntennaFault(_ports(frame.payload[0], layout) if frame.payload else ())
    if frame.status in _ROUND_EMPTY:
        return Inventory(frame.status, (), (), last=True)
    if frame.status != Status.MORE and frame.status not in _ROUND_ENDS:
        return Refused(frame.command, frame.status)
    return _parse_round(frame, layout)


def _parse_round(frame: Frame, layout: Layout) -> Reply:
    body = frame.payload
    ports: tuple[int, ...] = (1,)
    if layout.family is Family.READER288 and body:
        ports, body = _ports(body[0], layout), body[1:]
    count, records = (body[0], body[1:]) if body else (0, b"")
    tags = _records(records, count, has_rssi=layout.family is Family.READER288)
    if tags is None or (tags and not ports):
        return Malformed(frame.command)
    return Inventory(frame.status, ports, tags, last=frame.status in _ROUND_ENDS)


def _records(body: bytes, count: int, *, has_rssi: bool) -> tuple[Tag, ...] | None:
    """Exactly `count` records that fill `body` exactly, or None."""
    tags = []
    offset = 0
    for _ in range(count):
        if offset >= len(body):
            return None
        size = body[offset] & 0x7F
        end = offset + 1 + size + has_rssi
        tag = _record(body[offset:end], size, has_rssi=has_rssi) if end <= len(body) else None
        if tag is None:
            return None
        tags.append(tag)
        offset = end
    return tuple(tags) if offset == len(body) else None


def _record(record: bytes, size: int, *, has_rssi: bool) -> Tag | None:
    content = record[1 : 1 + size]
    rssi = record[1 + size] if has_rssi else None
    if not record[0] & 0x80:
        return Tag(content, None, rssi) if content else None
    if len(content) <= TID_BYTES:
        return None
    return Tag(content[:-TID_BYTES], content[-TID_BYTES:], rssi)


def _parse_statistics(frame: Frame, layout: Layout) -> Reply:
    body = frame.payload
    if len(body) != 7:
        return Malformed(frame.command)
    return Statistics(_ports(body[0], layout), int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:7], "big"))


def _parse_pushed(frame: Frame, layout: Layout) -> Reply:
    if frame.status == Status.HEARTBEAT:
        return Heartbeat()
    if frame.status != Status.OK or not frame.payload:
        return Refused(frame.command, frame.status)
    ports = _ports(frame.payload[0], layout)
    tags = _records(frame.payload[1:], 1, has_rssi=True)
    return Malformed(frame.command) if not ports or tags is None else Pushed(ports, tags)


def _parse_information(frame: Frame) -> Reply:
    body = frame.payload
    if len(body) < 3:
        return Malformed(frame.command)
    return ReaderInformation(f"{body[0]}.{body[1]}", body[2])


def _ports(code: int, layout: Layout) -> tuple[int, ...]:
    if layout.antenna_coding is AntennaCoding.INDEX:
        return (code + 1,)
    return tuple(bit + 1 for bit in range(8) if code >> bit & 1)
