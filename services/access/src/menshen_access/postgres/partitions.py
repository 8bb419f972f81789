"""Partitions of the event table by day: made ahead, and for any day an event needs."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from menshen_servicekit.postgres import Connection

from menshen_access.postgres.sites import QUERIES
from menshen_access.postgres.spans import attached_days

DAYS_AHEAD = 3


class Partitions:
    """Knows which days have a partition. One object per process; others may make the same days at the same time."""

    def __init__(self) -> None:
        self._days: set[date] = set()

    async def ensure(self, connection: Connection, days: Iterable[date]) -> None:
        """Make what is missing; call it outside a transaction that inserts events."""
        missing = sorted(set(days) - self._days)
        if missing:
            async with connection.transaction():
                await connection.execute(QUERIES.lock_partitions)
                there = set(await attached_days(connection))
                for day in missing:
                    if day not in there:
                        await _make(connection, day)
            self._days.update(missing)

    def forget(self, days: Iterable[date]) -> None:
        """Look for the partitions of these days again: retention drops those of days long over."""
        self._days.difference_update(days)

    async def ensure_ahead(self, connection: Connection, now_ms: int) -> None:
        """Today, yesterday and the days to come."""
        today = datetime.fromtimestamp(now_ms // 1000, UTC).date()
        await self.ensure(connection, (today + timedelta(days=step) for step in range(-1, DAYS_AHEAD + 1)))


async def _make(connection: Connection, day: date) -> None:
    # Attaching locks the parent far less than creating the table as a partition would.
    statements = await connection.fetchrow(QUERIES.partition_statements, day)
    if statements is None:
        raise AssertionError("a statement of constants gives one row")
    await connection.execute(statements["make"])
    await connection.execute(statements["attach"])
