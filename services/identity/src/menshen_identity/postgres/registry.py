"""Changes and look-ups on a pool of connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from menshen_servicekit.clock import Clock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

from menshen_identity.domain.credentials import Credential, Identifier
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.visits import Visit
from menshen_identity.ports import Change
from menshen_identity.postgres import rows
from menshen_identity.postgres.change import PostgresChange, Q

ACQUIRE_S = 5.0


class PostgresRegistry:
    """See `ports.Registry`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    @asynccontextmanager
    async def change(self, actor: str) -> AsyncIterator[Change]:
        """A transaction; DomainError STALE when it lost against a simultaneous one and may be tried again."""
        try:
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
                change = PostgresChange(connection, actor, self._clock)
                yield change
                await change.settle()
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            raise DomainError(
                Trouble.STALE,
                "CHANGED_MEANWHILE",
                "同时有其他更改,请重试",
                "it was changed at the same time: try again",
            ) from None

    async def cardholder(self, site: str, cardholder_id: str) -> Cardholder | None:
        row = await self._pool.fetchrow(Q.get_cardholder, cardholder_id, site)
        return rows.cardholder(row) if row else None

    async def credentials(self, cardholder_id: str) -> tuple[Credential, ...]:
        return tuple(map(rows.credential, await self._pool.fetch(Q.list_credentials, cardholder_id)))

    async def facts(self, cardholder_id: str) -> tuple[Fact, ...]:
        return tuple(map(rows.fact, await self._pool.fetch(Q.list_facts, cardholder_id)))

    async def entries(self, cardholder_id: str, now_ms: int) -> tuple[ListEntry, ...]:
        return tuple(map(rows.entry, await self._pool.fetch(Q.list_entries, cardholder_id, now_ms)))

    async def cardholders(self, site: str, category: str, after_id: str, limit: int) -> tuple[Cardholder, ...]:
        found = await self._pool.fetch(Q.page_cardholders, site, category, after_id, limit)
        return tuple(map(rows.cardholder, found))

    async def holder_of(self, site: str, identifier: Identifier) -> Credential | None:
        row = await self._pool.fetchrow(Q.holder_of, site, int(identifier.type), identifier.value)
        return rows.credential(row) if row else None

    async def organisations(self, site: str) -> tuple[Organisation, ...]:
        return tuple(map(rows.organisation, await self._pool.fetch(Q.list_organisations, site)))

    async def visits(self, site: str, from_ms: int, to_ms: int, limit: int) -> tuple[Visit, ...]:
        return tuple(map(rows.visit, await self._pool.fetch(Q.list_visits, site, from_ms, to_ms, limit)))
