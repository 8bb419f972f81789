"""Reports, each counted by one statement."""

import asyncio
from datetime import date
from typing import Final

import asyncpg
from menshen_servicekit.postgres import Pool
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


class Reports:
    """Counts recorded events. `days` are the partitions read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turn = asyncio.Semaphore(_MOST_AT_ONCE)

    async def passages(self, site: str, span: Span, days: Days, utc_offset_minutes: int) -> PassageReport:
        """Passages by access point and hour of a clock that far ahead of UTC."""
        offset_ms = utc_offset_minutes * _MINUTE_MS
        rows = await self._fetch(_REPORTS.count_passages, site, *days, span.from_ms, span.to_ms, offset_ms)
        counts = (PassageCount(row["access_point"], row["hour_from_ms"], row["passages"]) for row in rows)
        return PassageReport(_total(rows), tuple(counts))

    async def refusals(self, site: str, span: Span, days: Days) -> RefusalReport:
        """Refusals by access point and first reason."""
        rows = await self._fetch(_REPORTS.count_refusals, site, *days, span.from_ms, span.to_ms)
        counts = (RefusalCount(row["access_point"], row["reason_code"], row["refusals"]) for row in rows)
        return RefusalReport(_total(rows), tuple(counts))

    async def overstays(self, site: str, area: str, before_ms: int) -> OverstayReport:
        """Stays in an area that began before an instant and have not ended, the longest first."""
        rows = await self._fetch(_REPORTS.list_overstays, site, area, before_ms)
        return OverstayReport(_total(rows), tuple(Overstay(*list(row.values())[:3]) for row in rows))

    async def without_passage(self, site: str, span: Span, days: Days) -> AbsenceReport:
        """Subjects of the site that did not pass, by subject id."""
        rows = await self._fetch(_REPORTS.list_without_passage, site, *days, span.from_ms, span.to_ms)
        absent = (row["subject_id"] for row in rows if row["subject_id"] is not None)
        return AbsenceReport(rows[0]["total"], rows[0]["passed"], tuple(absent))

    async def unused(self, site: str, span: Span, days: Days) -> UnusedReport:
        """Active credentials of the site that were not presented, by subject and credential id."""
        rows = await self._fetch(_REPORTS.list_unused_credentials, site, *days, span.from_ms, span.to_ms)
        unused = ((row["subject_id"], row["credential_id"]) for row in rows if row["subject_id"] is not None)
        return UnusedReport(rows[0]["total"], rows[0]["presented"], rows[0]["deleted"], tuple(unused))

    async def muster(self, site: str) -> MusterReport:
        """Everybody with a place, by innermost area."""
        rows = await self._fetch(_REPORTS.count_muster, site)
        return MusterReport(
            _total(rows), tuple(MusterCount(row["area"], row["inside"], row["unknown"]) for row in rows)
        )

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with (
            self._turn,
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(readonly=True),
        ):
            await connection.execute(_REPORTS.allow_ms, _MOST_S * 1000)
            rows: list[asyncpg.Record] = await connection.fetch(query, *arguments, timeout=_MOST_S + 1)
        return rows


def _total(rows: list[asyncpg.Record]) -> int:
    return int(rows[0]["total"]) if rows else 0
