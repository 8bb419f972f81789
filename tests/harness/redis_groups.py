"""Valkey in company: three sentinels over a primary with replicas, and a Cluster of six."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from menshen_cli.local.ports import LOOPBACK, free_port

from harness.patience import eventually
from harness.redis_nodes import Node, NodeGroup

PRIMARY_NAME: Final = "campus"
DOWN_AFTER_MS: Final = 3_000
"""After this long without an answer a sentinel, or a node of the Cluster, takes a node for dead."""
MAX_LAG_S: Final = 1
"""A primary none of whose replicas was heard of for longer takes no writes: that is before another can be chosen."""
AGAIN_MS: Final = 2_000
"""Sentinels whose election ended in a draw hold another after twice this long."""
_START_S: Final = 30.0
_SLOTS: Final = 16_384


class SentinelTrio(NodeGroup):
    """A primary with two replicas, and three sentinels that ask for a password of their own."""

    async def start(self) -> None:
        """Return when every sentinel knows all the others and the replicas follow."""
        first = self._add("first", self._data_lines)
        await first.start()
        self._first_port = first.port
        replicas = [self._add(name, self._replica_lines) for name in ("second", "third")]
        await _start(replicas)
        self.data = [first, *replicas]
        self.sentinels = [self._add(f"sentinel-{n}", self._sentinel_lines, ("--sentinel",)) for n in (1, 2, 3)]
        await _start(self.sentinels)
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
            f"sentinel failover-timeout {PRIMARY_NAME} {AGAIN_MS}",
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

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bus: dict[int, int] = {}

    async def start(self) -> None:
        """Return when every node knows all the others, all slots are held and the replicas follow."""
        for number in range(6):
            self._add(f"node-{number}", self._lines)
        await _start(self.nodes)
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


async def _start(nodes: Iterable[Node]) -> None:
    await asyncio.gather(*(node.start() for node in nodes))
