"""Two joined transports without any device, for drivers under test."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Self

from menshen_device_agent.transports.ports import LineListener, LineTrouble, Outage

WRITE_BUFFER_BYTES = 4096


class MemoryTransport:
    """One end of a line in memory; what it writes the other end receives on the next turn of the loop.

    Both ends must be started. While the line is cut, written bytes are lost in silence; while it is hung up, both ends
    are not open.
    """

    def __init__(self, *, write_buffer_bytes: int = WRITE_BUFFER_BYTES) -> None:
        self._limit = write_buffer_bytes
        self._peer: Self | None = None
        self._listener: LineListener | None = None
        self._inbox: deque[bytes] = deque()
        self._plugged = True
        self._cut = False
        self._closed = False
        self.is_open = False
        self.outage: Outage | None = None

    def join(self, peer: Self) -> None:
        """Make `peer` the other end."""
        self._peer = peer
        peer._peer = self

    def start(self, listener: LineListener) -> None:
        self._listener = listener
        self._soon(self._announce)

    def write(self, data: bytes) -> bool:
        peer = self._peer
        if not self.is_open or peer is None or peer.unread_bytes() + len(data) > self._limit:
            return False
        if not self._cut:
            peer.accept(bytes(data))
        return True

    async def close(self) -> None:
        self._closed = True
        self.is_open = False
        self._inbox.clear()

    def accept(self, data: bytes) -> None:
        """Take what the other end wrote."""
        if self.is_open:
            self._inbox.append(data)
            self._soon(self._deliver)

    def unread_bytes(self) -> int:
        """Bytes written by the other end and not yet delivered here."""
        return sum(map(len, self._inbox))

    def cut(self, *, broken: bool = True) -> None:
        """Lose (or, with broken=False, carry again) every byte in both directions, in silence."""
        for end in self._ends():
            end._cut = broken

    def hang_up(self) -> None:
        """Take the line away: both ends lose it."""
        for end in self._ends():
            end._plugged = False
            end._inbox.clear()
            end._soon(end._announce)

    def restore(self) -> None:
        """Give the line back after `hang_up()`."""
        for end in self._ends():
            end._plugged = True
            end._soon(end._announce)

    def _ends(self) -> tuple[Self, ...]:
        return (self,) if self._peer is None else (self, self._peer)

    def _announce(self) -> None:
        listener = self._listener
        if listener is None or self._closed:
            return
        if self._plugged and not self.is_open:
            self.is_open, self.outage = True, None
            listener.opened()
        elif not self._plugged and self.outage is None:
            self.is_open, self.outage = False, Outage(LineTrouble.HUNG_UP, "memory line hung up")
            listener.lost(self.outage)

    def _deliver(self) -> None:
        if self._inbox and self._listener is not None and self.is_open:
            self._listener.received(self._inbox.popleft())

    def _soon(self, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(self._unless_closed, call)

    def _unless_closed(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()


def memory_pair(*, write_buffer_bytes: int = WRITE_BUFFER_BYTES) -> tuple[MemoryTransport, MemoryTransport]:
    """Two joined ends; each holds at most `write_buffer_bytes` on the way to it."""
    a = MemoryTransport(write_buffer_bytes=write_buffer_bytes)
    b = MemoryTransport(write_buffer_bytes=write_buffer_bytes)
    a.join(b)
    return a, b
