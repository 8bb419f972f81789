"""A listener that remembers, and a pump that runs a protocol session over a transport."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import pytest
from menshen_device_agent.transports.ports import Outage, Transport

DEADLINE_S = 10.0


class Recorder:
    """Remembers what a transport said; `until` waits for it."""

    def __init__(self) -> None:
        self.openings = 0
        self.outages: list[Outage] = []
        self.bytes = bytearray()
        self.chunks = 0
        self._news = asyncio.Event()

    def opened(self) -> None:
        self.openings += 1
        self._news.set()

    def received(self, data: bytes) -> None:
        self.bytes += data
        self.chunks += 1
        self._news.set()

    def lost(self, outage: Outage) -> None:
        self.outages.append(outage)
        self._news.set()

    async def until(self, condition: Callable[["Recorder"], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition(self):
                self._news.clear()
                await self._news.wait()


class Session(Protocol):
    def feed(self, data: bytes, now_ms: int) -> None: ...
    def outgoing(self, now_ms: int) -> bytes: ...
    def next_deadline_ms(self) -> int | None: ...
    def events(self) -> list[Any]: ...
    def lost(self, now_ms: int) -> None: ...


class Pump:
    """Runs a session over a transport on the loop's clock; `told` are its events so far."""

    def __init__(self, session: Session, transport: Transport) -> None:
        self.told: list[Any] = []
        self._session = session
        self._transport = transport
        self._timer: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()

    def start(self) -> None:
        self._transport.start(self)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._transport.close()

    def now_ms(self) -> int:
        return round(asyncio.get_running_loop().time() * 1000)

    def opened(self) -> None:
        self.turn()

    def received(self, data: bytes) -> None:
        self._session.feed(data, self.now_ms())
        self.turn()

    def lost(self, outage: Outage) -> None:
        self._session.lost(self.now_ms())
        self._note()

    def turn(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        request = self._session.outgoing(self.now_ms())
        if request:
            self._transport.write(request)
        self._note()
        deadline_ms = self._session.next_deadline_ms()
        if deadline_ms is not None and self._transport.is_open:
            delay_s = max(0.001, (deadline_ms - self.now_ms()) / 1000)
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.turn)

    def told_of(self, kind: type) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def _note(self) -> None:
        self.told += self._session.events()
        self._news.set()


@pytest.fixture
async def pumps() -> AsyncIterator[Callable[[Session, Transport], Pump]]:
    """Makes started pumps and closes them after the test."""
    made: list[Pump] = []

    def make(session: Session, transport: Transport) -> Pump:
        pump = Pump(session, transport)
        made.append(pump)
        pump.start()
        return pump

    yield make
    for pump in made:
        await pump.close()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()
