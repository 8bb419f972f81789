"""The processes of a running suite as a contract test sees them: addresses, callers, RPCs, health, metrics, logs."""

import asyncio
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from menshen_cli.local.suite import Suite
from prometheus_client.parser import text_string_to_metric_families

from harness.callers import Callers
from harness.rpcs import Reflection, Rpc

AGENT = "agent-north-1"
KEEPER = "access-keeper"
SERVICE_NAMES = ("identity", "vehicles", "safety", "access")
CALLED_NAMES = (*SERVICE_NAMES, AGENT)
"""Every process that serves calls, by the name the suite gives it."""

PROCESS_NAMES = (*CALLED_NAMES, KEEPER)
"""Every process: a keeper has health and metrics, and no gRPC address."""

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_CONNECT_S = 20.0


class RunningProcesses:
    """Opens channels once for each process and caller, and closes them."""

    def __init__(self, suite: Suite, strangers: Path) -> None:
        self.suite = suite
        self.callers = Callers(suite.pki, strangers)
        self._channels: dict[tuple[str, str], grpc.aio.Channel] = {}
        self._rpcs: dict[str, list[Rpc]] = {}

    def channel(self, process: str, caller: str = "operator of all sites") -> grpc.aio.Channel:
        """A channel as one caller, kept while the process keeps its address."""
        address = self.suite.addresses(process).grpc
        key = (address, caller)
        if key not in self._channels:
            self._channels[key] = self.callers.channel(caller, address)
        return self._channels[key]

    async def connected(self, process: str, caller: str = "operator of all sites") -> grpc.aio.Channel:
        """The same channel once its handshake is over."""
        channel = self.channel(process, caller)
        async with asyncio.timeout(_CONNECT_S):
            await channel.channel_ready()
        return channel

    async def rpcs(self, process: str) -> list[Rpc]:
        """Every RPC of the process, by its own word."""
        if process not in self._rpcs:
            self._rpcs[process] = await Reflection(self.channel(process)).rpcs()
        return self._rpcs[process]

    async def rpc(self, process: str, name: str) -> Rpc:
        """The RPC of that short name."""
        [found] = [rpc for rpc in await self.rpcs(process) if rpc.descriptor.name == name]
        return found

    async def health(self, process: str, service: str = "") -> int:
        """SERVING or NOT_SERVING, by the plaintext port."""
        async with grpc.aio.insecure_channel(self.suite.addresses(process).health) as channel:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        return int(answer.status)

    async def serves(self, process: str) -> bool:
        return await self.health(process) == SERVING

    async def all_serve(self) -> bool:
        return all([await self.serves(name) for name in self.suite.names])

    async def metrics(self, process: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Every sample of the metrics page, by name and sorted labels."""
        text = await asyncio.to_thread(_page, f"http://{self.suite.addresses(process).metrics}/metrics")
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def log_files(self) -> Iterator[Path]:
        """The logs of all processes and servers."""
        yield from (self.suite.log_file(name) for name in self.suite.names)
        yield from (server.log_file for server in (self.suite.postgres, self.suite.valkey))  # type: ignore[union-attr]

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


def _page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as page:
        text: str = page.read().decode("utf-8")
    return text
