"""PostgreSQL as a program of ours: a data folder with scram passwords, loopback only, no socket in the file system."""

import signal
from collections.abc import Mapping
from pathlib import Path

import psutil

from .archiving import Archiving
from .binaries import Installation
from .epochs import mark_due
from .language import LocalError
from .ports import LOOPBACK
from .processes import Program, StartedProcess
from .secret import new_secret, write_secret
from .workplace import Workplace

SUPERUSER = "postgres"
PASSWORD_FILE = "postgres.password"  # noqa: S105 - the name of a file
_DATA = "pgdata"
_INIT_DEADLINE_S = 60.0
_PORT_LINE, _STATUS_LINE = 3, 7
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
}
_DURABLE = {"archive_mode": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresEngine:
    """How to initialise and run PostgreSQL. `durable=False` is for tests that never kill it."""

    def __init__(self, workplace: Workplace, installation: Installation, *, durable: bool) -> None:
        self._workplace = workplace
        self._installation = installation
        self._durable = durable
        self._data = workplace.state / _DATA
        self.archiving = Archiving(workplace, self._data)
        self.password_file = workplace.home / PASSWORD_FILE

    @property
    def data(self) -> Path:
        """The data folder."""
        return self._data

    @property
    def laid_aside(self) -> Path | None:
        """Where the data folder lies since a restore was cut short; None while it is in its place, or there is none."""
        aside = self._aside()
        return aside[-1] if aside and not self._data.exists() else None

    def prepare(self) -> None:
        """Make the data folder when there is none. Raises LocalError when one of another major version lies there."""
        found = self._data / "PG_VERSION"
        if not found.exists():
            self._refuse_half_restored()
            self._initialise()
            return
        self.archiving.include()
        if self.archiving.is_outrun:
            self._cut_off(self._data)
        major = found.read_text().strip()
        if major != str(self._installation.version[0]) or not self.password_file.exists():
            raise LocalError(
                f"{self._data} was made by PostgreSQL {major} or has lost its password; remove {self._workplace.home}",
                f"{self._data} 由 PostgreSQL {major} 创建或密码文件已丢失；请删除 {self._workplace.home}",
            )

    def program(self, port: int) -> Program:
        return self.program_on(self._data, {"port": str(port)})

    def program_on(self, data: Path, more: Mapping[str, str]) -> Program:
        """The command that serves a data folder, with further settings."""
        settings = {**_SETTINGS, **(_DURABLE if self._durable else _FORGETFUL), **more}
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return self._workplace.program(
            "postgres",
            [str(self._installation.binaries["postgres"]), "-D", str(data), *arguments],
            stop_signal=signal.SIGINT,
        )

    def ready(self, pid: int, _port: int) -> bool:
        return self.ready_on(self._data, pid)

    def ready_on(self, data: Path, pid: int) -> bool:
        """Whether the postmaster `pid` of a data folder has written that it accepts connections that may write."""
        lines = _postmaster_lines(data)
        return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def set_aside(self, stamp: str) -> Path | None:
        """Move the data folder out of the way of the one that takes its place; where it is now, or None for none."""
        aside = self._data.with_name(f"{self._data.name}.before-{stamp}") if self._data.exists() else None
        if aside is not None:
            self._data.rename(aside)
        for folder in self._aside():
            self._cut_off(folder)
        return aside

    def _cut_off(self, data: Path) -> None:
        """Started again, a data folder that another took the place of archives nothing and begins a new epoch."""
        Archiving(self._workplace, data).set_aside()
        self._workplace.hand_over(mark_due(data))

    def url(self, port: int) -> str:
        return url_at(port)

    def _initialise(self) -> None:
        """Fill the data folder aside and rename it, so that an interrupted start leaves no half folder in its place."""
        partial = self._data.with_name("pgdata.partial")
        self._workplace.discard(partial)
        password = new_secret()
        password_file = self._workplace.hand_over(write_secret(self._workplace.state / "initdb.password", password))
        try:
            StartedProcess(self._workplace.program("initdb", self._initdb(partial, password_file))).finish(
                _INIT_DEADLINE_S
            )
        finally:
            password_file.unlink()
        write_secret(self.password_file, password)
        Archiving(self._workplace, partial).include()
        partial.rename(self._data)

    def _refuse_half_restored(self) -> None:
        """A restore that was cut short between laying the data folder aside and putting the other in its place."""
        aside = self._aside()
        if aside:
            raise LocalError(
                f"a restore was cut short: repeat `menshen restore`, or rename {aside[-1]} to {self._data}",
                f"恢复未完成：请重新执行 menshen restore，或将 {aside[-1]} 改名为 {self._data}",
            )

    def _aside(self) -> list[Path]:
        return sorted(self._data.parent.glob(f"{self._data.name}.before-*"))

    def _initdb(self, folder: Path, password_file: Path) -> list[str]:
        return [
            str(self._installation.binaries["initdb"]),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            *([] if self._durable else ["--no-sync"]),
        ]


def data_folder(run_folder: Path) -> Path:
    """Where the suite that runs in a folder has its database, if that is its own."""
    return Workplace.prepare(run_folder / "postgres").state / _DATA


def url_at(port: int) -> str:
    """A superuser's, without the password."""
    return f"postgresql://{SUPERUSER}@{LOOPBACK}:{port}/postgres"


def running_pid(data: Path) -> int:
    """The server of a data folder, ready or not; 0 while none runs, though one that was killed left its file."""
    first = next(iter(_postmaster_lines(data)), "")
    return int(first) if first.isdecimal() and _serves(int(first), data) else 0


def running_port(data: Path) -> int:
    """Where the server of a data folder listens; 0 while none is ready."""
    lines = _postmaster_lines(data)
    if len(lines) <= _STATUS_LINE or lines[_STATUS_LINE].strip() != "ready" or not running_pid(data):
        return 0
    return int(lines[_PORT_LINE])


def _postmaster_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, data: Path) -> bool:
    """PostgreSQL works in its data folder. One that cannot be looked at is taken for the one that is asked about."""
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()) == data.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
