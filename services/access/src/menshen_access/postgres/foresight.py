"""The records of everybody known at a site, page by page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.history import is_storable
from menshen_access.domain.subject_records import Page
from menshen_access.postgres.sites import ACQUIRE_S

_QUERIES = load_queries("menshen_access.postgres", "foresight.sql")
_AT_ONCE: Final = 250
_LONGEST_S: Final = 0.02
_REST_SHARE: Final = 4.0
"""How much longer than a page its rest is: PostgreSQL shares processors with what decides."""


class Records:
    """Packed subject records of every site. `read` reads all of one site in whichever process calls it."""

    def __init__(self, pool: Pool, read: Callable[[str, bool], list[Page]]) -> None:
        self._pool = pool
        self._read = read

    def reading(self, site: str, *, rests: bool = False) -> Callable[[], list[Page]]:
        """Reads everybody's records at the site, by subject id; for a process apart. It `rests` between pages."""
        return partial(self._read, site, rests)

    async def of_subject(self, site: str, subject_id: str) -> bytes:
        """The record as it stands; no bytes for a subject that is not known."""
        if not is_storable(subject_id):
            return b""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await connection.fetchval(_QUERIES.record_of_subject, site, subject_id) or b""


async def pages_of(pool: Pool, site: str, *, rests: bool) -> AsyncIterator[list[tuple[str, bytes]]]:
    """(subject id, record) of everybody at the site, by subject id; no connection is held between pages."""
    after, now = "", asyncio.get_running_loop().time
    while True:
        began = now()
        async with pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(_QUERIES.records_after, site, after, _AT_ONCE)
        if rests:
            await asyncio.sleep(min(_REST_SHARE * (now() - began), _LONGEST_S))
        if rows:
            yield [(row["subject_id"], row["record"]) for row in rows]
            after = rows[-1]["subject_id"]
        if len(rows) < _AT_ONCE:
            return
