"""A line, its far end, and waiting for what physically happens."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from menshen_simulators.device_end import DeviceEnd
from menshen_simulators.wire import PtyPair

DEADLINE_S = 10.0


class FarEnd:
    """The end that talks to a simulator: sends, and waits for that many bytes."""

    def __init__(self, line: PtyPair) -> None:
        self.heard = bytearray()
        self._line = line
        self._news = asyncio.Event()
        self.end = DeviceEnd(line.a_path, self._received)

    def _received(self, data: bytes) -> None:
        self.heard += data
        self._news.set()

    async def hear(self, size: int) -> bytes:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.heard) < size:
                self._news.clear()
                await self._news.wait()
        heard = bytes(self.heard)
        self.heard.clear()
        return heard

    async def tell(self, request: str) -> None:
        """Send, and let the other end take it."""
        counters = self._line.counters("a")
        target = counters.delivered + len(request) // 2
        self.end.write(bytes.fromhex(request))
        async with asyncio.timeout(DEADLINE_S):
            while counters.delivered < target:
                await asyncio.to_thread(os.getpid)
        for _ in range(3):
            await asyncio.to_thread(os.getpid)

    async def ask(self, request: str, size: int) -> str:
        self.end.write(bytes.fromhex(request))
        return (await self.hear(size)).hex()


class Witness:
    """A journal that can be waited for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self._news = asyncio.Event()

    def __call__(self, kind: str, device: str, **facts: Any) -> None:
        self.seen.append((kind, facts))
        self._news.set()

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.seen]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def line() -> AsyncIterator[PtyPair]:
    async with PtyPair() as pair:
        yield pair


@pytest.fixture
async def far_end(line: PtyPair) -> AsyncIterator[FarEnd]:
    far = FarEnd(line)
    far.end.start()
    yield far
    far.end.close()


@pytest.fixture
def witness() -> Witness:
    return Witness()
