"""Readiness as conditions, told on the plaintext health port."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from menshen_servicekit.health import LIVE, HealthServer, Readiness

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest_asyncio.fixture
async def health() -> AsyncIterator[HealthServer]:
    server = await HealthServer.open("127.0.0.1:0", ["menshen.test.v1.Notes"])
    yield server
    await server.close()


async def status(health: HealthServer, service: str = "") -> int:
    async with grpc.aio.insecure_channel(health.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        return int(answer.status)


@pytest.mark.parametrize("service", ["", "menshen.test.v1.Notes"])
async def test_health_begins_as_not_serving_and_says_what_it_is_told(health: HealthServer, service: str) -> None:
    before = await status(health, service)
    await health.tell(is_ready=True)

    assert (before, await status(health, service)) == (NOT_SERVING, SERVING)


async def test_a_process_that_is_not_ready_is_alive(health: HealthServer) -> None:
    await health.tell(is_ready=False)

    assert (await status(health), await status(health, LIVE)) == (NOT_SERVING, SERVING)


async def test_an_unknown_service_is_not_found(health: HealthServer) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await status(health, "menshen.test.v1.Other")

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_taken_port_stops_the_start(health: HealthServer) -> None:
    with pytest.raises(OSError, match="cannot listen"):
        await HealthServer.open(health.address, [])


def test_a_process_is_ready_when_every_condition_holds() -> None:
    readiness = Readiness()
    database, cache = readiness.condition("database"), readiness.condition("cache")

    database.set(True)
    assert (readiness.is_ready, readiness.missing) == (False, ("cache",))

    cache.set(True)
    assert readiness.is_ready

    database.set(False)
    assert not readiness.is_ready


def test_a_process_with_parts_is_ready_when_it_can_serve_one_of_them() -> None:
    readiness = Readiness()
    database = readiness.condition("database")
    north, south = readiness.part("site:north"), readiness.part("site:south")
    database.set(True)
    assert (readiness.is_ready, readiness.missing) == (False, ("site:north", "site:south"))

    south.set(True)
    assert (readiness.is_ready, readiness.parts) == (True, {"site:north": False, "site:south": True})

    north.set(True)
    database.set(False)
    assert (readiness.is_ready, readiness.parts) == (False, {"site:north": False, "site:south": False})


async def test_health_tells_of_each_part_by_its_name(health: HealthServer) -> None:
    await health.tell(is_ready=True, parts={"site:north": False, "site:south": True})

    told = [await status(health, service) for service in ("", "site:north", "site:south")]
    assert told == [SERVING, NOT_SERVING, SERVING]


def test_a_process_that_stops_is_never_ready_again() -> None:
    readiness = Readiness()
    condition = readiness.condition("database")
    readiness.stop()

    condition.set(True)

    assert not readiness.is_ready


async def test_every_waiter_wakes_when_the_last_condition_holds() -> None:
    readiness = Readiness()
    first, second = readiness.condition("one"), readiness.condition("two")
    waiters = [asyncio.create_task(readiness.wait_ready()) for _ in range(2)]
    await asyncio.sleep(0)

    first.set(True)
    second.set(True)

    async with asyncio.timeout(5):
        await asyncio.gather(*waiters)
