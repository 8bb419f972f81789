"""What a process shows to the outside while it serves: RPC, health, metrics and its address file."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from menshen_servicekit.addresses import with_port
from menshen_servicekit.health import HealthServer, Readiness
from menshen_servicekit.server import RpcServer
from menshen_servicekit.settings import ProcessSettings
from menshen_servicekit.telemetry import Metrics, MetricsEndpoint

STOP_GRACE_S = 25.0
STREAM_GRACE_S = 2.0

_log = structlog.get_logger(__name__)


class Front:
    """Opened and closed as a context. Closing is the ordered shutdown: NOT_SERVING, `stopping`, streams, server."""

    def __init__(
        self,
        settings: ProcessSettings,
        readiness: Readiness,
        metrics: Metrics,
        stopping: asyncio.Event,
        rpc: RpcServer | None,
        service_names: tuple[str, ...],
    ) -> None:
        self._settings = settings
        self._readiness = readiness
        self._metrics = metrics
        self._stopping = stopping
        self._rpc = rpc
        self._service_names = service_names
        self._health: HealthServer | None = None
        self._endpoint: MetricsEndpoint | None = None
        self._teller: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _open(self) -> None:
        if self._settings.address_file is not None:
            self._settings.address_file.unlink(missing_ok=True)
        self._health = await HealthServer.open(self._settings.health_listen, self._service_names)
        self._endpoint = MetricsEndpoint.open(self._metrics.registry, self._settings.metrics_listen)
        if self._rpc is not None:
            await self._rpc.start()
        self._teller = asyncio.create_task(self._tell(self._health), name="readiness")
        self._teller.add_done_callback(lambda _task: self._stopping.set())
        _log.info("listening", **self._addresses())

    async def _close(self) -> None:
        self._readiness.stop()
        if self._health is not None:
            await self._health.tell(is_ready=False, parts=self._readiness.parts)
        self._stopping.set()
        if self._teller is not None:
            self._teller.cancel()
        if self._rpc is not None:
            ended = await self._rpc.drain_streams(STREAM_GRACE_S)
            await self._rpc.stop(STOP_GRACE_S)
            _log.info("drained", streams_ended=ended)
        if self._health is not None:
            await self._health.close()
        if self._endpoint is not None:
            await self._endpoint.close()
        if self._settings.address_file is not None:
            self._settings.address_file.unlink(missing_ok=True)
        await self._end_teller()

    async def _end_teller(self) -> None:
        """A process that cannot tell whether it serves ends: what stopped the teller is raised."""
        if self._teller is not None:
            with suppress(asyncio.CancelledError):
                await self._teller

    async def _tell(self, health: HealthServer) -> None:
        """Keep the health service true, and write the address file when it is ready."""
        while True:
            is_ready, parts = self._readiness.is_ready, self._readiness.parts
            await health.tell(is_ready=is_ready, parts=parts)
            if is_ready and self._settings.address_file is not None:
                _write_whole(self._settings.address_file, json.dumps(self._addresses()))
            while (self._readiness.is_ready, self._readiness.parts) == (is_ready, parts):
                await self._readiness.wait_change()

    def _addresses(self) -> dict[str, str]:
        addresses = {"grpc": self._rpc.address} if self._rpc is not None else {}
        if self._health is not None:
            addresses["health"] = self._health.address
        if self._endpoint is not None:
            addresses["metrics"] = with_port(self._settings.metrics_listen, self._endpoint.port)
        return addresses


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
