"""Announced visits: a vehicle is expected at a site, known by its plate and by a code of its own."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, Trouble

from menshen_vehicles.domain.plates import normal_plate, written
from menshen_vehicles.domain.vehicles import MOTOR, Vehicle, VehicleClass, vehicle_faults, with_home
from menshen_vehicles.domain.visits import MAX_OPEN, VISITOR, Visit, VisitState, visit_faults
from menshen_vehicles.domain.words import Fault, present, reason_fault, site_fault
from menshen_vehicles.ports import Change, Registry
from menshen_vehicles.troubles import already_over, plate_alike, refuse, too_many_visits, unknown

CODE_BYTES = 16


class Announcing:
    """A vehicle made for a visit is known at all of the university's `sites`: a wrong campus is a reason of its own.

    A registered one keeps its sites, for its permits open there. Where it is only expected, it is known by its visit.
    """

    def __init__(self, registry: Registry, clock: Clock, sites: frozenset[str], new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._clock = clock
        self._sites = sites
        self._new_id = new_id

    async def announce(
        self, actor: str, visit: Visit, plate: str, vehicle_class: VehicleClass, category: str = ""
    ) -> tuple[Vehicle, Visit]:
        """Book a visit for the vehicle of a plate; one that nobody registered is made.

        A registered vehicle stays what it is: its class and category are its own. EXISTS for a known external_ref,
        CONFLICT while the vehicle has MAX_OPEN open visits to the site. A site that does not know the vehicle is not
        told whose it is.
        """
        made = self._vehicle(visit.site, plate, vehicle_class, category)
        fault = site_fault("site", visit.site, self._sites)
        refuse(present((fault, None if plate else Fault("plate", "号牌", "a plate"))))
        refuse([_as_asked(fault) for fault in vehicle_faults(made, self._sites)])
        refuse(visit_faults(visit, self._clock.now_ms()), "visit.")
        made = replace(made, plate=normal_plate(plate, is_motor=vehicle_class in MOTOR) or "")
        try:
            return await self._book(actor, visit, made)
        except DomainError as error:
            if error.code == "PLATE_ALIKE":
                raise plate_alike("plate") from None
            if error.trouble is not Trouble.EXISTS or error.fields[0].path != "vehicle.plate":
                raise
        # Somebody registered the same plate in the meantime: it is that vehicle's visit.
        return await self._book(actor, visit, made)

    async def cancel(self, actor: str, site: str, visit_id: str, reason: str) -> Visit:
        """Withdraw a visit to this site. CONFLICT when it was withdrawn or its window is over."""
        refuse(present((reason_fault(reason),)))
        async with self._registry.change(actor) as change:
            seen = await change.visit(visit_id)
            if seen is None or seen.site != site:
                raise unknown("来访", "visit")
            vehicle = await change.lock(seen.vehicle_id)
            visit = await change.visit(visit_id)
            if vehicle is None or visit is None:
                raise unknown("来访", "visit")
            if visit.state is not VisitState.READY or visit.to_ms <= self._clock.now_ms():
                raise already_over("来访", "visit")
            visit = replace(visit, state=VisitState.CANCELLED)
            await change.put_visit(visit)
            change.touch(vehicle, is_urgent=True)
            await change.note("CANCEL_VISIT", site, visit_id, reason)
        return visit

    async def _book(self, actor: str, visit: Visit, made: Vehicle) -> tuple[Vehicle, Visit]:
        async with self._registry.change(actor) as change:
            vehicle = await self._visiting(change, made)
            if await change.open_visits(vehicle.vehicle_id, visit.site, self._clock.now_ms()) >= MAX_OPEN:
                raise too_many_visits(MAX_OPEN)
            booked = replace(
                visit,
                visit_id=self._new_id(),
                vehicle_id=vehicle.vehicle_id,
                state=VisitState.READY,
                code=secrets.token_hex(CODE_BYTES).upper(),
            )
            await change.put_visit(booked)
            change.touch(vehicle)
            await change.note("ANNOUNCE_VEHICLE", visit.site, booked.visit_id)
        return replace(vehicle.seen_from(visit.site), version=vehicle.version + 1), booked

    async def _visiting(self, change: Change, made: Vehicle) -> Vehicle:
        """The vehicle of the plate, locked; made where there is none."""
        known_id = await change.vehicle_id_of_plate(made.plate)
        stored = await change.lock(known_id) if known_id else None
        if stored is None or stored.plate != made.plate:
            await change.put_vehicle(made)
            return made
        return stored

    def _vehicle(self, site: str, plate: str, vehicle_class: VehicleClass, category: str) -> Vehicle:
        return Vehicle(
            vehicle_id=f"v:{self._new_id()}",
            site=site,
            sites=with_home(site, tuple(self._sites)),
            vehicle_class=vehicle_class,
            plate=written(plate),
            owner_id="",
            owner_category=category or VISITOR,
            external_ref="",
        )


def _as_asked(fault: Fault) -> Fault:
    """The fault under the name the field has where a vehicle is announced."""
    return replace(fault, field="category") if fault.field == "owner_category" else fault
