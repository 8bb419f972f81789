"""An uplink that is cut and restored, with a real peer at its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from menshen_cli.demo.uplink import Uplink

DEADLINE_S = 5.0
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def uplink() -> AsyncIterator[Uplink]:
    """An uplink to a peer that answers every line in capitals."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(line.upper())
        except ConnectionResetError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Uplink({"access": f"127.0.0.1:{port}"}) as relay:
        yield relay
    server.close()


@asynccontextmanager
async def dialled(uplink: Uplink, service: str = "access") -> AsyncIterator[Line]:
    host, _, port = uplink.address(service).rpartition(":")
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), DEADLINE_S)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(line: Line, text: bytes) -> bytes:
    line[1].write(text)
    return await asyncio.wait_for(line[0].readline(), DEADLINE_S)


async def test_what_is_said_arrives_and_is_answered(uplink: Uplink) -> None:
    async with dialled(uplink) as line:
        answer = await ask(line, b"good morning\n")

    assert answer == b"GOOD MORNING\n"
    assert uplink.settings == {"MENSHEN_ACCESS_TARGET": uplink.address("access")}


async def test_a_cut_drops_what_is_connected_and_refuses_what_comes(uplink: Uplink) -> None:
    async with dialled(uplink) as line:
        assert await ask(line, b"one\n") == b"ONE\n"

        await uplink.cut()

        assert await asyncio.wait_for(line[0].read(), DEADLINE_S) == b""
    with pytest.raises(ConnectionRefusedError):
        async with dialled(uplink):
            pass


async def test_a_restored_uplink_answers_at_the_same_address(uplink: Uplink) -> None:
    address = uplink.address("access")
    await uplink.cut()

    await uplink.restore()

    async with dialled(uplink) as line:
        assert await ask(line, b"again\n") == b"AGAIN\n"
    assert uplink.address("access") == address


async def test_a_silent_cut_keeps_the_connection_and_passes_nothing_until_it_is_restored(uplink: Uplink) -> None:
    async with dialled(uplink) as line:
        assert await ask(line, b"one\n") == b"ONE\n"

        await uplink.cut(silent=True)
        unheard = asyncio.ensure_future(ask(line, b"two\n"))
        heard, _ = await asyncio.wait((unheard,), timeout=0.2)
        await uplink.restore()

        assert not heard
        assert await unheard == b"TWO\n"


async def test_a_peer_that_is_away_ends_the_connection() -> None:
    async with Uplink({"safety": "127.0.0.1:9"}) as relay, dialled(relay, "safety") as line:
        assert await asyncio.wait_for(line[0].read(), DEADLINE_S) == b""
