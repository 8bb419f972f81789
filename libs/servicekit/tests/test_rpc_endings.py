"""How calls end: deadlines, cancellation, limits, and a server that stops."""

import asyncio
from typing import Any

import grpc
import pytest
from menshen_servicekit.server import ServerLimits
from menshen_servicekit.status import domain_error_of


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(10):
            await call
    return caught.value


async def test_a_unary_call_without_a_deadline_ends_at_the_limit(house: Any) -> None:
    ended = asyncio.Event()

    async def say(request: Any, context: Any) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    server = await house.serve(options={"limits": ServerLimits(unary_limit_s=0.05)}, Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note()))

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert ended.is_set()


async def test_a_caller_deadline_cancels_the_servicer(house: Any) -> None:
    cancelled = asyncio.Event()

    async def say(request: Any, context: Any) -> Any:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    server = await house.serve(Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(), timeout=0.1))

    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    async with asyncio.timeout(5):
        await cancelled.wait()


@pytest.mark.parametrize("style", ["generator", "writer"])
async def test_a_stream_its_client_cancels_ends_quietly(house: Any, style: str, kit_log: Any) -> None:
    ended = asyncio.Event()

    async def generate(request: Any, context: Any) -> Any:
        try:
            while True:
                yield request
        finally:
            ended.set()

    async def write(request: Any, context: Any) -> None:
        try:
            while True:
                await context.write(request)
        finally:
            ended.set()

    server = await house.serve(Tell=generate if style == "generator" else write)
    client = await house.client(server.address)
    stream = client.tell(house.note(), timeout=10)
    await stream.read()

    stream.cancel()

    async with asyncio.timeout(5):
        await ended.wait()
        while server.open_streams:
            await asyncio.sleep(0)
    assert kit_log.getvalue() == ""


async def test_a_servicer_that_aborts_keeps_its_own_status(house: Any, kit_log: Any) -> None:
    async def say(request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.OUT_OF_RANGE, "too far")

    server = await house.serve(Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(), timeout=5))

    assert (error.code(), error.details()) == (grpc.StatusCode.OUT_OF_RANGE, "too far")
    assert kit_log.getvalue() == ""


async def test_a_message_over_the_limit_is_refused(house: Any) -> None:
    async def say(request: Any, context: Any) -> Any:
        return request

    server = await house.serve(options={"limits": ServerLimits(max_receive_bytes=1024)}, Say=say)
    client = await house.client(server.address)

    error = await refusal(client.say(house.note(text="x" * 2048), timeout=5))

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_streams_that_ignore_the_stop_are_ended_as_unavailable(house: Any) -> None:
    async def tell(request: Any, context: Any) -> Any:
        yield request
        await asyncio.Event().wait()

    server = await house.serve(Tell=tell)
    client = await house.client(server.address)
    stream = client.tell(house.note(), timeout=10)
    await stream.read()

    ended = await server.drain_streams(0.01)
    error = await refusal(stream.read())

    assert ended == 1
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert domain_error_of(error).code == "STOPPING"


async def test_a_client_that_comes_back_to_a_stopping_server_is_sent_away(house: Any) -> None:
    async def tell(request: Any, context: Any) -> Any:
        yield request
        await asyncio.Event().wait()

    server = await house.serve(Tell=tell)
    client = await house.client(server.address)
    await server.drain_streams(0.01)

    error = await refusal(client.tell(house.note(), timeout=10).read())

    assert domain_error_of(error).code == "STOPPING"


async def test_a_client_that_does_not_read_cannot_hold_up_the_stop(house: Any, kit_log: Any) -> None:
    async def tell(request: Any, context: Any) -> Any:
        while True:
            yield house.note(text="x" * 60_000)

    server = await house.serve(Tell=tell)
    client = await house.client(server.address)
    stream = client.tell(house.note(), timeout=20)
    await stream.read()

    async with asyncio.timeout(5):
        await server.drain_streams(0.05)
        await server.stop(25)
        while server.open_streams:
            await asyncio.sleep(0)

    assert kit_log.getvalue() == ""
    stream.cancel()
