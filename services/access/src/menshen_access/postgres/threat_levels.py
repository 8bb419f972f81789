"""Threat levels, each change under the lock of the site's plan row, audited. What was set before stays as it is."""

from menshen_servicekit.postgres import Pool

from menshen_access.domain.administration import Deed, HoldSet
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.postgres.administration import after_holds
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites


class ThreatLevels:
    """Threat levels of sites and areas."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def set_level(self, site: str, level: SetThreatLevel, deed: Deed) -> HoldSet:
        """What holds for the site after it."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            version = await connection.fetchval(QUERIES.take_holds_version, site)
            await connection.execute(
                QUERIES.put_threat_level,
                site,
                version,
                level.area,
                level.level,
                level.origin,
                level.reason,
                level.set_at_ms,
            )
            return await after_holds(connection, site, deed)
