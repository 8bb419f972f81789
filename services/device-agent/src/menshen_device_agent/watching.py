"""Whoever watches an agent: bounded queues that drop the oldest, so that a slow watcher never slows a door."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")

LIMIT = 1_000


class _Watcher(Generic[T]):
    def __init__(self, limit: int) -> None:
        self.items: deque[T] = deque(maxlen=limit)
        self.arrived = asyncio.Event()


class Watch(Generic[T]):
    """Tells every watcher what happens from the moment it begins to watch."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._watchers: set[_Watcher[T]] = set()

    def tell(self, item: T) -> None:
        """Pass an item on; never waits."""
        for watcher in self._watchers:
            watcher.items.append(item)
            watcher.arrived.set()

    async def follow(self, stopping: asyncio.Event) -> AsyncIterator[T]:
        """Yield every item until the consumer stops or `stopping` is set."""
        watcher: _Watcher[T] = _Watcher(self._limit)
        self._watchers.add(watcher)
        stop = asyncio.ensure_future(stopping.wait())
        stop.add_done_callback(lambda _: watcher.arrived.set())
        try:
            while not stopping.is_set():
                await watcher.arrived.wait()
                watcher.arrived.clear()
                while watcher.items:
                    yield watcher.items.popleft()
        finally:
            self._watchers.discard(watcher)
            stop.cancel()
