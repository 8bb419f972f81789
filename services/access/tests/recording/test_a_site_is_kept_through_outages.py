"""The lease of a site: one process at a time, and recording goes on when PostgreSQL or Redis comes back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from harness.patience import eventually
from menshen_access.keeping import SiteKeeper
from menshen_access.noticeboard import Noticeboard
from menshen_access.ports import StoreAwayError
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import LeasedLedger
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Leases, Sites
from menshen_access.recording import Recorder
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import Server, postgres_server
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_postgres(run_folder: Path) -> AsyncIterator[tuple[Server, Pool]]:
    """A durable PostgreSQL that this module may kill, with the schema of access."""
    server = postgres_server(run_folder / "postgres-outages")
    await asyncio.to_thread(server.start)
    folder = run_folder / "outage-logins"
    folder.mkdir()
    login = (await provision(server, folder)).logins["access"]
    await migrate_database(login.url, login.password_file, "menshen_access", schema="access")
    pool = await open_pool(login.url, login.password_file, schema="access", application="outages")
    yield server, pool
    await close_pool(pool)
    await asyncio.to_thread(server.remove)


class Interrupted:
    """A stream that Redis takes away for a while."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.away = False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise StoreAwayError("cut")
        return getattr(self._stream, name)


def keeper(pool: Pool, stream: Any, kept: list[str], title: str = "first") -> SiteKeeper[Any]:
    """Records while it has the lease, and says who has it."""

    async def mark() -> None:
        kept.append(title)

    def record(lease: Any) -> Any:
        ledger = LeasedLedger(History(Partitions()), lease)
        return Recorder(SITE, stream, ledger, SystemClock(), Noticeboard(), Metrics()).run

    leases = Leases(pool, Sites(pool), retry_s=0.05)
    return SiteKeeper(SITE, leases, record, (("mark", mark),), Metrics(), Backoff(0.05, 0.2))


async def test_recording_goes_on_after_postgresql_and_redis_were_away(
    own_postgres: tuple[Server, Pool], live: Any, event: Any
) -> None:
    server, pool = own_postgres
    stream = Interrupted(live.stream)
    reader = HistoryReader(pool, Sites(pool))
    owner = Tasks(Metrics(), Backoff(0.05, 0.2))
    owner.keep("site", keeper(pool, stream, []).keep)
    presented = [event(number=n, agent_id="outage") for n in range(1, 31)]
    try:
        await live.present(presented[:10])
        await eventually(lambda: _recorded(reader, 10), 20)
        await asyncio.to_thread(server.kill)
        await live.present(presented[10:20])
        await asyncio.to_thread(server.start)
        await eventually(lambda: _recorded(reader, 20), 20)
        stream.away = True
        await live.present(presented[20:])
        stream.away = False
        await eventually(lambda: _recorded(reader, 30), 20)
    finally:
        await owner.close()

    _, recorded = await reader.after(SITE, 0, 100)
    assert [item.event.event_id for item in recorded] == [each.event_id for each in presented]
    assert await reader.watermark(SITE, "outage", 1) == 30


async def _recorded(reader: HistoryReader, count: int) -> bool:
    try:
        return (await reader.end(SITE))[1] >= count
    except OSError:
        return False


async def test_another_process_takes_over_when_the_keeper_ends(
    own_postgres: tuple[Server, Pool], live: Any, event: Any
) -> None:
    _, pool = own_postgres
    kept: list[str] = []
    first = asyncio.create_task(keeper(pool, live.stream, kept, "first").keep())
    await eventually(lambda: kept == ["first"])
    second = asyncio.create_task(keeper(pool, live.stream, kept, "second").keep())
    before = (await HistoryReader(pool, Sites(pool)).end(SITE))[1]

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await live.present([event()])

    await eventually(lambda: _recorded(HistoryReader(pool, Sites(pool)), before + 1))
    assert kept == ["first", "second"]
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
