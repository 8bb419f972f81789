"""The gRPC server of a process: mutual TLS, limits, keepalive, the call interceptor, reflection."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection  # type: ignore[import-untyped]
from opentelemetry.trace import Tracer

from menshen_servicekit.addresses import with_port
from menshen_servicekit.authorization import Allow, AuthorizationTable, SiteRule
from menshen_servicekit.identity import Role
from menshen_servicekit.interceptors import CallInterceptor
from menshen_servicekit.postgres import OUTAGES
from menshen_servicekit.telemetry import Metrics
from menshen_servicekit.tls import TlsFiles, server_credentials

MIN_PING_INTERVAL_MS = 10_000
FLUSH_S = 1.0

REFLECTION_METHOD = f"/{reflection.SERVICE_NAME}/ServerReflectionInfo"


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service: its full name and what adds its servicer to a server.

    `Service("menshen.access.v1.AccessService", partial(add_AccessServiceServicer_to_server, servicer))`
    """

    name: str
    add: Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """What one connection and one call may take. Ages in seconds, sizes in bytes."""

    max_receive_bytes: int = 4 * 1024 * 1024
    max_send_bytes: int = 4 * 1024 * 1024
    max_streams_per_connection: int = 1_000
    max_connection_age_s: int = 300
    max_connection_age_grace_s: int = 30
    unary_limit_s: float = 30.0


class RpcServer:
    """A server that was built and not yet started."""

    def __init__(
        self, server: grpc.aio.Server, interceptor: CallInterceptor, methods: frozenset[str], address: str
    ) -> None:
        self._server = server
        self._interceptor = interceptor
        self.methods = methods
        self.address = address

    async def start(self) -> None:
        await self._server.start()

    @property
    def open_streams(self) -> int:
        return self._interceptor.open_streams

    async def drain_streams(self, grace_s: float) -> int:
        """Let open streams return for up to `grace_s`, then end the rest with UNAVAILABLE; returns how many."""
        return await self._interceptor.drain_streams(grace_s)

    async def stop(self, grace_s: float) -> None:
        """Take no new calls, wait up to `grace_s` for those that run, then cut them off.

        Once every servicer is done, what is left are clients that do not read: they get FLUSH_S, not the whole grace.
        gRPC must not be given two stops with a grace of their own: the later one cancels calls of a server that the
        earlier one may have destroyed, which ends the process. A stop without a grace does so before it yields.
        """
        stop = asyncio.create_task(self._server.stop(grace_s))
        idle = asyncio.create_task(self._interceptor.wait_idle())
        try:
            await asyncio.wait([stop, idle], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([stop], timeout=FLUSH_S)
            if not stop.done():
                await self._server.stop(None)
            await stop
        finally:
            idle.cancel()
            stop.cancel()


def build_server(
    *,
    listen: str,
    tls: TlsFiles,
    services: Sequence[Service],
    table: AuthorizationTable,
    metrics: Metrics,
    limits: ServerLimits | None = None,
    outages: tuple[type[Exception], ...] = OUTAGES,
    tracer: Tracer | None = None,
) -> RpcServer:
    """A server bound to `listen` (host:port, port 0 chooses).

    `outages` are exceptions that mean a store or peer is away: their caller gets UNAVAILABLE.
    ValueError when the table names a method no service has: such a row is a misspelling, and would refuse everyone.
    OSError when the port is taken or a file is unreadable.
    """
    limits = limits or ServerLimits()
    interceptor = CallInterceptor(
        with_reflection(table),
        metrics,
        unary_limit_s=limits.unary_limit_s,
        outages=outages,
        tracer=tracer,
    )
    server = grpc.aio.server(interceptors=[interceptor], options=_options(limits))
    methods = _register(server, services)
    unknown = table.unknown_methods(methods)
    if unknown:
        raise ValueError(f"the authorization table names methods that are not served: {', '.join(unknown)}")
    reflection.enable_server_reflection([*(service.name for service in services), reflection.SERVICE_NAME], server)
    try:
        port = server.add_secure_port(listen, server_credentials(tls))
    except RuntimeError as error:
        raise OSError(f"cannot listen on {listen}") from error
    return RpcServer(server, interceptor, methods, with_port(listen, port))


def with_reflection(table: AuthorizationTable) -> AuthorizationTable:
    """The table plus reflection for every identified caller: it tells the contract, which is public."""
    anyone = tuple(Allow(role, site=SiteRule.ANY) for role in Role)
    return AuthorizationTable({**{method: table.allows(method) for method in table.methods}, REFLECTION_METHOD: anyone})


class _Registrar:
    """Stands for the server while services add themselves, and writes down their methods."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server
        self.methods: set[str] = set()

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        self._server.add_generic_rpc_handlers(tuple(handlers))

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        self.methods.update(f"/{service}/{method}" for method in handlers)
        self._server.add_registered_method_handlers(service, dict(handlers))


def _register(server: grpc.aio.Server, services: Sequence[Service]) -> frozenset[str]:
    registrar = _Registrar(server)
    for service in services:
        service.add(registrar)
    return frozenset(registrar.methods)


def _options(limits: ServerLimits) -> list[tuple[str, Any]]:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.max_receive_bytes),
        ("grpc.max_send_message_length", limits.max_send_bytes),
        ("grpc.max_concurrent_streams", limits.max_streams_per_connection),
        ("grpc.max_connection_age_ms", limits.max_connection_age_s * 1000),
        ("grpc.max_connection_age_grace_ms", limits.max_connection_age_grace_s * 1000),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", MIN_PING_INTERVAL_MS),
        ("grpc.http2.max_ping_strikes", 3),
    ]
