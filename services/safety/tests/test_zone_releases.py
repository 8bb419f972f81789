"""Zones and emergency releases over the running service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.safety.v1 import safety_pb2 as pb
from menshen.safety.v1.safety_pb2_grpc import ReleaseServiceStub
from menshen_servicekit.identity import Role, spiffe_uri

SITE = "north"
OPERATOR = spiffe_uri(Role.OPERATOR, "control-room")
AGENT = spiffe_uri(Role.AGENT, "north-1", SITE)


class Held:
    """An agent's end of the zone stream."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.states: dict[str, pb.ZoneState] = {}
        self.not_held: list[str] = []
        self.responses = 0

    async def follow(self) -> None:
        async for response in self.call:
            self.responses += 1
            self.states = {state.zone_id: state for state in response.zones}
            self.not_held = list(response.not_held)

    async def panel(self, zone_id: str, state: pb.PanelState) -> None:
        report = pb.PanelReport(zone_id=zone_id, state=state, at_ms=1)
        await self.call.write(pb.HoldZonesRequest(site=SITE, panel=report))

    async def door(self, door: str, zone_id: str, commanded: int, confirmed: int, *, stuck: bool = False) -> None:
        report = pb.DoorReport(
            door=door,
            zone_id=zone_id,
            released=True,
            commanded_after_ms=commanded,
            confirmed_after_ms=confirmed,
            stuck=stuck,
        )
        await self.call.write(pb.HoldZonesRequest(site=SITE, door=report))


@asynccontextmanager
async def holding(safety: Any, *doors: str, zones: tuple[str, ...] = ()) -> AsyncIterator[Held]:
    held = Held(safety.stub(ReleaseServiceStub, AGENT).HoldZones())
    await held.call.write(pb.HoldZonesRequest(site=SITE, hello=pb.ZoneHello(doors=doors, zones=zones)))
    following = asyncio.ensure_future(held.follow())
    try:
        await eventually(lambda: held.responses)
        yield held
    finally:
        held.call.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def a_zone(safety: Any, zone_id: str, *doors: str) -> Any:
    stub = safety.stub(ReleaseServiceStub, OPERATOR)
    zone = pb.Zone(zone_id=zone_id, name_zh="一区", name_en="Zone", doors=doors, areas=["hall"])
    await stub.PutZone(pb.PutZoneRequest(site=SITE, zone=zone), timeout=5)
    return stub


async def test_an_agent_learns_of_a_release_and_of_its_reset(safety: Any) -> None:
    stub = await a_zone(safety, "z1", "d1", "d2")
    async with holding(safety, "d1") as held:
        release = await stub.RaiseRelease(
            pb.RaiseReleaseRequest(site=SITE, zone_id="z1", reason="smoke seen"), timeout=5
        )
        await eventually(lambda: held.states["z1"].release_id == release.release_id, 2)
        assert list(held.states["z1"].doors) == ["d1"]

        ended = await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z1", reason="clear"), timeout=5)

        await eventually(lambda: held.states["z1"].ended_release_id == release.release_id, 2)
        assert held.states["z1"].reset
        assert ended.release_id == release.release_id
        assert held.states["z1"].release_id == ""


async def test_a_panel_in_alarm_releases_the_zone_and_bars_its_reset(safety: Any) -> None:
    stub = await a_zone(safety, "z2", "d3")
    async with holding(safety, "d3") as held:
        await held.panel("z2", pb.PANEL_STATE_ALARM)
        await eventually(lambda: held.states["z2"].release_id, 2)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z2", reason="no"), timeout=5)
        await held.panel("z2", pb.PANEL_STATE_NORMAL)
        await eventually(lambda: panel_quiet(stub, "z2"))
        assert held.states["z2"].release_id

        await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z2", reason="clear"), timeout=5)

        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        await eventually(lambda: held.states["z2"].reset, 2)


async def test_zones_without_a_release_that_an_agent_drives_are_named_and_reports_of_them_end_nothing(
    safety: Any,
) -> None:
    stub = await a_zone(safety, "z11", "d11")
    await a_zone(safety, "z12", "d12")
    release = pb.RaiseReleaseRequest(site=SITE, zone_id="z12", reason="drill")
    await stub.RaiseRelease(release, timeout=5)

    async with holding(safety, "d11", zones=("z11", "z12", "forgotten")) as held:
        assert held.not_held == ["forgotten"]
        await held.panel("forgotten", pb.PANEL_STATE_ALARM)
        await held.door("d11", "forgotten", 1, 2)
        await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z12", reason="clear"), timeout=5)

        await eventually(lambda: held.not_held == ["forgotten", "z12"], 2)
        assert list(held.states) == ["z11"]


