"""PostgreSQL as a program of ours: a data folder with scram passwords, loopback only, no socket in the file system."""

import signal
from pathlib import Path

from .binaries import Installation
from .language import LocalError
from .ports import LOOPBACK
from .processes import Program, StartedProcess
from .secret import new_secret, write_secret
from .workplace import Workplace

SUPERUSER = "postgres"
_INIT_DEADLINE_S = 60.0
_STATUS_LINE = 7
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
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresEngine:
    """How to initialise and run PostgreSQL. `durable=False` is for tests that never kill it."""

    def __init__(self, workplace: Workplace, installation: Installation, *, durable: bool) -> None:
        self._workplace = workplace
        self._installation = installation
        self._durable = durable
        self._data = workplace.state / "pgdata"
        self.password_file = workplace.home / "postgres.password"

    def prepare(self) -> None:
        """Make the data folder when there is none. Raises LocalError when one of another major version lies there."""
        found = self._data / "PG_VERSION"
        if not found.exists():
            self._initialise()
            return
        major = found.read_text().strip()
        if major != str(self._installation.version[0]) or not self.password_file.exists():
            raise LocalError(
                f"{self._data} was made by PostgreSQL {major} or has lost its password; remove {self._workplace.home}",
                f"{self._data} 由 PostgreSQL {major} 创建或密码文件已丢失；请删除 {self._workplace.home}",
            )

    def program(self, port: int) -> Program:
        settings = {**_SETTINGS, "port": str(port), **({} if self._durable else _FORGETFUL)}
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return self._workplace.program(
            "postgres",
            [str(self._installation.binaries["postgres"]), "-D", str(self._data), *arguments],
            stop_signal=signal.SIGINT,
        )

    def ready(self, pid: int, _port: int) -> bool:
        """Whether the postmaster `pid` has written that it accepts connections."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def url(self, port: int) -> str:
        return f"postgresql://{SUPERUSER}@{LOOPBACK}:{port}/postgres"

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
        partial.rename(self._data)

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
