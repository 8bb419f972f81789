"""What PostgreSQL says of the archive of its own log."""

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.archive_failure import ArchiveFailure
from menshen_access.postgres.sites import ACQUIRE_S

_QUERIES = load_queries("menshen_access.postgres", "archive_state.sql")


class ArchiveState:
    """The archive of the server, whoever looks."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def failure(self) -> ArchiveFailure | None:
        """What could not be archived at the last try; None where it could, or nothing is to be archived."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(_QUERIES.archiving_fails)
        return ArchiveFailure(row["last_failed_wal"], row["archived_at_ms"] or 0) if row else None
