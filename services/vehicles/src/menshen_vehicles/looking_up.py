"""Look-ups of vehicles with what belongs to them and the history of their tags."""

from dataclasses import dataclass

from menshen_vehicles.domain.permits import Permit
from menshen_vehicles.domain.plates import written
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding, epc_fault, normal_epc
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.visits import Visit
from menshen_vehicles.domain.words import Fault, present
from menshen_vehicles.ports import Registry
from menshen_vehicles.troubles import refuse, vehicle_unknown

DEFAULT_PAGE = 100
MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Holding:
    """A vehicle with its permits, suspensions and visits, and every tag it ever bore in time order."""

    vehicle: Vehicle
    permits: tuple[Permit, ...]
    bindings: tuple[TagBinding, ...]
    suspensions: tuple[Suspension, ...] = ()
    visits: tuple[Visit, ...] = ()


class LookingUp:
    """Reads only."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def by_id(self, site: str, vehicle_id: str) -> Holding:
        return await self._holding(await self._registry.vehicle(site, vehicle_id))

    async def by_plate(self, site: str, plate: str) -> Holding:
        """However the plate is written."""
        return await self._holding(await self._registry.vehicle_of_plate(site, written(plate)))

    async def by_tag(self, site: str, epc: str) -> Holding:
        """The vehicle that bears the tag, else the last that bore it."""
        refuse(present((epc_fault("epc", epc),)))
        return await self._holding(await self._registry.vehicle_of_tag(site, normal_epc(epc) or ""))

    async def page(self, site: str, size: int, after_id: str) -> tuple[tuple[Vehicle, ...], str]:
        """The next vehicles of the site, and where the page after them begins ("" at the end)."""
        if not 0 <= size <= MAX_PAGE:
            refuse((Fault("page_size", f"0 至 {MAX_PAGE}", f"0 to {MAX_PAGE}"),))
        size = size or DEFAULT_PAGE
        found = await self._registry.vehicles(site, after_id, size + 1)
        return found[:size], found[size - 1].vehicle_id if len(found) > size else ""

    async def _holding(self, vehicle: Vehicle | None) -> Holding:
        if vehicle is None:
            raise vehicle_unknown()
        return Holding(
            vehicle,
            await self._registry.permits(vehicle.vehicle_id),
            await self._registry.bindings(vehicle.vehicle_id),
            await self._registry.suspensions(vehicle.vehicle_id),
            await self._registry.visits(vehicle.vehicle_id),
        )
