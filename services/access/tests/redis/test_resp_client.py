"""The Redis client: pipelined, bounded, never waiting for ever, never sending twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.ports import StoreAwayError, StoreBusyError
from menshen_access.redis.connection import CommandRefusedError, Connection
from menshen_access.redis.locator import Place, SingleNode, place_of
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_cli.local.servers import Server, valkey_server

Connect = Callable[..., Any]


class Wire:
    """A server that keeps what it is sent, chunk by chunk, and answers only what a test makes it."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while chunk := await reader.read(65_536):
            self.chunks.append(chunk)

    def answer(self, reply: bytes) -> None:
        self.writers[-1].write(reply)


@pytest.fixture
async def wire() -> AsyncIterator[tuple[Wire, int]]:
    """A wire and its port."""
    taken = Wire()
    server = await asyncio.start_server(taken.take, "127.0.0.1", 0)
    yield taken, server.sockets[0].getsockname()[1]
    for writer in taken.writers:
        writer.close()
    server.close()
    await server.wait_closed()


async def connection(
    port: int, timeout_s: float = 1.0, max_waiting: int = 100, silence_s: float = 0.0
) -> tuple[Connection, asyncio.Event]:
    lost = asyncio.Event()

    def build() -> Connection:
        return Connection(timeout_s, max_waiting, lost.set, silence_s)

    _, made = await asyncio.get_running_loop().create_connection(build, "127.0.0.1", port)
    return made, lost


@pytest.fixture
async def client(valkey: Server) -> AsyncIterator[Connect]:
    """Starts clients and ends them."""
    running: list[asyncio.Task[None]] = []

    async def start(place: Place, **limits: Any) -> RespClient:
        made = RespClient(SingleNode(place), RespLimits(**limits))
        running.append(asyncio.create_task(made.run()))
        return made

    yield start
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_all_commands_of_one_turn_leave_in_one_write(wire: tuple[Wire, int]) -> None:
    taken, port = wire
    made, _ = await connection(port)

    futures = [made.call("ECHO", str(number)) for number in range(20)]
    await eventually(lambda: taken.chunks)
    taken.answer(b"".join(b"$%d\r\n%d\r\n" % (len(str(n)), n) for n in range(20)))

    assert [int(await future) for future in futures] == list(range(20))
    assert len(taken.chunks) == 1
    made.lose("done")


async def test_replies_are_settled_in_order_however_they_are_chunked(wire: tuple[Wire, int]) -> None:
    taken, port = wire
    made, _ = await connection(port)
    futures = [made.call("GET", "a"), made.call("GET", "b"), made.call("LRANGE", "c", 0, 1)]
    await eventually(lambda: taken.chunks)

    for byte in b"$3\r\none\r\n-WRONGTYPE no\r\n*2\r\n:1\r\n$-1\r\n":
        taken.answer(bytes([byte]))
        await taken.writers[-1].drain()
    results = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 5)

    assert results[0] == b"one"
    assert isinstance(results[1], CommandRefusedError)
    assert results[1].code == "WRONGTYPE"
    assert results[2] == [1, None]
    made.lose("done")


async def test_a_silent_server_fails_every_waiting_command_and_the_connection(wire: tuple[Wire, int]) -> None:
    _, port = wire
    made, lost = await connection(port, timeout_s=0.1)

    futures = [made.call("GET", "a") for _ in range(3)]
    results = await asyncio.wait_for(asyncio.gather(*futures, return_exceptions=True), 5)

    assert [type(result) for result in results] == [StoreAwayError] * 3
    await asyncio.wait_for(lost.wait(), 5)
    with pytest.raises(StoreAwayError, match="in time"):
        await made.call("GET", "a")


async def test_a_late_answer_counts_for_nothing_and_the_next_ones_reach_who_asked(wire: tuple[Wire, int]) -> None:
    taken, port = wire
    made, lost = await connection(port, timeout_s=0.05, silence_s=60.0)
    late = [made.call("GET", name) for name in ("a", "b")]
    given_up = await asyncio.wait_for(asyncio.gather(*late, return_exceptions=True), 5)

    asked = made.call("GET", "c")
    taken.answer(b"$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n")

    assert await asyncio.wait_for(asked, 5) == b"c"
    assert [type(trouble) for trouble in given_up] == [StoreBusyError] * 2
    assert made.is_open
    assert made.waiting == 0
    assert not lost.is_set()
    made.lose("done")


