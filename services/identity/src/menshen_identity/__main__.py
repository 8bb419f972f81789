"""`python -m menshen_identity`: wiring. `migrate` applies the migrations, `new-epoch` follows a restore; both exit."""

import sys
from functools import partial
from zoneinfo import ZoneInfo

from menshen.identity.v1 import identity_pb2_grpc
from menshen_servicekit.feeds import Bell, begin_epoch
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.imports import Importer
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.migrations import load_migrations, migrate
from menshen_servicekit.postgres import Pool, close_pool, open_pool, watch_pool
from menshen_servicekit.server import Service

from menshen_identity.postgres.change import CHANNEL
from menshen_identity.postgres.feed import PostgresFeed
from menshen_identity.postgres.importing import cardholder_import
from menshen_identity.postgres.registry import PostgresRegistry
from menshen_identity.postgres.sources import PostgresSources
from menshen_identity.rpc.authorization import TABLE
from menshen_identity.rpc.servicer import IdentityServicer
from menshen_identity.rpc.streams import Streams
from menshen_identity.settings import IdentitySettings
from menshen_identity.wiring import use_cases

SCHEMA = "identity"
SERVICE = "menshen.identity.v1.IdentityService"


async def serve(process: Process[IdentitySettings]) -> None:
    settings, clock = process.settings, process.clock
    pool = await _open(process)
    bell = Bell()
    new_id = Uuid7Factory(clock)
    registry, sources = PostgresRegistry(pool, clock), PostgresSources(pool)
    sites = frozenset(settings.sites)
    importer = Importer(pool, cardholder_import(sites, ZoneInfo(settings.time_zone), new_id))
    cases = use_cases(settings, registry, sources, clock, new_id)
    streams = Streams(importer, PostgresFeed(pool, clock).reader, sources, bell, clock, process.stopping)
    process.tasks.keep("database", partial(watch_pool, pool, process.readiness.condition("database").set))
    process.tasks.keep("bell", partial(bell.listen, pool, CHANNEL))
    process.tasks.keep("imports", importer.resume)
    servicer = IdentityServicer(cases, streams)
    add = partial(identity_pb2_grpc.add_IdentityServiceServicer_to_server, servicer)
    await process.serve([Service(SERVICE, add)], TABLE)


async def migrate_schema(process: Process[IdentitySettings]) -> None:
    pool = await _open(process)
    async with pool.acquire(timeout=30) as connection:
        await migrate(connection, load_migrations("menshen_identity"), schema=SCHEMA)


async def new_epoch(process: Process[IdentitySettings]) -> None:
    pool = await _open(process)
    async with pool.acquire(timeout=30) as connection:
        await begin_epoch(connection)


async def _open(process: Process[IdentitySettings]) -> Pool:
    settings = process.settings
    pool = await open_pool(
        settings.database_url,
        settings.database_password_file,
        schema=SCHEMA,
        application="menshen-identity",
        max_size=16,
    )
    process.closer.push("database", partial(close_pool, pool))
    return pool


if __name__ == "__main__":
    sys.exit(run(SCHEMA, IdentitySettings, serve, {"migrate": migrate_schema, "new-epoch": new_epoch}))
