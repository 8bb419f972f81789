"""Joins one transport to one protocol session: bytes in, bytes out, wake-ups, events up. Knows no protocol."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from menshen_device_agent.transports.ports import LineListener, Outage, Transport

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class Session(Protocol[E_co]):
    """What every protocol offers. Instants are milliseconds of one clock that does not go backwards."""

    def feed(self, data: bytes, now_ms: int) -> None:
        """Take bytes from the line: any bytes, any chunking."""

    def outgoing(self, now_ms: int) -> bytes:
        """The bytes to write now; empty when there is nothing to say."""

    def next_deadline_ms(self) -> int | None:
        """When `outgoing` is to be called again at the latest."""

    def events(self) -> Iterable[E_co]:
        """Events since the last call, in order."""

    def lost(self, now_ms: int) -> None:
        """The line is gone."""


class Driver(LineListener):
    """Owns the transport and a timer; `close` releases both. `on_event` must neither wait nor raise."""

    def __init__(
        self,
        transport: Transport,
        session: Session[E],
        monotonic_ms: Callable[[], int],
        on_event: Callable[[E], None],
    ) -> None:
        self._transport = transport
        self._session = session
        self._now_ms = monotonic_ms
        self._on_event: Callable[[E], None] = on_event
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to open the line; needs a running loop."""
        self._transport.start(self)

    async def close(self) -> None:
        """Release the line."""
        self._closed = True
        self._stop_timer()
        await self._transport.close()

    def opened(self) -> None:
        self.wake()

    def received(self, data: bytes) -> None:
        self._session.feed(data, self._now_ms())
        self.wake()

    def lost(self, outage: Outage) -> None:  # noqa: ARG002  (the listener's signature)
        self._session.lost(self._now_ms())
        self.wake()

    def wake(self) -> None:
        """Write what the session has to say and pass on its events; call it after handing the session an order."""
        if self._closed:
            return
        self._stop_timer()
        now_ms = self._now_ms()
        if self._transport.is_open:
            while data := self._session.outgoing(now_ms):
                if not self._transport.write(data):
                    self._session.lost(now_ms)
                    break
        for event in self._session.events():
            self._on_event(event)
        self._arm(now_ms)

    def _arm(self, now_ms: int) -> None:
        deadline_ms = self._session.next_deadline_ms()
        if self._transport.is_open and deadline_ms is not None and not self._closed:
            pause_s = max(deadline_ms - now_ms, 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(pause_s, self.wake)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
