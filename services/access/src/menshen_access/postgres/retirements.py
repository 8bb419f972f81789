"""Retirements, read from the history and from the ends of reviews; the places are cursors beside those of the feeds."""

from collections.abc import Sequence

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.history import day_of
from menshen_access.domain.retirements import MARK, RetirementPage, Source, retired_by
from menshen_access.postgres.reading import payload_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites
from menshen_access.postgres.spans import span_after

EVENTS_AT_ONCE = 5_000
REVIEWS_AT_ONCE = 100
_NO_EPOCH = 1
"""Places count on over a restore, as sequences do."""


class Retirements:
    """Implements retiring.RetirementLog for every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def place(self, site: str, source: Source) -> int:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(QUERIES.read_cursor, site, _name(source))
        return row["position"] if row else 0

    async def told(self, site: str, source: Source, place: int) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.put_cursor, site, _name(source), _NO_EPOCH, place)

    async def after(self, site: str, source: Source, place: int) -> RetirementPage:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            if source is Source.GRANTS:
                return await _granted(connection, site, place)
            return await _reviewed(connection, site, place)


async def _granted(connection: Connection, site: str, place: int) -> RetirementPage:
    head = await connection.fetchrow(QUERIES.read_head, site)
    last = head["sequence"] if head else 0
    end = min(last, place + EVENTS_AT_ONCE)
    if end <= place:
        return RetirementPage((), place, has_more=False)
    span = await span_after(connection, site, place, EVENTS_AT_ONCE, end)
    rows = await connection.fetch(QUERIES.marked_decisions, site, place, end, span.days, MARK)
    return RetirementPage(retired_by(map(payload_of, rows), passed=False), end, has_more=end < last)


async def _reviewed(connection: Connection, site: str, place: int) -> RetirementPage:
    rows = await connection.fetch(QUERIES.review_ids_after, site, place, REVIEWS_AT_ONCE)
    if not rows:
        return RetirementPage((), place, has_more=False)
    events = await _decisions(connection, site, [str(row["event_id"]) for row in rows if row["is_passed"]])
    retired = retired_by(map(payload_of, events), passed=True)
    return RetirementPage(retired, rows[-1]["position"], has_more=len(rows) == REVIEWS_AT_ONCE)


async def _decisions(connection: Connection, site: str, ids: Sequence[str]) -> Sequence[asyncpg.Record]:
    return await connection.fetch(QUERIES.presentations_of_ids, site, list(map(day_of, ids)), ids) if ids else ()


def _name(source: Source) -> str:
    return f"retirements:{source.value}"