async def test_one_command_too_many_is_refused_at_once_and_not_sent(wire: tuple[Wire, int]) -> None:
    taken, port = wire
    made, _ = await connection(port, max_waiting=2)
    waiting = [made.call("GET", "a"), made.call("GET", "b")]

    with pytest.raises(StoreBusyError, match="too many"):
        await made.call("SET", "never", "sent")

    await eventually(lambda: taken.chunks)
    assert b"never" not in b"".join(taken.chunks)
    taken.answer(b"$1\r\nx\r\n$1\r\ny\r\n")
    assert await asyncio.gather(*waiting) == [b"x", b"y"]
    made.lose("done")


@pytest.mark.parametrize("reply", [b"?what\r\n", b":1\r\n:2\r\n"], ids=["not RESP", "one reply too many"])
async def test_a_reply_nobody_can_place_ends_the_connection(wire: tuple[Wire, int], reply: bytes) -> None:
    taken, port = wire
    made, lost = await connection(port)
    future = made.call("GET", "a")
    await eventually(lambda: taken.chunks)

    taken.answer(reply)

    await asyncio.wait_for(lost.wait(), 5)
    await asyncio.gather(future, return_exceptions=True)
    assert not made.is_open


@pytest.mark.parametrize("code", [b"READONLY", b"LOADING", b"MOVED"])
async def test_a_server_that_is_not_the_primary_any_more_is_left(wire: tuple[Wire, int], code: bytes) -> None:
    taken, port = wire
    made, lost = await connection(port)
    future = made.call("SET", "a", "b")
    await eventually(lambda: taken.chunks)

    taken.answer(b"-" + code + b" somewhere else\r\n")

    with pytest.raises(StoreAwayError):
        await future
    await asyncio.wait_for(lost.wait(), 5)


@pytest.mark.parametrize("answer", [b"*1\r\n$5\r\nslave\r\n", b""], ids=["it became a replica", "it fell silent"])
async def test_an_idle_connection_leaves_a_server_that_is_no_primary_any_more(client: Connect, answer: bytes) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65_536):
            asked.append(chunk)
            writer.write(answer if b"ROLE" in chunk else b"*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made = await client(Place("127.0.0.1", server.sockets[0].getsockname()[1]), timeout_s=0.2)

    await asyncio.wait_for(made.wait_connected(), 10)
    greetings = sum(b"HELLO" in chunk for chunk in asked)
    await eventually(lambda: sum(b"HELLO" in chunk for chunk in asked) > greetings)

    assert any(b"ROLE" in chunk for chunk in asked)
    server.close()


class Moving:
    """Names one place until told of another."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.asked = 0

    async def locate(self) -> Place:
        self.asked += 1
        return self.place


async def test_a_client_between_two_attempts_tries_at_once_when_others_have_found_the_primary(valkey: Server) -> None:
    real = place_of(valkey.url, valkey.password_file)
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    moving = Moving(Place("127.0.0.1", closed.sockets[0].getsockname()[1]))
    closed.close()
    await closed.wait_closed()
    made = RespClient(moving, RespLimits(first_pause_s=600.0))
    running = asyncio.create_task(made.run())
    await eventually(lambda: moving.asked == 1)

    async def is_connected() -> bool:
        made.retry()
        return made.is_connected

    moving.place = real
    await eventually(is_connected, 10)

    assert moving.asked >= 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_wrong_password_never_connects_and_never_shows(valkey: Server, client: Connect, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("not-the-password")
    place = place_of(valkey.url, wrong)

    made = await client(place)

    with pytest.raises(StoreAwayError) as caught:
        await made.call("PING")
    assert not made.is_connected
    assert "not-the-password" not in f"{caught.value} {place!r}"


async def test_the_client_comes_back_after_the_server_was_killed(client: Connect, run_folder: Path) -> None:
    server = valkey_server(run_folder / "killed-valkey", durable=False)
    await asyncio.to_thread(server.start)
    try:
        made = await client(place_of(server.url, server.password_file))
        await asyncio.wait_for(made.wait_connected(), 10)

        await asyncio.to_thread(server.kill)
        await eventually(lambda: not made.is_connected)
        with pytest.raises(StoreAwayError):
            await made.call("PING")
        await asyncio.to_thread(server.start)

        await asyncio.wait_for(made.wait_connected(), 10)
        assert await made.call("PING") == b"PONG"
    finally:
        await asyncio.to_thread(server.remove)


@pytest.mark.parametrize(
    "url",
    ["http://x", "redis://:secret@x", "redis:///0", "redis://x/one"],
    ids=["scheme", "password", "host", "number"],
)
def test_a_url_that_names_no_redis_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|belongs") as caught:
        place_of(url, None)

    assert "secret" not in str(caught.value)
