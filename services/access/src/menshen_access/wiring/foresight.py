"""Foresight, wired; its process ends with this one."""

from menshen_servicekit.lifecycle import Process

from menshen_access.drafts import Drafts
from menshen_access.foreseeing import Foreseeing
from menshen_access.known_names import KnownNames
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.querying import Querying
from menshen_access.resting import Resting
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.foresight import ForesightServicer
from menshen_access.rpc.foresight_messages import ForesightMessages
from menshen_access.settings import AccessSettings
from menshen_access.wiring.stores import Stores


def build_foresight(
    process: Process[AccessSettings], stores: Stores, drafts: Drafts, resting: Resting
) -> ForesightServicer:
    """Wire it; nothing is started before the first question."""
    querying = Querying(stores.reader, stores.administration, process.clock)
    names = KnownNames(NamesInStore(stores.pool))
    foreseeing = Foreseeing(stores.known, drafts, ForesightMessages(), querying, names, process.clock, resting)
    process.closer.push("foresight", foreseeing.close)
    return ForesightServicer(ServedSites(process.settings.sites), foreseeing, resting)
