"""Permits: grant, suspend, restore, revoke."""

from collections.abc import Callable
from dataclasses import replace

from menshen_vehicles.domain.permits import LIFE_CYCLE, Permit, PermitState, may_follow, permit_faults
from menshen_vehicles.domain.words import Fault, present, reason_fault
from menshen_vehicles.ports import Registry
from menshen_vehicles.troubles import no_such_step, refuse, unknown, vehicle_unknown


class Permitting:
    """`new_id` makes UUIDs."""

    def __init__(self, registry: Registry, new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._new_id = new_id

    async def grant(self, actor: str, site: str, permit: Permit) -> Permit:
        """Grant one to a vehicle the site knows; it is active at once, in its window."""
        refuse(permit_faults(permit), "permit.")
        permit = replace(permit, permit_id=self._new_id(), state=PermitState.ACTIVE)
        async with self._registry.change(actor) as change:
            vehicle = await change.lock(permit.vehicle_id)
            if vehicle is None or site not in vehicle.sites:
                raise vehicle_unknown()
            await change.put_permit(permit)
            change.touch(vehicle)
            await change.note("GRANT_PERMIT", site, permit.permit_id)
        return permit

    async def change_state(self, actor: str, site: str, permit_id: str, state: PermitState, reason: str) -> Permit:
        """Move one along; the same state again changes nothing. CONFLICT for a step the life cycle does not have."""
        unset = Fault("state", "目标状态", "the state to move to") if state is PermitState.UNSPECIFIED else None
        refuse(present((reason_fault(reason), unset)))
        async with self._registry.change(actor) as change:
            seen = await change.permit(permit_id)
            vehicle = await change.lock(seen.vehicle_id) if seen else None
            permit = await change.permit(permit_id)
            if permit is None or vehicle is None or site not in vehicle.sites:
                raise unknown("通行许可", "permit")
            if permit.state is state:
                return permit
            if not may_follow(permit.state, state):
                raise no_such_step(
                    permit.state.name, state.name, [after.name for after in sorted(LIFE_CYCLE[permit.state])]
                )
            permit = replace(permit, state=state)
            await change.put_permit(permit)
            change.touch(vehicle, is_urgent=state is not PermitState.ACTIVE)
            await change.note(f"PERMIT_{state.name}", site, permit_id, reason)
        return permit
