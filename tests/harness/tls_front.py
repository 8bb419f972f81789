"""TLS in front of a server built without it: the Valkey that comes with the suite is.

On one port it takes TLS from whoever begins with a handshake, as Redis's own TLS port would, and passes plaintext on
from whoever does not: servers of a group talk to each other at the address they announce to clients.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Final

from menshen_cli.local.ports import LOOPBACK
from menshen_servicekit.tls import TlsFiles

_HANDSHAKE: Final = b"\x16"
_CHUNK: Final = 65_536


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """As Redis and Valkey are by default: clients must show a certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(files.trust_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class TlsFront:
    """Listens at once on `port`; `start` serves once `target` is known. `encrypted` counts TLS connections made."""

    def __init__(self, files: TlsFiles) -> None:
        self._context = server_context(files)
        self._listening = socket.create_server((LOOPBACK, 0))
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        self.encrypted = 0

    def start(self, target: int) -> None:
        self._keep(asyncio.create_task(self._accept(target)))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listening.close()

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, target: int) -> None:
        loop = asyncio.get_running_loop()
        while True:
            accepted, _ = await loop.sock_accept(self._listening)
            self._keep(asyncio.create_task(self._serve(accepted, target)))

    async def _serve(self, accepted: socket.socket, target: int) -> None:
        with suppress(OSError):
            is_encrypted = await _first_byte(accepted) == _HANDSHAKE
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            loop = asyncio.get_running_loop()
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, accepted, ssl=self._context if is_encrypted else None
            )
            self.encrypted += is_encrypted
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            upstream, to_server = await asyncio.open_connection(LOOPBACK, target)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pass(reader, to_server))
                    group.create_task(_pass(upstream, writer))
            finally:
                transport.abort()
                to_server.transport.abort()


async def _first_byte(accepted: socket.socket) -> bytes:
    """What comes first, left where it is."""
    accepted.setblocking(False)
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(accepted, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(accepted)
    return accepted.recv(1, socket.MSG_PEEK)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort()
