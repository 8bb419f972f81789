"""A log that PostgreSQL cannot archive: the control room hears of it once, until it could be archived again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.patience import eventually
from menshen_access.alarming import SYSTEM
from menshen_access.archive_watch import PATIENCE_S, ArchiveWatch
from menshen_access.domain.archive_failure import ArchiveFailure
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.archive_state import ArchiveState
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.provision import administration
from menshen_cli.local.servers import OwnServer, postgres_server
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


async def test_a_server_that_archives_nothing_has_no_failure(pool: Pool) -> None:
    assert await ArchiveState(pool).failure() is None


@pytest.fixture
def archiving_server(run_folder: Path) -> Iterator[OwnServer]:
    server = postgres_server(run_folder / "unarchived" / "postgres")
    assert isinstance(server, OwnServer)
    server.start()
    yield server
    server.remove()


@pytest.mark.full
@pytest.mark.timeout(120)
async def test_a_server_whose_archive_refuses_has_one_until_it_takes_it(
    archiving_server: OwnServer, run_folder: Path
) -> None:
    async def archive_by(command: str) -> None:
        settings = f"archive_library = ''\narchive_command = '{command}'\n"
        (data_folder(run_folder / "unarchived") / "archive.conf").write_text(settings)
        async with administration(archiving_server) as connection:
            await connection.execute("SELECT pg_reload_conf()")
            await connection.execute("SELECT pg_create_restore_point('something to archive')")
            await connection.execute("SELECT pg_switch_wal()")

    url, password_file = archiving_server.url, archiving_server.password_file
    pool = await open_pool(url, password_file, schema="public", application="tests", max_size=2)
    state = ArchiveState(pool)

    async def works() -> bool:
        return await state.failure() is None

    try:
        await archive_by("false")
        failure = await eventually(state.failure, 30)
        assert failure.segment == f"{1:08X}{0:08X}{1:08X}"
        await archive_by("true")
        await eventually(works, 75)
    finally:
        await close_pool(pool)
