"""A null modem made of two pseudo-terminals, with the faults of a real cable.

`PtyPair` offers two terminal paths, `a_path` and `b_path`; what is written to one is read from the other. The paths
are symbolic links, as `/dev/serial/by-id` has them: they stay the same when an end is unplugged and plugged in again,
while the terminal behind them changes. There is no flow control, as on a real line: what finds the buffer full is
dropped and counted. Linux and macOS.
"""

import asyncio
import os
import random
import tempfile
import termios
import tty
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

BITS_PER_BYTE = 10
PACING_TICK_S = 0.001
READ_BYTES = 4096

EndName = Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class LineQuality:
    """What the cable does to bytes.

    `baud` 0 means unpaced, otherwise a byte takes ten bits. `fragment_bytes` 0 means chunks as they come, otherwise
    chunks of 1 to that many bytes. `corruption` and `loss` are probabilities per byte; a corrupted byte has one bit
    flipped. `buffer_bytes` bounds what one direction holds.
    """

    baud: int = 0
    fragment_bytes: int = 0
    corruption: float = 0.0
    loss: float = 0.0
    buffer_bytes: int = 65_536


@dataclass(slots=True)
class LineCounters:
    """Bytes of one direction: `taken` = `delivered` + `lost` + `overflowed` + what is still under way."""

    taken: int = 0
    delivered: int = 0
    corrupted: int = 0
    lost: int = 0
    overflowed: int = 0


class _Terminal:
    """One end: the master side, a slave kept open so that an absent opener is no hang-up, and the link to it."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master: int | None = None
        self._slave: int | None = None

    def plug(self) -> int:
        master, slave = os.openpty()
        tty.setraw(slave, termios.TCSANOW)
        os.set_blocking(master, False)
        self.link.symlink_to(os.ttyname(slave))
        self.master, self._slave = master, slave
        return master

    def unplug(self) -> None:
        self.link.unlink(missing_ok=True)
        for descriptor in (self._slave, self.master):
            if descriptor is not None:
                os.close(descriptor)
        self.master = self._slave = None


@dataclass(slots=True)
class _Direction:
    """Bytes from `source` to `sink`: taken, held for the time the line needs, spoiled, delivered."""

    loop: asyncio.AbstractEventLoop
    source: _Terminal
    sink: _Terminal
    quality: LineQuality
    chance: random.Random
    counters: LineCounters = field(default_factory=LineCounters)
    cut: bool = False
    _queue: bytearray = field(default_factory=bytearray)
    _blocked: bytes = b""
    _timer: asyncio.Handle | None = None
    _free_at_s: float = 0.0

    def take(self) -> None:
        if self.source.master is None:
            return
        try:
            chunk = os.read(self.source.master, READ_BYTES)
        except OSError:
            return
        self.counters.taken += len(chunk)
        if self.cut or self.sink.master is None:
            self.counters.lost += len(chunk)
            return
        room = max(0, self.quality.buffer_bytes - len(self._queue))
        self.counters.overflowed += max(0, len(chunk) - room)
        self._queue += chunk[:room]
        if self._timer is None:
            self._free_at_s = max(self._free_at_s, self.loop.time())
        self._schedule()

    def discard(self) -> None:
        """Lose everything under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._blocked and self.sink.master is not None:
            self.loop.remove_writer(self.sink.master)
        self.counters.lost += len(self._queue) + len(self._blocked)
        self._queue.clear()
        self._blocked = b""

    def _schedule(self) -> None:
        if self._timer is not None or self._blocked or not self._queue:
            return
        size = self._chunk_size()
        if self.quality.baud == 0:
            self._timer = self.loop.call_soon(self._deliver, size)
            return
        self._free_at_s += size * BITS_PER_BYTE / self.quality.baud
        self._timer = self.loop.call_at(self._free_at_s, self._deliver, size)

    def _chunk_size(self) -> int:
        size = len(self._queue)
        if self.quality.baud:
            size = min(size, max(1, int(PACING_TICK_S * self.quality.baud / BITS_PER_BYTE)))
        if self.quality.fragment_bytes:
            size = min(size, self.chance.randint(1, self.quality.fragment_bytes))
        return size

    def _deliver(self, size: int) -> None:
        self._timer = None
        chunk = self._spoil(bytes(self._queue[:size]))
        del self._queue[:size]
        self._write(chunk)
        self._schedule()

    def _spoil(self, chunk: bytes) -> bytes:
        if not self.quality.corruption and not self.quality.loss:
            return chunk
        spoiled = bytearray()
        for byte in chunk:
            if self.chance.random() < self.quality.loss:
                self.counters.lost += 1
            elif self.chance.random() < self.quality.corruption:
                self.counters.corrupted += 1
                spoiled.append(byte ^ (1 << self.chance.randrange(8)))
            else:
                spoiled.append(byte)
        return bytes(spoiled)

    def _write(self, chunk: bytes) -> None:
        descriptor = self.sink.master
        if descriptor is None:
            self.counters.lost += len(chunk)
            return
        try:
            written = os.write(descriptor, chunk) if chunk else 0
        except BlockingIOError:
            written = 0
        self.counters.delivered += written
        self._blocked = chunk[written:]
        if self._blocked:
            self.loop.add_writer(descriptor, self._unblock)

    def _unblock(self) -> None:
        if self.sink.master is not None:
            self.loop.remove_writer(self.sink.master)
        chunk, self._blocked = self._blocked, b""
        self._write(chunk)
        self._schedule()


