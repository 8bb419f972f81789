"""Valkey nodes that work together; `redis_groups` has the groups they form.

Every node is a process of its own on loopback with a port of its own, started and ended like the other servers here.
Nodes can be killed, paused (SIGSTOP: alive, its sockets open, silent) and emptied. Methods that wait are coroutines.
"""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import hiredis
from menshen_cli.local.binaries import find_valkey
from menshen_cli.local.ports import LOOPBACK
from menshen_cli.local.processes import Program
from menshen_cli.local.secret import new_secret, write_secret
from menshen_cli.local.servers import OwnServer
from menshen_cli.local.workplace import Workplace

_ANSWER_S: Final = 2.0
_UNFINISHED: Final = object()

Lines = Callable[[int], Sequence[str]]


class _Engine:
    """One node: `lines` gives what its configuration says beside the usual for a port.

    The configuration is written once: the server itself rewrites it when it learns what it has become.
    """

    def __init__(
        self, workplace: Workplace, binary: Path, password_file: Path, lines: Lines, mode: Sequence[str]
    ) -> None:
        self._workplace = workplace
        self._binary = binary
        self._lines = lines
        self._mode = mode
        self.password_file = password_file

    def prepare(self) -> None:
        """Nothing is to be made."""

    def program(self, port: int) -> Program:
        configuration = self._workplace.state / "node.conf"
        if not configuration.exists():
            usual = [f"bind {LOOPBACK}", f"port {port}", f'dir "{self._workplace.state}"', 'logfile ""']
            text = "\n".join([*usual, f"requirepass {self.password_file.read_text()}", *self._lines(port)])
            self._workplace.hand_over(write_secret(configuration, f"{text}\n"))
        return self._workplace.program("node", [str(self._binary), str(configuration), *self._mode])

    def ready(self, _pid: int, port: int) -> bool:
        return _reply(port, self.password_file.read_text(), "PING") == "PONG"

    def url(self, port: int) -> str:
        return f"redis://{LOOPBACK}:{port}/0"


class Node:
    """One server of a group."""

    def __init__(self, folder: Path, password_file: Path, lines: Lines, mode: Sequence[str] = ()) -> None:
        self._workplace = Workplace.prepare(folder)
        installation = self._workplace.reach(find_valkey())
        engine = _Engine(self._workplace, installation.binaries["server"], password_file, lines, mode)
        self._server = OwnServer(engine, self._workplace, installation.taken)
        self._password_file = password_file
        self.is_paused = False

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def answers(self) -> bool:
        """Whether it runs and is not paused."""
        return self._server.pid is not None and not self.is_paused

    async def tell(self, *words: str | int) -> Any:
        """The reply to one command, texts as str, an error as a ReplyError; None when none comes."""
        return await asyncio.to_thread(_reply, self.port, self._password_file.read_text(), *words)

    async def look(self, *words: str | int) -> Any:
        """As `tell`, of what the node itself holds, though it be a replica in a Cluster."""
        return await asyncio.to_thread(_reply, self.port, self._password_file.read_text(), *words, reads_here=True)

    async def start(self) -> None:
        """Start it on the port it had, with what it kept."""
        await asyncio.to_thread(self._server.start)

    async def kill(self) -> None:
        await asyncio.to_thread(self._server.kill)
        self.is_paused = False

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)
        self.is_paused = True

    def resume(self) -> None:
        self._signal(signal.SIGCONT)
        self.is_paused = False

    def empty(self) -> None:
        """Delete the append-only file of a node that is down."""
        shutil.rmtree(self._workplace.state / "appendonlydir")

    def remove(self) -> None:
        self._server.remove()

    def _signal(self, number: signal.Signals) -> None:
        assert self._server.pid is not None, "it does not run"
        os.kill(self._server.pid, number)


class NodeGroup:
    """Nodes that share a password. `url` and the password files are what settings take."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.folder = folder
        self.password_file = write_secret(folder / "password", new_secret())
        self.nodes: list[Node] = []

    @property
    def url(self) -> str:
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, str]:
        """What a process of access is told."""
        return {"MENSHEN_REDIS_URL": self.url, "MENSHEN_REDIS_PASSWORD_FILE": str(self.password_file)}

    def node_at(self, port: int) -> Node:
        return next(node for node in self.nodes if node.port == port)

    async def primary_of(self, key: str) -> Node | None:
        """The node that holds a key by the word of the others; None while they name none that answers."""
        raise NotImplementedError

    async def replicas_of(self, primary: Node) -> list[Node]:
        """The nodes that follow a primary, by its own word."""
        _, _, followers = await primary.tell("ROLE")
        return [self.node_at(int(port)) for _, port, _ in followers]

    async def is_whole(self) -> bool:
        """Every node runs and follows or is followed as at the beginning."""
        raise NotImplementedError

    async def close(self) -> None:
        for node in self.nodes:
            await asyncio.to_thread(node.remove)

    def _add(self, name: str, lines: Lines, mode: Sequence[str] = ()) -> Node:
        node = Node(self.folder / name, self.password_file, lines, mode)
        self.nodes.append(node)
        return node

    def _replicating(self, *more: str) -> list[str]:
        return [
            f"masterauth {self.password_file.read_text()}",
            'save ""',
            "appendonly yes",
            "appendfsync no",
            "maxmemory-policy noeviction",
            "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
            *more,
        ]


def _reply(port: int, password: str, *words: str | int, reads_here: bool = False) -> Any:
    reader = hiredis.Reader(encoding="utf-8", errors="replace", notEnoughData=_UNFINISHED)
    commands = [("AUTH", password), *([("READONLY",)] if reads_here else []), words]
    asked = b"".join(map(hiredis.pack_command, commands))
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_ANSWER_S) as connection:
            connection.sendall(asked)
            replies: list[Any] = []
            while len(replies) < len(commands):
                if (reply := reader.gets()) is not _UNFINISHED:
                    replies.append(reply)
                elif chunk := connection.recv(65_536):
                    reader.feed(chunk)
                else:
                    return None
    except OSError:
        return None
    return replies[-1]
