"""`menshen restore FOLDER`: the database of a stopped suite as it was; its next start begins a new epoch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from menshen_servicekit.clock import SystemClock
from rich.console import Console

from menshen_cli.instants import date_and_time, epoch_ms
from menshen_cli.local.base_backup import Sheet, check_whole, read_sheet
from menshen_cli.local.binaries import find_postgres
from menshen_cli.local.epochs import mark_due
from menshen_cli.local.language import LocalError, pick
from menshen_cli.local.log_archive import LogArchive
from menshen_cli.local.postgres import PostgresEngine, running_pid
from menshen_cli.local.recovery import Recovery
from menshen_cli.local.runfolder import RunFolder, default_folder
from menshen_cli.local.servers import given_server
from menshen_cli.local.workplace import Workplace
from menshen_cli.os_troubles import os_words

app = typer.Typer(add_completion=False)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="a folder of `menshen backup` / 备份目录")],
    to: Annotated[str, typer.Option(help="instant, ISO 8601; without it all that is archived / 恢复到的时刻")] = "",
    archive: Annotated[
        Path | None, typer.Option(help="where the archived log is now / 日志归档目录的现位置 [where it was]")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录 [.menshen/run]")] = None,
    *,
    alone: Annotated[
        bool,
        typer.Option("--alone", help="the backup without its log; --archive is a new folder / 仅备份，归档用新目录"),
    ] = False,
) -> None:
    """Restore the database of a stopped suite. 恢复已停止的系统的数据库。"""
    to_ms = epoch_ms(to) if to else None
    aside = bring_back(source.absolute(), folder or default_folder(), to_ms, archive, alone=alone)
    console = Console()
    for told in _told(source, to_ms, aside, alone=alone):
        console.print(pick(*told), soft_wrap=True)


def bring_back(
    source: Path,
    run_folder: Path,
    to_ms: int | None,
    archive: Path | None = None,
    *,
    alone: bool = False,
    durable: bool = True,
) -> Path | None:
    """Restore, up to an instant in epoch milliseconds or to the end; where the database of before is now.

    `alone` is without the log, which goes to a new archive from then on. `durable=False` is for quick tests: no fsync.
    LocalError, with nothing changed, while a suite runs there, and for a backup or an instant that will not do.
    """
    if alone and archive is None:
        raise LocalError(
            "--alone leaves the archive of before as it is: name a new folder for the log with --archive",
            "--alone 不动原归档：请用 --archive 为日志指定新目录",
        )
    claimed = RunFolder.claim(run_folder)
    try:
        if given_server("MENSHEN_DATABASE", claimed.path / "postgres") is not None:
            raise LocalError(
                "MENSHEN_DATABASE_URL names an operated server: restore it with its own means, then run `new-epoch`",
                "MENSHEN_DATABASE_URL 指向正式运维的数据库：请用其自身手段恢复，然后执行 new-epoch",
            )
        workplace = Workplace.prepare(claimed.path / "postgres")
        installation = workplace.reach(find_postgres())
        _check_instant(read_sheet(source), to_ms)
        sheet = check_whole(source, installation)
        engine = PostgresEngine(workplace, installation, durable=durable)
        _refuse_orphan(engine)
        recovery = Recovery(engine, workplace)
        kept = LogArchive((archive or Path(sheet.archive)).absolute(), sheet.system)
        _check_archive(kept, workplace, alone=alone)
        try:
            recovery.recover(source, sheet, kept, to_ms)
        except OSError as error:
            recovery.discard()
            en, zh = os_words(error)
            raise LocalError(
                f"{engine.data} cannot be made anew, and was left as it is: {en}",
                f"无法重建 {engine.data}，原目录未改动：{zh}",
            ) from None
        except BaseException:
            recovery.discard()
            raise
        mark_due(claimed.path)
        return recovery.put_in_place(source, f"{datetime.fromtimestamp(_now_ms() // 1000, UTC):%Y%m%dT%H%M%SZ}")
    finally:
        claimed.release()


def _check_instant(sheet: Sheet, to_ms: int | None) -> None:
    if to_ms is not None and to_ms < sheet.whole_at_ms:
        since = date_and_time(sheet.whole_at_ms)
        raise LocalError(
            f"the backup is whole as of {since}: an earlier instant needs an earlier backup",
            f"该备份自 {since} 起完整：更早的时刻需要更早的备份",
        )


def _refuse_orphan(engine: PostgresEngine) -> None:
    pid = running_pid(engine.data)
    if pid:
        raise LocalError(
            f"a PostgreSQL still runs on {engine.data} (process {pid}): stop it first",
            f"{engine.data} 上仍有 PostgreSQL 在运行（进程 {pid}）：请先停止",
        )


def _check_archive(archive: LogArchive, workplace: Workplace, *, alone: bool) -> None:
    if alone:
        return archive.check_new(workplace)
    try:
        return archive.check()
    except LocalError as trouble:
        raise LocalError(
            f"{trouble.en} Where it is now is named with --archive; if it is lost, --alone restores the backup alone, "
            "and --archive names a new folder",
            f"{trouble.zh}其现位置用 --archive 指定；若已丢失，--alone 仅恢复备份本身，并用 --archive 指定新目录",
        ) from None


def _told(source: Path, to_ms: int | None, aside: Path | None, *, alone: bool) -> Iterator[tuple[str, str]]:
    if to_ms is None:
        yield f"restored from {source}", f"已由 {source} 恢复"
    else:
        instant = date_and_time(to_ms)
        yield f"restored from {source} as of {instant}", f"已由 {source} 恢复至 {instant}"
    if aside is not None:
        yield f"the database of before is in {aside}", f"原数据库保留在 {aside}"
        yield (
            "  renamed back it runs, but archives nothing: its archive is that of the restored one. It needs a new "
            "backup, and --archive with a new folder",
            "  改回原名后可运行，但不再归档：其归档目录归恢复后的数据库。届时须重新备份，并用 --archive 指定新目录",
        )
    elif not alone:
        yield (
            "  it goes on with the archive of the database that was backed up: do not start it while that one runs "
            "elsewhere; a copy to look at is made with --alone and a new folder for --archive",
            "  它将继续使用被备份数据库的归档目录：若该数据库仍在别处运行，请勿启动。"
            "仅供查看的副本请用 --alone 并以 --archive 指定新目录",
        )
    yield (
        "`menshen up` begins the new epoch; agents then send again what is missing",
        "menshen up 启动时开始新纪元；随后设备代理补传缺失的事件",
    )


def _now_ms() -> int:
    return SystemClock().now_ms()
