"""A cuttable uplink: everything one agent says to its services goes through here, on loopback.

async with Uplink({"access": suite.target("access"), "safety": suite.target("safety")}) as uplink:
    AgentSpec(..., settings=uplink.settings)
    await uplink.cut()
    await uplink.restore()
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from menshen_cli.local.ports import LOOPBACK, free_port

_CHUNK_BYTES = 64 * 1024
_CONNECT_S = 2.0
_MOST_CONNECTIONS = 64


class Uplink:
    """Relays connections to named services. What waits is bounded by the sockets' own buffers.

    Cut, it drops every connection and refuses new ones; cut with `silent`, it keeps them and passes nothing on, as a
    network that swallows packets does. The listening ports stay the same throughout.
    """

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = dict(targets)
        self._ports = {service: free_port() for service in targets}
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self.carried_bytes = 0

    @property
    def settings(self) -> dict[str, str]:
        """The settings that send an agent through here."""
        return {f"MENSHEN_{service.upper()}_TARGET": self.address(service) for service in self._targets}

    def address(self, service: str) -> str:
        """host:port to reach a service through here."""
        return f"{LOOPBACK}:{self._ports[service]}"

    async def __aenter__(self) -> Self:
        await self.restore()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    async def cut(self, *, silent: bool = False) -> None:
        """Cut it: at once, whatever is under way."""
        self._flows.clear()
        if silent:
            return
        for server in self._servers:
            server.close()
        self._servers.clear()
        connections = tuple(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def restore(self) -> None:
        """Carry again; connections kept by a silent cut go on where they stood."""
        self._flows.set()
        if not self._servers:
            for service, target in self._targets.items():
                self._servers.append(await self._listen(service, target))

    async def _listen(self, service: str, target: str) -> asyncio.Server:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is None or len(self._connections) >= _MOST_CONNECTIONS:
                writer.close()
                return
            self._connections.add(task)
            try:
                # A cut cancels; the server itself must not see its callback cancelled.
                with suppress(asyncio.CancelledError):
                    await self._carry(reader, writer, target)
            finally:
                self._connections.discard(task)

        return await asyncio.start_server(accept, LOOPBACK, self._ports[service], limit=_CHUNK_BYTES)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> None:
        host, _, port = target.rpartition(":")
        try:
            async with asyncio.timeout(_CONNECT_S):
                upstream_reader, upstream_writer = await asyncio.open_connection(host, int(port), limit=_CHUNK_BYTES)
        except OSError:
            _abort(writer)
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, upstream_writer))
                group.create_task(self._pump(upstream_reader, writer))
        finally:
            _abort(writer)
            _abort(upstream_writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until either side ends; then the other is told so."""
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK_BYTES):
                await self._flows.wait()
                self.carried_bytes += len(chunk)
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()


def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
