"""A backup: the data folder of a running server as it was at one instant, and what is needed to use it again.

In its folder: `pgdata` with PostgreSQL's own manifest of it, `postgres.password`, and `backup.json`, which says what it
is. Keys, certificates and signed heads are not in it: whoever holds it can read the records, and prove nothing.
"""

import hashlib
import json
import os
import re
import struct
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .binaries import Installation
from .language import LocalError
from .ports import LOOPBACK
from .postgres import SUPERUSER
from .processes import ProcessEndedError, Program, StartedProcess
from .secret import write_secret

FORMAT = "menshen-backup-1"
SHEET = "backup.json"
DATA = "pgdata"
PASSWORD = "postgres.password"  # noqa: S105 - the name of a file
_MANIFEST = "backup_manifest"
_FIRST = re.compile(r"^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)$", re.MULTILINE)
_MOST_S = 24 * 3600.0


@dataclass(frozen=True)
class Sheet:
    """What `backup.json` says. Any instant from `whole_at_ms` on can be restored, as far as `archive` goes."""

    format: str
    began_at_ms: int
    whole_at_ms: int
    server: str
    system: str
    databases: list[str]
    archive: str
    manifest_sha256: str

    @property
    def major(self) -> int:
        return int(self.server.partition(".")[0])


def write_sheet(folder: Path, sheet: Sheet) -> None:
    """Write it into a backup, on disk when this returns."""
    descriptor = os.open(folder / SHEET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(sheet), file, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def read_sheet(folder: Path) -> Sheet:
    """LocalError for a folder that is no backup."""
    try:
        told: Any = json.loads((folder / SHEET).read_text(encoding="utf-8"))
        sheet = Sheet(**told)
        if sheet.format == FORMAT and sheet.major > 0:
            return sheet
    except (OSError, ValueError, TypeError, AttributeError):
        pass
    raise LocalError(
        f"{folder} is no backup: {SHEET} is not there, or not of this program",
        f"{folder} 不是备份：缺少 {SHEET}，或并非本程序所写",
    )


def manifest_sha256(folder: Path) -> str:
    """Of PostgreSQL's own manifest, which has the checksum of every file."""
    return hashlib.sha256((folder / DATA / _MANIFEST).read_bytes()).hexdigest()


def system_identifier(data: Path) -> str:
    """What a database cluster was given when it was made, of its control file; empty when that is not there."""
    try:
        return str(struct.unpack("=Q", (data / "global" / "pg_control").read_bytes()[:8])[0])
    except (OSError, struct.error):
        return ""


def first_segment(data: Path) -> str:
    """The segment of the log that a backed up data folder needs first. LocalError when it does not say."""
    found = _FIRST.search((data / "backup_label").read_text())
    if found is None:
        raise LocalError(f"{data} does not say where it begins", f"{data} 未注明起点")
    return found[1]


def check_whole(folder: Path, installation: Installation) -> Sheet:
    """Read every byte of a backup; LocalError when anything is missing, changed or of another server."""
    sheet = read_sheet(folder)
    if sheet.major != installation.version[0]:
        raise LocalError(
            f"{folder} is of PostgreSQL {sheet.major}, here is {installation.version[0]}",
            f"{folder} 来自 PostgreSQL {sheet.major}，本机为 {installation.version[0]}",
        )
    try:
        manifest = manifest_sha256(folder)
    except OSError:
        manifest = ""
    if manifest != sheet.manifest_sha256 or not (folder / PASSWORD).is_file():
        raise _torn(folder, _MANIFEST, _MANIFEST)
    verify(folder, installation)
    return sheet


def verify(folder: Path, installation: Installation) -> None:
    """Compare a backup with PostgreSQL's manifest of it; LocalError names what differs."""
    argv = [str(tool(installation, "pg_verifybackup")), "--quiet", str(folder.absolute() / DATA)]
    with tempfile.TemporaryDirectory(prefix="menshen-") as aside:
        try:
            run(Program("pg_verifybackup", argv, Path(aside), Path(aside) / "log", _environment()))
        except ProcessEndedError as ended:
            raise _torn(folder, ended.log, ended.log) from None


def _torn(folder: Path, en: str, zh: str) -> LocalError:
    return LocalError(
        f"the backup {folder} is not whole; nothing was changed: {en}", f"备份 {folder} 不完整，未作任何改动：{zh}"
    )


def copy_server(folder: Path, installation: Installation, port: int, password: str) -> None:
    """Copy a running server's data into `pgdata` below a folder, checksums in its manifest. Raises LocalError."""
    argv = [
        str(tool(installation, "pg_basebackup")),
        f"--pgdata={folder.absolute() / DATA}",
        f"--host={LOOPBACK}",
        f"--port={port}",
        f"--username={SUPERUSER}",
        "--no-password",
        "--checkpoint=fast",
        "--wal-method=stream",
        "--manifest-checksums=SHA256",
    ]
    with tempfile.TemporaryDirectory(prefix="menshen-") as aside:
        pass_file = write_secret(Path(aside) / "pgpass", f"{LOOPBACK}:{port}:*:{SUPERUSER}:{password}\n")
        environment = {**_environment(), "PGPASSFILE": str(pass_file)}
        run(Program("pg_basebackup", argv, Path(aside), Path(aside) / "log", environment))


def run(program: Program) -> None:
    """Run a tool to its end, however long it takes. Raises ProcessEndedError."""
    process = StartedProcess(program)
    try:
        process.finish(_MOST_S)
    except BaseException:
        process.kill()
        raise


def tool(installation: Installation, name: str) -> Path:
    """One of PostgreSQL's tools, which lie beside the server; LocalError where there is none."""
    found = installation.binaries["postgres"].with_name(name)
    if not found.is_file():
        raise LocalError(f"this PostgreSQL has no {name}: {found}", f"本机的 PostgreSQL 缺少 {name}：{found}")
    return found


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
