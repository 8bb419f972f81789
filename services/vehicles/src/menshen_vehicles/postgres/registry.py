"""Changes and look-ups on a pool of connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from menshen_servicekit.clock import Clock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

from menshen_vehicles.domain.permits import Permit
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.visits import Visit
from menshen_vehicles.ports import Change
from menshen_vehicles.postgres import rows
from menshen_vehicles.postgres.change import PostgresChange, Q

ACQUIRE_S = 5.0


class PostgresRegistry:
    """See `ports.Registry`."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    @asynccontextmanager
    async def change(self, actor: str) -> AsyncIterator[Change]:
        """A transaction; DomainError STALE when it lost against a simultaneous one and may be tried again."""
        try:
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
                change = PostgresChange(connection, actor, self._clock)
                yield change
                await change.settle()
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            raise DomainError(
                Trouble.STALE,
                "CHANGED_MEANWHILE",
                "同时有其他更改,请重试",
                "it was changed at the same time: try again",
            ) from None

    async def vehicle(self, site: str, vehicle_id: str) -> Vehicle | None:
        row = await self._pool.fetchrow(Q.get_vehicle, vehicle_id, site)
        return rows.vehicle(row) if row else None

    async def vehicle_of_plate(self, site: str, plate: str) -> Vehicle | None:
        row = await self._pool.fetchrow(Q.vehicle_of_plate, plate, site)
        return rows.vehicle(row) if row else None

    async def vehicle_of_tag(self, site: str, epc: str) -> Vehicle | None:
        row = await self._pool.fetchrow(Q.vehicle_of_tag, epc, site)
        return rows.vehicle(row) if row else None

    async def permits(self, vehicle_id: str) -> tuple[Permit, ...]:
        return tuple(map(rows.permit, await self._pool.fetch(Q.list_permits, vehicle_id)))

    async def bindings(self, vehicle_id: str) -> tuple[TagBinding, ...]:
        return tuple(map(rows.binding, await self._pool.fetch(Q.list_bindings, vehicle_id)))

    async def suspensions(self, vehicle_id: str) -> tuple[Suspension, ...]:
        return tuple(map(rows.suspension, await self._pool.fetch(Q.list_suspensions, vehicle_id)))

    async def visits(self, vehicle_id: str) -> tuple[Visit, ...]:
        return tuple(map(rows.visit, await self._pool.fetch(Q.list_visits, vehicle_id)))

    async def vehicles(self, site: str, after_id: str, limit: int) -> tuple[Vehicle, ...]:
        return tuple(map(rows.vehicle, await self._pool.fetch(Q.page_vehicles, site, after_id, limit)))
