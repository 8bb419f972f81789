"""Without PostgreSQL the service starts, says that it is not ready, and recovers by itself."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from harness.patience import eventually
from menshen.identity.v1 import identity_pb2 as pb
from menshen.identity.v1 import identity_pb2_grpc
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import postgres_server
from menshen_identity.__main__ import migrate_schema, serve
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.lifecycle import Process

OPERATOR = "spiffe://menshen/operator/control-room"


async def test_it_starts_while_postgresql_is_away_and_serves_when_it_returns(
    settings_of: Callable[..., Any], pki: Any, run_folder: Path
) -> None:
    server = postgres_server(run_folder / "identity-outage", durable=False)
    await asyncio.to_thread(server.start)
    try:
        logins = run_folder / "identity-outage-logins"
        logins.mkdir()
        login = (await provision(server, logins)).logins["identity"]
        settings = settings_of(database_url=login.url, database_password_file=login.password_file)
        await _migrate(settings)
        await asyncio.to_thread(server.stop)
        await _starts_without_and_recovers(settings, pki, server)
    finally:
        await asyncio.to_thread(server.remove)


async def _migrate(settings: Any) -> None:
    process = Process("identity", settings, SystemClock())
    await migrate_schema(process)
    await process.closer.close()


async def _starts_without_and_recovers(settings: Any, pki: Any, server: Any) -> None:
    process = Process("identity", settings, SystemClock())
    work = asyncio.create_task(serve(process))
    try:
        await eventually(lambda: process.is_serving)
        assert not settings.address_file.exists()
        await asyncio.to_thread(server.start)
        await eventually(lambda: process.readiness.is_ready, 20)
        address = await eventually(lambda: _address(settings.address_file))
        async with open_channel(address, pki.tls(OPERATOR), server_name="identity", retry=False) as channel:
            await _loses_and_regains(identity_pb2_grpc.IdentityServiceStub(channel), process, server)
    finally:
        process.stopping.set()
        await asyncio.wait_for(work, 30)
        await process.tasks.close()
        await process.closer.close()


async def _loses_and_regains(stub: Any, process: Any, server: Any) -> None:
    look = pb.ListOrganisationsRequest(site="north")
    await stub.ListOrganisations(look, timeout=10)
    await asyncio.to_thread(server.stop)
    assert await eventually(lambda: _code(stub, look)) is grpc.StatusCode.UNAVAILABLE
    await eventually(lambda: not process.readiness.is_ready)
    await asyncio.to_thread(server.start)
    await eventually(lambda: process.readiness.is_ready, 20)
    await stub.ListOrganisations(look, timeout=10)


async def _code(stub: Any, look: pb.ListOrganisationsRequest) -> grpc.StatusCode | None:
    try:
        await stub.ListOrganisations(look, timeout=10)
    except grpc.aio.AioRpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return None


def _address(address_file: Path) -> str:
    return str(json.loads(address_file.read_text())["grpc"]) if address_file.exists() else ""
