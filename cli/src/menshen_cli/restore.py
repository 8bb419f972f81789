"""`menshen restore FOLDER`: the database of a stopped suite as it was; its next start begins a new epoch."""

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
from menshen_cli.local.postgres import PostgresEngine
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
) -> None:
    """Restore the database of a stopped suite. 恢复已停止的系统的数据库。"""
    aside = bring_back(source.absolute(), folder or default_folder(), epoch_ms(to) if to else None, archive)
    console = Console()
    console.print(pick(f"restored from {source}", f"已由 {source} 恢复"), soft_wrap=True)
    if aside is not None:
        console.print(pick(f"the database of before is in {aside}", f"原数据库保留在 {aside}"), soft_wrap=True)
    told = (
        "`menshen up` begins the new epoch; agents then send again what is missing",
        "menshen up 启动时开始新纪元；随后设备代理补传缺失的事件",
    )
    console.print(pick(*told), soft_wrap=True)


def bring_back(
    source: Path, run_folder: Path, to_ms: int | None, archive: Path | None = None, *, durable: bool = True
) -> Path | None:
    """Restore, up to an instant in epoch milliseconds or to the end; where the database of before is now.

    `durable=False` forgets fsync: for quick tests.
    LocalError, with nothing changed, while a suite runs there, and for a backup or an instant that will not do.
    """
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
        kept = _archive_of(sheet, archive)
        try:
            with engine.archiving.or_as_before():
                engine.archiving.keep(kept, sheet.system)
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
    port = engine.running_port()
    if port:
        raise LocalError(
            f"a PostgreSQL still runs on {engine.data} (port {port}): stop it first",
            f"{engine.data} 上仍有 PostgreSQL 在运行（端口 {port}）：请先停止",
        )


def _archive_of(sheet: Sheet, archive: Path | None) -> Path:
    kept = (archive or Path(sheet.archive)).absolute()
    if archive is None and not kept.is_dir():
        raise LocalError(
            f"the archived log is not in {kept}: name its folder with --archive; a new one restores the backup alone",
            f"{kept} 中没有归档日志：请用 --archive 指定其目录；指定新目录则仅恢复备份本身",
        )
    return kept


def _now_ms() -> int:
    return SystemClock().now_ms()