async def test_an_alarm_of_a_zone_that_is_not_known_yet_releases_it_as_soon_as_it_is(safety: Any) -> None:
    async with holding(safety, "d20", "d21", zones=("z20",)) as held:
        await held.panel("z20", pb.PANEL_STATE_ALARM)
        await held.door("d20", "z20", 12, 150)
        await held.panel("z22", pb.PANEL_STATE_ALARM)
        await held.panel("z22", pb.PANEL_STATE_NORMAL)
        await settled(safety, held)

        stub = await a_zone(safety, "z20", "d20", "d21")
        await a_zone(safety, "z22", "d22")

        await eventually(lambda: held.states.get("z20", pb.ZoneState()).release_id, 3)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z20", reason="no"), timeout=5)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        listed = pb.ListReleaseDoorsRequest(site=SITE, zone_id="z20")
        await eventually(lambda: is_acknowledged(stub, listed, "d20"))

        await held.panel("z20", pb.PANEL_STATE_NORMAL)
        await eventually(lambda: panel_quiet(stub, "z20"))
        await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="z20", reason="clear"), timeout=5)
        await settled(safety, held)

        assert not held.states["z20"].release_id
        zones = (await stub.ListZones(pb.ListZonesRequest(site=SITE), timeout=5)).zones
        assert not next(zone for zone in zones if zone.zone.zone_id == "z22").release_id


async def settled(safety: Any, held: Held) -> None:
    """Whatever the agent reported before was looked at, and the stream has told of it: reports go in order."""
    stub = await a_zone(safety, "settled", "d21")
    await held.panel("settled", pb.PANEL_STATE_ALARM)
    await eventually(lambda: held.states.get("settled", pb.ZoneState()).release_id, 3)
    await held.panel("settled", pb.PANEL_STATE_NORMAL)
    await eventually(lambda: panel_quiet(stub, "settled"))
    await stub.ResetRelease(pb.ResetReleaseRequest(site=SITE, zone_id="settled", reason="clear"), timeout=5)
    await eventually(lambda: held.states["settled"].reset, 3)


async def is_acknowledged(stub: Any, request: pb.ListReleaseDoorsRequest, door: str) -> bool:
    doors = (await stub.ListReleaseDoors(request, timeout=5)).doors
    return any(each.acknowledged for each in doors if each.door == door)


async def panel_quiet(stub: Any, zone_id: str) -> bool:
    zones = (await stub.ListZones(pb.ListZonesRequest(site=SITE), timeout=5)).zones
    return not next(zone for zone in zones if zone.zone.zone_id == zone_id).panel_in_alarm


async def test_doors_that_have_not_answered_are_listed(safety: Any) -> None:
    stub = await a_zone(safety, "z3", "d4", "d5", "d6")
    async with holding(safety, "d4", "d5", "d6") as held:
        release = await stub.RaiseRelease(pb.RaiseReleaseRequest(site=SITE, zone_id="z3", reason="drill"), timeout=5)
        await held.door("d4", "z3", 12, 150)
        await held.door("d5", "z3", 14, -1, stuck=True)

        async def doors() -> dict[str, pb.ReleaseDoor]:
            response = await stub.ListReleaseDoors(pb.ListReleaseDoorsRequest(site=SITE, zone_id="z3"), timeout=5)
            assert response.release_id == release.release_id
            return {door.door: door for door in response.doors}

        await eventually(lambda: answered(doors, 2))
        found = await doors()

    assert found["d4"].report.confirmed_after_ms == 150
    assert found["d5"].report.stuck
    assert not found["d6"].acknowledged


async def answered(doors: Any, number: int) -> bool:
    return sum(door.acknowledged for door in (await doors()).values()) == number


async def test_a_release_outlives_the_service(safety: Any) -> None:
    stub = await a_zone(safety, "z4", "d7")
    release = await stub.RaiseRelease(pb.RaiseReleaseRequest(site=SITE, zone_id="z4", reason="fire"), timeout=5)

    await safety.kill()
    await safety.start()

    async with holding(safety, "d7") as held:
        assert held.states["z4"].release_id == release.release_id


async def test_a_stream_that_does_not_begin_with_hello_is_refused(safety: Any) -> None:
    call = safety.stub(ReleaseServiceStub, AGENT).HoldZones()
    await call.write(pb.HoldZonesRequest(site=SITE, panel=pb.PanelReport(zone_id="z1")))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call.read()

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_unknown_zone_is_named(safety: Any) -> None:
    stub = safety.stub(ReleaseServiceStub, OPERATOR)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.RaiseRelease(pb.RaiseReleaseRequest(site=SITE, zone_id="nowhere", reason="x"), timeout=5)

    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
