"""Readiness, and the gRPC health service that tells it on a plaintext port (a kubelet's probe speaks no TLS)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

from menshen_servicekit.addresses import with_port

LIVE = "live"
"""A health service that answers SERVING as long as the event loop turns, whatever else is away: for liveness probes.

Readiness is the wrong question there: restarting a process brings no database back.
"""

_log = structlog.get_logger(__name__)


class Condition:
    """One thing a process needs in order to serve, such as its database. False until set."""

    def __init__(self, title: str, changed: Callable[[], None]) -> None:
        self.title = title
        self.holds = False
        self._changed = changed

    def set(self, holds: bool) -> None:
        if holds is not self.holds:
            self.holds = holds
            _log.info("condition_changed", condition=self.title, holds=holds)
            self._changed()


class Readiness:
    """SERVING when every condition holds, one of the parts at least (if it has parts), and the process is not stopping.

    A part is something a process can do without the others, such as serving one of its sites.
    """

    def __init__(self) -> None:
        self._conditions: list[Condition] = []
        self._parts: list[Condition] = []
        self._changed = asyncio.Event()
        self._is_stopping = False

    def condition(self, title: str) -> Condition:
        made = Condition(title, self._wake)
        self._conditions.append(made)
        self._wake()
        return made

    def part(self, title: str) -> Condition:
        """One of several; told as a health service of its own, which is called by the title."""
        made = Condition(title, self._wake)
        self._parts.append(made)
        self._wake()
        return made

    def stop(self) -> None:
        """Never ready again."""
        self._is_stopping = True
        self._wake()

    @property
    def is_ready(self) -> bool:
        return self._is_sound and (not self._parts or any(part.holds for part in self._parts))

    @property
    def parts(self) -> Mapping[str, bool]:
        """Which parts can be served."""
        return {part.title: part.holds and self._is_sound for part in self._parts}

    @property
    def _is_sound(self) -> bool:
        return not self._is_stopping and all(condition.holds for condition in self._conditions)

    @property
    def missing(self) -> tuple[str, ...]:
        """The titles of the conditions and parts that do not hold."""
        return tuple(one.title for one in (*self._conditions, *self._parts) if not one.holds)

    async def wait_ready(self) -> None:
        while not self.is_ready:
            await self.wait_change()

    async def wait_change(self) -> None:
        """Wait for the next change of a condition, or for the stop."""
        await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class HealthServer:
    """grpc.health.v1.Health for the whole process (service ""), for services and parts by name, and for LIVE."""

    def __init__(
        self, server: grpc.aio.Server, servicer: health.aio.HealthServicer, names: tuple[str, ...], address: str
    ) -> None:
        self._server = server
        self._servicer = servicer
        self._names = names
        self.address = address

    @classmethod
    async def open(cls, listen: str, service_names: Iterable[str]) -> "HealthServer":
        """Listen on `host:port` in plaintext, answering NOT_SERVING; OSError when the port is taken."""
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 16_384)])
        servicer = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        try:
            port = server.add_insecure_port(listen)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {listen}") from error
        opened = cls(server, servicer, ("", *service_names), with_port(listen, port))
        await opened.tell(is_ready=False)
        await servicer.set(LIVE, health_pb2.HealthCheckResponse.SERVING)
        await server.start()
        return opened

    async def tell(self, *, is_ready: bool, parts: Mapping[str, bool] | None = None) -> None:
        statuses = health_pb2.HealthCheckResponse
        for name, serves in {**dict.fromkeys(self._names, is_ready), **(parts or {})}.items():
            await self._servicer.set(name, statuses.SERVING if serves else statuses.NOT_SERVING)

    async def close(self) -> None:
        await self._server.stop(1.0)
