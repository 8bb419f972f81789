"""What doors said of holds, orders and pulses, and which of them were alarmed about."""

import json
from collections.abc import Callable, Collection, Sequence

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.door_reports import Said, Statement
from menshen_access.domain.history import day_of
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES


class DoorReports:
    """The latest statements of the doors of every site."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def said_of(self, site: str, causes: Sequence[str]) -> list[Statement]:
        """All that doors said of these causes."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [_statement(row) for row in await connection.fetch(QUERIES.door_reports_of, site, causes)]

    async def took_posture_since(self, site: str, command_id: str, doors: Collection[str]) -> bool:
        """Whether one of these doors said what it does now, after this command was recorded."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.operated_since, site, day_of(command_id), command_id)
        cores = [json.loads(row["core"]) for row in rows]
        return any(core["door"] in doors and "posture" in (core.get("detail") or {}) for core in cores)

    async def alarm_once(
        self, site: str, doors: Sequence[tuple[str, str]], at_ms: int, alarm_of: Callable[[str, str], WaitingAlarm]
    ) -> int:
        """Queue `alarm_of(cause, door)` for each that nobody was alarmed about yet; how many."""
        causes, names = [cause for cause, _ in doors], [door for _, door in doors]
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            rows = await connection.fetch(QUERIES.put_unsecured_alarms, site, causes, names, at_ms)
            if rows:
                await put_alarms(connection, [alarm_of(str(row["cause_id"]), row["door"]) for row in rows])
            return len(rows)


async def put_door_reports(connection: Connection, site: str, statements: Sequence[Statement]) -> None:
    """Keep the latest of each, in the transaction that records the events; causes nobody gave are passed over."""
    await connection.execute(
        QUERIES.put_door_reports,
        site,
        [one.cause_id for one in statements],
        [one.door for one in statements],
        [int(one.said) for one in statements],
        [one.at_ms for one in statements],
    )


def _statement(row: asyncpg.Record) -> Statement:
    return Statement(str(row["cause_id"]), row["door"], Said(row["said"]), row["at_ms"])
