"""Tags: bind, report lost, release. Ended bindings stay as history."""

from collections.abc import Callable
from dataclasses import replace

from menshen_servicekit.clock import Clock

from menshen_vehicles.domain.tags import (
    LIVE,
    TagBinding,
    TagState,
    epc_fault,
    may_follow,
    normal_epc,
    normal_tid,
    tag_faults,
)
from menshen_vehicles.domain.vehicles import Vehicle
from menshen_vehicles.domain.words import present, reason_fault
from menshen_vehicles.ports import Change, Registry
from menshen_vehicles.troubles import already_over, refuse, taken, unknown, vehicle_unknown


class Tagging:
    """`new_id` makes UUIDs."""

    def __init__(self, registry: Registry, clock: Clock, new_id: Callable[[], str]) -> None:
        self._registry = registry
        self._clock = clock
        self._new_id = new_id

    async def bind(self, actor: str, site: str, vehicle_id: str, epc: str, tid: str) -> TagBinding:
        """Tie a tag to a vehicle the site knows. EXISTS while the EPC is bound, lost or not: release it first."""
        refuse(tag_faults(epc, tid))
        binding = TagBinding(
            binding_id=self._new_id(),
            vehicle_id=vehicle_id,
            epc=normal_epc(epc) or "",
            tid=normal_tid(tid) or "",
            state=TagState.ACTIVE,
            bound_at_ms=self._clock.now_ms(),
            ended_at_ms=0,
            bound_by=actor,
        )
        async with self._registry.change(actor) as change:
            vehicle = await change.lock(vehicle_id)
            if vehicle is None or site not in vehicle.sites:
                raise vehicle_unknown()
            if await change.live_binding(binding.epc) is not None:
                raise taken("epc", "电子标签", "tag")
            await change.put_binding(binding)
            change.touch(vehicle)
            await change.note("BIND_TAG", site, binding.binding_id)
        return binding

    async def release(self, actor: str, site: str, binding_id: str, reason: str) -> TagBinding:
        """End a binding. CONFLICT when it has ended already."""
        refuse(present((reason_fault(reason),)))
        async with self._registry.change(actor) as change:
            binding, vehicle = await _locked(change, site, await change.binding(binding_id))
            if not may_follow(binding.state, TagState.RELEASED):
                raise already_over("标签绑定", "tag binding")
            ended_at_ms = max(self._clock.now_ms(), binding.bound_at_ms)
            binding = replace(binding, state=TagState.RELEASED, ended_at_ms=ended_at_ms)
            await change.put_binding(binding)
            change.touch(vehicle, is_urgent=True)
            await change.note("RELEASE_TAG", site, binding_id, reason)
        return binding

    async def report_lost(self, actor: str, site: str, epc: str, reason: str) -> TagBinding:
        """Have the bound tag refused from here on; reporting it again changes nothing. NOT_FOUND when none is bound."""
        refuse(present((epc_fault("epc", epc), reason_fault(reason))))
        async with self._registry.change(actor) as change:
            binding, vehicle = await _locked(change, site, await change.live_binding(normal_epc(epc) or ""))
            if binding.state is TagState.LOST:
                return binding
            if binding.state not in LIVE:
                raise already_over("标签绑定", "tag binding")
            binding = replace(binding, state=TagState.LOST)
            await change.put_binding(binding)
            change.touch(vehicle, is_urgent=True)
            await change.note("TAG_LOST", site, binding.binding_id, reason)
        return binding


async def _locked(change: Change, site: str, seen: TagBinding | None) -> tuple[TagBinding, Vehicle]:
    """The binding as it stands once its vehicle is locked, and the vehicle."""
    if seen is not None:
        vehicle = await change.lock(seen.vehicle_id)
        binding = await change.binding(seen.binding_id)
        if binding is not None and vehicle is not None and site in vehicle.sites:
            return binding, vehicle
    raise unknown("标签绑定", "tag binding")
