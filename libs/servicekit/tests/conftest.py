"""A small house for the tests: an authority, a service of four call shapes over real mutual TLS, a real PostgreSQL."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
import structlog
from menshen_cli.local.servers import Server, postgres_server
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role
from menshen_servicekit.logs import configure_logs
from menshen_servicekit.pki import Authority
from menshen_servicekit.server import RpcServer, Service, build_server
from menshen_servicekit.settings import LogLevel
from menshen_servicekit.telemetry import Metrics
from menshen_servicekit.tls import TlsFiles

SERVICE = "menshen.test.v1.Notes"
AGENT = "spiffe://menshen/site/north/agent/a-1"
SHAPES: Mapping[str, Any] = {
    "Say": grpc.unary_unary_rpc_method_handler,
    "Tell": grpc.unary_stream_rpc_method_handler,
    "Gather": grpc.stream_unary_rpc_method_handler,
    "Chat": grpc.stream_stream_rpc_method_handler,
}


@dataclass(frozen=True)
class Note:
    """A message with a site, as most of the suite's are."""

    text: str = ""
    site: str = "north"


def encode(note: Note) -> bytes:
    return json.dumps(asdict(note)).encode()


def decode(data: bytes) -> Note:
    return Note(**json.loads(data))


class Notes:
    """A client of the test service."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        coders: Any = {"request_serializer": encode, "response_deserializer": decode}
        self.channel = channel
        self.say: Any = channel.unary_unary(f"/{SERVICE}/Say", **coders)
        self.tell: Any = channel.unary_stream(f"/{SERVICE}/Tell", **coders)
        self.gather: Any = channel.stream_unary(f"/{SERVICE}/Gather", **coders)
        self.chat: Any = channel.stream_stream(f"/{SERVICE}/Chat", **coders)
        self.missing: Any = channel.unary_unary(f"/{SERVICE}/Missing", **coders)


class House:
    """Starts servers and clients, and closes them."""

    service = SERVICE
    note = Note

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.folder = folder
        self.now_ms = SystemClock().now_ms()
        self.authority = Authority.create(folder, self.now_ms)
        self.server_files = self.issue("notes", "spiffe://menshen/service/notes", dns=("localhost", "notes"))
        self.metrics = Metrics()

    def issue(self, name: str, uri: str = AGENT, **options: Any) -> TlsFiles:
        return self.authority.issue(name, uri, self.now_ms, **{"dns": (), **options})

    def notes_service(self, **methods: Any) -> Service:
        handlers = {
            name: SHAPES[name](method, request_deserializer=decode, response_serializer=encode)
            for name, method in methods.items()
        }

        def add(server: Any) -> None:
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
            server.add_registered_method_handlers(SERVICE, handlers)

        return Service(SERVICE, add)

    def agents_only(self, *methods: str) -> AuthorizationTable:
        return AuthorizationTable({f"/{SERVICE}/{method}": [Allow(Role.AGENT)] for method in methods})

    async def serve(self, table: AuthorizationTable | None = None, options: Any = None, **methods: Any) -> RpcServer:
        server = build_server(
            listen="127.0.0.1:0",
            tls=self.server_files,
            services=[self.notes_service(**methods)],
            table=table if table is not None else self.agents_only(*methods),
            metrics=self.metrics,
            **(options or {}),
        )
        await server.start()
        self._stack.push_async_callback(server.stop, 0)
        return server

    async def client(self, address: str, files: TlsFiles | None = None, **options: Any) -> Notes:
        files = files or self.issue("agent")
        channel = open_channel(address, files, **{"server_name": "notes", "retry": False, **options})
        self._stack.push_async_callback(channel.close)
        return Notes(channel)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(tmp_path / "pki", stack)


@pytest.fixture(scope="session")
def kit_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL of this package's own, because its tests also stop it."""
    folder = tmp_path_factory.mktemp("postgres")
    server = postgres_server(folder / "server", durable=False)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def kit_log() -> Iterator[io.StringIO]:
    """What the process logs, as JSON lines."""
    before = (logging.root.handlers[:], logging.root.level, structlog.get_config())
    stream = io.StringIO()
    configure_logs("test", LogLevel.INFO, stream)
    yield stream
    logging.root.handlers[:] = before[0]
    logging.root.setLevel(before[1])
    structlog.configure(**before[2])
