"""Planner statistics for tables that grow from nothing to their full size within minutes.

Without them a page of a log is read by sorting all that follows it. The server's own analysis comes a minute later.
"""

from menshen_servicekit.postgres import Connection, Pool

FIRST_ROWS = 1_000
FACTOR = 4


class Growth:
    """Analyses tables when this process has added 1,000 rows, and at every fourfold of that."""

    def __init__(self, analyse: str) -> None:
        self._analyse = analyse
        self._rows = 0
        self._next = FIRST_ROWS

    async def grew(self, connection: "Connection | Pool", rows: int) -> None:
        """Count rows added; call it outside the transaction that added them."""
        self._rows += rows
        if self._rows >= self._next:
            self._next = self._rows * FACTOR
            await connection.execute(self._analyse)
