"""Emergency closures, each change under the lock of the site's plan row, audited."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import ClosureChange, Deed, WaitingAlarm
from menshen_access.domain.closure_budget import WINDOW_MS
from menshen_access.domain.emergency_closure import EmergencyClosure
from menshen_access.postgres.administration import lock_plan, put_audit, put_plan
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites


class Closures:
    """Entries closed in an emergency."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def close(
        self, site: str, deed: Deed, decide: Callable[[Sequence[EmergencyClosure], int, bytes], ClosureChange]
    ) -> EmergencyClosure:
        """Store the closure and the plan that `decide(unapproved closures, plan version, plan)` makes."""
        async with self._transaction(site) as connection:
            version, plan = await lock_plan(connection, site)
            rows = await connection.fetch(QUERIES.unapproved_closures, site, deed.at_ms - WINDOW_MS)
            change = decide([_closure(row) for row in rows], version, plan)
            closure = change.closure
            await connection.execute(
                QUERIES.put_closure,
                site,
                closure.closure_id,
                closure.access_point,
                closure.from_ms,
                closure.to_ms,
                closure.redirect,
                closure.closed_by,
                closure.reason,
            )
            await _put_rest(connection, site, change, deed)
            return closure

    async def change(
        self, site: str, closure_id: str, deed: Deed, decide: Callable[[EmergencyClosure, int, bytes], ClosureChange]
    ) -> EmergencyClosure | None:
        """Let `decide` change a closure, and the plan with it, under their locks; None when there is none."""
        async with self._transaction(site) as connection:
            version, plan = await lock_plan(connection, site)
            row = await connection.fetchrow(QUERIES.lock_closure, site, closure_id)
            if row is None:
                return None
            change = decide(_closure(row), version, plan)
            closure = change.closure
            await connection.execute(
                QUERIES.change_closure,
                site,
                closure_id,
                closure.to_ms,
                closure.ended_by,
                closure.end_reason,
                closure.approved_by,
                closure.approved_at_ms,
                closure.approval_reason,
            )
            await _put_rest(connection, site, change, deed)
            return closure

    async def note(self, deed: Deed) -> None:
        """Audit what somebody tried."""
        async with self._transaction(deed.site) as connection:
            await put_audit(connection, deed)

    async def listed(self, site: str, *, waiting: bool) -> list[EmergencyClosure]:
        """Newest first; only those waiting for somebody to approve or end them, if asked so."""
        query = QUERIES.waiting_closures if waiting else QUERIES.list_closures
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [_closure(row) for row in await connection.fetch(query, site)]

    async def take_overdue(
        self, site: str, closed_by_ms: int, now_ms: int, alarm_of: Callable[[EmergencyClosure], WaitingAlarm]
    ) -> int:
        """Queue an alarm, once, for each closure made by `closed_by_ms` that is still waiting; how many."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            rows = await connection.fetch(QUERIES.take_overdue_closures, site, closed_by_ms, now_ms)
            if rows:
                await put_alarms(connection, [alarm_of(_closure(row)) for row in rows])
            return len(rows)

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection


async def _put_rest(connection: Connection, site: str, change: ClosureChange, deed: Deed) -> None:
    if change.plan is not None:
        await put_plan(connection, site, change.plan, deed)
    else:
        await put_audit(connection, deed)


def _closure(row: asyncpg.Record) -> EmergencyClosure:
    closure_id, *rest = row.values()
    return EmergencyClosure(str(closure_id), *rest)
