"""Alarms in PostgreSQL."""

import json

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_safety.domain.alarms import Alarm, AlarmKind, AlarmState, Step, next_state
from menshen_safety.troubles import alarm_closed, alarm_unknown

QUERIES = load_queries("menshen_safety.postgres")
ACQUIRE_S = 5.0


class Alarms:
    """The alarm records of all sites. Every change takes the site's next position as its last statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def insert(self, site: str, alarm: Alarm, now_ms: int, escalate_at_ms: int) -> Alarm:
        """Store a raised alarm; a known alarm_id changes nothing. Returns it as it stands."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            inserted = await connection.fetchval(
                QUERIES.insert_alarm,
                site,
                alarm.alarm_id,
                int(alarm.kind),
                alarm.source,
                alarm.event_id,
                alarm.raised_at_ms,
                now_ms,
                escalate_at_ms,
                json.dumps(dict(alarm.detail)),
            )
            if inserted is not None:
                await _place(connection, site, alarm.alarm_id)
            return await _locked(connection, site, alarm.alarm_id)

    async def step(
        self, site: str, alarm_id: str, step: Step, now_ms: int, caller: str, *, owner: str = "", note: str = ""
    ) -> Alarm:
        """Move an alarm along its life; DomainError NOT_FOUND or CONFLICT."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            alarm = await _locked(connection, site, alarm_id)
            state = next_state(alarm, step)
            if state is None:
                raise alarm_closed()
            await connection.execute(
                QUERIES.change_alarm,
                site,
                alarm_id,
                int(state),
                alarm.acknowledged_at_ms or now_ms,
                owner or alarm.owner,
                now_ms if state is AlarmState.CLOSED else 0,
                note or alarm.note,
            )
            await connection.execute(QUERIES.insert_audit, site, now_ms, caller, step.name, alarm_id, note or owner)
            await _place(connection, site, alarm_id)
            return await _locked(connection, site, alarm_id)

    async def one(self, site: str, alarm_id: str) -> Alarm:
        """One alarm; DomainError NOT_FOUND."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            return await _locked(connection, site, alarm_id)

    async def listed(self, site: str, from_ms: int, state: int, kind: int) -> list[Alarm]:
        """Newest first, at most 1000; state and kind 0 for all."""
        rows = await self._pool.fetch(QUERIES.list_alarms, site, from_ms, state, kind)
        return [_alarm(row) for row in rows]

    async def open(self, site: str) -> tuple[list[Alarm], int]:
        """Alarms not closed, and the position to watch from."""
        async with (
            self._pool.acquire(timeout=ACQUIRE_S) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            position = await connection.fetchval(QUERIES.alarm_position, site) or 0
            rows = await connection.fetch(QUERIES.open_alarms, site)
        return [_alarm(row) for row in rows], position

    async def after(self, site: str, position: int) -> list[Alarm]:
        """Alarms that changed after a position, in order."""
        return [_alarm(row) for row in await self._pool.fetch(QUERIES.alarms_after, site, position)]

    async def escalate(self, now_ms: int, next_ms: int) -> list[tuple[str, str]]:
        """Escalate what has had no owner for too long; returns (site, alarm_id) of each."""
        escalated = []
        for row in await self._pool.fetch(QUERIES.unowned, now_ms):
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
                site, alarm_id = row["site"], row["alarm_id"]
                if await connection.fetchval(QUERIES.escalate, site, alarm_id, next_ms, now_ms) is not None:
                    await _place(connection, site, alarm_id)
                    escalated.append((site, alarm_id))
        return escalated


async def _place(connection: Connection, site: str, alarm_id: str) -> None:
    position = await connection.fetchval(QUERIES.next_position, site)
    await connection.execute(QUERIES.place_alarm, site, alarm_id, position)
    await connection.execute(QUERIES.notify, "alarms", site)


async def _locked(connection: Connection, site: str, alarm_id: str) -> Alarm:
    try:
        row = await connection.fetchrow(QUERIES.lock_alarm, site, alarm_id)
    except asyncpg.DataError:
        row = None
    if row is None:
        raise alarm_unknown()
    return _alarm(row)


def _alarm(row: asyncpg.Record) -> Alarm:
    return Alarm(
        alarm_id=str(row["alarm_id"]),
        kind=AlarmKind(row["kind"]),
        source=row["source"],
        event_id=row["event_id"],
        raised_at_ms=row["raised_at_ms"],
        detail=json.loads(row["detail"]),
        state=AlarmState(row["state"]),
        stored_at_ms=row["stored_at_ms"],
        acknowledged_at_ms=row["acknowledged_at_ms"],
        owner=row["owner"],
        closed_at_ms=row["closed_at_ms"],
        note=row["note"],
        escalations=row["escalations"],
        version=row["version"],
        position=row["position"],
    )
