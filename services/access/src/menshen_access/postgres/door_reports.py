"""What doors said of holds, orders and pulses, and which of them were alarmed about."""

import json
from collections.abc import Callable, Collection, Sequence

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.commands import GivenCommand
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

    async def last_sequence(self, site: str) -> int:
        """Up to where the history of the site is recorded."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return int(await connection.fetchval(QUERIES.last_sequence, site) or 0)

    async def took_posture_since(self, site: str, sequence: int, given: GivenCommand, doors: Collection[str]) -> bool:
        """Whether one of these doors said what it does now that the order is over, later in the history than this
        sequence or than the command.
        """
        command_id = given.command_id
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.operated_since, site, day_of(command_id), command_id, sequence)
        said = [(core["door"], core.get("detail") or {}) for core in (json.loads(row["core"]) for row in rows)]
        return any(
            door in doors and "posture" in detail and (not given.ended_id or detail.get("order") != given.ended_id)
            for door, detail in said
        )

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
