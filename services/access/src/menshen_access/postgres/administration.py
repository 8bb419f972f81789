"""Plan versions, policies, assignments and holds, each change under the lock of the site's plan row, audited."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import Assignment, Deed, HoldSet, PlanChange, RaisedHold
from menshen_access.domain.subject_records import HeldSubject
from menshen_access.postgres.circumstances import hold_of_row, holds_of, keep_circumstances
from menshen_access.postgres.policy_rows import put_policy
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify
from menshen_access.postgres.subjects import reassign

_NO_UUID = "00000000-0000-0000-0000-000000000000"


class Administration:
    """What operators administer, in PostgreSQL."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return plan_of(await connection.fetchrow(QUERIES.current_plan, site))

    async def plan_of(self, site: str, version: int) -> bytes:
        """The plan of a version; no bytes when it is not kept."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await connection.fetchval(QUERIES.plan_of_version, site, version) or b""

    async def change_plan(self, site: str, deed: Deed, decide: Callable[[int, bytes], PlanChange]) -> int:
        """Put what `decide(version, document)` makes of the current plan in its place; the new version."""
        async with self._transaction(site) as connection:
            return await _change_plan(connection, site, deed, decide)

    async def assign_subject(self, site: str, assignment: Assignment, deed: Deed) -> HeldSubject | None:
        """Store an assignment of a subject; the subject's new record, None while it is not known here."""
        async with self._transaction(site) as connection:
            await _put_assignment(connection, site, assignment)
            await put_audit(connection, deed)
            return await reassign(connection, site, assignment.subject_id)

    async def assign_group(
        self, site: str, assignment: Assignment, deed: Deed, decide: Callable[[int, bytes], PlanChange]
    ) -> int:
        """Store an assignment of a group and the plan that carries it; the plan version."""
        async with self._transaction(site) as connection:
            await _put_assignment(connection, site, assignment)
            return await _change_plan(connection, site, deed, decide)

    async def end_assignment(
        self,
        site: str,
        assignment_id: str,
        deed: Deed,
        decide: Callable[[Assignment, int, bytes], PlanChange],
    ) -> tuple[Assignment, HeldSubject | None] | None:
        """End an assignment at the deed's instant; None for none. `decide` takes a group's out of the plan."""
        async with self._transaction(site) as connection:
            row = await connection.fetchrow(QUERIES.lock_assignment, site, assignment_id)
            if row is None:
                return None
            found = _assignment(row)
            ended = replace(found, to_ms=min(found.to_ms, max(found.from_ms, deed.at_ms)))
            await connection.execute(QUERIES.end_assignment, site, assignment_id, ended.to_ms)
            if found.group:
                await _change_plan(connection, site, deed, lambda version, plan: decide(found, version, plan))
                return ended, None
            await put_audit(connection, deed)
            return ended, await reassign(connection, site, found.subject_id)

    async def assignments(self, site: str, after: str, subject_id: str, group: str, limit: int) -> list[Assignment]:
        """By id, after the given one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.list_assignments, site, after or _NO_UUID, subject_id, group, limit)
        return [_assignment(row) for row in rows]

    async def assignment(self, site: str, assignment_id: str) -> Assignment | None:
        """One; None when there is none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(QUERIES.get_assignment, site, assignment_id)
        return _assignment(row) if row is not None else None

    async def current_holds(self, site: str) -> HoldSet:
        """The holds and orders in force and their version, of one snapshot."""
        async with (
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await holds_of(connection, site)

    async def raise_hold(self, site: str, hold: RaisedHold, deed: Deed) -> HoldSet:
        """The holds after it."""
        async with self._transaction(site) as connection:
            await connection.fetchval(QUERIES.take_holds_version, site)
            await connection.execute(
                QUERIES.put_hold,
                site,
                hold.hold_id,
                hold.origin,
                hold.area,
                hold.access_point,
                hold.reason,
                hold.raised_at_ms,
            )
            return await after_holds(connection, site, deed)

    async def release_hold(self, site: str, hold_id: str, deed: Deed) -> RaisedHold | None:
        """The hold as it stood; None when no such hold is in force."""
        async with self._transaction(site) as connection:
            await connection.fetchval(QUERIES.take_holds_version, site)
            row = await connection.fetchrow(QUERIES.release_hold, site, hold_id, deed.at_ms)
            if row is None:
                await keep_circumstances(connection, site, deed.at_ms)
                return None
            await after_holds(connection, site, deed)
            return hold_of_row(row)

    async def write_down(self, deed: Deed) -> None:
        """Audit something that changed no row here."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await put_audit(connection, deed)

    async def write_query(self, site: str, caller: str, method: str, purpose: str, filters: str, at_ms: int) -> None:
        """Log who read what and why."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.put_query, site, caller, method, purpose, filters, at_ms)

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection


async def put_audit(connection: Connection, deed: Deed) -> None:
    """Write a deed down, in the transaction of what was done."""
    await connection.execute(
        QUERIES.put_audit, deed.site, deed.at_ms, deed.caller, deed.action, deed.target, deed.reason, deed.detail
    )


async def _change_plan(
    connection: Connection, site: str, deed: Deed, decide: Callable[[int, bytes], PlanChange]
) -> int:
    change = decide(*await lock_plan(connection, site))
    await put_plan(connection, site, change, deed)
    return change.version


async def lock_plan(connection: Connection, site: str) -> tuple[int, bytes]:
    """The current plan, which nobody else changes until this transaction ends."""
    await connection.fetchrow(QUERIES.lock_plan_head, site)
    return plan_of(await connection.fetchrow(QUERIES.current_plan, site))


async def put_plan(connection: Connection, site: str, change: PlanChange, deed: Deed) -> None:
    """Put a plan in the place of the locked one, with the policy that changes with it; audited."""
    await connection.execute(
        QUERIES.put_plan_version, site, change.version, change.document, deed.at_ms, deed.reason, deed.caller
    )
    await connection.execute(QUERIES.set_plan_version, site, change.version)
    if change.policy is not None:
        await put_policy(connection, site, change.policy)
    await put_audit(connection, replace(deed, detail=json.dumps({"plan_version": change.version})))
    await notify(connection, "plan", site)


async def _put_assignment(connection: Connection, site: str, assignment: Assignment) -> None:
    await connection.execute(
        QUERIES.put_assignment,
        site,
        assignment.assignment_id,
        assignment.subject_id,
        assignment.group,
        assignment.access_level,
        assignment.from_ms,
        assignment.to_ms,
        assignment.reason,
        assignment.grantor,
    )


async def after_holds(connection: Connection, site: str, deed: Deed) -> HoldSet:
    """Write down, keep and announce a change of what holds beside the plan; all of it as it stands after the change."""
    await put_audit(connection, deed)
    await notify(connection, "holds", site)
    return await keep_circumstances(connection, site, deed.at_ms)


def plan_of(row: asyncpg.Record | None) -> tuple[int, bytes]:
    """(version, canonical JSON) of a row; version 0 and no bytes for none."""
    return (row["version"], row["document"]) if row else (0, b"")


def _assignment(row: asyncpg.Record) -> Assignment:
    assignment_id, *rest = row.values()
    return Assignment(str(assignment_id), *rest)
