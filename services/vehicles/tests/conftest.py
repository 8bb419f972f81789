"""A vehicles service in this process, on a real PostgreSQL and over real mutual TLS, and clients of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from harness.patience import eventually
from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen.vehicles.v1 import vehicles_pb2_grpc
from menshen_cli.local.pki import ALL_SITES_OPERATOR, Pki
from menshen_cli.local.provision import Database
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.lifecycle import Process
from menshen_servicekit.settings import Environment
from menshen_vehicles.__main__ import migrate_schema, serve
from menshen_vehicles.settings import VehiclesSettings

ACCESS = "spiffe://menshen/service/access"
NORTH_OPERATOR = "spiffe://menshen/site/north/operator/desk"
EAST_OPERATOR = "spiffe://menshen/site/east/operator/desk"
NORTH_GUARD = "spiffe://menshen/site/north/guard/main-gate"


@asynccontextmanager
async def running(settings: VehiclesSettings) -> AsyncIterator[str]:
    """The service until the context ends; its address."""
    assert settings.address_file is not None
    process = Process("vehicles", settings, SystemClock())
    work = asyncio.create_task(serve(process))
    try:
        yield str(await eventually(lambda: _address(work, settings.address_file)))
    finally:
        process.stopping.set()
        await asyncio.wait_for(work, 20)
        await process.tasks.close()
        await process.closer.close()


def _address(work: "asyncio.Task[None]", address_file: Path | None) -> str:
    if work.done():
        work.result()
    if address_file is None or not address_file.exists():
        return ""
    address: str = json.loads(address_file.read_text())["grpc"]
    return address


class Clients:
    """Stubs of the running service, by the identity that calls."""

    def __init__(self, address: str, pki: Pki, stack: AsyncExitStack) -> None:
        self._address = address
        self._pki = pki
        self._stack = stack
        self._stubs: dict[str, Any] = {}

    def stub(self, uri: str = ALL_SITES_OPERATOR) -> Any:
        if uri not in self._stubs:
            channel = open_channel(self._address, self._pki.tls(uri), server_name="vehicles", retry=False)
            self._stack.push_async_callback(channel.close)
            self._stubs[uri] = vehicles_pb2_grpc.VehicleServiceStub(channel)  # type: ignore[no-untyped-call]
        return self._stubs[uri]

    async def vehicle(self, site: str = "north", **fields: Any) -> pb.Vehicle:
        """One with safe defaults."""
        given = pb.Vehicle(**{"vehicle_class": pb.VEHICLE_CLASS_E_BIKE, **fields})
        answer = await self.stub().PutVehicle(pb.PutVehicleRequest(site=site, vehicle=given), timeout=10)
        return answer.vehicle

    async def permit(self, vehicle: pb.Vehicle, **fields: Any) -> pb.Permit:
        """One without an end."""
        permit = pb.Permit(vehicle_id=vehicle.vehicle_id, **fields)
        request = pb.GrantPermitRequest(site=vehicle.site, permit=permit)
        return (await self.stub().GrantPermit(request, timeout=10)).permit

    async def bind(self, vehicle: pb.Vehicle, epc: str, tid: str = "") -> pb.TagBinding:
        """Bind a tag."""
        request = pb.BindTagRequest(site=vehicle.site, vehicle_id=vehicle.vehicle_id, epc=epc, tid=tid)
        return (await self.stub().BindTag(request, timeout=10)).binding

    async def load(
        self, csv: str | bytes, *, site: str = "north", dry_run: bool = False, chunk: int = 65_536, uri: str = ""
    ) -> pb.ImportVehiclesResponse:
        """Import a file in chunks."""
        content = csv.encode() if isinstance(csv, str) else csv

        async def messages() -> AsyncIterator[pb.ImportVehiclesRequest]:
            yield pb.ImportVehiclesRequest(site=site, dry_run=dry_run)
            for start in range(0, len(content), chunk):
                yield pb.ImportVehiclesRequest(site=site, chunk=content[start : start + chunk])

        return await self.stub(uri or ALL_SITES_OPERATOR).ImportVehicles(messages(), timeout=60)

    async def snapshot(self, site: str = "north", lane: Any = pb.FEED_LANE_ALL) -> dict[str, pb.VehicleChange]:
        """Everything the feed of a site holds now, by subject."""
        found: dict[str, pb.VehicleChange] = {}
        call = self.stub(ACCESS).WatchVehicles(pb.WatchVehiclesRequest(site=site, lane=lane), timeout=30)
        async for batch in call:
            found.update({change.subject_id: change for change in batch.changes})
            if batch.caught_up:
                call.cancel()
                return found
        raise AssertionError("the feed ended before it caught up")


@pytest.fixture(scope="module")
def settings_of(
    database: Database, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., VehiclesSettings]:
    """Settings of a vehicles service on this module's database; keywords replace."""

    def build(**changes: Any) -> VehiclesSettings:
        folder = tmp_path_factory.mktemp("vehicles")
        tls = pki.tls("spiffe://menshen/service/vehicles")
        login = database.logins["vehicles"]
        given: dict[str, Any] = {
            "certificate_file": tls.certificate_file,
            "key_file": tls.key_file,
            "trust_file": tls.trust_file,
            "environment": Environment.DEVELOPMENT,
            "address_file": folder / "address.json",
            "database_url": login.url,
            "database_password_file": login.password_file,
            "sites": ("north", "east", "lake"),
        }
        return VehiclesSettings(**{**given, **changes})

    return build


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def migrated(settings_of: Callable[..., VehiclesSettings]) -> VehiclesSettings:
    """Settings whose schema is up to date."""
    settings = settings_of()
    process = Process("vehicles", settings, SystemClock())
    await migrate_schema(process)
    await process.closer.close()
    return settings


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clients(migrated: VehiclesSettings, pki: Pki) -> AsyncIterator[Clients]:
    """Clients of a running service."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(running(migrated))
        yield Clients(address, pki, stack)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(migrated: VehiclesSettings, database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """The service's schema, as its role sees it."""
    login = database.logins["vehicles"]
    async with asyncpg.create_pool(login.url_with_password, server_settings={"search_path": "vehicles"}) as opened:
        yield opened
