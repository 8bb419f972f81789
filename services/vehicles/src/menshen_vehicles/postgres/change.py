"""One transaction, in the terms of the use cases."""

from dataclasses import replace

import asyncpg
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Touch, publish
from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries

from menshen_vehicles.domain.permits import Permit
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import LIVE, TagBinding
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.visits import VISIT_KEPT_MS, Visit
from menshen_vehicles.postgres import rows
from menshen_vehicles.troubles import plate_alike, taken

CHANNEL = "vehicles_feed"
Q = load_queries("menshen_vehicles.postgres")


class PostgresChange:
    """See `ports.Change`. Its owner calls `settle` last, in the same transaction."""

    def __init__(self, connection: Connection, actor: str, clock: Clock) -> None:
        self._connection = connection
        self._actor = actor
        self._clock = clock
        self._touched: dict[str, Touch] = {}

    async def settle(self) -> None:
        """Raise the versions of what was touched and publish it."""
        if self._touched:
            await self._connection.execute(Q.raise_versions, list(self._touched))
            await publish(self._connection, CHANNEL, await self._everywhere(list(self._touched.values())))

    async def _everywhere(self, touches: list[Touch]) -> list[Touch]:
        """Each also at the sites that expect the vehicle: they lose it with its last open visit, not by its sites."""
        ids, after_ms = [touch.entry_id for touch in touches], self._clock.now_ms() - VISIT_KEPT_MS
        visited: dict[str, set[str]] = {}
        for row in await self._connection.fetch(Q.visited_sites, ids, after_ms):
            visited.setdefault(row["vehicle_id"], set()).add(row["site"])
        return [replace(touch, sites=tuple({*touch.sites, *visited.get(touch.entry_id, ())})) for touch in touches]

    async def lock(self, vehicle_id: str) -> Vehicle | None:
        row = await self._connection.fetchrow(Q.lock_vehicle, vehicle_id)
        return rows.vehicle(row) if row else None

    async def put_vehicle(self, vehicle: Vehicle) -> None:
        try:
            await self._connection.execute(
                Q.put_vehicle,
                vehicle.vehicle_id,
                vehicle.site,
                vehicle.sites,
                int(vehicle.vehicle_class),
                vehicle.plate,
                vehicle.owner_id,
                vehicle.owner_category,
                vehicle.external_ref,
                vehicle.driver_ids,
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "vehicles_by_plate":
                raise taken("vehicle.plate", "号牌", "plate") from None
            if error.constraint_name == "vehicles_by_plate_seen":
                raise plate_alike("vehicle.plate") from None
            raise taken("vehicle.external_ref", "外部编号", "external_ref") from None

    def touch(self, vehicle: Vehicle, *, is_urgent: bool = False) -> None:
        self._touched[vehicle.vehicle_id] = Touch(vehicle.vehicle_id, vehicle.sites, is_urgent)

    async def permit(self, permit_id: str) -> Permit | None:
        row = await self._connection.fetchrow(Q.get_permit, permit_id)
        return rows.permit(row) if row else None

    async def put_permit(self, permit: Permit) -> None:
        await self._connection.execute(
            Q.put_permit,
            permit.permit_id,
            permit.vehicle_id,
            int(permit.state),
            permit.valid_from_ms,
            permit.valid_to_ms,
            permit.external_ref,
        )

    async def suspension(self, suspension_id: str) -> Suspension | None:
        row = await self._connection.fetchrow(Q.get_suspension, suspension_id)
        return rows.suspension(row) if row else None

    async def put_suspension(self, suspension: Suspension) -> None:
        await self._connection.execute(
            Q.put_suspension,
            suspension.suspension_id,
            suspension.vehicle_id,
            suspension.from_ms,
            suspension.to_ms,
            suspension.reason_code,
            suspension.until_test,
            suspension.lifted_at_ms,
        )

    async def visit(self, visit_id: str) -> Visit | None:
        row = await self._connection.fetchrow(Q.get_visit, visit_id)
        return rows.visit(row) if row else None

    async def put_visit(self, visit: Visit) -> None:
        try:
            await self._connection.execute(
                Q.put_visit,
                visit.visit_id,
                visit.vehicle_id,
                visit.site,
                visit.host_id,
                visit.from_ms,
                visit.to_ms,
                visit.access_points,
                int(visit.state),
                visit.single_entry,
                visit.official_ticket,
                visit.external_ref,
                visit.code,
            )
        except asyncpg.UniqueViolationError:
            raise taken("visit.external_ref", "外部编号", "external_ref") from None

    async def open_visits(self, vehicle_id: str, site: str, now_ms: int) -> int:
        found: int = await self._connection.fetchval(Q.open_visits, vehicle_id, site, now_ms)
        return found

    async def vehicle_id_of_plate(self, plate: str) -> str | None:
        found: str | None = await self._connection.fetchval(Q.vehicle_id_of_plate, plate)
        return found

    async def binding(self, binding_id: str) -> TagBinding | None:
        row = await self._connection.fetchrow(Q.get_binding, binding_id)
        return rows.binding(row) if row else None

    async def live_binding(self, epc: str) -> TagBinding | None:
        row = await self._connection.fetchrow(Q.live_binding, epc)
        return rows.binding(row) if row else None

    async def put_binding(self, binding: TagBinding) -> None:
        try:
            await self._connection.execute(
                Q.put_binding,
                binding.binding_id,
                binding.vehicle_id,
                binding.epc,
                binding.tid,
                int(binding.state),
                binding.state in LIVE,
                binding.bound_at_ms,
                binding.ended_at_ms,
                binding.bound_by,
            )
        except asyncpg.UniqueViolationError:
            raise taken("epc", "电子标签", "tag") from None

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        await self._connection.execute(Q.note, self._clock.now_ms(), self._actor, action, site, target_id, reason)
