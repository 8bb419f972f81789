"""Shadows as operators reach them, wired."""

from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process

from menshen_access.drafts import Drafts
from menshen_access.postgres.shadows import Shadows
from menshen_access.querying import Querying
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.shadows import ShadowServicer
from menshen_access.settings import AccessSettings
from menshen_access.shadowing import Shadowing
from menshen_access.wiring.stores import Stores


def build_shadows(process: Process[AccessSettings], stores: Stores, drafts: Drafts) -> ShadowServicer:
    """Wire it; the keeper of each site leads its shadows on."""
    clock, new_id = process.clock, Uuid7Factory(process.clock)
    querying = Querying(stores.reader, stores.administration, clock)
    store = Shadows(stores.pool, stores.sites)
    shadowing = Shadowing(store, stores.policies, drafts, querying, stores.board, clock, new_id)
    return ShadowServicer(ServedSites(process.settings.sites), shadowing)
