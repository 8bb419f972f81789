"""Dropping partitions of days all of whose events are over age, at every site, while others go on recording."""

from collections.abc import Collection, Sequence
from datetime import date

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.retention import DayEnd, RetentionClass
from menshen_access.postgres.retention_rows import RETENTION, lock_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES
from menshen_access.postgres.spans import attached_days

_QUERIES = load_queries("menshen_access.postgres", "whole_days.sql")
_BUSY: tuple[type[Exception], ...] = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class WholeDays:
    """Implements retaining.DayStore for the sites of one process. A day with events of others goes once it is empty."""

    def __init__(self, pool: Pool, sites: Collection[str]) -> None:
        self._pool = pool
        self._sites = frozenset(sites)

    async def days(self) -> list[date]:
        """Those that have a partition."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await attached_days(connection)

    async def drop(self, day: date, before_ms: int, now_ms: int) -> DayEnd:
        """Drop a day whose events were all recorded at `before_ms` or sooner, and none of which is kept."""
        try:
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
                return await self._drop(connection, day, before_ms, now_ms)
        except _BUSY:
            return DayEnd.IN_USE
        except asyncpg.QueryCanceledError:
            return DayEnd.TOO_SLOW
        except asyncpg.UndefinedTableError:
            return DayEnd.GONE

    async def _drop(self, connection: Connection, day: date, before_ms: int, now_ms: int) -> DayEnd:
        await connection.execute(_QUERIES.hardly_wait)
        statements = await connection.fetchrow(_QUERIES.statements_of_day, day)
        if statements is None:
            raise AssertionError("a statement of constants gives one row")
        contents = await connection.fetch(_QUERIES.contents_of_day, day)
        for row in contents:
            await connection.execute(QUERIES.lock_duty, lock_of(row["site"]))
        if not all(self._may_go(row, before_ms) for row in contents):
            return DayEnd.STAYS
        if await connection.fetchval(_QUERIES.is_day_kept, day):
            return DayEnd.STAYS
        # From here on nobody adds to the day, for the moment it takes to see that nobody did.
        await connection.execute(statements["lock"])
        if await connection.fetchval(_QUERIES.count_of_day, day) != sum(row["events"] for row in contents):
            return DayEnd.STAYS
        await connection.execute(_QUERIES.delete_differences_of_day, day)
        await _count(connection, contents, now_ms)
        await connection.execute(QUERIES.lock_partitions)
        # The one step for which recorders wait; it gives way to readers within the time that `hardly_wait` sets.
        await connection.execute(statements["drop"])
        return DayEnd.GONE

    def _may_go(self, row: asyncpg.Record, before_ms: int) -> bool:
        return row["site"] in self._sites and row["youngest_ms"] <= before_ms and row["last"] <= row["derived"]


async def _count(connection: Connection, contents: Sequence[asyncpg.Record], now_ms: int) -> None:
    """In the run of each site that is under way, or begins with it and is ended by that site's keeper."""
    core = RetentionClass.CORE
    for row in contents:
        await connection.execute(RETENTION.begin_retention_run, row["site"], core, now_ms)
        started_at_ms = await connection.fetchval(RETENTION.retention_run_under_way, row["site"], core)
        await connection.execute(RETENTION.add_deleted, row["site"], core, started_at_ms, row["events"])
        await connection.execute(RETENTION.events_gone, row["site"], row["last"])
