"""What `menshen backup` and `menshen restore` refuse, each with nothing changed; and a backup that comes back."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from menshen_cli.backup import app as backup_app
from menshen_cli.backup import note_whole, take
from menshen_cli.local import base_backup
from menshen_cli.local.archiving import Archiving
from menshen_cli.local.base_backup import DATA, FORMAT, PASSWORD, SHEET, Sheet
from menshen_cli.local.binaries import find_postgres
from menshen_cli.local.language import LocalError
from menshen_cli.local.log_archive import LogArchive
from menshen_cli.local.postgres import PostgresEngine, data_folder, running_pid
from menshen_cli.local.provision import administration
from menshen_cli.local.recovery import Recovery
from menshen_cli.local.runfolder import RunFolder
from menshen_cli.local.secret import write_secret
from menshen_cli.local.servers import OwnServer, Server, postgres_server
from menshen_cli.local.workplace import Workplace
from menshen_cli.restore import bring_back
from menshen_servicekit.clock import SystemClock
from typer.testing import CliRunner


@pytest.fixture(scope="module")
def whole(postgres: Server, run_folder: Path) -> Path:
    """A backup of the session's server, with an archive that holds nothing."""
    assert isinstance(postgres, OwnServer)
    folder = run_folder / "a-backup"
    folder.mkdir(mode=0o700)
    installation = Workplace.prepare(run_folder / "postgres").reach(find_postgres())
    password = postgres.password_file.read_text()
    base_backup.copy_server(folder, installation, postgres.port, password)
    write_secret(folder / PASSWORD, password)
    now_ms = SystemClock().now_ms()
    version = ".".join(map(str, installation.version))
    system, manifest = base_backup.system_identifier(folder / DATA), base_backup.manifest_sha256(folder)
    archive = run_folder / "no-archive-yet"
    base_backup.write_sheet(
        folder, Sheet(FORMAT, now_ms - 1, now_ms, version, system, ["postgres"], str(archive), manifest)
    )
    return folder


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(LocalError) as told:
        act()
    assert told.value.zh
    return told.value.en


def test_a_folder_that_is_no_backup_is_refused(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / SHEET).write_text('{"format": "menshen-backup-9"}')

    for folder in (tmp_path, tmp_path / "none"):
        assert "is no backup" in refused(lambda folder=folder: bring_back(folder, run_folder / "restored", None))


def test_a_suite_that_runs_is_named_and_left_alone(run_folder: Path, whole: Path) -> None:
    claimed = RunFolder.claim(run_folder / "busy")
    try:
        told = refused(lambda: bring_back(whole, claimed.path, None))
    finally:
        claimed.release()

    assert f"a suite already runs in {claimed.path} (process {os.getpid()}): stop it" in told
    assert not (claimed.path / "new-epoch.due").exists()


def test_a_torn_backup_and_one_of_another_time_are_refused_before_anything_is_touched(
    run_folder: Path, whole: Path
) -> None:
    target, torn = run_folder / "restored", run_folder / "torn"
    shutil.copytree(whole, torn)
    sheet = base_backup.read_sheet(whole)
    with (torn / DATA / "global" / "pg_control").open("r+b") as file:
        file.seek(100)
        file.write(b"torn")

    changed = refused(lambda: bring_back(torn, target, None, run_folder / "archive-1"))
    (torn / DATA / "backup_manifest").write_text("{}")
    forged = refused(lambda: bring_back(torn, target, None, run_folder / "archive-1"))
    early = refused(lambda: bring_back(whole, target, sheet.whole_at_ms - 1, run_folder / "archive-1"))
    other = refused(lambda: bring_back(whole, target, None, run_folder / "archive-1"))
    unarchived = refused(lambda: bring_back(whole, target, None))
    shutil.rmtree(torn)

    assert "is not whole; nothing was changed" in changed
    assert "global/pg_control" in changed
    assert "is not whole; nothing was changed" in forged
    assert "an earlier instant needs an earlier backup" in early
    assert "no-archive-yet: is its disk mounted? Where it is now is named with --archive" in unarchived
    assert "archive-1: is its disk mounted?" in other
    assert not (run_folder / "archive-1").exists()
    assert not (target / "new-epoch.due").exists()