class PtyPair:
    """Two terminal paths joined by a cable; use as `async with PtyPair(...) as line` or with start() and close().

    `cut()` loses every byte, silently, as a broken wire does; `unplug()` hangs an end up and removes its path, as a
    pulled USB plug does. The same `seed` and the same bytes in the same chunks give the same faults.
    """

    def __init__(self, quality: LineQuality | None = None, *, seed: int = 0) -> None:
        self._quality = quality or LineQuality()
        self._seed = seed
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._terminals: dict[EndName, _Terminal] = {}
        self._directions: dict[EndName, _Direction] = {}

    def start(self) -> None:
        """Open both ends; needs a running loop."""
        self._directory = tempfile.TemporaryDirectory(prefix="line-")
        root = Path(self._directory.name)
        loop = asyncio.get_running_loop()
        a, b = _Terminal(root / "a"), _Terminal(root / "b")
        self._terminals = {"a": a, "b": b}
        chances = [random.Random(f"{self._seed}/{name}") for name in "ab"]  # noqa: S311 -- faults, not secrets
        self._directions = {
            "a": _Direction(loop, a, b, self._quality, chances[0]),
            "b": _Direction(loop, b, a, self._quality, chances[1]),
        }
        self.replug("a")
        self.replug("b")

    def close(self) -> None:
        """Hang both ends up and release terminals, links, timers and the directory; may be called twice."""
        for name in self._terminals:
            self.unplug(name)
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def a_path(self) -> str:
        return str(self._terminals["a"].link)

    @property
    def b_path(self) -> str:
        return str(self._terminals["b"].link)

    def counters(self, source: EndName) -> LineCounters:
        """Live counters of the bytes written at `source`."""
        return self._directions[source].counters

    def set_quality(self, quality: LineQuality) -> None:
        """Change the cable from the next byte on."""
        for direction in self._directions.values():
            direction.quality = quality

    def cut(self) -> None:
        """Lose what is under way and all that follows, in both directions; both ends stay open and silent."""
        for direction in self._directions.values():
            direction.cut = True
            direction.discard()

    def restore(self) -> None:
        """Carry bytes again after `cut()`."""
        for direction in self._directions.values():
            direction.cut = False

    def unplug(self, end: EndName) -> None:
        """Hang one end up: its path vanishes, its opener gets an I/O error, the other end meets silence."""
        terminal = self._terminals[end]
        if terminal.master is None:
            return
        for direction in self._directions.values():
            direction.discard()
        self._directions[end].loop.remove_reader(terminal.master)
        terminal.unplug()

    def replug(self, end: EndName) -> None:
        """Give an unplugged end a new terminal under its old path."""
        terminal = self._terminals[end]
        if terminal.master is None:
            direction = self._directions[end]
            direction.loop.add_reader(terminal.plug(), direction.take)
