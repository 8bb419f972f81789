"""Sources of facts: how far each has reported, kept, told and refused."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from menshen.identity.v1 import identity_pb2 as pb

ACCESS = "spiffe://menshen/service/access"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _report(clients: Any, source: str, complete_to_ms: int, site: str = "north") -> int:
    said = pb.FactSource(source=source, complete_to_ms=complete_to_ms)
    answer = await clients.stub().ReportSource(pb.ReportSourceRequest(site=site, source=said), timeout=10)
    kept: int = answer.source.complete_to_ms
    return kept


@asynccontextmanager
async def _watching(clients: Any, site: str) -> AsyncIterator[Any]:
    call = clients.stub(ACCESS).WatchSources(pb.WatchSourcesRequest(site=site), timeout=30)
    try:
        yield call
    finally:
        call.cancel()


def _told(response: pb.WatchSourcesResponse) -> dict[str, int]:
    return {source.source: source.complete_to_ms for source in response.sources}


async def test_whoever_watches_is_told_all_sources_of_the_site_and_then_each_move(clients: Any) -> None:
    now_ms = _now_ms()
    await _report(clients, "leave_office", now_ms - 2_000, "lake")
    await _report(clients, "clinic", now_ms - 1_000, "east")

    async with _watching(clients, "lake") as call:
        assert _told(await call.read()) == {"leave_office": now_ms - 2_000}
        await _report(clients, "clinic", now_ms, "lake")
        assert _told(await call.read()) == {"leave_office": now_ms - 2_000, "clinic": now_ms}


async def test_an_earlier_word_never_replaces_a_later_one(clients: Any) -> None:
    now_ms = _now_ms()

    assert await _report(clients, "works", now_ms) == now_ms
    assert await _report(clients, "works", now_ms - 60_000) == now_ms


@pytest.mark.parametrize(("source", "ahead_ms"), [("", 0), ("leave office", 0), ("leave_office", 3_600_000)])
async def test_a_nameless_source_and_a_word_from_the_future_are_refused(
    clients: Any, source: str, ahead_ms: int
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await _report(clients, source, _now_ms() + ahead_ms)

    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
