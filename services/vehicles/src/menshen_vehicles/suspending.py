"""Suspensions: lay one on a vehicle, take it back, record the test it asks for."""

from collections.abc import Callable
from dataclasses import replace

from menshen_servicekit.clock import Clock

from menshen_vehicles.domain.suspensions import Suspension, suspension_faults
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.words import present, reason_fault
from menshen_vehicles.ports import Change, Registry
from menshen_vehicles.troubles import already_over, refuse, unknown, vehicle_unknown


class Suspending:
    """`new_id` makes UUIDs."""

    def __init__(self, registry: Registry, clock: Clock, new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._clock = clock
        self._new_id = new_id

    async def suspend(self, actor: str, site: str, suspension: Suspension, reason: str) -> Suspension:
        """Ban a vehicle the site knows, from now on where no begin is given. Others that run stay as they are."""
        begun = replace(suspension, from_ms=suspension.from_ms or self._clock.now_ms())
        refuse(suspension_faults(begun), "suspension.")
        refuse(present((reason_fault(reason),)))
        begun = replace(begun, suspension_id=self._new_id(), lifted_at_ms=0)
        async with self._registry.change(actor) as change:
            vehicle = await change.lock(begun.vehicle_id)
            if vehicle is None or site not in vehicle.sites:
                raise vehicle_unknown()
            await change.put_suspension(begun)
            change.touch(vehicle, is_urgent=True)
            await change.note("SUSPEND_VEHICLE", site, begun.suspension_id, reason)
        return begun

    async def lift(self, actor: str, site: str, suspension_id: str, reason: str) -> Suspension:
        """Take one back, from now on. CONFLICT when that was done before."""
        refuse(present((reason_fault(reason),)))
        async with self._registry.change(actor) as change:
            suspension, vehicle = await _locked(change, site, suspension_id)
            if suspension.lifted_at_ms:
                raise already_over("暂停", "suspension")
            suspension = replace(suspension, lifted_at_ms=self._clock.now_ms())
            await change.put_suspension(suspension)
            change.touch(vehicle)
            await change.note("LIFT_SUSPENSION", site, suspension_id, reason)
        return suspension

    async def record_test(self, actor: str, site: str, suspension_id: str, reason: str) -> Suspension:
        """The test was passed: the suspension ends at its end. CONFLICT where none is asked for, or not any more."""
        refuse(present((reason_fault(reason),)))
        async with self._registry.change(actor) as change:
            suspension, vehicle = await _locked(change, site, suspension_id)
            if suspension.lifted_at_ms or not suspension.until_test:
                raise already_over("暂停的测试要求", "suspension's test")
            suspension = replace(suspension, until_test=False)
            await change.put_suspension(suspension)
            change.touch(vehicle)
            await change.note("TEST_PASSED", site, suspension_id, reason)
        return suspension


async def _locked(change: Change, site: str, suspension_id: str) -> tuple[Suspension, Vehicle]:
    """The suspension as it stands once its vehicle is locked, and the vehicle."""
    seen = await change.suspension(suspension_id)
    if seen is not None:
        vehicle = await change.lock(seen.vehicle_id)
        suspension = await change.suspension(suspension_id)
        if suspension is not None and vehicle is not None and site in vehicle.sites:
            return suspension, vehicle
    raise unknown("暂停", "suspension")
