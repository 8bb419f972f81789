"""Categories and units of the subjects of decisions: kept beside the events, and found by."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from typing import Final

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.history import Entry, EventFilter, Head
from menshen_access.domain.memberships import (
    UNKNOWN,
    Membership,
    Version,
    membership_of,
    together,
    versions_of,
    windows,
)
from menshen_access.postgres.circumstances import VERSIONED
from menshen_access.postgres.sites import ACQUIRE_S

_QUERIES = load_queries("menshen_access.postgres", "memberships.sql")
_REMEMBERED: Final = 10_000


class Memberships:
    """What the records that decisions were made on say. Remembers those asked for last; a version never changes."""

    def __init__(self, capacity: int = _REMEMBERED) -> None:
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, Version], Membership] = OrderedDict()

    async def of_entries(self, connection: Connection, head: Head, entries: Sequence[Entry]) -> list[Membership]:
        """Of each entry's subjects together, as it is recorded behind the head.

        UNKNOWN for an entry of no decision or of before a restore, and where no record is kept.
        """
        site, named = head.site, [versions_of(entry, head.epoch) for entry in entries]
        kept = await self._of_versions(connection, site, {version for each in named for version in each})
        return [together([kept[version] for version in each]) if each else UNKNOWN for each in named]

    async def _of_versions(self, connection: Connection, site: str, wanted: set[Version]) -> dict[Version, Membership]:
        found = {version: known for version in wanted if (known := self._known.get((site, version))) is not None}
        missing = sorted(wanted - found.keys())
        if missing:
            ids, versions = [name for name, _ in missing], [number for _, number in missing]
            for row in await connection.fetch(VERSIONED.records_of_versions, site, ids, versions):
                found[row["subject_id"], row["version"]] = membership_of(row["record"])
        self._remember(site, found)
        return {version: found.get(version, UNKNOWN) for version in wanted}

    def _remember(self, site: str, found: dict[Version, Membership]) -> None:
        for version, membership in found.items():
            self._known[site, version] = membership
            self._known.move_to_end((site, version))
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)


async def list_members(pool: Pool, site: str, wanted: EventFilter, limit: int) -> list[asyncpg.Record]:
    """Rows of the events of a category or a unit, the newest day first, and of a day the newest event.

    Day by day while the page fills, then over more and more days: at most twice as many as the page reaches back.
    """
    first, last = wanted.days
    async with pool.acquire(timeout=ACQUIRE_S) as connection:
        last = min(last, await _newest_day(connection, first))
    found: list[asyncpg.Record] = []
    for start, end in windows(first, last):
        statement = _QUERIES.list_members_of_day if start == end else _QUERIES.list_members_of_days
        async with pool.acquire(timeout=ACQUIRE_S) as connection:
            found += await connection.fetch(statement, site, start, end, *_conditions(wanted), limit - len(found))
        if len(found) >= limit:
            break
    return found


async def _newest_day(connection: Connection, otherwise: date) -> date:
    named = await connection.fetchval(_QUERIES.newest_day)
    return date.fromisoformat(named) if named else otherwise


def _conditions(wanted: EventFilter) -> tuple[object, ...]:
    return (
        wanted.days[1],
        wanted.before_sequence,
        wanted.category,
        wanted.unit,
        wanted.access_point,
        wanted.from_ms,
        wanted.to_ms,
        wanted.kind,
        wanted.outcome,
        wanted.reason_code,
    )
