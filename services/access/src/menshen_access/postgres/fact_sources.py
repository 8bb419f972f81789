"""Sources of facts: when each last reported, and whether it was found past its bound."""

from collections.abc import Iterable, Mapping, Sequence

from menshen_servicekit.postgres import Pool

from menshen_access.domain.administration import Deed, WaitingAlarm
from menshen_access.domain.fact_sources import HeardSource
from menshen_access.postgres.administration import after_holds, put_audit
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites


class FactSources:
    """The sources of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def heard(self, site: str) -> list[HeardSource]:
        """Every source that ever reported or was found stale."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [HeardSource(*row.values()) for row in await connection.fetch(QUERIES.fact_sources, site)]

    async def hear(self, site: str, reported_at_ms: Mapping[str, int]) -> None:
        """These sources have reported; the later of two instants stands."""
        await self._sites.ensure(site)
        rows = sorted(reported_at_ms.items())
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.hear_sources, site, [name for name, _ in rows], [at for _, at in rows])

    async def turn(
        self,
        site: str,
        stale: Iterable[str],
        fresh: Iterable[str],
        deeds: Sequence[Deed],
        alarms: Sequence[WaitingAlarm],
    ) -> None:
        """These sources fell silent and those report again: a new version of what holds beside the plan."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.fetchval(QUERIES.take_holds_version, site)
            await connection.execute(QUERIES.put_stale_sources, site, sorted(stale))
            await connection.execute(QUERIES.put_fresh_sources, site, sorted(fresh))
            if alarms:
                await put_alarms(connection, alarms)
            *others, last = deeds
            for deed in others:
                await put_audit(connection, deed)
            await after_holds(connection, site, last)
