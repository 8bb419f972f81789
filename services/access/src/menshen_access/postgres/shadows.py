"""Shadows as operators start, stop and read them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.administration import Deed
from menshen_access.domain.policy_life import StoredPolicy
from menshen_access.domain.shadows import (
    MOST_ENDED,
    Count,
    CountKey,
    Differing,
    Shadow,
    ShadowState,
    ShownDifference,
    Totals,
)
from menshen_access.postgres.administration import lock_plan, put_audit
from menshen_access.postgres.policy_rows import policy_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify

SHADOWS = load_queries("menshen_access.postgres", "shadows.sql")

DecideStart = Callable[[StoredPolicy | None, list[Shadow], int], Shadow]
"""The shadow to start, of the policy, the shadows that run and the last sequence of the history."""


class Shadows:
    """Shadows of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def start(self, site: str, policy_id: str, deed: Deed, decide: DecideStart) -> Shadow:
        """Start what `decide` gives, under the lock that orders all changes of policies; audited."""
        async with self._transaction(site) as connection:
            await lock_plan(connection, site)
            row = await connection.fetchrow(QUERIES.lock_policy, site, policy_id)
            running = [shadow_of(each) for each in await connection.fetch(SHADOWS.shadows_running, site)]
            sequence = await connection.fetchval(SHADOWS.history_end, site)
            made = decide(policy_of(row) if row is not None else None, running, sequence)
            await connection.execute(SHADOWS.forget_oldest, site, MOST_ENDED)
            await connection.execute(
                SHADOWS.start_shadow,
                site,
                made.shadow_id,
                made.policy_id,
                made.sha256,
                made.from_sequence,
                made.started_at_ms,
                made.ends_at_ms,
                made.started_by,
                made.reason,
            )
            await put_audit(connection, deed)
            await notify(connection, "shadows", site)
        return made

    async def stop(self, site: str, shadow_id: str, deed: Deed, decide: Callable[[Shadow | None], Shadow]) -> None:
        """End a shadow as `decide` says, under its lock; audited."""
        async with self._transaction(site) as connection:
            row = await connection.fetchrow(SHADOWS.lock_shadow, site, shadow_id)
            ended = decide(shadow_of(row) if row is not None else None)
            await connection.execute(
                SHADOWS.end_shadow,
                site,
                shadow_id,
                int(ended.state),
                ended.ended_at_ms,
                ended.ended_by,
                ended.end_reason,
            )
            await put_audit(connection, deed)
            await notify(connection, "shadows", site)

    async def listed(self, site: str) -> tuple[list[Shadow], int]:
        """All that are kept, newest first, and the last sequence of the history, of one snapshot."""
        await self._sites.ensure(site)
        async with (
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            rows = await connection.fetch(SHADOWS.list_shadows, site)
            end = await connection.fetchval(SHADOWS.history_end, site)
        return [shadow_of(row) for row in rows], end

    async def counts(self, site: str, shadow_id: str) -> list[tuple[CountKey, Count]]:
        """By access point, the outcome and the outcome under the policy."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(SHADOWS.shadow_counts, site, shadow_id)
        return [(CountKey(*cells[:3]), Count(*cells[3:])) for cells in (tuple(row.values()) for row in rows)]

    async def differences(self, site: str, shadow_id: str, after: int, limit: int) -> list[ShownDifference]:
        """Those of events after a sequence, in sequence."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            days = await connection.fetchval(SHADOWS.days_of_differences, site, shadow_id, after, limit)
            rows = await connection.fetch(SHADOWS.list_differences, site, shadow_id, after, limit, days)
        return [_difference_of(row) for row in rows]

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection


def shadow_of(row: asyncpg.Record) -> Shadow:
    """The shadow of a row, with its totals where the row has them."""
    return Shadow(
        row["shadow_id"],
        row["policy_id"],
        row["sha256"],
        ShadowState(row["state"]),
        row["from_sequence"],
        row["through_sequence"],
        row["kept"],
        row["started_at_ms"],
        row["ends_at_ms"],
        row["started_by"],
        row["reason"],
        row["ended_at_ms"],
        row["ended_by"],
        row["end_reason"],
        Totals(*(row.get(name, 0) for name in Totals._fields)),
    )


def _difference_of(row: asyncpg.Record) -> ShownDifference:
    sequence, day, event_id, *rest, subject_ids = row.values()
    return ShownDifference(Differing(sequence, day, str(event_id), *rest), tuple(subject_ids))
