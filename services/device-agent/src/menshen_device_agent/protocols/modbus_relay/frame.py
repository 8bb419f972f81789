"""Modbus RTU frames as a master hears them: `Unit Function Data CRC`.

The CRC is CRC-16/MODBUS, low byte first. Nothing marks a start: the function (and the byte count of a read) gives the
length; a bad frame is left byte by byte, and silence within a frame ends it.
"""

from dataclasses import dataclass, field

GAP_MS = 30
LONGEST_FRAME = 256
READS = frozenset({0x01, 0x02, 0x03, 0x04})
WRITES = frozenset({0x05, 0x06, 0x0F, 0x10})
EXCEPTION = 0x80


def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        value = entry
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        entries.append(value)
    return tuple(entries)


_CRC_TABLE = _table()


def crc16(data: bytes | bytearray) -> int:
    """CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF; check value 0x4B37."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value


def encode(unit: int, function: int, body: bytes) -> bytes:
    """One request frame."""
    frame = bytes((unit, function)) + body
    return frame + crc16(frame).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Frame:
    """One reply with a good CRC."""

    function: int
    body: bytes


@dataclass(slots=True)
class FrameCounters:
    """Frames accepted, candidates with a wrong CRC, bytes skipped, frames ended by silence."""

    frames: int = 0
    bad_checksums: int = 0
    skipped_bytes: int = 0
    gaps: int = 0


@dataclass(slots=True)
class Framer:
    """Bytes to replies of one unit. Holds less than one frame between calls; never raises on any input."""

    unit: int
    gap_ms: int = GAP_MS
    counters: FrameCounters = field(default_factory=FrameCounters)
    _buffer: bytearray = field(default_factory=bytearray)
    _last_ms: int = 0

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
        if not self._buffer or now_ms - self._last_ms < self.gap_ms:
            return frames
        self.counters.gaps += 1
        while self._buffer:
            self._skip()
            self._drain(frames)
        return frames

    def deadline_ms(self) -> int | None:
        """When `expire` has something to do."""
        return self._last_ms + self.gap_ms if self._buffer else None

    def reset(self) -> None:
        """Forget what is buffered."""
        self._buffer.clear()

    def _drain(self, frames: list[Frame]) -> None:
        while self._buffer:
            size = self._size()
            if size == 0:
                self._skip()
            elif size is None or len(self._buffer) < size:
                return
            elif crc16(self._buffer[:size]):
                self.counters.bad_checksums += 1
                self._skip()
            else:
                frames.append(self._accept(size))

    def _size(self) -> int | None:
        """The length of the frame that may start here: None while unknown, 0 if none starts here."""
        buffer = self._buffer
        if buffer[0] != self.unit:
            return 0
        if len(buffer) < 2:
            return None
        function = buffer[1]
        if function in WRITES:
            return 8
        if function & EXCEPTION and function & ~EXCEPTION in READS | WRITES:
            return 5
        if function not in READS:
            return 0
        if len(buffer) < 3:
            return None
        return 5 + buffer[2] if 1 <= buffer[2] <= LONGEST_FRAME - 5 else 0

    def _accept(self, size: int) -> Frame:
        raw = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.counters.frames += 1
        return Frame(raw[1], raw[2:-2])

    def _skip(self) -> None:
        del self._buffer[0]
        self.counters.skipped_bytes += 1
