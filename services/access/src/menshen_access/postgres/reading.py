"""Reading the history: pages of events, the chain, watermarks."""

import json
from collections.abc import Sequence
from datetime import date

import asyncpg
from menshen_servicekit.postgres import Pool

from menshen_access.domain.chain import StoredLink
from menshen_access.domain.events import EventPayload
from menshen_access.domain.history import Commitments, EventFilter, Link, RecordedEvent, is_storable
from menshen_access.domain.spools import Watermark
from menshen_access.postgres.memberships import list_members
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites
from menshen_access.postgres.spans import NO_END, attached_days, span_after

DAYS_AT_ONCE = 140
"""Partitions of one statement: each is locked with its eight indexes, and a server as installed holds 6,400 locks."""


class HistoryReader:
    """Reads what is recorded."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""
        await self._sites.ensure(site)
        row = (await self._fetch(QUERIES.read_head, site))[0]
        return row["epoch"], row["sequence"]

    async def head(self, site: str) -> tuple[int, int, bytes]:
        """(epoch, sequence, hash) of the last link of a site's chain."""
        await self._sites.ensure(site)
        row = (await self._fetch(QUERIES.read_head, site))[0]
        return row["epoch"], row["sequence"], row["last_hash"]

    async def after(self, site: str, sequence: int, limit: int) -> tuple[int, list[RecordedEvent]]:
        """The last sequence of the page and its events, in order; those whose bytes were deleted are left out."""
        last, rows = await self._spanned(QUERIES.events_between, site, sequence, limit, NO_END)
        return last, [_recorded(site, row) for row in rows]

    async def listed(self, site: str, wanted: EventFilter, limit: int) -> list[RecordedEvent]:
        """Newest first; by a category or a unit, those of the newest day."""
        if not all(map(is_storable, wanted.names)):
            return []
        if wanted.is_by_day:
            return [_recorded(site, row) for row in await list_members(self._pool, site, wanted, limit)]
        statement = QUERIES.list_events_of_subject if wanted.subject_id else QUERIES.list_events
        subject = (wanted.subject_id, wanted.category, wanted.unit) if wanted.subject_id else ()
        rows: list[asyncpg.Record] = []
        for days in await self._days_in_parts(*wanted.days):
            rows += await self._fetch(
                statement,
                site,
                wanted.before_sequence,
                wanted.access_point,
                *days,
                wanted.from_ms,
                wanted.to_ms,
                wanted.kind,
                wanted.outcome,
                wanted.reason_code,
                limit,
                *subject,
            )
        newest = sorted(rows, key=lambda row: -int(row["sequence"]))[:limit]
        return [_recorded(site, row) for row in newest]

    async def _days_in_parts(self, first: date, last: date) -> list[tuple[date, date]]:
        """The days that have a partition, so many at a time that the server can lock them."""
        if (last - first).days < DAYS_AT_ONCE:
            return [(first, last)]
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            there = [day for day in await attached_days(connection) if first <= day <= last]
        parts = (there[start : start + DAYS_AT_ONCE] for start in range(0, len(there), DAYS_AT_ONCE))
        return [(part[0], part[-1]) for part in parts]

    async def of_id(self, site: str, day: date, event_id: str) -> list[RecordedEvent]:
        """Every event recorded under an id, in sequence."""
        return [_recorded(site, row) for row in await self._fetch(QUERIES.events_of_id, site, day, event_id)]

    async def kinds_of(self, site: str, event_id: str) -> list[int]:
        """The kinds of everything ever recorded under an id, deleted or not."""
        return [row["kind"] for row in await self._fetch(QUERIES.kinds_of_id, site, event_id)]

    async def links(self, site: str, after: int, through: int, limit: int) -> list[StoredLink]:
        """Links of the chain with the bytes that still exist, in sequence."""
        _, rows = await self._spanned(QUERIES.links_between, site, after, limit, through)
        return [_link(row) for row in rows]

    async def watermark(self, site: str, agent_id: str, epoch: int) -> int:
        """The highest number up to which all of the epoch is recorded; 0 for none."""
        rows = await self._fetch(QUERIES.watermark_of, site, agent_id, epoch)
        return rows[0]["contiguous"] if rows else 0

    async def newest(self, site: str, agent_ids: Sequence[str]) -> list[Watermark]:
        """Of each agent that has one, the watermark of its newest epoch."""
        return [Watermark(*row.values()) for row in await self._fetch(QUERIES.newest_watermarks, site, agent_ids)]

    async def _spanned(
        self, query: str, site: str, after: int, limit: int, through: int
    ) -> tuple[int, list[asyncpg.Record]]:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            span = await span_after(connection, site, after, limit, through)
            rows: list[asyncpg.Record] = await connection.fetch(query, site, after, span.last, span.days)
        return span.last, rows

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        return rows


def payload_of(row: asyncpg.Record) -> EventPayload:
    """The event of stored bytes; a part that was deleted, or was not asked for, is empty."""
    parts = (row.get("identity"), row.get("health"))
    identity, health = (json.loads(part) if part is not None else {} for part in parts)
    return EventPayload(json.loads(row["core"]), identity, health)


def _recorded(site: str, row: asyncpg.Record) -> RecordedEvent:
    deleted = row["identity"] is None
    return RecordedEvent(site, row["sequence"], row["recorded_at_ms"], row["late"], payload_of(row), deleted)


def _link(row: asyncpg.Record) -> StoredLink:
    link = Link(
        row["site"],
        row["epoch"],
        row["sequence"],
        str(row["event_id"]),
        row["kind"],
        Commitments(row["core_commitment"], row["identity_commitment"], row["health_commitment"]),
        row["previous"],
        row["hash"],
    )
    return StoredLink(
        link,
        (row["core"], row["identity"], row["health"]),
        (row["core_salt"], row["identity_salt"], row["health_salt"]),
    )
