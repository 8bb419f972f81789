"""Valkey in company: nodes that replicate, three sentinels over a primary, and a Cluster of six.

Every node is a process of its own on loopback with a port of its own, started and ended like the other servers here.
Nodes can be killed, paused (SIGSTOP: alive, its sockets open, silent) and emptied. Methods that wait are coroutines.
"""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import hiredis
from menshen_cli.local.binaries import find_valkey
from menshen_cli.local.ports import LOOPBACK, free_port
from menshen_cli.local.processes import Program
from menshen_cli.local.secret import new_secret, write_secret
from menshen_cli.local.servers import OwnServer
from menshen_cli.local.workplace import Workplace

from harness.patience import eventually

PRIMARY_NAME: Final = "campus"
DOWN_AFTER_MS: Final = 3_000
"""After this long without an answer a sentinel, or a node of the Cluster, takes a node for dead."""
MAX_LAG_S: Final = 1
"""A primary none of whose replicas was heard of for longer takes no writes: that is before another can be chosen."""
_START_S: Final = 30.0
_SLOTS: Final = 16_384

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


class SentinelTrio(NodeGroup):
    """A primary with two replicas, and three sentinels that ask for a password of their own."""

    async def start(self) -> None:
        """Return when every sentinel knows all the others and the replicas follow."""
        first = self._add("first", self._data_lines)
        await first.start()
        self._first_port = first.port
        replicas = [self._add(name, self._replica_lines) for name in ("second", "third")]
        await _all(node.start() for node in replicas)
        self.data = [first, *replicas]
        self.sentinels = [self._add(f"sentinel-{n}", self._sentinel_lines, ("--sentinel",)) for n in (1, 2, 3)]
        await _all(node.start() for node in self.sentinels)
        await eventually(self.is_whole, _START_S)

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(node.address for node in self.sentinels)}/{PRIMARY_NAME}/0"

    @property
    def settings(self) -> dict[str, str]:
        return {**super().settings, "MENSHEN_REDIS_SENTINEL_PASSWORD_FILE": str(self.password_file)}

    async def primary_of(self, key: str = "") -> Node | None:
        for sentinel in self.sentinels:
            if sentinel.answers:
                _, port = await sentinel.tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", PRIMARY_NAME)
                node = self.node_at(int(port))
                return node if node.answers else None
        return None

    def _data_lines(self, _port: int) -> list[str]:
        return self._replicating("min-replicas-to-write 1", f"min-replicas-max-lag {MAX_LAG_S}")

    def _replica_lines(self, port: int) -> list[str]:
        return [*self._data_lines(port), f"replicaof {LOOPBACK} {self._first_port}"]

    def _sentinel_lines(self, _port: int) -> list[str]:
        password = self.password_file.read_text()
        return [
            f"sentinel monitor {PRIMARY_NAME} {LOOPBACK} {self._first_port} 2",
            f"sentinel auth-pass {PRIMARY_NAME} {password}",
            f"sentinel sentinel-pass {password}",
            f"sentinel down-after-milliseconds {PRIMARY_NAME} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {PRIMARY_NAME} 5000",
            f"sentinel parallel-syncs {PRIMARY_NAME} 2",
        ]

    async def is_whole(self) -> bool:
        for sentinel in self.sentinels:
            told = await sentinel.tell("SENTINEL", "MASTER", PRIMARY_NAME)
            facts = dict(zip(told[::2], told[1::2], strict=True))
            if (facts["num-slaves"], facts["num-other-sentinels"]) != ("2", "2"):
                return False
        roles = [await node.tell("ROLE") for node in self.data]
        return _pairs_of(roles) == [("master", 2), ("slave", "connected"), ("slave", "connected")]


class SixNodes(NodeGroup):
    """A Cluster of three primaries with a replica each; the slots are dealt in three parts."""

    async def start(self) -> None:
        """Return when every node knows all the others, all slots are held and the replicas follow."""
        for number in range(6):
            self._add(f"node-{number}", self._lines)
        await _all(node.start() for node in self.nodes)
        primaries, replicas = self.nodes[:3], self.nodes[3:]
        for number, node in enumerate(self.nodes):
            await node.tell("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number, node in enumerate(primaries):
            first, last = number * _SLOTS // 3, (number + 1) * _SLOTS // 3 - 1
            await node.tell("CLUSTER", "ADDSLOTSRANGE", first, last)
        for node in self.nodes[1:]:
            await self.nodes[0].tell("CLUSTER", "MEET", LOOPBACK, node.port, self._bus[node.port])
        await eventually(self._all_know_all, _START_S)
        for primary, replica in zip(primaries, replicas, strict=True):
            identity = await primary.tell("CLUSTER", "MYID")
            await eventually(lambda r=replica, i=identity: _follows(r, i), _START_S)
        await eventually(self.is_whole, _START_S)

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(node.address for node in self.nodes[:3])}"

    async def primary_of(self, key: str) -> Node | None:
        """Asks a node that answers; Valkey itself says which slot a key has."""
        for node in self.nodes:
            if node.answers:
                slot = await node.tell("CLUSTER", "KEYSLOT", key)
                return self._holder(slot, (await node.tell("CLUSTER", "NODES")).splitlines())
        return None

    def _holder(self, slot: int, lines: Iterable[str]) -> Node | None:
        for line in lines:
            words = line.split()
            if len(words) < 9 or "master" not in words[2] or "fail" in words[2]:
                continue
            for part in words[8:]:
                first, _, last = part.partition("-")
                if first.isdigit() and int(first) <= slot <= int(last or first):
                    node = self.node_at(int(words[1].split("@")[0].rpartition(":")[2]))
                    return node if node.answers else None
        return None

    def _lines(self, port: int) -> list[str]:
        self._bus[port] = free_port()
        return self._replicating(
            "cluster-enabled yes",
            "cluster-config-file nodes.conf",
            f"cluster-port {self._bus[port]}",
            f"cluster-node-timeout {DOWN_AFTER_MS}",
            "cluster-require-full-coverage no",
            "cluster-allow-replica-migration no",
        )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bus: dict[int, int] = {}

    async def _all_know_all(self) -> bool:
        told = [await node.tell("CLUSTER", "INFO") for node in self.nodes]
        return all("cluster_known_nodes:6" in text and "cluster_state:ok" in text for text in told)

    async def is_whole(self) -> bool:
        roles = [await node.tell("ROLE") for node in self.nodes]
        return await self._all_know_all() and _pairs_of(roles) == [("master", 1)] * 3 + [("slave", "connected")] * 3


def _pairs_of(roles: Iterable[Any]) -> list[tuple[str, Any]]:
    """Primaries with how many follow them, then replicas with the state of their link; nothing of a silent node."""
    told = [role for role in roles if isinstance(role, list)]
    return sorted((role[0], len(role[2]) if role[0] == "master" else role[3]) for role in told)


async def _follows(replica: Node, primary: str) -> bool:
    return await replica.tell("CLUSTER", "REPLICATE", primary) == "OK"


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


async def _all(steps: Iterable[object]) -> None:
    await asyncio.gather(*steps)  # type: ignore[call-overload]
