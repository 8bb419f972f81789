"""`python -m menshen_vehicles`: wiring. `migrate` applies the migrations, `new-epoch` follows a restore; both exit."""

import sys
from functools import partial
from zoneinfo import ZoneInfo

from menshen.vehicles.v1 import vehicles_pb2_grpc
from menshen_servicekit.feeds import Bell, begin_epoch
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.imports import Importer
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.migrations import load_migrations, migrate
from menshen_servicekit.postgres import Pool, close_pool, open_pool, watch_pool
from menshen_servicekit.server import Service

from menshen_vehicles.announcing import Announcing
from menshen_vehicles.looking_up import LookingUp
from menshen_vehicles.permitting import Permitting
from menshen_vehicles.postgres.change import CHANNEL
from menshen_vehicles.postgres.feed import PostgresFeed
from menshen_vehicles.postgres.importing import vehicle_import
from menshen_vehicles.postgres.registry import PostgresRegistry
from menshen_vehicles.registering import Registering
from menshen_vehicles.rpc.authorization import TABLE
from menshen_vehicles.rpc.servicer import UseCases, VehicleServicer
from menshen_vehicles.rpc.streams import Streams
from menshen_vehicles.settings import VehiclesSettings
from menshen_vehicles.suspending import Suspending
from menshen_vehicles.tagging import Tagging

SCHEMA = "vehicles"
SERVICE = "menshen.vehicles.v1.VehicleService"


async def serve(process: Process[VehiclesSettings]) -> None:
    settings, clock = process.settings, process.clock
    pool = await _open(process)
    bell = Bell()
    new_id = Uuid7Factory(clock)
    registry = PostgresRegistry(pool, clock)
    sites = frozenset(settings.sites)
    importer = Importer(pool, vehicle_import(sites, ZoneInfo(settings.time_zone), new_id))
    cases = UseCases(
        registering=Registering(registry, sites, new_id),
        permitting=Permitting(registry, new_id),
        suspending=Suspending(registry, clock, new_id),
        announcing=Announcing(registry, clock, sites, new_id),
        tagging=Tagging(registry, clock, new_id),
        looking_up=LookingUp(registry),
    )
    streams = Streams(importer, PostgresFeed(pool, clock).reader, bell, clock, process.stopping)
    process.tasks.keep("database", partial(watch_pool, pool, process.readiness.condition("database").set))
    process.tasks.keep("bell", partial(bell.listen, pool, CHANNEL))
    process.tasks.keep("imports", importer.resume)
    add = partial(vehicles_pb2_grpc.add_VehicleServiceServicer_to_server, VehicleServicer(cases, streams))
    await process.serve([Service(SERVICE, add)], TABLE)


async def migrate_schema(process: Process[VehiclesSettings]) -> None:
    pool = await _open(process)
    async with pool.acquire(timeout=30) as connection:
        await migrate(connection, load_migrations("menshen_vehicles"), schema=SCHEMA)


async def new_epoch(process: Process[VehiclesSettings]) -> None:
    pool = await _open(process)
    async with pool.acquire(timeout=30) as connection:
        await begin_epoch(connection)


async def _open(process: Process[VehiclesSettings]) -> Pool:
    settings = process.settings
    pool = await open_pool(
        settings.database_url,
        settings.database_password_file,
        schema=SCHEMA,
        application="menshen-vehicles",
        max_size=16,
    )
    process.closer.push("database", partial(close_pool, pool))
    return pool


if __name__ == "__main__":
    sys.exit(run(SCHEMA, VehiclesSettings, serve, {"migrate": migrate_schema, "new-epoch": new_epoch}))
