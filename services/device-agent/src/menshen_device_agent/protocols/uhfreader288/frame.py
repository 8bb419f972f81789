"""Frames of the UHFReader family: `Len Adr Cmd|reCmd [Status] Data CRC`, without any start mark.

Len counts what follows it. The CRC is CRC-16/MCRF4XX over everything before it, low byte first, so that the CRC of a
whole good frame is 0. Synchronisation rests on length and CRC alone: a bad frame is left byte by byte, and silence
within a frame ends it.
"""

from dataclasses import dataclass, field

SHORTEST_REPLY = 6
LONGEST_FRAME = 256
GAP_MS = 50


def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        value = entry
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
        entries.append(value)
    return tuple(entries)


_CRC_TABLE = _table()


def crc16(data: bytes | bytearray) -> int:
    """CRC-16/MCRF4XX: polynomial 0x1021 reflected, start 0xFFFF, no final inversion; check value 0x6F91."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value


def encode(address: int, command: int, payload: bytes = b"") -> bytes:
    """One command frame; ValueError if the payload exceeds 251 bytes."""
    if len(payload) > LONGEST_FRAME - 5:
        raise ValueError("payload exceeds a frame")
    body = bytes((len(payload) + 4, address, command)) + payload
    return body + crc16(body).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Frame:
    """One reply frame with a good CRC.

    `resynced` marks a frame that bytes were skipped before, since the last silence: it may be a piece of another frame,
    the content of a tag for example.
    """

    address: int
    command: int
    status: int
    payload: bytes
    resynced: bool = False


@dataclass(slots=True)
class FrameCounters:
    """Frames accepted, candidates with a wrong CRC, bytes skipped, frames ended by silence."""

    frames: int = 0
    bad_checksums: int = 0
    skipped_bytes: int = 0
    gaps: int = 0


@dataclass(slots=True)
class Framer:
    """Bytes to frames. Holds less than one frame between calls; never raises on any input."""

    gap_ms: int = GAP_MS
    counters: FrameCounters = field(default_factory=FrameCounters)
    _buffer: bytearray = field(default_factory=bytearray)
    _last_ms: int = 0
    _suspect: bool = False

    def feed(self, data: bytes, now_ms: int) -> list[Frame]:
        """Frames completed by `data`, in order."""
        frames = self.expire(now_ms)
        if data:
            self._buffer += data
            self._last_ms = now_ms
            self._drain(frames)
        return frames

    def expire(self, now_ms: int) -> list[Frame]:
        """Frames found behind a start that stayed incomplete, once the line has been silent for the gap."""
        frames: list[Frame] = []
        if now_ms - self._last_ms < self.gap_ms:
            return frames
        if self._buffer:
            self.counters.gaps += 1
        while self._buffer:
            self._skip()
            self._drain(frames)
        self._suspect = False
        return frames

    def deadline_ms(self) -> int | None:
        """When `expire` has something to do."""
        return self._last_ms + self.gap_ms if self._buffer else None

    def reset(self) -> None:
        """Forget what is buffered and trust the next byte to start a frame."""
        self._buffer.clear()
        self._suspect = False

    def _drain(self, frames: list[Frame]) -> None:
        while self._buffer:
            size = self._buffer[0] + 1
            if size < SHORTEST_REPLY:
                self._skip()
            elif len(self._buffer) < size:
                return
            elif crc16(self._buffer[:size]):
                self.counters.bad_checksums += 1
                self._skip()
            else:
                frames.append(self._accept(size))

    def _accept(self, size: int) -> Frame:
        raw = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.counters.frames += 1
        return Frame(raw[1], raw[2], raw[3], raw[4:-2], self._suspect)

    def _skip(self) -> None:
        del self._buffer[0]
        self._suspect = True
        self.counters.skipped_bytes += 1
