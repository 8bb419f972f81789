"""The history as the use cases see it: over the connection of a lease, or over any connection of the pool."""

from collections.abc import Sequence

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.history import Appended, Entry, StreamEntry
from menshen_access.postgres.history import History
from menshen_access.postgres.sites import ACQUIRE_S, Sites


class LeasedLedger:
    """Appends over the lease's own connection: when the lease is lost, so is whatever was not committed."""

    def __init__(self, history: History, connection: Connection) -> None:
        self._history = history
        self._connection = connection

    async def append(
        self,
        site: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        position: str = "",
        unreadable: Sequence[StreamEntry] = (),
    ) -> Appended:
        return await self._history.append(
            self._connection, site, entries, now_ms, position=position, unreadable=unreadable
        )

    async def prepare(self, now_ms: int) -> None:
        await self._history.prepare(self._connection, now_ms)


class PooledLedger:
    """Appends over a connection of the pool, for events that agents upload."""

    def __init__(self, history: History, pool: Pool, sites: Sites) -> None:
        self._history = history
        self._pool = pool
        self._sites = sites

    async def append(
        self,
        site: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        position: str = "",
        unreadable: Sequence[StreamEntry] = (),
    ) -> Appended:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await self._history.append(
                connection, site, entries, now_ms, position=position, unreadable=unreadable
            )

    async def prepare(self, now_ms: int) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await self._history.prepare(connection, now_ms)
