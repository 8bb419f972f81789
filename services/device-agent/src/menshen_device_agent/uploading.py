"""Sends what PostgreSQL does not have yet: after an outage everything, later whatever stays unacknowledged too long."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from menshen_device_agent.spool import Spool, SpoolEntry


class Receiver(Protocol):
    """Stores spooled entries at the centre. Two implementations: the access service, and none for an agent alone."""

    async def store(self, epoch: int, entries: list[SpoolEntry]) -> int:
        """Store entries, oldest first, and return the watermark after them; raises OSError when it cannot."""


class Uploader:
    """Uploads in order, one batch at a time. `settled_before` is the lowest number whose decision is still open.

    `knows_less` is told when the centre no longer knows what it had acknowledged, as after a restore.
    """

    def __init__(
        self,
        spool: Spool,
        receiver: Receiver,
        settled_before: Callable[[], int],
        knows_less: Callable[[], None] = lambda: None,
        *,
        patience_s: float = 5.0,
        batch: int = 200,
    ) -> None:
        self._spool = spool
        self._knows_less = knows_less
        self._receiver = receiver
        self._settled_before = settled_before
        self._patience_s = patience_s
        self._batch = batch
        self._due = asyncio.Event()
        self._until = 0
        self._stored_to = 0

    def resume(self, epoch: int, number: int) -> None:
        """The centre is back and knows the spool up to `number`: upload the rest as it stands now."""
        if epoch == self._spool.epoch:
            if number < self._spool.acknowledged:
                self._spool.rewind(number)
                self._knows_less()
            self._spool.acknowledge(epoch, number)
        else:
            self._spool.rewind(0)
        self._stored_to = self._spool.acknowledged
        self._until = self._spool.last_number
        self._due.set()

    def hasten(self) -> None:
        """Upload whatever is not acknowledged, as it stands now, without the patience."""
        self._until = self._spool.last_number
        self._due.set()

    async def run(self) -> None:
        """Upload when told to, and what was not acknowledged within the patience; raises OSError when it cannot."""
        while True:
            seen = self._spool.last_number
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._due.wait()
            except TimeoutError:
                self._until = seen
            self._due.clear()
            try:
                await self._upload()
            except OSError:
                self._due.set()
                raise
            self._spool.prune()

    async def _upload(self) -> None:
        """Everything once per connection: a number that was given up holds the watermark, never what comes after it."""
        while entries := self._next():
            await self._store(entries)
            self._stored_to = entries[-1].number
        while entries := self._spool.insisting(self._batch):
            await self._store(entries)

    async def _store(self, entries: list[SpoolEntry]) -> None:
        watermark = await self._receiver.store(self._spool.epoch, entries)
        self._spool.sent(entry.number for entry in entries)
        self._spool.acknowledge(self._spool.epoch, watermark)

    def _next(self) -> list[SpoolEntry]:
        last = min(self._until, self._settled_before() - 1)
        place = max(self._spool.acknowledged, self._stored_to)
        return [e for e in self._spool.after(place, self._batch) if e.number <= last]