def test_an_instant_that_the_log_does_not_reach_is_refused(run_folder: Path, whole: Path) -> None:
    target, archive = run_folder / "restored", run_folder / "archive-2"

    told = refused(
        lambda: bring_back(whole, target, SystemClock().now_ms() + 86_400_000, archive, alone=True, durable=False)
    )

    assert "the log ends before" in told
    assert not list(Workplace.prepare(target / "postgres").state.glob("pgdata*"))
    assert not archive.exists()
    assert not (target / "new-epoch.due").exists()


@pytest.mark.full
def test_a_backup_whose_archive_is_lost_comes_back_alone(run_folder: Path, whole: Path) -> None:
    target, archive = run_folder / "restored-alone", run_folder / "archive-3"

    assert bring_back(whole, target, None, archive, alone=True) is None

    data = data_folder(target)
    assert (data / "PG_VERSION").exists()
    assert not (data / "recovery.signal").exists()
    assert Archiving(Workplace.prepare(target / "postgres"), data).folder == archive
    assert (target / "new-epoch.due").exists()


def test_a_backup_alone_gets_no_archive_but_one_that_is_named(run_folder: Path, whole: Path) -> None:
    target = run_folder / "restored-alone-without"

    assert "name a new folder for the log with --archive" in refused(
        lambda: bring_back(whole, target, None, alone=True)
    )
    assert not target.exists()


def test_a_backup_that_its_archive_does_not_note_stays_and_is_told_of(run_folder: Path, whole: Path) -> None:
    sheet, workplace = base_backup.read_sheet(whole), Workplace.prepare(run_folder / "postgres")
    told = refused(lambda: note_whole(whole, sheet, workplace))

    assert f"{whole} is whole, but the log it needs could not be noted in" in told
    assert "there is no such file or folder. Make another backup" in told
    assert base_backup.read_sheet(whole) == sheet


def test_a_backup_of_a_server_that_an_earlier_version_archived_is_recovered_without_its_file(
    run_folder: Path, whole: Path
) -> None:
    of_before, archive = run_folder / "of-before", LogArchive(run_folder / "archive-6", "7")
    shutil.copytree(whole, of_before)
    with (of_before / DATA / "postgresql.conf").open("a") as file:
        file.write("\ninclude = '../archive.conf'\n")
    workplace = Workplace.prepare(run_folder / "recovered" / "postgres")
    engine = PostgresEngine(workplace, workplace.reach(find_postgres()), durable=False)
    recovery = Recovery(engine, workplace)

    recovery.recover(of_before, base_backup.read_sheet(of_before), archive, None)
    recovery.put_in_place(of_before, "20260302T073105Z")

    assert "../" not in (engine.data / "postgresql.conf").read_text()
    assert engine.archiving.folder == archive.root


def test_a_restore_cut_short_is_not_taken_for_a_suite_without_data(run_folder: Path) -> None:
    server = postgres_server(run_folder / "cut-short")
    state = Workplace.prepare(run_folder / "cut-short").state
    (state / "pgdata.before-20260302T073105Z").mkdir()

    assert "a restore was cut short" in refused(server.start)


def test_a_backup_needs_a_running_suite_and_a_new_folder(run_folder: Path, tmp_path: Path) -> None:
    nobody_runs = CliRunner().invoke(backup_app, [str(tmp_path / "b"), "--folder", str(tmp_path)])
    stopped = refused(lambda: asyncio.run(take(tmp_path / "b", run_folder / "stopped")))

    assert "no suite runs" in getattr(nobody_runs.exception, "en", "")
    assert "has no PostgreSQL of its own" in stopped
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_no_folder_and_one_under_way_is_not_disturbed(
    postgres: Server, run_folder: Path, tmp_path: Path
) -> None:
    unarchived = refused(lambda: asyncio.run(take(tmp_path / "b", run_folder)))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b.part").mkdir()
    under_way = refused(lambda: asyncio.run(take(tmp_path / "b", run_folder)))

    assert "without an archive of its log" in unarchived
    assert "a backup is under way, or was killed" in under_way
    assert [path.name for path in tmp_path.iterdir()] == ["b.part"]


