"""Retention in PostgreSQL: pages of deletion, each a short transaction; legal holds; what every run did.

A page and whoever places or ends a hold take one lock, so that nothing a hold covers is deleted after it was placed.
"""

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import Deed
from menshen_access.domain.history import day_of
from menshen_access.domain.retention import (
    HoldsBusyError,
    LegalHold,
    RetentionClass,
    RetentionRun,
    Sorted,
    sort_out,
)
from menshen_access.postgres.administration import put_audit
from menshen_access.postgres.retention_rows import RETENTION, by_day, event_of_row, hold_of_row, lock_of, run_of_row
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites
from menshen_access.postgres.spans import span_after
from menshen_access.postgres.versions import cite


class Retained:
    """What is kept and deleted, of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def epoch(self, site: str) -> int:
        """The epoch of a site."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            epoch: int = await connection.fetchval(RETENTION.epoch_of_site, site)
        return epoch

    async def begin(self, site: str, wanted: RetentionClass, now_ms: int) -> tuple[int, int]:
        """(start, sequence) of the run under way, begun where there is none; everything up to sequence is done."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(RETENTION.begin_retention_run, site, wanted, now_ms)
            started_at_ms = await connection.fetchval(RETENTION.retention_run_under_way, site, wanted)
            done = await connection.fetchrow(QUERIES.read_cursor, site, _feed(wanted))
        return started_at_ms, done["position"] if done else 0

    async def delete_page(
        self, site: str, run: RetentionRun, after: int, before_ms: int, limit: int, *, advance: bool
    ) -> Sorted:
        """Delete what is over age among the next events after a sequence; `advance` remembers how far all is done."""
        wanted = run.retention_class
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(RETENTION.wait_briefly)
            await connection.execute(QUERIES.lock_duty, lock_of(site))
            rows = await _page(connection, site, after, limit, wanted)
            holds = list(map(hold_of_row, await connection.fetch(RETENTION.legal_holds_in_force, site)))
            found = sort_out([event_of_row(row) for row in rows], after, before_ms, holds)
            if found.deleted:
                await _delete(connection, site, found, wanted)
                await connection.execute(RETENTION.add_deleted, site, wanted, run.started_at_ms, len(found.deleted))
            if wanted is RetentionClass.IDENTITY and all(hold.subject_id for hold in holds):
                # A hold of the whole site keeps every version by itself.
                await cite(connection, site, run.started_at_ms, found)
            if advance and found.done > after:
                await connection.execute(QUERIES.put_cursor, site, _feed(wanted), 1, found.done)
        return found

    async def oldest_left(self, site: str, wanted: RetentionClass, after: int) -> int:
        """When the first event after a sequence that has bytes of the class was recorded, 0 for none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            link = await connection.fetchrow(RETENTION.next_with_bytes, site, after, wanted)
            return (await connection.fetchval(RETENTION.recorded_at, site, *link.values()) or 0) if link else 0

    async def end(self, site: str, run: RetentionRun) -> RetentionRun:
        """The run as it is remembered; what it deleted was counted page by page."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(
                RETENTION.end_retention_run,
                site,
                run.retention_class,
                run.started_at_ms,
                run.ended_at_ms,
                run.kept_by_holds,
                run.kept_in_use,
                run.oldest_left_ms,
            )
        if row is None:
            raise LookupError("the run was never begun")
        return run_of_row(row)

    async def prune(self, site: str, commands_ms: int, queries_ms: int, limit: int) -> int:
        """Delete commands and queries of these instants or sooner, at most so many of each; how many were deleted.

        Passages overtaken before `commands_ms` go with the commands.
        """
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(RETENTION.wait_briefly)
            await connection.execute(QUERIES.lock_duty, lock_of(site))
            commands: int = await connection.fetchval(RETENTION.prune_commands, site, commands_ms, limit)
            said = await connection.execute(RETENTION.prune_queries, site, queries_ms, limit)
            await connection.execute(QUERIES.prune_transitions, site, commands_ms)
        return commands + int(said.rpartition(" ")[2])

    async def runs(self, site: str, limit: int) -> list[RetentionRun]:
        """Newest first."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [run_of_row(row) for row in await connection.fetch(RETENTION.list_retention_runs, site, limit)]

    async def place(self, site: str, hold: LegalHold, deed: Deed) -> None:
        """From its return on nothing the hold covers is deleted. HoldsBusyError."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await _lock_holds(connection, site)
            await connection.execute(
                RETENTION.put_legal_hold,
                site,
                hold.hold_id,
                hold.subject_id,
                hold.from_ms,
                hold.to_ms,
                hold.reason,
                hold.origin,
                hold.placed_at_ms,
            )
            await put_audit(connection, deed)

    async def end_hold(self, site: str, hold_id: str, deed: Deed) -> LegalHold | None:
        """The hold as ended; None when no such hold is in force. HoldsBusyError."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await _lock_holds(connection, site)
            row = await connection.fetchrow(RETENTION.end_legal_hold, site, hold_id, deed.at_ms, deed.caller)
            if row is None:
                return None
            await put_audit(connection, deed)
        return hold_of_row(row)

    async def holds(self, site: str, *, ended_too: bool) -> list[LegalHold]:
        """Newest first."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [hold_of_row(row) for row in await connection.fetch(RETENTION.list_legal_holds, site, ended_too)]


async def _lock_holds(connection: Connection, site: str) -> None:
    """From all that is deleted; HoldsBusyError where that goes on for longer than a statement may wait."""
    try:
        await connection.execute(QUERIES.lock_duty, lock_of(site))
    except asyncpg.LockNotAvailableError:
        raise HoldsBusyError from None


async def ids_without_identity(connection: Connection, site: str, ids: list[str]) -> set[str]:
    """Of these presentations, those of which identity bytes were deleted."""
    rows = await connection.fetch(RETENTION.ids_without_identity, site, list(map(day_of, ids)), ids)
    return {str(row["event_id"]) for row in rows}


async def _page(
    connection: Connection, site: str, after: int, limit: int, wanted: RetentionClass
) -> list[asyncpg.Record]:
    derived = await connection.fetchval(RETENTION.derived_through, site) or 0
    span = await span_after(connection, site, after, limit, derived)
    rows: list[asyncpg.Record] = await connection.fetch(
        RETENTION.retention_page, site, after, span.last, wanted, span.days
    )
    return rows


async def _delete(connection: Connection, site: str, found: Sorted, wanted: RetentionClass) -> None:
    statement = {
        RetentionClass.IDENTITY: RETENTION.delete_identity,
        RetentionClass.HEALTH: RETENTION.delete_health,
        RetentionClass.CORE: RETENTION.delete_core,
    }[wanted]
    # One partition each: a statement over all days would plan for all of them.
    for day, keys in by_day(found.deleted).items():
        await connection.execute(statement, site, day, [name for name, _ in keys], [kind for _, kind in keys])
        if wanted is RetentionClass.CORE:
            await connection.execute(RETENTION.delete_differences, site, day)
    if wanted is RetentionClass.CORE:
        await connection.execute(RETENTION.events_gone, site, found.deleted[-1].sequence)
    if wanted is not RetentionClass.HEALTH:
        await connection.execute(RETENTION.delete_reviewed, site, [event.key[0] for event in found.deleted])


def _feed(wanted: RetentionClass) -> str:
    return f"retention.{wanted.name.lower()}"
