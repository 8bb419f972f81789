"""`menshen backup FOLDER`: the running suite's database, whole or not at all, and its log archived from then on."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from menshen_cli.instants import date_and_time
from menshen_cli.local import base_backup
from menshen_cli.local.base_backup import DATA, FORMAT, PASSWORD, Sheet
from menshen_cli.local.binaries import Installation, find_postgres
from menshen_cli.local.language import LocalError, pick
from menshen_cli.local.log_archive import LogArchive
from menshen_cli.local.postgres import PostgresEngine, running_port
from menshen_cli.local.provision import administration
from menshen_cli.local.runfolder import default_folder, published_addresses
from menshen_cli.local.secret import write_secret
from menshen_cli.local.servers import GivenServer
from menshen_cli.local.workplace import Workplace
from menshen_cli.os_troubles import os_words
from menshen_cli.written_files import check_new

_ARCHIVED_S = 60.0
_POLL_S = 0.2
_NOW = "SELECT ceil(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_ARCHIVES_TO = """
    SELECT current_setting('archive_library') = 'basic_archive'
       AND current_setting('basic_archive.archive_directory', true) = $1
"""

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="folder to make / 要创建的备份目录")],
    archive: Annotated[
        Path | None,
        typer.Option(help="where the log goes, best on another disk; as before / 日志归档目录，宜在另一磁盘；沿用原处"),
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录 [.menshen/run]")] = None,
) -> None:
    """Back the database up, and keep what restores it to any later instant. 备份数据库，此后任一时刻均可恢复。"""
    run_folder = folder or default_folder()
    published_addresses(run_folder)
    check_new(target)
    sheet = asyncio.run(take(target.absolute(), run_folder, archive))
    told = (
        f"{target}: as of {date_and_time(sheet.whole_at_ms)}; what is written from now on goes to {sheet.archive}",
        f"{target}：截至 {date_and_time(sheet.whole_at_ms)}；此后的写入归档于 {sheet.archive}",
    )
    Console().print(pick(*told), soft_wrap=True)


async def take(target: Path, run_folder: Path, archive: Path | None = None) -> Sheet:
    """Make the backup `target` of the suite running in `run_folder`. LocalError, and no folder, when it cannot be."""
    workplace = Workplace.prepare(run_folder / "postgres")
    installation = workplace.reach(find_postgres())
    engine = PostgresEngine(workplace, installation, durable=True)
    port = running_port(engine.data)
    if not port:
        raise LocalError(
            f"the suite in {run_folder} has no PostgreSQL of its own: back that one up with its own means",
            f"{run_folder} 中的系统未使用自带的 PostgreSQL：请用该数据库自身的备份手段",
        )
    part = _new_part(target)
    try:
        root = archive or engine.archiving.folder or workplace.state / "archive"
        sheet = await _fill(part, engine, installation, port, root.absolute())
        part.rename(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        en, zh = os_words(error)
        raise LocalError(f"{part}: {en}", f"{part}：{zh}") from None
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _sync_folder(target.parent)
    note_whole(target, sheet, workplace)
    return sheet


def note_whole(target: Path, sheet: Sheet, workplace: Workplace) -> None:
    """Have the archive keep what the backup needs, and no longer what none does; LocalError, and the backup stays."""
    kept = LogArchive(Path(sheet.archive), sheet.system)
    try:
        kept.note_whole(base_backup.first_segment(target / DATA), workplace)
        kept.prune()
    except OSError as error:
        en, zh = os_words(error)
        raise LocalError(
            f"{target} is whole, but the log it needs could not be noted in {kept.log}, where later backups may drop "
            f"it: {en}. Make another backup",
            f"{target} 是完整的，但未能在 {kept.log} 登记其所需的日志，之后的备份可能将其删除：{zh}。请再做一次备份",
        ) from None


def _new_part(target: Path) -> Path:
    part = target.with_name(f"{target.name}.part")
    try:
        part.mkdir(mode=0o700)
    except FileExistsError:
        raise LocalError(
            f"{part} is there: a backup is under way, or was killed; remove it if none is",
            f"{part} 已存在：有备份正在进行或曾被强行终止；若无正在进行的备份请删除它",
        ) from None
    except OSError as error:
        en, zh = os_words(error)
        raise LocalError(f"{part}: {en}", f"{part}：{zh}") from None
    return part


async def _fill(part: Path, engine: PostgresEngine, installation: Installation, port: int, root: Path) -> Sheet:
    password, system = engine.password_file.read_text().strip(), base_backup.system_identifier(engine.data)
    server = GivenServer(engine.url(port), engine.password_file)
    async with administration(server) as connection:
        try:
            with engine.archiving.or_as_before():
                archive = await _archive_to(connection, engine, root, system)
                began_at_ms = await connection.fetchval(_NOW)
                await asyncio.to_thread(base_backup.copy_server, part, installation, port, password)
                await asyncio.to_thread(base_backup.verify, part, installation)
                whole_at_ms = await connection.fetchval(_NOW)
                await connection.execute("SELECT pg_switch_wal()")
                first = archive.log / base_backup.first_segment(part / DATA)
                await _until(partial(_is_archived, server, first), archive)
        finally:
            await connection.execute("SELECT pg_reload_conf()")
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname")
        version = await connection.fetchval("SHOW server_version")
    write_secret(part / PASSWORD, password)
    names, manifest = [row["datname"] for row in rows], base_backup.manifest_sha256(part)
    sheet = Sheet(FORMAT, began_at_ms, whole_at_ms, version, system, names, str(root), manifest)
    base_backup.write_sheet(part, sheet)
    return sheet


async def _archive_to(connection: Any, engine: PostgresEngine, root: Path, system: str) -> LogArchive:
    """From here on nothing the server writes is dropped."""
    if await connection.fetchval("SHOW archive_mode") != "on":
        raise LocalError(
            "this server was started without an archive of its log: start the suite again with `menshen up`",
            "该服务器启动时未开启日志归档：请用 menshen up 重新启动系统",
        )
    archive = engine.archiving.keep(root, system)
    await connection.execute("SELECT pg_reload_conf()")

    async def archives() -> bool:
        return await connection.fetchval(_ARCHIVES_TO, str(archive.log)) is True

    await _until(archives, archive)
    return archive


async def _is_archived(server: GivenServer, first: Path) -> bool:
    """Asked over a new connection: that is when PostgreSQL starts an archiver that ended to change its ways."""
    async with administration(server):
        return await asyncio.to_thread(first.exists)


async def _until(is_so: Callable[[], Awaitable[bool]], archive: LogArchive) -> None:
    give_up = asyncio.get_running_loop().time() + _ARCHIVED_S
    while not await is_so():
        if asyncio.get_running_loop().time() > give_up:
            raise _not_archived(archive)
        await asyncio.sleep(_POLL_S)


def _not_archived(archive: LogArchive) -> LocalError:
    return LocalError(
        f"PostgreSQL does not archive to {archive.log}: its server.log says why",
        f"PostgreSQL 无法归档到 {archive.log}：原因见其 server.log",
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
