"""A log that PostgreSQL cannot archive: the control room hears of it once, until it could be archived again."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from harness.patience import eventually
from menshen_access.alarming import SYSTEM
from menshen_access.archive_watch import PATIENCE_S, ArchiveWatch
from menshen_access.domain.archive_failure import ArchiveFailure
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.archive_state import ArchiveState
from menshen_cli.local.archive_standing import failing_now
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.provision import administration
from menshen_cli.local.servers import OwnServer, postgres_server
from menshen_cli.local.workplace import Workplace
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.telemetry import Metrics

SITE = "unarchived"


class AnArchive:
    """Fails as a test lets it."""

    def __init__(self) -> None:
        self.failing: ArchiveFailure | None = None

    async def failure(self) -> ArchiveFailure | None:
        return self.failing


async def test_an_archive_that_fails_for_long_is_alarmed_about_once_and_again_after_it_worked(pool: Pool) -> None:
    clock, archive, metrics = ManualClock(), AnArchive(), Metrics()
    watch = ArchiveWatch(SITE, archive, Outbox(pool), Noticeboard(), clock, Uuid7Factory(clock), metrics)

    async def alarms(*failures: ArchiveFailure | None) -> list[dict[str, str]]:
        for archive.failing in failures:
            await watch.look()
            clock.advance_ms(int(PATIENCE_S * 1000))
        rows = await pool.fetch("SELECT kind, detail FROM alarm_outbox WHERE site = $1 ORDER BY alarm_id", SITE)
        assert all(row["kind"] == SYSTEM for row in rows)
        return [json.loads(row["detail"]) for row in rows]

    failure = ArchiveFailure("0" * 24, clock.now_ms())

    assert await alarms(None, failure, None, failure) == []
    assert metrics.registry.get_sample_value("menshen_log_archive_failing") == 1
    assert await alarms(failure, failure) == [{"cause": "LOG_NOT_ARCHIVED", "segment": "0" * 24, "minutes": "8"}]
    assert len(await alarms(None, failure, failure)) == 2


@pytest.mark.timeout(30)
async def test_a_keeper_that_lost_its_site_no_longer_says_that_the_archive_fails(pool: Pool) -> None:
    clock, archive, metrics = ManualClock(), AnArchive(), Metrics()
    watch = ArchiveWatch("lost", archive, Outbox(pool), Noticeboard(), clock, Uuid7Factory(clock), metrics)
    archive.failing = ArchiveFailure("0" * 24, clock.now_ms())

    def told() -> float | None:
        return metrics.registry.get_sample_value("menshen_log_archive_failing")

    following = asyncio.ensure_future(watch.follow())
    await eventually(lambda: told() == 1)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)

    assert told() == 0


async def test_a_server_that_archives_nothing_has_no_failure(pool: Pool) -> None:
    assert await ArchiveState(pool).failure() is None


@pytest.fixture
def archiving_server(run_folder: Path) -> Iterator[OwnServer]:
    server = postgres_server(run_folder / "unarchived" / "postgres")
    assert isinstance(server, OwnServer)
    server.start()
    yield server
    server.remove()


async def archive_by(server: OwnServer, data: Path, command: str) -> None:
    (data / "archive.conf").write_text(f"archive_library = ''\narchive_command = '{command}'\n")
    async with administration(server) as connection:
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute("SELECT pg_create_restore_point('something to archive')")
        await connection.execute("SELECT pg_switch_wal()")


@asynccontextmanager
async def pool_of(server: OwnServer) -> AsyncIterator[Pool]:
    pool = await open_pool(server.url, server.password_file, schema="public", application="tests", max_size=2)
    try:
        yield pool
    finally:
        await close_pool(pool)


@pytest.mark.full
@pytest.mark.timeout(120)
async def test_a_server_whose_archive_refuses_has_one_until_it_takes_it(
    archiving_server: OwnServer, run_folder: Path
) -> None:
    data = data_folder(run_folder / "unarchived")
    async with pool_of(archiving_server) as pool:
        state = ArchiveState(pool)

        async def works() -> bool:
            return await state.failure() is None

        await archive_by(archiving_server, data, "false")
        failure = await eventually(state.failure, 30)
        assert failure.segment == f"{1:08X}{0:08X}{1:08X}"
        await archive_by(archiving_server, data, "true")
        await eventually(works, 75)


@pytest.mark.full
@pytest.mark.timeout(120)
async def test_a_server_that_no_longer_archives_has_none_whatever_failed_before(
    archiving_server: OwnServer, run_folder: Path
) -> None:
    folder = run_folder / "unarchived"
    async with pool_of(archiving_server) as pool:
        await archive_by(archiving_server, data_folder(folder), "false")
        await eventually(ArchiveState(pool).failure, 30)
    archiving_server.stop()
    without = postgres_server(folder / "postgres", durable=False)
    assert isinstance(without, OwnServer)
    without.start()

    try:
        async with pool_of(without) as pool:
            assert await pool.fetchval("SELECT failed_count > 0 AND archived_count = 0 FROM pg_stat_archiver")
            assert await ArchiveState(pool).failure() is None
        assert await failing_now(Workplace.prepare(folder / "postgres"), data_folder(folder)) is None
    finally:
        without.stop()
