"""PostgreSQL and Valkey for one machine: found, started on loopback, and kept on the same port through a restart.

Each server is taken from the URL setting, else the embedded wheel, else the PATH; `taken` says which. Methods block
for up to some seconds: from a coroutine call them with `asyncio.to_thread`.
"""

import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from menshen_servicekit.redis_url import parse_redis_url

from .binaries import Taken, find_postgres, find_valkey
from .language import LocalError
from .ports import LOOPBACK, free_port
from .postgres import PostgresEngine
from .processes import ProcessEndedError, Program, StartedProcess
from .secret import write_secret
from .valkey import ValkeyEngine
from .workplace import Workplace

_START_DEADLINE_S = 60.0
_START_TRIES = 4
_PORT_TAKEN = "ddress already in use"


class Server(Protocol):
    """A server and how services reach it.

    `url` never holds a password; the password is the whole content of `password_file`, or there is none. For
    PostgreSQL the URL's user is a superuser and its database the administrative one.
    """

    @property
    def taken(self) -> Taken:
        """Where it comes from."""

    @property
    def url(self) -> str:
        """Known from the start on, and the same after a restart."""

    @property
    def password_file(self) -> Path | None:
        """A file of mode 0600."""

    def start(self) -> None:
        """Return when it answers. Raises LocalError."""

    def stop(self) -> None:
        """Stop it cleanly; nothing of it is left running."""

    def kill(self) -> None:
        """`kill -9` it with all its processes."""

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same port with the same data."""

    def remove(self) -> None:
        """Stop it and delete all it holds. A server that is not ours keeps everything."""


def postgres_server(folder: Path, *, durable: bool = True) -> "OwnServer | GivenServer":
    """PostgreSQL from MENSHEN_DATABASE_URL, else one of our own in `folder`. Not started yet. Raises LocalError.

    `durable=False` forgets fsync: for quick tests, never where a server is killed.
    """
    given = given_server("MENSHEN_DATABASE", folder)
    if given:
        return given
    refuse_own_servers_in_production()
    workplace = Workplace.prepare(folder)
    installation = workplace.reach(find_postgres())
    return OwnServer(PostgresEngine(workplace, installation, durable=durable), workplace, installation.taken)


def valkey_server(folder: Path, *, durable: bool = True) -> "OwnServer | GivenServer":
    """Valkey or Redis from MENSHEN_REDIS_URL, else one of our own in `folder`. Not started yet. Raises LocalError."""
    given = given_server("MENSHEN_REDIS", folder)
    if given:
        return given
    refuse_own_servers_in_production()
    workplace = Workplace.prepare(folder)
    installation = workplace.reach(find_valkey())
    return OwnServer(ValkeyEngine(workplace, installation, durable=durable), workplace, installation.taken)


def refuse_own_servers_in_production() -> None:
    """Raise LocalError when MENSHEN_ENVIRONMENT is production: there servers are operated, not started by us."""
    if os.environ.get("MENSHEN_ENVIRONMENT", "development") == "production":
        raise LocalError(
            "MENSHEN_ENVIRONMENT is production: set MENSHEN_DATABASE_URL and MENSHEN_REDIS_URL to operated servers; "
            "those started by this command are for development",
            "MENSHEN_ENVIRONMENT 为 production：请将 MENSHEN_DATABASE_URL 与 MENSHEN_REDIS_URL 指向正式运维的服务器；"
            "本命令启动的服务器仅供开发使用",
        )


class Engine(Protocol):
    """What is particular to one server program."""

    password_file: Path

    def prepare(self) -> None:
        """Make data and password when there are none. Raises LocalError."""

    def program(self, port: int) -> Program:
        """The command that serves on `port`."""

    def ready(self, pid: int, port: int, /) -> bool:
        """Whether process `pid` serves on `port`."""

    def url(self, port: int) -> str:
        """How to reach it, without a password."""


class OwnServer:
    """A server program we start on a loopback port of ours."""

    def __init__(self, engine: Engine, workplace: Workplace, taken: Taken) -> None:
        self._engine = engine
        self._workplace = workplace
        self._taken = taken
        self._process: StartedProcess | None = None
        self._port = 0

    @property
    def taken(self) -> Taken:
        return self._taken

    @property
    def port(self) -> int:
        """0 before the first start."""
        return self._port

    @property
    def url(self) -> str:
        return self._engine.url(self._port)

    @property
    def password_file(self) -> Path:
        return self._engine.password_file

    @property
    def log_file(self) -> Path:
        return self._workplace.log_file

    @property
    def pid(self) -> int | None:
        """The server's process, or None while it is down."""
        return self._process.pid if self._process and self._process.running else None

    def start(self) -> None:
        self._engine.prepare()
        if self._port:
            self._process = self._serve()
            return
        for _ in range(_START_TRIES):
            self._port = free_port()
            try:
                self._process = self._serve()
            except ProcessEndedError as ended:
                if _PORT_TAKEN not in ended.log:
                    raise
            else:
                return
        raise LocalError("every chosen port was taken by another program", "所选端口均被其他程序占用")

    def stop(self) -> None:
        if self._process:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self._workplace.home)

    def _serve(self) -> StartedProcess:
        process = StartedProcess(self._engine.program(self._port))
        try:
            process.wait_until(lambda: self._engine.ready(process.pid, self._port), _START_DEADLINE_S)
        except BaseException:
            process.kill()
            raise
        return process


