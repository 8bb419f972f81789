"""Zones, releases and door reports in PostgreSQL."""

import asyncpg
from menshen_servicekit.postgres import Connection, Pool

from menshen_safety.domain.zones import DoorReport, PanelState, Zone, ZoneStatus, reset_bar
from menshen_safety.postgres.alarms import ACQUIRE_S, QUERIES
from menshen_safety.troubles import reset_barred, zone_unknown


class Zones:
    """The zones of all sites."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, site: str, zone: Zone, now_ms: int, caller: str) -> None:
        """Create or replace a zone; a release in force stays."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(
                QUERIES.put_zone,
                site,
                zone.zone_id,
                zone.name_zh,
                zone.name_en,
                list(zone.doors),
                list(zone.areas),
                zone.external_ref,
            )
            await connection.execute(QUERIES.insert_audit, site, now_ms, caller, "PUT_ZONE", zone.zone_id, "")
            await connection.execute(QUERIES.notify, "zones", site)

    async def listed(self, site: str) -> list[ZoneStatus]:
        """All zones of a site by id."""
        return [_status(row) for row in await self._pool.fetch(QUERIES.list_zones, site)]

    async def release(self, site: str, zone_id: str, release_id: str, now_ms: int, caller: str, reason: str) -> str:
        """Begin a release; one in force already is kept. Returns the id in force."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            return await _release(connection, site, zone_id, release_id, now_ms, caller, reason)

    async def reset(self, site: str, zone_id: str, now_ms: int, caller: str, reason: str) -> str:
        """End the release, to be followed by forgiving the presence in its areas; returns its id."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            status = await _locked(connection, site, zone_id)
            bar = reset_bar(status)
            if bar is not None:
                raise reset_barred(bar)
            await connection.execute(QUERIES.end_release, site, zone_id, now_ms)
            areas = list(status.zone.areas)
            if areas:
                await connection.execute(QUERIES.put_forgiveness, site, status.release_id, areas)
            await connection.execute(QUERIES.insert_audit, site, now_ms, caller, "RESET", zone_id, reason)
            await connection.execute(QUERIES.notify, "zones", site)
            return status.release_id

    async def panel(
        self, site: str, zone_id: str, agent_id: str, state: PanelState, at_ms: int, release_id: str, now_ms: int
    ) -> None:
        """Store what an agent senses; ALARM begins a release for every agent of the zone."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await _locked(connection, site, zone_id)
            await connection.execute(QUERIES.put_panel, site, zone_id, agent_id, int(state), at_ms)
            if state is PanelState.ALARM:
                await _release(connection, site, zone_id, release_id, now_ms, agent_id, "fire panel")
            await connection.execute(QUERIES.notify, "zones", site)

    async def door(self, site: str, report: DoorReport) -> None:
        """Store how a door answered, under the release it names or the zone's latest."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            status = await _locked(connection, site, report.zone_id)
            release_id = report.release_id or status.release_id or status.ended_release_id
            await connection.execute(
                QUERIES.put_release_door,
                site,
                release_id,
                report.door,
                report.zone_id,
                report.released,
                report.commanded_at_ms,
                report.commanded_after_ms,
                report.confirmed_after_ms,
                report.stuck,
            )

    async def doors(self, site: str, zone_id: str, release_id: str) -> tuple[str, Zone, list[DoorReport]]:
        """The release (the latest for an empty id), its zone and the reports there are."""
        statuses = {status.zone.zone_id: status for status in await self.listed(site)}
        status = statuses.get(zone_id)
        if status is None:
            raise zone_unknown()
        wanted = release_id or status.release_id or status.ended_release_id
        rows = await self._pool.fetch(QUERIES.release_doors, site, wanted)
        return wanted, status.zone, [_report(row) for row in rows if row["zone_id"] == zone_id]

    async def pending_forgiveness(self) -> list[tuple[str, str, list[str]]]:
        """(site, release_id, areas) whose presence access has not forgiven yet."""
        rows = await self._pool.fetch(QUERIES.pending_forgiveness)
        return [(row["site"], row["release_id"], list(row["areas"])) for row in rows]

    async def forgiven(self, site: str, release_id: str, now_ms: int) -> None:
        """Access has forgiven."""
        await self._pool.execute(QUERIES.end_forgiveness, site, release_id, now_ms)


async def _release(
    connection: Connection, site: str, zone_id: str, release_id: str, now_ms: int, caller: str, reason: str
) -> str:
    status = await _locked(connection, site, zone_id)
    if status.release_id:
        return status.release_id
    await connection.execute(QUERIES.begin_release, site, zone_id, release_id, now_ms)
    await connection.execute(QUERIES.insert_audit, site, now_ms, caller, "RELEASE", zone_id, reason)
    await connection.execute(QUERIES.notify, "zones", site)
    return release_id


async def _locked(connection: Connection, site: str, zone_id: str) -> ZoneStatus:
    row = await connection.fetchrow(QUERIES.lock_zone, site, zone_id)
    if row is None:
        raise zone_unknown()
    return _status(row)


def _status(row: asyncpg.Record) -> ZoneStatus:
    return ZoneStatus(
        zone=Zone(
            row["zone_id"],
            row["name_zh"],
            row["name_en"],
            tuple(row["doors"]),
            tuple(row["areas"]),
            row["external_ref"],
        ),
        release_id=row["release_id"],
        released_at_ms=row["released_at_ms"],
        ended_release_id=row["ended_release_id"],
        ended_at_ms=row["ended_at_ms"],
        panel_in_alarm=row["panel_in_alarm"],
    )


def _report(row: asyncpg.Record) -> DoorReport:
    return DoorReport(
        door=row["door"],
        zone_id=row["zone_id"],
        released=row["released"],
        commanded_at_ms=row["commanded_at_ms"],
        commanded_after_ms=row["commanded_after_ms"],
        confirmed_after_ms=row["confirmed_after_ms"],
        stuck=row["stuck"],
        release_id=row["release_id"],
    )
