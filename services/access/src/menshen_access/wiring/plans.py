"""What changes plans, wired behind one guard; the guard's process ends with this one."""

from collections.abc import Callable
from dataclasses import dataclass

from menshen_servicekit.lifecycle import Process

from menshen_access.approving_changes import ApprovingChanges, Deciders
from menshen_access.assigning import Assigning
from menshen_access.domain.guarded_change import Bound
from menshen_access.guarded_changes import ChangeGuard, GuardStores
from menshen_access.planning import Planning
from menshen_access.removing import Removing
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.guarded_changes import GuardedChangeServicer
from menshen_access.settings import AccessSettings
from menshen_access.wiring.in_force import InForce
from menshen_access.wiring.stores import Stores
from menshen_access.work_apart import Apart


@dataclass(frozen=True, slots=True)
class Plans:
    """The guarded parts."""

    planning: Planning
    assigning: Assigning
    guarded_changes: GuardedChangeServicer


def build_plans(
    process: Process[AccessSettings], stores: Stores, in_force: InForce, apart: Apart, new_id: Callable[[], str]
) -> Plans:
    """Wire it; no process is started before the first change that is counted."""
    settings, clock, store = process.settings, process.clock, stores.administration
    kept = GuardStores(stores.known, store, stores.change_approvals)
    guard = ChangeGuard(kept, Bound(settings.guarded_share_percent), clock)
    process.closer.push("change guard", guard.close)
    planning = Planning(store, in_force.documents, clock, new_id, guard, apart)
    assigning = Assigning(store, in_force.documents, in_force.subjects, clock, new_id, guard)
    deciders = Deciders(planning, assigning, Removing(stores.policies))
    approving = ApprovingChanges(guard, stores.change_approvals, deciders, clock)
    return Plans(planning, assigning, GuardedChangeServicer(ServedSites(settings.sites), approving))
