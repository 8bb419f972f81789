"""`python -m menshen_access`: wiring. `migrate` applies the migrations and exits."""

import sys
from functools import partial

from menshen.access.v1.access_pb2_grpc import add_AccessServiceServicer_to_server
from menshen.access.v1.administration_pb2_grpc import add_AdministrationServiceServicer_to_server
from menshen.access.v1.events_pb2_grpc import add_EventServiceServicer_to_server
from menshen.access.v1.review_pb2_grpc import add_ReviewServiceServicer_to_server
from menshen_servicekit.channel import open_channel
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import Pool, close_pool, open_pool, watch_pool
from menshen_servicekit.server import Service

from menshen_access.rpc.access import AccessServicer
from menshen_access.rpc.agent_stream import StreamParts
from menshen_access.rpc.authorization import TABLE
from menshen_access.rpc.authorize import AuthorizeCall, AuthorizeParts
from menshen_access.rpc.decide import DecideCall
from menshen_access.settings import AccessSettings
from menshen_access.wiring.background import Background, Surroundings, build_background, read_snapshot_key
from menshen_access.wiring.decisions import Decisions, build_decisions

SCHEMA = "access"


async def serve(process: Process[AccessSettings]) -> None:
    """Serve until stopped. Ready once PostgreSQL answers and every site takes decisions."""
    pool = await _open(process)
    decisions = build_decisions(process)
    background = _background(process, pool, decisions)
    process.tasks.keep("database", partial(watch_pool, pool, process.readiness.condition("database").set))
    sites = process.readiness.condition("sites")
    process.tasks.keep("sites", partial(decisions.generations.watch_all_current, sites.set))
    background.start(process.tasks)
    authorize, decide = _calls(process, decisions, background)
    servicer = AccessServicer(authorize, decide, background.upload, background.sync_edge)
    added = {
        "AccessService": partial(add_AccessServiceServicer_to_server, servicer),
        "AdministrationService": partial(add_AdministrationServiceServicer_to_server, background.administration),
        "EventService": partial(add_EventServiceServicer_to_server, background.events),
        "ReviewService": partial(add_ReviewServiceServicer_to_server, background.reviews),
    }
    services = [Service(f"menshen.access.v1.{name}", add) for name, add in added.items()]
    await process.serve(services, TABLE)


def _calls(
    process: Process[AccessSettings], decisions: Decisions, background: Background
) -> tuple[AuthorizeCall, DecideCall]:
    streams = StreamParts(
        decisions.deciding, decisions.events, background.gate_alarms, process.clock, decisions.metrics
    )
    parts = AuthorizeParts(streams, decisions.views, background.watermarks, background.review_ends, process.stopping)
    return AuthorizeCall(parts), DecideCall(decisions.deciding, decisions.views, process.clock)


def _background(process: Process[AccessSettings], pool: Pool, decisions: Decisions) -> Background:
    settings = process.settings
    targets = {"identity": settings.identity_target, "vehicles": settings.vehicles_target}
    channels = {}
    for name, target in {**targets, "safety": settings.safety_target}.items():
        channels[name] = open_channel(target, process.tls, server_name=name)
        process.closer.push(f"{name} channel", channels[name].close)
    return build_background(
        Surroundings(
            sites=settings.sites,
            pool=pool,
            store=decisions.projection,
            generations=decisions.generations,
            stream=decisions.stream,
            apply=decisions.events.apply,
            prepare=decisions.events.prepared_event,
            snapshot_key=read_snapshot_key(settings.snapshot_key_file),
            heads_folder=settings.heads_folder,
            clock=process.clock,
            metrics=process.metrics,
            **channels,
        )
    )


async def _open(process: Process[AccessSettings]) -> Pool:
    settings, size = process.settings, 2 * len(process.settings.sites) + 8
    url, password_file = settings.database_url, settings.database_password_file
    pool = await open_pool(url, password_file, schema=SCHEMA, application="menshen-access", max_size=size)
    process.closer.push("database", partial(close_pool, pool))
    return pool


async def migrate_schema(process: Process[AccessSettings]) -> None:
    """Bring the schema up to date and end."""
    settings = process.settings
    await migrate_database(settings.database_url, settings.database_password_file, "menshen_access", schema=SCHEMA)


if __name__ == "__main__":
    sys.exit(run(SCHEMA, AccessSettings, serve, {"migrate": migrate_schema}))
