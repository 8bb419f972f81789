"""Pieces of the chain, with the days of their events: a statement that names them locks no other partitions."""

from dataclasses import dataclass
from datetime import date

from menshen_servicekit.postgres import Connection

from menshen_access.postgres.sites import QUERIES

NO_END = 2**62


@dataclass(frozen=True, slots=True)
class ChainSpan:
    """The links after one sequence up to `last`; `last` is `after` where there are none."""

    after: int
    last: int
    days: tuple[date, ...]


async def span_after(connection: Connection, site: str, after: int, limit: int, through: int = NO_END) -> ChainSpan:
    """At most `limit` links after a sequence, none beyond `through`."""
    row = await connection.fetchrow(QUERIES.days_of_links, site, after, through, limit)
    if row is None:
        raise AssertionError("an aggregate gives one row")
    return ChainSpan(after, row["last"], tuple(row["days"]))


async def attached_days(connection: Connection) -> list[date]:
    """The days that have a partition, in order."""
    rows = await connection.fetch(QUERIES.attached_days)
    return sorted(date.fromisoformat(row["day"]) for row in rows)
