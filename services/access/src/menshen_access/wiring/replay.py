"""Replay, wired; its process ends with this one."""

from menshen_servicekit.lifecycle import Process

from menshen_access.drafts import Drafts
from menshen_access.postgres.replaying import Holders
from menshen_access.presenting import ReplayingPresentations
from menshen_access.querying import Querying
from menshen_access.replay_process import ReplayProcess
from menshen_access.replaying import Replaying
from menshen_access.resting import Resting
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.settings import AccessSettings
from menshen_access.wiring.recorded_work import RecordedWork
from menshen_access.wiring.stores import Stores


def build_replay(process: Process[AccessSettings], stores: Stores, drafts: Drafts, resting: Resting) -> ReplayServicer:
    """Wire it; nothing is started before the first replay."""
    clock = process.clock
    querying = Querying(stores.reader, stores.administration, clock)
    recorded = RecordedWork(process.settings.database_url, process.settings.database_password_file)
    apart = ReplayProcess()
    process.closer.push("replay", apart.close)
    replaying = Replaying(recorded, stores.reader, drafts, querying, clock, apart, resting)
    presentations = ReplayingPresentations(Holders(stores.pool), drafts, querying, clock, apart)
    return ReplayServicer(ServedSites(process.settings.sites), replaying, presentations)
