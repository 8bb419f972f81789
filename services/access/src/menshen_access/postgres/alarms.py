"""The queue of alarms on their way to safety."""

import json
from collections.abc import Sequence

from menshen_servicekit.postgres import Pool

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES


class Outbox:
    """Alarms of every site, oldest first: their ids are UUIDv7."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, alarms: Sequence[WaitingAlarm]) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await put_alarms(connection, alarms)

    async def oldest(self, limit: int) -> list[WaitingAlarm]:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.oldest_alarms, limit)
        return [
            WaitingAlarm(
                str(row["alarm_id"]),
                row["site"],
                row["kind"],
                row["source"],
                row["event_id"],
                row["raised_at_ms"],
                tuple(sorted(json.loads(row["detail"]).items())),
            )
            for row in rows
        ]

    async def delivered(self, alarm_id: str) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.alarm_delivered, alarm_id)
