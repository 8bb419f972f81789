"""Replay, wired; its process ends with this one."""

from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process

from menshen_access.drafts import Drafts
from menshen_access.planning import Planning
from menshen_access.postgres.replaying import Holders, RecordedDecisions
from menshen_access.presenting import ReplayingPresentations
from menshen_access.querying import Querying
from menshen_access.replay_process import ReplayProcess
from menshen_access.replaying import Replaying, Sources
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.settings import AccessSettings
from menshen_access.wiring.stores import Stores


def build_replay(process: Process[AccessSettings], stores: Stores) -> ReplayServicer:
    """Wire it; nothing is started before the first replay."""
    clock = process.clock
    planning = Planning(stores.administration, _publish_nothing, clock, Uuid7Factory(clock))
    querying = Querying(stores.reader, stores.administration, clock)
    sources = Sources(RecordedDecisions(stores.pool), stores.administration, stores.reader)
    drafts, apart = Drafts(stores.policies, planning), ReplayProcess()
    process.closer.push("replay", apart.close)
    replaying = Replaying(sources, drafts, querying, clock, apart)
    presentations = ReplayingPresentations(Holders(stores.pool), drafts, querying, clock, apart)
    return ReplayServicer(ServedSites(process.settings.sites), replaying, presentations)


async def _publish_nothing(site: str) -> None:
    """A replay validates and changes nothing, so that there is nothing to bring into force."""
