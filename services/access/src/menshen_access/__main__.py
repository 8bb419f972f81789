"""`python -m menshen_access`: wiring. `keep` keeps the sites that others decide for.

`migrate` migrates and exits; `new-epoch` follows a restore, while nothing else of access runs, and exits.
"""

import sys
from functools import partial
from typing import Final

from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.scheduling import SHORT_TURN_NS, take_turns

from menshen_access.alarming import AlarmQueue
from menshen_access.keeping import do_all
from menshen_access.resting import Resting
from menshen_access.rpc.access import AccessServicer
from menshen_access.rpc.agent_stream import StreamParts
from menshen_access.rpc.authorization import TABLE
from menshen_access.rpc.authorize import AuthorizeCall, AuthorizeParts
from menshen_access.rpc.decide import DecideCall
from menshen_access.settings import AccessSettings
from menshen_access.wiring.apart import build_apart, build_documents
from menshen_access.wiring.background import Background, build_background
from menshen_access.wiring.decisions import Decisions, build_decisions
from menshen_access.wiring.keeper import duties_of, open_channels
from menshen_access.wiring.links import Links, connect
from menshen_access.wiring.restoring import begin_epochs
from menshen_access.wiring.serving import services_of
from menshen_access.wiring.stores import BACKOFF, SCHEMA, open_stores

THREADS_TAKE_TURNS_S: Final = 0.0005
"""A decision waits so long for a thread that reads a plan, not the 5 ms that Python would let it run on."""


async def serve(process: Process[AccessSettings]) -> None:
    """Serve until stopped. Ready while PostgreSQL answers and a site takes decisions; `site:<id>` tells of each."""
    sys.setswitchinterval(THREADS_TAKE_TURNS_S)
    take_turns(SHORT_TURN_NS)
    stores = await open_stores(process, "menshen-access")
    links = connect(process)
    alarms = AlarmQueue(stores.outbox, stores.board, process.clock, Uuid7Factory(process.clock))
    decisions = build_decisions(process, links, alarms)
    resting = Resting(decisions.metrics, process.clock)
    documents, prepare = build_documents(process), decisions.events.prepared_events
    background = build_background(process, stores, links, alarms, prepare, documents, resting)
    sites = {site: process.readiness.part(f"site:{site}") for site in process.settings.sites}
    process.tasks.keep("sites", partial(links.generations.watch_current, lambda site, holds: sites[site].set(holds)))
    process.tasks.keep("duties", partial(do_all, background.duties, process.metrics, BACKOFF))
    streams = StreamParts(decisions.deciding, decisions.events, alarms, process.clock, decisions.metrics)
    authorize, decide = _calls(process, streams, decisions, background, links)
    servicer = AccessServicer(authorize, decide, background.upload, background.sync_edge)
    await process.serve(services_of(servicer, background, build_apart(process, stores, documents, resting)), TABLE)


async def keep(process: Process[AccessSettings]) -> None:
    """Record, project and rebuild until stopped, for every site whose lease this process gets. Serves no calls."""
    stores = await open_stores(process, "menshen-access-keeper")
    links = connect(process)
    duties = duties_of(process, stores, links, links.drain(), open_channels(process))
    process.tasks.keep("duties", partial(do_all, duties, process.metrics, BACKOFF))
    await process.serve()


def _calls(
    process: Process[AccessSettings],
    streams: StreamParts,
    decisions: Decisions,
    background: Background,
    links: Links,
) -> tuple[AuthorizeCall, DecideCall]:
    parts = AuthorizeParts(
        streams,
        decisions.views,
        background.watermarks,
        background.review_ends,
        background.pulses,
        links.generations,
        process.stopping,
    )
    return AuthorizeCall(parts), DecideCall(decisions.deciding, decisions.views, process.clock)


async def migrate_schema(process: Process[AccessSettings]) -> None:
    """Bring the schema up to date and end."""
    settings = process.settings
    await migrate_database(settings.database_url, settings.database_password_file, "menshen_access", schema=SCHEMA)


if __name__ == "__main__":
    commands = {"keep": keep, "migrate": migrate_schema, "new-epoch": begin_epochs}
    sys.exit(run(SCHEMA, AccessSettings, serve, commands))
