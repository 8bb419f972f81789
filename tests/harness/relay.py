"""A line between a client and a server on loopback, which a test may cut, hold or close to newcomers."""

import asyncio
from contextlib import suppress
from typing import Final

from menshen_cli.local.ports import LOOPBACK

_CHUNK: Final = 65_536


class Relay:
    """Passes bytes on to a port until told otherwise.

    `lose_reply_to` and `lose_request` arm one cut: the next chunk from a client that holds the word is passed on, or
    not, and its connection ends without a reply. `accepted` counts connections.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._word = b""
        self._passes_on = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.is_shut = False
        self.accepted = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        self.cut()
        self._flowing.set()
        await self._server.wait_closed()

    def lose_reply_to(self, word: bytes) -> None:
        self._word, self._passes_on = word, True

    def lose_request(self, word: bytes) -> None:
        self._word, self._passes_on = word, False

    def cut(self) -> None:
        """End every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def hold(self) -> None:
        """Pass no reply on until `let_go`."""
        self._flowing.clear()

    def let_go(self) -> None:
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_shut:
            writer.transport.abort()
            return
        self.accepted += 1
        upstream, to_server = await asyncio.open_connection(LOOPBACK, self._target)
        self._writers |= {writer, to_server}
        replies = asyncio.create_task(self._pass_replies(upstream, writer))
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                if self._word and self._word in chunk:
                    await self._lose(chunk, upstream, to_server, replies)
                    break
                to_server.write(chunk)
        replies.cancel()
        for end in (writer, to_server):
            self._writers.discard(end)
            end.transport.abort()

    async def _lose(
        self,
        chunk: bytes,
        upstream: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        replies: "asyncio.Task[None]",
    ) -> None:
        self._word = b""
        replies.cancel()
        await asyncio.wait({replies})
        if self._passes_on:
            to_server.write(chunk)
            await upstream.read(_CHUNK)

    async def _pass_replies(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await upstream.read(_CHUNK):
                await self._flowing.wait()
                writer.write(chunk)
        writer.transport.abort()