class GivenServer:
    """A server somebody else runs, named by a URL setting: reachable, but not ours to stop."""

    def __init__(self, url: str, password_file: Path | None) -> None:
        self._url = url
        self._password_file = password_file

    @property
    def taken(self) -> Taken:
        return Taken.SETTING

    @property
    def url(self) -> str:
        return self._url

    @property
    def password_file(self) -> Path | None:
        return self._password_file

    def start(self) -> None:
        *others, last = _places_of(self._url)
        for place in others:
            with suppress(OSError):
                socket.create_connection(place, timeout=5).close()
                return
        try:
            socket.create_connection(last, timeout=5).close()
        except OSError as trouble:
            host, port = last
            raise LocalError(
                f"nothing answers at {host}:{port}, which a URL setting names: {trouble}",
                f"URL 设置所指的 {host}:{port} 无响应：{trouble}",
            ) from trouble

    def stop(self) -> None:
        """Leave it running."""

    def kill(self) -> None:
        raise _not_ours()

    def restart(self) -> None:
        raise _not_ours()

    def remove(self) -> None:
        """Leave it as it is."""


def _not_ours() -> LocalError:
    return LocalError("a server named by a URL setting is not ours to stop", "URL 设置所指的服务器不可由本程序停止")


def _places_of(url: str) -> tuple[tuple[str, int], ...]:
    """Where the server a URL names is reached; several places for sentinels or a Cluster. Raises LocalError."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("redis"):
        return ((parts.hostname or LOOPBACK, parts.port or 5432),)
    try:
        return parse_redis_url(url).hosts
    except ValueError as expected:
        raise LocalError(
            f"MENSHEN_REDIS_URL: expected {expected}", f"MENSHEN_REDIS_URL 有误，应为：{expected}"
        ) from expected


def given_server(setting: str, folder: Path) -> GivenServer | None:
    """The server `{setting}_URL` names; a password inside the URL moves to a file of ours."""
    url = os.environ.get(f"{setting}_URL", "")
    if not url:
        return None
    parts = urlsplit(url)
    file_setting = os.environ.get(f"{setting}_PASSWORD_FILE", "")
    password_file = Path(file_setting) if file_setting else None
    if parts.password:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        password_file = write_secret(folder / "given.password", parts.password)
        url = url.replace(f":{parts.password}@", "@", 1)
    return GivenServer(url, password_file)
