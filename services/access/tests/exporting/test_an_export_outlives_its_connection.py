"""A server renews connections that have grown old: an export that takes longer goes on by itself, and is whole."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from harness.apart import unhurried
from menshen.access.v1.archive_pb2_grpc import ArchiveServiceStub, add_ArchiveServiceServicer_to_server
from menshen_access.domain.history import entry_of
from menshen_access.exporting import PAGE, Exporting
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying
from menshen_access.rpc.archive import ArchiveServicer
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.wiring.archive_work import LinksApart
from menshen_cli.archive_part import ArchivePart
from menshen_cli.asked_again import Patience
from menshen_cli.export import fill
from menshen_cli.local.language import LocalError
from menshen_cli.local.pki import Pki
from menshen_cli.local.provision import Database
from menshen_cli.verify import verified
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.postgres import Pool
from menshen_servicekit.server import ServerLimits, Service, build_server
from menshen_servicekit.telemetry import Metrics

SITE, EVENTS = "north", 2 * PAGE + 50
EXPORT = "/menshen.access.v1.ArchiveService/ExportHistory"
SHORT = ServerLimits(max_connection_age_s=1, max_connection_age_grace_s=1)
ENOUGH_S = 30


class APageForEachConnection:
    """Pages from the process apart; each that follows another one waits until its connection is cut off."""

    def __init__(self, apart: LinksApart) -> None:
        self._apart = apart
        self.cuts = 0
        self._is_next = False

    async def page(self, site: str, after: int, through: int, limit: int) -> tuple[int, list[bytes]]:
        if self._is_next:
            self._is_next = False
            self.cuts += 1
            await asyncio.wait_for(asyncio.Event().wait(), ENOUGH_S)
        self._is_next = True
        return await self._apart.page(site, after, through, limit)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def links(
    database: Database, ledger: PooledLedger, event: Callable[..., Any]
) -> AsyncIterator[APageForEachConnection]:
    await ledger.append(SITE, [entry_of(event(), late=False) for _ in range(EVENTS)], 0)
    login = database.logins["access"]
    apart = LinksApart(login.url, login.password_file)
    yield APageForEachConnection(apart)
    await apart.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def channel(
    links: APageForEachConnection, pool: Pool, sites: Sites, reader: HistoryReader, pki: Pki
) -> AsyncIterator[grpc.aio.Channel]:
    querying = Querying(reader, Administration(pool, sites), SystemClock())
    clock = ManualClock()
    servicer = ArchiveServicer(ServedSites((SITE,)), Exporting(reader, links, querying, clock, unhurried(clock)))
    server = build_server(
        listen="127.0.0.1:0",
        tls=pki.tls("spiffe://menshen/service/access"),
        services=[Service("menshen.access.v1.ArchiveService", partial(add_ArchiveServiceServicer_to_server, servicer))],
        table=AuthorizationTable({EXPORT: (Allow(Role.OPERATOR),)}),
        metrics=Metrics(),
        limits=SHORT,
    )
    await server.start()
    opened = open_channel(server.address, pki.tls(spiffe_uri(Role.OPERATOR, "li")), server_name="access")
    yield opened
    await opened.close()
    await server.stop(1)


async def exported(file: Path, channel: grpc.aio.Channel, patience: Patience | None = None) -> None:
    with ArchivePart(file, SITE) as part:
        stub = ArchiveServiceStub(channel)
        async with asyncio.timeout(ENOUGH_S):
            await fill(part, stub, SITE, "yearly archive", lambda at, end: None, patience=patience)


@pytest.mark.full
async def test_an_export_that_is_cut_off_again_and_again_is_whole_and_equals_one_that_is_not(
    channel: grpc.aio.Channel, links: APageForEachConnection, tmp_path: Path
) -> None:
    file, other = tmp_path / "north.jsonl", tmp_path / "other.jsonl"

    await exported(file, channel)
    cuts = links.cuts
    for _ in range(2):
        with pytest.raises(LocalError, match="the same command goes on"):
            await exported(other, channel, Patience(()))
    await exported(other, channel)

    assert cuts == 2
    assert verified(file, None, None)[1].rows == EVENTS
    assert file.read_bytes() == other.read_bytes()
