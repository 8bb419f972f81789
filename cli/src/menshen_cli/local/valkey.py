"""Valkey (or Redis) as a program of ours: append-only file, no eviction, no snapshots, loopback, a password."""

import socket
from contextlib import suppress

from .binaries import Installation
from .ports import LOOPBACK
from .processes import Program
from .secret import new_secret, write_secret
from .workplace import Workplace

_ANSWER_S = 2.0


class ValkeyEngine:
    """How to configure and run Valkey."""

    def __init__(self, workplace: Workplace, installation: Installation, *, durable: bool) -> None:
        self._workplace = workplace
        self._binary = installation.binaries["server"]
        self._durable = durable
        self.password_file = workplace.home / "valkey.password"

    def prepare(self) -> None:
        """Make a password when there is none."""
        if not self.password_file.exists():
            write_secret(self.password_file, new_secret())

    def program(self, port: int) -> Program:
        """The command; its configuration file holds the password and is the server's alone (0600)."""
        lines = [
            f"bind {LOOPBACK}",
            f"port {port}",
            "protected-mode yes",
            f"requirepass {self.password_file.read_text()}",
            f'dir "{self._workplace.state}"',
            'save ""',
            "appendonly yes",
            f"appendfsync {'everysec' if self._durable else 'no'}",
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
            "loglevel warning",
        ]
        configuration = write_secret(self._workplace.state / "valkey.conf", "\n".join(lines) + "\n")
        self._workplace.hand_over(configuration)
        return self._workplace.program("valkey", [str(self._binary), str(configuration)])

    def ready(self, _pid: int, port: int) -> bool:
        """Whether it answers PING, its append-only file loaded."""
        return ask(LOOPBACK, port, self.password_file.read_text(), "PING").startswith("+PONG")

    def url(self, port: int) -> str:
        return f"redis://{LOOPBACK}:{port}/0"


def ask(host: str, port: int, password: str, command: str) -> str:
    """The raw answer to one command, or "" when nobody answers. For start-up only."""
    login = f"AUTH {password}\r\n" if password else ""
    with suppress(OSError), socket.create_connection((host, port), timeout=_ANSWER_S) as connection:
        connection.sendall(f"{login}{command}\r\nQUIT\r\n".encode())
        with connection.makefile("rb") as answers:
            if login:
                answers.readline()
            return answers.read(65_536).decode(errors="replace")
    return ""
