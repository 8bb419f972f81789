"""Names in the records, the plans that are kept, and the events of every site."""

from collections.abc import Callable
from typing import Final

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.memberships import MOST_DAYS_AT_ONCE, Membership, membership_of
from menshen_access.postgres.sites import ACQUIRE_S
from menshen_access.postgres.spans import attached_days

_QUERIES = load_queries("menshen_access.postgres", "known_names.sql")
_RECORDS_AT_ONCE: Final = 250
"""A page is unpacked while decisions wait."""
_POINT: Final = "$.access_points[*].id ? (@ == $name)"
_REASON: Final = "$.policies.**.code ? (@ == $name)"


class NamesInStore:
    """Looks names up; the events last, in few partitions at a time, as a server has not locks for years of them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def subject(self, site: str, subject_id: str) -> bool:
        """In a record, of a removed subject too, or in an event."""
        return await self._is(_QUERIES.knows_subject, site, subject_id) or await self._in_events(
            _QUERIES.events_of_subject, site, subject_id
        )

    async def access_point(self, site: str, access_point_id: str) -> bool:
        """In a plan that is kept, or in an event."""
        return await self._is(_QUERIES.plan_names, site, access_point_id, _POINT) or await self._in_events(
            _QUERIES.events_at_access_point, site, access_point_id
        )

    async def category(self, site: str, name: str) -> bool:
        """In a record as it stands, or beside an event."""
        found = await self._in_records(site, name, lambda kept: name in kept.categories)
        return found or await self._in_events(_QUERIES.events_of_category, site, name)

    async def unit(self, site: str, name: str) -> bool:
        """In a record as it stands, or beside an event."""
        found = await self._in_records(site, name, lambda kept: name in kept.units)
        return found or await self._in_events(_QUERIES.events_of_unit, site, name)

    async def reason(self, site: str, code: str) -> bool:
        """In a policy of a plan that is kept, or in an event."""
        return await self._is(_QUERIES.plan_names, site, code, _REASON) or await self._in_events(
            _QUERIES.events_with_reason, site, code
        )

    async def _in_records(self, site: str, word: str, is_named: Callable[[Membership], bool]) -> bool:
        after = ""
        while True:
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
                rows = await connection.fetch(_QUERIES.records_with_word, site, word, after, _RECORDS_AT_ONCE)
            if any(is_named(membership_of(row["record"])) for row in rows):
                return True
            if len(rows) < _RECORDS_AT_ONCE:
                return False
            after = rows[-1]["subject_id"]

    async def _in_events(self, query: str, site: str, name: str) -> bool:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            days = await attached_days(connection)
        for end in range(len(days), 0, -MOST_DAYS_AT_ONCE):
            part = days[max(end - MOST_DAYS_AT_ONCE, 0) : end]
            if await self._is(query, site, name, part[0], part[-1]):
                return True
        return False

    async def _is(self, query: str, *arguments: object) -> bool:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return bool(await connection.fetchval(query, *arguments))
