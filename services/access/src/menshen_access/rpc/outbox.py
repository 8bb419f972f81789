"""What waits to be written to one agent."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from menshen.access.v1 import access_pb2

MOST_WAITING: Final = 4096
"""Messages waiting for an agent that does not read; past it the stream ends."""


class Outbox:
    """`put` never waits; one writer takes one message after the other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[access_pb2.AuthorizeResponse] = deque()
        self._wake: asyncio.Future[None] | None = None
        self.is_ended = False

    def put(self, message: access_pb2.AuthorizeResponse) -> None:
        """Queue a message; one too many, or one after the end, is dropped."""
        if len(self._waiting) >= MOST_WAITING:
            self.end()
        if not self.is_ended:
            self._waiting.append(message)
            self._rouse()

    def end(self) -> None:
        """Nothing more comes; what waits is still written."""
        self.is_ended = True
        self._rouse()

    async def write_to(self, write: Callable[[Any], Any]) -> None:
        """Write until ended and empty."""
        waiting = self._waiting
        while True:
            while waiting:
                await write(waiting.popleft())
            if self.is_ended:
                return
            self._wake = self._loop.create_future()
            await self._wake

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
