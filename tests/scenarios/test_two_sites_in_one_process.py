"""Two sites that one process decides for: what happens at one is nothing to the other, and neither speaks for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from harness.patience import eventually
from menshen.access.v1 import access_pb2, administration_pb2, decision_pb2, events_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics
from scenarios.agent_streams import OPENS, AgentStream
from scenarios.campus import CALL_S, Campus, Person, code_of, codes, outcome

LAKE, HILL = "lake", "hill"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@dataclass
class Twins:
    """Both sites open, and somebody who may pass at each alone."""

    town: Suite
    lake: Campus
    hill: Campus
    swimmer: Person
    climber: Person

    async def health(self, service: str) -> int:
        async with grpc.aio.insecure_channel(self.town.addresses("access").health) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            return int((await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_S)).status)

    async def told(self) -> tuple[int, int, int]:
        """What a probe hears of the process, of the lake and of the hill."""
        whole, lake, hill = [await self.health(name) for name in ("", f"site:{LAKE}", f"site:{HILL}")]
        return whole, lake, hill


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def twins(town: Suite) -> Twins:
    lake, hill = Campus(town, LAKE), Campus(town, HILL)
    await lake.open()
    await hill.open()
    return Twins(town, lake, hill, await lake.enrol(), await hill.enrol())


@asynccontextmanager
async def rebuilding(town: Suite, site: str) -> AsyncIterator[None]:
    """Within the block the site's data are as while a keeper rebuilds them."""
    tasks, head = Tasks(Metrics()), SiteKeys(site).head
    client = RespClient(SingleNode(place_of(town.valkey.url, town.valkey.password_file)))
    tasks.keep("redis", client.run)
    await client.wait_connected()
    try:
        await client.call("HSET", head, "state", "REBUILDING")
        yield
    finally:
        await client.call("HSET", head, "state", "READY")
        await tasks.close()


def opens(decision: decision_pb2.Decision) -> bool:
    """A reminder about an earlier passage bars nobody."""
    return decision.outcome in OPENS


def stub_of(town: Suite, role: Role, site: str, stub: Any) -> Any:
    return stub(town.channel("access", spiffe_uri(role, "visitor-from-afar", site), retry=False))


async def test_a_site_that_is_rebuilt_takes_no_other_with_it(twins: Twins) -> None:
    before = await twins.told()

    async with rebuilding(twins.town, LAKE):
        with pytest.raises(grpc.aio.AioRpcError) as undecided:
            await twins.lake.decide("n-in", twins.swimmer)
        await eventually(lambda: _is(twins, (SERVING, NOT_SERVING, SERVING)))
        decided = await twins.hill.decide("n-in", twins.climber)
        async with AgentStream(twins.town, "access", "h-1", HILL, ["w-in"]) as newcomer:
            at_a_lane = await newcomer.present("w-in", twins.climber.card_text, twins.hill.new_id())

    assert before == (SERVING, SERVING, SERVING)
    assert undecided.value.code() is grpc.StatusCode.UNAVAILABLE
    assert opens(decided)
    assert opens(at_a_lane)
    await eventually(lambda: _is(twins, (SERVING, SERVING, SERVING)))
    assert opens(await twins.lake.decide("n-in", twins.swimmer))


async def _is(twins: Twins, wanted: tuple[int, int, int]) -> bool:
    return await twins.told() == wanted


async def test_a_hold_at_one_site_bars_nobody_at_the_other(twins: Twins) -> None:
    raised = await twins.lake.administration.RaiseHold(
        administration_pb2.RaiseHoldRequest(site=LAKE, reason="drill"), timeout=CALL_S
    )
    try:
        barred = await twins.lake.decide("n-in", twins.swimmer)
        passing = await twins.hill.decide("n-in", twins.climber)
        holds = await twins.hill.administration.ListHolds(
            administration_pb2.ListHoldsRequest(site=HILL), timeout=CALL_S
        )
        released_elsewhere = await code_of(
            twins.hill.administration.ReleaseHold(
                administration_pb2.ReleaseHoldRequest(site=HILL, hold_id=raised.hold.hold_id, reason="over"),
                timeout=CALL_S,
            )
        )
        still_barred = await twins.lake.decide("n-in", twins.swimmer)
    finally:
        await twins.lake.administration.ReleaseHold(
            administration_pb2.ReleaseHoldRequest(site=LAKE, hold_id=raised.hold.hold_id, reason="over"),
            timeout=CALL_S,
        )

    assert codes(barred)[0] == codes(still_barred)[0] == "LOCKDOWN"
    assert opens(passing)
    assert list(holds.holds) == []
    assert released_elsewhere is grpc.StatusCode.NOT_FOUND


async def test_whoever_is_inside_at_one_site_is_not_counted_at_the_other(twins: Twins) -> None:
    before = await twins.hill.occupancy()

    decided = await twins.lake.decide("s-in", twins.swimmer)

    assert opens(decided)
    assert (await twins.lake.occupancy())["campus"][0] >= 1
    assert await twins.hill.occupancy() == before


async def test_a_card_of_one_site_is_nobodys_at_the_other(twins: Twins) -> None:
    decided = await twins.hill.decide("n-in", twins.swimmer)

    assert outcome(decided) == "DENY"
    assert list(decided.subject_ids) == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.GUARD, Role.AGENT])
async def test_a_certificate_of_one_site_opens_nothing_at_the_other(twins: Twins, role: Role) -> None:
    administration = stub_of(twins.town, role, LAKE, AdministrationServiceStub)
    access = stub_of(twins.town, role, LAKE, AccessServiceStub)

    shown = twins.hill.presentation("n-in", [twins.climber.card_text])
    asked = [
        administration.RaiseHold(administration_pb2.RaiseHoldRequest(site=HILL, reason="prank"), timeout=CALL_S),
        access.Decide(access_pb2.DecideRequest(site=HILL, presentation=shown), timeout=CALL_S),
        access.UploadEvents(access_pb2.UploadEventsRequest(site=HILL), timeout=CALL_S),
    ]

    assert {await code_of(call) for call in asked} == {grpc.StatusCode.PERMISSION_DENIED}


async def test_a_cursor_of_one_site_is_refused_at_the_other(twins: Twins) -> None:
    await twins.lake.decide("n-in", twins.swimmer)
    request = events_pb2.WatchEventsRequest(site=LAKE, purpose="scenario", until_now=True)
    cursors = [page.cursor async for page in twins.lake.events.WatchEvents(request, timeout=CALL_S)]
    cursor = events_pb2.EventCursor(epoch=cursors[-1].epoch, sequence=0)

    here = await twins.lake.history(cursor)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await twins.hill.history(cursor)

    assert here
    assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
