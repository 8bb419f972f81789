"""Sources of facts in PostgreSQL. A change of what is stale takes a version of the holds, as a hold does."""

from collections.abc import Callable, Sequence

from menshen_servicekit.postgres import Pool

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.sources import HeardSource
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify


class PostgresSources:
    """See `sourcing.SourceStore`."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def heard(self, site: str) -> tuple[HeardSource, ...]:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.sources_of_site, site)
        return tuple(HeardSource(*row.values()) for row in rows)

    async def hear(self, site: str, told: Sequence[HeardSource]) -> None:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = [(site, one.source, one.complete_to_ms) for one in told]
            await connection.executemany(QUERIES.hear_source, rows)

    async def judge(
        self,
        site: str,
        stale_of: Callable[[Sequence[HeardSource]], frozenset[str]],
        alarm_of: Callable[[str], WaitingAlarm],
    ) -> frozenset[str]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.fetchval(QUERIES.lock_holds, site)
            rows = await connection.fetch(QUERIES.sources_of_site, site)
            heard = [HeardSource(*row.values()) for row in rows]
            was, stale = frozenset(one.source for one in heard if one.is_stale), stale_of(heard)
            if was == stale:
                return frozenset()
            await connection.fetchval(QUERIES.take_holds_version, site)
            await connection.executemany(QUERIES.put_stale, [(site, one, one in stale) for one in was ^ stale])
            fresh = sorted(stale - was)
            if fresh:
                await put_alarms(connection, [alarm_of(source) for source in fresh])
            await notify(connection, "holds", site)
            return was ^ stale
