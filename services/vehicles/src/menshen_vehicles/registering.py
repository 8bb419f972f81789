"""Vehicles: register, change."""

from collections.abc import Callable
from dataclasses import replace

from menshen_vehicles.domain.plates import normal_plate
from menshen_vehicles.domain.vehicles import MOTOR, Vehicle, vehicle_faults, with_home
from menshen_vehicles.domain.words import site_fault
from menshen_vehicles.ports import Registry
from menshen_vehicles.troubles import outdated, refuse, taken, vehicle_unknown


class Registering:
    """`known_sites` are the university's; empty when they were not told. `new_id` makes UUIDs."""

    def __init__(self, registry: Registry, known_sites: frozenset[str], new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._known_sites = known_sites
        self._new_id = new_id

    async def put(self, actor: str, site: str, vehicle: Vehicle) -> Vehicle:
        """Register one (version 0) or overwrite one, whose version must be the current one.

        CONFLICT for another version, NOT_FOUND for one that is not at home at `site`, EXISTS for a plate or
        external_ref that is taken.
        """
        vehicle = self._checked(site, vehicle)
        async with self._registry.change(actor) as change:
            stored = await change.lock(vehicle.vehicle_id)
            if stored is None and vehicle.version:
                raise vehicle_unknown()
            if stored is not None:
                _require_current(site, vehicle, stored)
            if stored == vehicle:
                return stored
            await change.put_vehicle(vehicle)
            change.touch(vehicle)
            await change.note("PUT_VEHICLE", site, vehicle.vehicle_id)
        return replace(vehicle, version=vehicle.version + 1)

    def _checked(self, site: str, vehicle: Vehicle) -> Vehicle:
        fault = site_fault("site", site, self._known_sites)
        refuse((fault,) if fault else ())
        refuse(vehicle_faults(vehicle, self._known_sites), "vehicle.")
        plate = normal_plate(vehicle.plate, is_motor=vehicle.vehicle_class in MOTOR) if vehicle.plate else ""
        return replace(
            vehicle,
            vehicle_id=vehicle.vehicle_id or f"v:{self._new_id()}",
            site=site,
            sites=with_home(site, vehicle.sites),
            plate=plate or "",
            driver_ids=tuple(sorted(set(vehicle.driver_ids))),
        )


def _require_current(site: str, given: Vehicle, stored: Vehicle) -> None:
    if stored.site != site:
        raise taken("vehicle.vehicle_id", "编号", "id") if not given.version else vehicle_unknown()
    if stored.version != given.version:
        raise outdated(given.version, stored.version)
