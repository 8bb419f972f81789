"""What decisions were made on, by the versions that events name."""

from collections.abc import Sequence
from datetime import date

from menshen_servicekit.postgres import Pool

from menshen_access.postgres.circumstances import VERSIONED
from menshen_access.postgres.sites import ACQUIRE_S


class PastInputs:
    """Subject records and circumstances of every site, by version; subject records as they stand, by what they hold."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def circumstances(self, site: str, version: int) -> bytes:
        """Encoded; no bytes where the version is not kept."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await connection.fetchval(VERSIONED.circumstances_of_version, site, version) or b""

    async def records(self, site: str, subject_ids: Sequence[str], versions: Sequence[int]) -> dict[str, bytes]:
        """By subject id; what is not kept is left out."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(VERSIONED.records_of_versions, site, subject_ids, versions)
        return {row["subject_id"]: row["record"] for row in rows}

    async def holders(self, site: str, keys: Sequence[str]) -> list[bytes]:
        """The records, as they stand, of those who hold any of these look-up keys."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [row["record"] for row in await connection.fetch(VERSIONED.records_of_keys, site, keys)]

    async def epoch(self, site: str, sequence: int) -> int:
        """The epoch in which an event was recorded."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            epoch: int = await connection.fetchval(VERSIONED.epoch_of_link, site, sequence)
        return epoch

    async def is_health_deleted(self, site: str, day: date, event_id: str, kind: int) -> bool:
        """Whether the event had health bytes that are gone."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return bool(await connection.fetchval(VERSIONED.is_health_deleted, site, day, event_id, kind))
