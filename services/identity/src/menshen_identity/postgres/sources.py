"""Sources of facts in PostgreSQL."""

from menshen_servicekit.postgres import Pool

from menshen_identity.domain.sources import FactSource
from menshen_identity.postgres.change import CHANNEL, Q

_ACQUIRE_S = 5.0


class PostgresSources:
    """See `ports.Sources`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def hear(self, site: str, said: FactSource) -> FactSource:
        async with self._pool.acquire(timeout=_ACQUIRE_S) as connection, connection.transaction():
            kept = await connection.fetchval(Q.hear_source, site, said.source, said.complete_to_ms)
            await connection.execute("SELECT pg_notify($1, '')", CHANNEL)
        return FactSource(said.source, kept)

    async def of(self, site: str) -> tuple[FactSource, ...]:
        async with self._pool.acquire(timeout=_ACQUIRE_S) as connection:
            found = await connection.fetch(Q.sources_of_site, site)
        return tuple(FactSource(row["source"], row["complete_to_ms"]) for row in found)
