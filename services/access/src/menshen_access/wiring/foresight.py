"""Foresight, wired; its process ends with this one."""

from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process

from menshen_access.foreseeing import Foreseeing
from menshen_access.known_names import KnownNames
from menshen_access.planning import Planning
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.querying import Querying
from menshen_access.resting import Resting
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.foresight import ForesightServicer
from menshen_access.settings import AccessSettings
from menshen_access.wiring.stores import Stores


def build_foresight(process: Process[AccessSettings], stores: Stores, resting: Resting) -> ForesightServicer:
    """Wire it; nothing is started before the first question."""
    clock = process.clock
    planning = Planning(stores.administration, publish_nothing, clock, Uuid7Factory(clock))
    querying = Querying(stores.reader, stores.administration, clock)
    names = KnownNames(NamesInStore(stores.pool))
    foreseeing = Foreseeing(stores.known, stores.policies, planning, querying, names, clock)
    process.closer.push("foresight", foreseeing.close)
    return ForesightServicer(ServedSites(process.settings.sites), foreseeing, resting)


async def publish_nothing(site: str) -> None:
    """For what validates and changes nothing, so that there is nothing to bring into force."""
