"""Recorded decisions and what they were made on, by the page."""

from collections.abc import Sequence
from datetime import date

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.postgres.circumstances import VERSIONED
from menshen_access.postgres.sites import ACQUIRE_S
from menshen_access.postgres.spans import attached_days

_QUERIES = load_queries("menshen_access.postgres", "replaying.sql")

DecisionRow = tuple[int, int, bytes, bytes | None, bytes | None, bool, int]


class RecordedDecisions:
    """The decisions of every site; no connection is held between pages."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def days(self, first: date, last: date) -> list[date]:
        """The days from first to last of which there may be events, in order."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [day for day in await attached_days(connection) if first <= day <= last]

    async def page(
        self, site: str, day: date, after: int, through: int, window: tuple[int, int], limit: int
    ) -> list[DecisionRow]:
        """CENTRE and EDGE decisions of a day in sequence whose device time is in the window: sequence, kind, core,
        identity, health, whether bytes of identity or health are gone, and the epoch of the record.
        """
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(_QUERIES.decisions_of_day, site, day, after, through, *window, limit)
        return [tuple(row.values()) for row in rows]

    async def records(self, site: str, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        """Packed records by (subject id, version); what is not kept is left out."""
        if not wanted:
            return {}
        ids, versions = zip(*wanted, strict=True)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(VERSIONED.records_of_versions, site, ids, versions)
        return {(row["subject_id"], row["version"]): row["record"] for row in rows}

    async def circumstances(self, site: str, versions: Sequence[int]) -> dict[int, bytes]:
        """Encoded, by version; what is not kept is left out."""
        if not versions:
            return {}
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(VERSIONED.circumstances_of_versions, site, versions)
        return {row["version"]: row["encoded"] for row in rows}


class Holders:
    """The subjects of every site as they stand, by what they hold."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def holders(self, site: str, keys: Sequence[str]) -> list[bytes]:
        """The records of those who hold any of these look-up keys, the one put last being last."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [row["record"] for row in await connection.fetch(_QUERIES.holders_of_keys, site, keys)]
