"""The archive of the log: whose it is, what of it is kept, and that nobody but its own database adds to it."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_cli.backup import take
from menshen_cli.doctor import Finding, Verdict, examine_archive
from menshen_cli.local import epochs
from menshen_cli.local.archive_standing import failing_now, trouble_of
from menshen_cli.local.archiving import Archiving
from menshen_cli.local.language import LocalError
from menshen_cli.local.log_archive import LogArchive, missing
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.provision import administration
from menshen_cli.local.runfolder import RunFolder, default_folder
from menshen_cli.local.servers import OwnServer, postgres_server
from menshen_cli.local.workplace import Workplace
from menshen_cli.restore import app as restore_app
from menshen_cli.restore import bring_back
from menshen_servicekit.clock import SystemClock
from typer.testing import CliRunner

_SEGMENT = "0000000100000000000000{:02X}"


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(LocalError) as told:
        act()
    assert told.value.zh
    return told.value.en


@pytest.fixture
def own(run_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = run_folder / request.node.name[:60]
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def archiving(own: Path) -> Archiving:
    """Of a data folder with nothing but a configuration."""
    workplace = Workplace.prepare(own / "postgres")
    data = workplace.state / "pgdata"
    data.mkdir()
    (data / "postgresql.conf").write_text("# as initdb left it\n")
    made = Archiving(workplace, data)
    made.include()
    return made


def test_the_log_is_kept_for_the_newest_whole_backups_and_nothing_else_is_dropped(tmp_path: Path) -> None:
    archive = LogArchive(tmp_path, "7")
    archive.log.mkdir()
    names = [_SEGMENT.format(number) for number in range(1, 9)] + ["00000002.history"]
    names += [f"{_SEGMENT.format(number)}.00000028.backup" for number in (1, 3, 5, 7, 8)]
    names += [f"{_SEGMENT.format(number)}.whole" for number in (1, 3, 5)]
    for place, name in enumerate(sorted(names)):
        (archive.log / name).touch()
        os.utime(archive.log / name, (place, place))

    assert archive.prune(kept_backups=3) == 0
    assert archive.prune(kept_backups=2) == 4

    left = sorted(path.name for path in archive.log.iterdir())
    assert left == sorted(name for name in names if name[22:24] not in ("01", "02"))


def test_a_gap_in_the_log_is_found_and_its_end_is_none() -> None:
    names = [_SEGMENT.format(number) for number in (2, 3, 5)] + ["000000020000000000000003", "00000002.history"]

    assert missing(names, _SEGMENT.format(2)) == "0000000000000004"
    assert missing(names, _SEGMENT.format(5)) == missing(names[:2], _SEGMENT.format(2)) == missing([], names[0]) == ""
    across = ["0000000100000000000000FF", "000000010000000100000001"]
    assert missing(across, across[0]) == "0000000100000000"


def test_a_folder_with_something_else_in_it_is_not_archived_to(archiving: Archiving, own: Path) -> None:
    other, named = own / "thesis", own / "its \\own'"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")

    assert "is not new" in refused(lambda: archiving.keep(other, "7"))
    assert archiving.folder is None
    archiving.keep(named, "7")
    archiving.keep(named, "7")
    assert archiving.folder == named
    assert "the archive of another database" in refused(lambda: archiving.keep(named, "8"))
    assert archiving.folder == named


def test_an_archive_whose_disk_is_away_is_not_taken_for_an_empty_one(archiving: Archiving, own: Path) -> None:
    disk = own / "disk"
    (disk / "log").mkdir(parents=True)
    archiving.keep(disk / "log", "7")
    shutil.rmtree(disk)

    for mount_point in (disk, disk / "log"):
        mount_point.mkdir()
        told = refused(lambda: archiving.keep(disk / "log", "7"))
        assert "is its disk mounted? If it is lost, name a new folder with --archive" in told
        assert not list((disk / "log").glob("*"))


def test_a_database_that_was_set_aside_gets_no_archive_but_a_new_one(archiving: Archiving, own: Path) -> None:
    archiving.keep(own / "log", "7")
    (own / "log" / "log-7" / _SEGMENT.format(1)).touch()

    archiving.set_aside()

    assert archiving.is_set_aside
    assert archiving.folder is None
    assert "goes on with the restored one" in refused(lambda: archiving.keep(own / "log", "7"))
    archiving.keep(own / "another", "7")
    assert not archiving.is_set_aside


def test_an_archive_in_which_a_later_restore_goes_on_is_no_longer_that_of_the_database(
    archiving: Archiving, own: Path
) -> None:
    log, wal = own / "log" / "log-7", data_folder(own) / "pg_wal"
    wal.mkdir()
    archiving.keep(own / "log", "7")
    for folder in (wal, log):
        (folder / "00000002.history").touch()
        assert not archiving.is_outrun

    (log / "00000003.history").touch()

    assert archiving.is_outrun
    assert "goes on with the restored one" in refused(lambda: archiving.keep(own / "log", "7"))


def served(home: Path) -> OwnServer:
    server = postgres_server(home / "postgres")
    assert isinstance(server, OwnServer)
    server.start()
    return server


async def rows_of(server: OwnServer, *statements: str) -> list[int]:
    async with administration(server) as connection:
        for statement in statements:
            await connection.execute(statement)
        return [row[0] for row in await connection.fetch("SELECT number FROM seen ORDER BY number")]


def digests(folder: Path) -> Mapping[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


async def an_instant_later() -> int:
    instant_ms = SystemClock().now_ms() + 1
    while SystemClock().now_ms() <= instant_ms:
        await asyncio.sleep(0)
    return instant_ms


@pytest.mark.full
@pytest.mark.timeout(180)
async def test_a_database_set_aside_and_started_again_leaves_the_archive_to_the_restored_one(own: Path) -> None:
    home, backup, archive = own / "home", own / "backup", own / "log"
    RunFolder.claim(home).release()
    first = served(home)
    await rows_of(first, "CREATE TABLE seen (number int)", "INSERT INTO seen VALUES (1)")
    sheet = await take(backup, home, archive)
    log, data = LogArchive(archive, sheet.system).log, data_folder(home)
    instant = datetime.fromtimestamp(await an_instant_later() / 1000, UTC).isoformat()
    await rows_of(first, "INSERT INTO seen VALUES (2)", "SELECT pg_switch_wal()", "INSERT INTO seen VALUES (3)")
    first.stop()
    before = digests(log)

    told = CliRunner().invoke(restore_app, [str(backup), "--to", instant, "--folder", str(home)])
    assert told.exit_code == 0, told.output
    assert "as of 20" in told.output
    assert "renamed back it runs, but archives nothing" in told.output
    assert digests(log) == before
    restored = served(home)
    assert await rows_of(restored, "INSERT INTO seen VALUES (4)", "SELECT pg_switch_wal()") == [1, 4]
    await eventually((log / "00000002.history").exists, 60)
    restored.stop()
    archived = digests(log)

    [aside] = data.parent.glob("pgdata.before-*")
    data.rename(data.with_name("pgdata.kept"))
    aside.rename(data)
    assert epochs.is_due(data)
    again = served(home)
    await rows_of(again, "INSERT INTO seen VALUES (5)", "SELECT pg_switch_wal()", "INSERT INTO seen VALUES (6)")
    workplace = Workplace.prepare(home / "postgres")
    trouble = trouble_of(Archiving(workplace, data), data)
    assert trouble is not None
    assert "what it writes is not archived" in trouble[0]
    with pytest.raises(LocalError, match="goes on with the restored one"):
        await take(own / "second", home, archive)
    await take(own / "second", home, own / "another-log")
    await rows_of(again, "SELECT pg_switch_wal()")
    again.stop()
    assert digests(log) == archived

    bring_back(backup, home, None)
    last = served(home)
    assert await rows_of(last) == [1, 4]
    last.remove()


@pytest.mark.full
@pytest.mark.timeout(120)
async def test_a_server_whose_archive_is_away_says_so_keeps_its_log_and_goes_on_when_it_is_back(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own)
    home, disk = default_folder(), own / "disk"
    home.mkdir(parents=True)
    disk.mkdir(mode=0o711)
    RunFolder.claim(home).release()
    server = served(home)
    await rows_of(server, "CREATE TABLE seen (number int)")
    await take(own / "backup", home, disk / "log")
    workplace, data = Workplace.prepare(home / "postgres"), data_folder(home)
    archiving = Archiving(workplace, data)
    assert trouble_of(archiving, data) is None
    assert await asyncio.to_thread(examine_archive) == Finding(Verdict.GOOD, str(disk / "log"))

    disk.rename(own / "unmounted")
    disk.mkdir(mode=0o777)
    disk.chmod(0o777)
    server.restart()
    await rows_of(server, "INSERT INTO seen VALUES (1)", "SELECT pg_switch_wal()")
    waiting = data / "pg_wal" / "archive_status"
    await eventually(lambda: any(waiting.glob("*.ready")), 20)
    found = await asyncio.to_thread(examine_archive)
    assert found.verdict is Verdict.DOUBTFUL
    assert "is its disk mounted?" in found.detail
    told = await eventually(lambda: failing_now(workplace, data), 20)
    assert "nothing could be archived for 0 min (0000" in told[0]
    with pytest.raises(LocalError, match="is its disk mounted"):
        await take(own / "another", home)
    assert list(disk.iterdir()) == []

    disk.rmdir()
    (own / "unmounted").rename(disk)
    await rows_of(server, "SELECT pg_reload_conf()")
    await eventually(lambda: not any(waiting.glob("*.ready")), 90)
    assert await failing_now(workplace, data) is None
    server.remove()
