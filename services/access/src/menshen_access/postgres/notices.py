"""Policies that took force and the public notices they carry."""

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.notices import Announce, Notice, NoticesEnd
from menshen_access.postgres.administration import lock_plan, plan_of
from menshen_access.postgres.policy_rows import policy_of, put_policy
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify


class Notices:
    """The outbox of public notices."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def plan_version(self, site: str) -> int:
        """The version of the current plan; 0 without one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await connection.fetchval(QUERIES.plan_version_in_force, site) or 0

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return plan_of(await connection.fetchrow(QUERIES.current_plan, site))

    async def announce(self, site: str, decide: Announce) -> int:
        """Write down what `decide` chooses, under the lock of the plan, all or nothing; how many."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            _, plan = await lock_plan(connection, site)
            scheduled = [policy_of(row) for row in await connection.fetch(QUERIES.lock_scheduled_policies, site)]
            announced = list(decide(plan, scheduled))
            for one in announced:
                await put_policy(connection, site, one.change)
                if one.notice is not None:
                    await _put_notice(connection, site, one.notice)
            if announced:
                await notify(connection, "notices", site)
            return len(announced)

    async def after(self, site: str, position: int, limit: int) -> list[Notice]:
        """In order."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [
                Notice(*row.values()) for row in await connection.fetch(QUERIES.notices_after, site, position, limit)
            ]

    async def end(self, site: str) -> NoticesEnd:
        """Where the notices end."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            (row,) = await connection.fetch(QUERIES.notices_end, site)
        return NoticesEnd(*row.values())

    async def acknowledge(self, site: str, position: int, at_ms: int, who: str) -> int:
        """Acknowledge everything up to a position; how many were not before."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            status = await connection.execute(QUERIES.acknowledge_notices, site, position, at_ms, who)
        return int(status.rpartition(" ")[2])


async def _put_notice(connection: Connection, site: str, notice: Notice) -> None:
    await connection.execute(
        QUERIES.put_notice,
        site,
        notice.policy_id,
        notice.policy_version,
        notice.effective_ms,
        notice.put_at_ms,
        notice.late,
        notice.title_zh,
        notice.title_en,
        notice.text_zh,
        notice.text_en,
    )
