"""Policies and their lives; each change under the lock of the site's plan row, which orders everybody's."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.policy_life import PolicyState, StoredPolicy, Transition
from menshen_access.postgres.administration import lock_plan, plan_of, put_audit, put_plan
from menshen_access.postgres.policy_rows import policy_of, put_policy, transition_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites


class Policies:
    """What becomes of policies, in PostgreSQL."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return plan_of(await connection.fetchrow(QUERIES.current_plan, site))

    async def add(self, site: str, deed: Deed, made: PolicyChange) -> None:
        """Store a policy that is new."""
        async with self._transaction(site) as connection:
            await put_policy(connection, site, made)
            await put_audit(connection, deed)

    async def change(
        self, site: str, policy_id: str, deed: Deed, decide: Callable[[StoredPolicy], PolicyChange]
    ) -> StoredPolicy | None:
        """Let `decide` change a policy under its lock; None when there is none."""
        async with self._transaction(site) as connection:
            await lock_plan(connection, site)
            row = await connection.fetchrow(QUERIES.lock_policy, site, policy_id)
            if row is None:
                return None
            change = decide(policy_of(row))
            await put_policy(connection, site, change)
            await put_audit(connection, deed)
            return change.policy

    async def change_with_plan(
        self, site: str, policy_id: str, deed: Deed, decide: Callable[[StoredPolicy, int, bytes], PlanChange]
    ) -> StoredPolicy | None:
        """Let `decide` change a policy and the plan together; None when there is no such policy."""
        async with self._transaction(site) as connection:
            version, plan = await lock_plan(connection, site)
            row = await connection.fetchrow(QUERIES.lock_policy, site, policy_id)
            if row is None:
                return None
            change = decide(policy_of(row), version, plan)
            await put_plan(connection, site, change, deed)
            return change.policy.policy if change.policy is not None else None

    async def get(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]] | None:
        """A policy and what was done to it, of one snapshot; None when there is none."""
        async with (
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(QUERIES.get_policy, site, policy_id)
            rows = await connection.fetch(QUERIES.list_policy_transitions, site, policy_id)
        return (policy_of(row), [transition_of(done) for done in rows]) if row is not None else None

    async def listed(self, site: str, states: Collection[PolicyState]) -> list[StoredPolicy]:
        """Those stored in any of the states, by from_ms."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.list_policies, site, sorted(map(int, states)))
        return [policy_of(row) for row in rows]

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection
