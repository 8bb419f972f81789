"""Reports, each counted by one statement."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Final

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.reports import (
    AbsenceReport,
    MusterCount,
    MusterReport,
    Overstay,
    OverstayReport,
    PassageCount,
    PassageReport,
    RefusalCount,
    RefusalReport,
    Span,
    UnusedReport,
)
from menshen_access.postgres.sites import ACQUIRE_S

_REPORTS: Final = load_queries("menshen_access.postgres", "reports.sql")
_MINUTE_MS: Final = 60_000
_MOST_AT_ONCE: Final = 2
"""The pool is shared with everything that records and decides: more reports wait for one to end."""
_MOST_S: Final = 100
"""A report over many days reads all of them: it may take longer than other statements."""

Days = tuple[date, date]
Ask = Callable[..., Awaitable[list[asyncpg.Record]]]


class Reports:
    """Counts recorded events. `days` are the partitions read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turn = asyncio.Semaphore(_MOST_AT_ONCE)

    async def passages(self, site: str, span: Span, days: Days, utc_offset_minutes: int) -> PassageReport:
        """Passages by access point and hour of a clock that far ahead of UTC."""
        offset_ms = utc_offset_minutes * _MINUTE_MS
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.count_passages, site, *days, span.from_ms, span.to_ms, offset_ms)
            deleted = await _bare(ask, site, span, days) + await _gone(ask, site, span, days)
        counts = (PassageCount(row["access_point"], row["hour_from_ms"], row["passages"]) for row in rows)
        return PassageReport(_total(rows), tuple(counts), deleted, utc_offset_minutes)

    async def refusals(self, site: str, span: Span, days: Days) -> RefusalReport:
        """Refusals by access point and first reason."""
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.count_refusals, site, *days, span.from_ms, span.to_ms)
            deleted = await _gone(ask, site, span, days)
        counts = (RefusalCount(row["access_point"], row["reason_code"], row["refusals"]) for row in rows)
        return RefusalReport(_total(rows), tuple(counts), deleted)

    async def overstays(self, site: str, area: str, before_ms: int) -> OverstayReport:
        """Stays in an area that began before an instant and have not ended, the longest first."""
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.list_overstays, site, area, before_ms)
        return OverstayReport(_total(rows), tuple(Overstay(*list(row.values())[:3]) for row in rows))

    async def without_passage(self, site: str, span: Span, days: Days) -> AbsenceReport:
        """Subjects of the site that did not pass, by subject id."""
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.list_without_passage, site, *days, span.from_ms, span.to_ms)
            deleted = await _bare(ask, site, span, days) + await _gone(ask, site, span, days)
        absent = (row["subject_id"] for row in rows if row["subject_id"] is not None)
        return AbsenceReport(rows[0]["total"], rows[0]["passed"], tuple(absent), deleted)

    async def unused(self, site: str, span: Span, days: Days) -> UnusedReport:
        """Active credentials of the site that were not presented, by subject and credential id."""
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.list_unused_credentials, site, *days, span.from_ms, span.to_ms)
            gone = await _gone(ask, site, span, days)
        unused = ((row["subject_id"], row["credential_id"]) for row in rows if row["subject_id"] is not None)
        return UnusedReport(rows[0]["total"], rows[0]["presented"], rows[0]["deleted"] + gone, tuple(unused))

    async def muster(self, site: str) -> MusterReport:
        """Everybody with a place, by innermost area."""
        async with self._snapshot() as ask:
            rows = await ask(_REPORTS.count_muster, site)
        return MusterReport(
            _total(rows), tuple(MusterCount(row["area"], row["inside"], row["unknown"]) for row in rows)
        )

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Ask]:
        """Statements that see one instant."""
        async with (
            self._turn,
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(_REPORTS.allow_ms, _MOST_S * 1000)
            yield partial(_fetch, connection)


async def _fetch(connection: Connection, query: str, *arguments: object) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(query, *arguments, timeout=_MOST_S + 1)
    return rows


async def _bare(ask: Ask, site: str, span: Span, days: Days) -> int:
    """Decisions of the span whose identity was deleted."""
    return int((await ask(_REPORTS.count_bare_decisions, site, *days, span.from_ms, span.to_ms))[0][0])


async def _gone(ask: Ask, site: str, span: Span, days: Days) -> int:
    """Decisions of the span that were deleted whole."""
    last = (await ask(_REPORTS.last_day_gone, site))[0][0]
    if last is None or last < days[0]:
        return 0
    ids = _first_id(span.from_ms), _first_id(span.to_ms)
    return int((await ask(_REPORTS.count_gone_decisions, site, *days, span.from_ms, span.to_ms, *ids))[0][0])


def _first_id(at_ms: int) -> str:
    """A UUID before every UUIDv7 of that instant, and after those of any earlier one."""
    return f"{at_ms:012x}{'0' * 20}"


def _total(rows: list[asyncpg.Record]) -> int:
    return int(rows[0]["total"]) if rows else 0