async def rows_of(server: OwnServer, *statements: str) -> list[int]:
    async with administration(server) as connection:
        for statement in statements:
            await connection.execute(statement)
        return [row[0] for row in await connection.fetch("SELECT number FROM seen ORDER BY number")]


@pytest.fixture
def starting_server(run_folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that goes for a PostgreSQL which has not written yet that it is ready."""
    RunFolder.claim(run_folder / "starting").release()
    data = data_folder(run_folder / "starting")
    data.mkdir()
    program = shutil.copy(shutil.which("sleep") or "", run_folder / "postgres-starting")
    with subprocess.Popen([program, "60"], cwd=data) as process:
        (data / "postmaster.pid").write_text(f"{process.pid}\n{data}\n")
        yield process
        process.kill()


def test_a_server_that_is_only_starting_keeps_a_restore_out_and_one_of_another_folder_does_not(
    run_folder: Path, whole: Path, starting_server: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    target = run_folder / "starting"
    shutil.copy(data_folder(target) / "postmaster.pid", tmp_path)

    told = refused(lambda: bring_back(whole, target, None, run_folder / "archive-4", alone=True))

    assert f"(process {starting_server.pid}): stop it first" in told
    assert running_pid(tmp_path) == 0


@pytest.mark.full
async def test_a_database_goes_to_an_instant_and_later_to_its_end_though_it_was_killed(run_folder: Path) -> None:
    home, backup, archive = run_folder / "twice", run_folder / "twice-backup", run_folder / "an 'archive' of its own"

    def server() -> OwnServer:
        made = postgres_server(home / "postgres")
        assert isinstance(made, OwnServer)
        made.start()
        return made

    RunFolder.claim(home).release()
    first = server()
    await rows_of(first, "CREATE TABLE seen (number int)", "INSERT INTO seen VALUES (1)")
    sheet = await take(backup, home, archive)
    await rows_of(first, "INSERT INTO seen VALUES (2)")
    instant_ms = SystemClock().now_ms() + 1
    while SystemClock().now_ms() <= instant_ms:
        await asyncio.sleep(0)
    await rows_of(first, "INSERT INTO seen VALUES (3)")
    first.stop()

    aside = bring_back(backup, home, instant_ms)
    second = server()
    assert await rows_of(second, "INSERT INTO seen VALUES (4)") == [1, 2, 4]
    again = await take(run_folder / "twice-later", home)
    await rows_of(second, "INSERT INTO seen VALUES (5)")
    second.kill()

    bring_back(backup, home, None)
    third = server()
    assert await rows_of(third) == [1, 2, 4, 5]
    third.remove()
    assert aside is not None
    assert again.archive == sheet.archive == str(archive)
    assert again.whole_at_ms > instant_ms > sheet.whole_at_ms


@pytest.mark.full
@pytest.mark.timeout(120)
async def test_a_restore_that_was_cut_short_and_is_repeated_loses_nothing_of_the_database_laid_aside(
    run_folder: Path,
) -> None:
    home, backup = run_folder / "cut", run_folder / "cut-backup"
    RunFolder.claim(home).release()
    first = postgres_server(home / "postgres")
    assert isinstance(first, OwnServer)
    first.start()
    await rows_of(first, "CREATE TABLE seen (number int)")
    await take(backup, home, run_folder / "cut-log")
    await rows_of(first, "INSERT INTO seen VALUES (1)")
    first.kill()
    data = data_folder(home)
    workplace = Workplace.prepare(home / "postgres")
    engine = PostgresEngine(workplace, workplace.reach(find_postgres()), durable=True)

    async def restored(*then: str) -> list[int]:
        bring_back(backup, home, None)
        server = postgres_server(home / "postgres")
        assert isinstance(server, OwnServer)
        server.start()
        try:
            return await rows_of(server, *then)
        finally:
            server.kill()

    data.rename(data.with_name("pgdata.before-20260302T073105Z"))
    assert await restored("INSERT INTO seen VALUES (2)") == [1, 2]
    engine.set_aside("20260302T073106Z")
    assert await restored() == [1, 2]
    shutil.rmtree(home)
