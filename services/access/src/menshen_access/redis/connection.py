"""One connection to Redis: RESP over an asyncio protocol, pipelined, one socket write per turn of the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

import hiredis

from menshen_access.ports import StoreAwayError, StoreBusyError

Argument = str | bytes | int
Settle = Callable[[Any], None]
"""Takes a reply, or the exception instead of one. Called on the loop exactly once; must not raise."""

_NOTHING = object()
_RELOCATE = (
    "READONLY",
    "MOVED",
    "LOADING",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "NOREPLICAS",
    "NOAUTH",
    "UNBLOCKED",
)
"""Errors of a server that is not, or may not be, the primary.

ASK is none of them: while a slot moves its keys are in two places, and a commit sent after them would find half of what
it decides on.
"""
_LIBRARY_GONE = "ERR Function not found"


class CommandRefusedError(Exception):
    """Redis answered with an error; `code` is its first word. The text may quote arguments and is not kept."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Redis refused the command: {code}")
        self.code = code


class Connection(asyncio.Protocol):
    """Sends commands and settles them in order.

    A command that waits longer than `timeout_s` is given up with StoreBusyError; its reply counts for nothing when it
    comes. Nothing heard for `silence_s` (at least `timeout_s`, which it is by default) while something waits ends the
    connection: a server that is late and one that is dead differ in nothing else. `on_lost` is called once, after every
    waiting command has been settled.
    """

    def __init__(self, timeout_s: float, max_waiting: int, on_lost: Callable[[], None], silence_s: float = 0.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout_s = timeout_s
        self._silence_s = max(timeout_s, silence_s)
        self._max_waiting = max_waiting
        self._on_lost = on_lost
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._waiting: deque[tuple[Settle, float]] = deque()
        self._outgoing: list[bytes] = []
        self._is_flush_due = False
        self._transport: asyncio.Transport | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._given_up = 0
        self._heard_at = self._swept_at = self._loop.time()
        self._lost_because = ""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._lost_because

    @property
    def waiting(self) -> int:
        """Commands sent or about to be sent, and not yet answered."""
        return len(self._waiting)

    def send(self, arguments: tuple[Argument, ...], settle: Settle) -> None:
        """Send one command: at once when none is under way, else with this turn's write.

        Past `max_waiting` it is refused at once, unsent.
        """
        if self._lost_because or self._transport is None:
            settle(StoreAwayError(self._lost_because or "not connected"))
            return
        if len(self._waiting) >= self._max_waiting:
            settle(StoreBusyError("too many commands wait for Redis"))
            return
        is_idle = not self._waiting
        self._waiting.append((settle, self._loop.time()))
        packed = hiredis.pack_command(arguments)  # type: ignore[arg-type]  # the stub wants one union
        if is_idle:
            self._transport.write(packed)
            return
        self._outgoing.append(packed)
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def call(self, *arguments: Argument) -> "asyncio.Future[Any]":
        """The reply to one command; fails with CommandRefusedError or StoreAwayError."""
        future: asyncio.Future[Any] = self._loop.create_future()

        def settle(reply: Any) -> None:
            if future.done():
                return
            if isinstance(reply, Exception):
                future.set_exception(reply)
            else:
                future.set_result(reply)

        self.send(arguments, settle)
        return future

    def lose(self, because: str) -> None:
        """Close at once; whatever waits fails with StoreAwayError."""
        if self._lost_because:
            return
        self._lost_because = because
        if self._transport is not None:
            self._transport.abort()
        self._fail_all()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self._transport = transport
        self._sweep = self._loop.call_later(self._timeout_s / 8, self._check_waiting)

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        self._heard_at = self._loop.time()
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _NOTHING:
                self._settle_next(reply)
        except hiredis.ProtocolError:
            self.lose("Redis sent what is not RESP")

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        if not self._lost_because:
            self._lost_because = "Redis closed the connection"
        self._fail_all()
        self._on_lost()

    def _settle_next(self, reply: Any) -> None:
        if not self._waiting:
            self.lose("Redis answered what nobody asked")
            return
        settle, _ = self._waiting.popleft()
        if self._given_up:
            self._given_up -= 1
            settle = _forget
        if not isinstance(reply, hiredis.ReplyError):
            settle(reply)
            return
        text = str(reply)
        code = text.partition(" ")[0]
        if code in _RELOCATE or text == _LIBRARY_GONE:
            self.lose(f"Redis answered {code}")
            settle(StoreAwayError(f"Redis answered {code}"))
        else:
            settle(CommandRefusedError(code))

    def _flush(self) -> None:
        self._is_flush_due = False
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None and not self._lost_because:
            self._transport.write(b"".join(outgoing))

    def _check_waiting(self) -> None:
        """Judge by the instant of the sweep before: what had arrived by then was read, however late the loop is."""
        then, self._swept_at = self._swept_at, self._loop.time()
        if self._waiting and then - max(self._heard_at, self._waiting[0][1]) >= self._silence_s:
            self.lose("Redis did not answer in time")
            return
        for settle, sent_at in tuple(islice(self._waiting, self._given_up, None)):
            if then - sent_at < self._timeout_s:
                break
            self._given_up += 1
            settle(StoreBusyError("Redis did not answer in time"))
        self._sweep = self._loop.call_later(self._timeout_s / 8, self._check_waiting)

    def _fail_all(self) -> None:
        self._outgoing.clear()
        waiting, self._waiting = self._waiting, deque()
        given_up, self._given_up = self._given_up, 0
        for settle, _ in islice(waiting, given_up, None):
            settle(StoreAwayError(self._lost_because))


def _forget(_reply: Any) -> None:
    """Settles what was given up."""
