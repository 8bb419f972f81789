"""Taking the last policy out of the plan, with its audit and its alarm: all or nothing."""

from collections.abc import Collection

from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.policy_life import StoredPolicy
from menshen_access.domain.rollback import DecideRollback, Rollback
from menshen_access.postgres.administration import lock_plan, plan_of, put_plan
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.policy_rows import policy_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites

_QUERIES = load_queries("menshen_access.postgres", "tripwire.sql")


class Rollbacks:
    """The plans of every site, one step back."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def concerned(self, site: str, policy_id: str) -> StoredPolicy | None:
        """The policy asked for, or the one last put in the plan, taken back since or not; None where there is none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await _concerned(connection, site, policy_id)

    async def trip_names(self, site: str, policy_id: str, since_ms: int) -> bool:
        """Whether a trip of the tripwire after an instant names the policy."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return bool(await connection.fetchval(_QUERIES.trip_names_policy, site, policy_id, since_ms))

    async def carried_before(self, site: str, numbers: Collection[int], plan_version: int) -> bool:
        """Whether plans older than this version carried each of the policies of these versions."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            found = await connection.fetchval(_QUERIES.carried_before, site, list(numbers), plan_version)
        return bool(found == len(set(numbers)))

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return plan_of(await connection.fetchrow(QUERIES.current_plan, site))

    async def roll_back(self, site: str, policy_id: str, decide: DecideRollback) -> Rollback:
        """Do what `decide(policy or last policy, plan version, plan)` says, under the lock of the plan."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            version, plan = await lock_plan(connection, site)
            done = decide(await _concerned(connection, site, policy_id), version, plan)
            await put_plan(connection, site, done.change, done.deed)
            await put_alarms(connection, [done.alarm])
            return done


async def _concerned(connection: Connection, site: str, policy_id: str) -> StoredPolicy | None:
    statement = _QUERIES.policy_in_the_plan if policy_id else _QUERIES.last_policy_put_in_the_plan
    row = await connection.fetchrow(statement, site, *((policy_id,) if policy_id else ()))
    return policy_of(row) if row is not None else None
