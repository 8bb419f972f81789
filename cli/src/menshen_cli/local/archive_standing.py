"""How the archive of the log stands: what whoever runs the suite has to know, in English and Chinese."""

from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

from .archiving import Archiving
from .base_backup import system_identifier
from .language import LocalError
from .log_archive import LogArchive
from .postgres import PASSWORD_FILE, running_port, url_at
from .provision import administration
from .servers import GivenServer
from .workplace import Workplace

Words: TypeAlias = tuple[str, str]

_FAILING = """
    SELECT last_failed_wal,
           extract(epoch FROM clock_timestamp() - coalesce(last_archived_time, stats_reset))::bigint AS age_s
    FROM pg_stat_archiver
    WHERE last_failed_time > coalesce(last_archived_time, '-infinity') AND current_setting('archive_mode') <> 'off'
"""


def trouble_of(archiving: Archiving, data: Path) -> Words | None:
    """Why the database of a data folder cannot be archived; None where it can, or is not meant to be yet."""
    if archiving.is_set_aside:
        return (
            "this database was set aside by a restore, and what it writes is not archived: its archive is that of the "
            "restored one. To go on with it: `menshen backup FOLDER --archive ANOTHER`, two new folders",
            "本数据库曾被一次恢复替换，其写入不再归档：原归档目录归恢复后的数据库。"
            "如继续使用本数据库，请执行 menshen backup 备份目录 --archive 归档目录，两者均为新目录",
        )
    left = archiving.left_behind
    if left is not None:
        return (
            f"an earlier version archived to {left}; what is written now is not archived, and no backup of before "
            "reaches it. To archive again: `menshen backup FOLDER --archive ANOTHER`, two new folders",
            f"早先版本归档于 {left}；现在的写入不再归档，此前的备份也恢复不到这些内容。"
            "如需重新归档，请执行 menshen backup 备份目录 --archive 归档目录，两者均为新目录",
        )
    if archiving.folder is None:
        return None
    try:
        LogArchive(archiving.folder, system_identifier(data)).check()
    except LocalError as trouble:
        return (
            f"{trouble.en} The database keeps what it writes until then, as far as its disk goes",
            f"{trouble.zh}在此之前数据库自行保留日志，以其磁盘空间为限",
        )
    return None


async def failing_now(workplace: Workplace, data: Path) -> Words | None:
    """That the server of a data folder could archive nothing at its last try; None where it could, or none runs."""
    port = running_port(data)
    if not port:
        return None
    try:
        async with administration(GivenServer(url_at(port), workplace.home / PASSWORD_FILE)) as connection:
            return await _failing(connection)
    except (OSError, asyncpg.PostgresError) as trouble:
        return f"PostgreSQL does not answer: {trouble}", f"PostgreSQL 未应答：{trouble}"


async def _failing(connection: Any) -> Words | None:
    row = await connection.fetchrow(_FAILING)
    if row is None:
        return None
    minutes = max(int(row["age_s"] or 0), 0) // 60
    return (
        f"nothing could be archived for {minutes} min ({row['last_failed_wal']}): its server.log says why",
        f"已有 {minutes} 分钟无法归档（{row['last_failed_wal']}）：原因见其 server.log",
    )
