"""An agent whose centre and safety are out of reach, on simulated hardware."""

import asyncio
import sqlite3
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.device.v1 import device_pb2
from menshen_simulators.installation import wiegand34

CARD = wiegand34(0x04A1B2C3)


def spooled(agent: Any) -> int:
    database = sqlite3.connect(f"file:{agent.folder}/state/spool.db?mode=ro", uri=True)
    try:
        return int(database.execute("SELECT count(*) FROM entry").fetchone()[0])
    finally:
        database.close()


async def at_rest(agent: Any) -> None:
    """The lock holds again and the door shows it."""
    await eventually(lambda: not agent.installation.doors["n-door"].is_unlocked, 5)
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_SECURED), 5)


async def reset(agent: Any) -> device_pb2.ResetReleaseResponse:
    request = device_pb2.ResetReleaseRequest(site="north", zone_id="n-fire", reason="drill over")
    response: device_pb2.ResetReleaseResponse = await agent.stub.ResetRelease(request, timeout=5)
    return response


async def test_an_exit_opens_while_nothing_can_decide(agent: Any) -> None:
    before = spooled(agent)
    walking = asyncio.ensure_future(agent.installation.doors["n-door"].walk(patience_s=5))
    agent.installation.present_card("out", CARD)

    assert await walking == 1
    await eventually(lambda: spooled(agent) >= before + 3)
    await at_rest(agent)


async def test_an_entry_stays_shut_while_nothing_can_decide(agent: Any) -> None:
    before = agent.written.count("PASSED")
    walking = asyncio.ensure_future(agent.installation.doors["n-door"].walk(patience_s=1.5))
    agent.installation.present_card("in", CARD)

    assert await walking == 0
    await agent.installation.readers["in"].until(lambda reader: reader.lamps != {})
    assert not agent.installation.doors["n-door"].is_unlocked
    assert agent.written.count("PASSED") == before


async def test_a_forced_door_shows_forced_and_then_secured(agent: Any) -> None:
    door = agent.installation.doors["n-door"]

    door.force()
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_FORCED))
    door.let_close()
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_SECURED))


async def state_is(agent: Any, state: int) -> bool:
    return bool((await agent.door()).state == state)


async def test_a_door_wedged_after_a_passage_is_held(agent: Any) -> None:
    door = agent.installation.doors["n-door"]
    door.hold_open()
    walking = asyncio.ensure_future(door.walk(patience_s=5))
    agent.installation.present_card("out", CARD)
    await walking

    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_HELD), 5)
    door.let_close()
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_SECURED))


async def test_the_fire_line_releases_the_door_and_only_a_reset_after_the_panel_is_quiet_ends_it(agent: Any) -> None:
    panel = agent.installation.panels["n-panel"]

    panel.alarm()
    await eventually(lambda: agent.installation.doors["n-door"].is_unlocked, 2)
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_RELEASED))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await reset(agent)
    panel.reset()
    await eventually(lambda: line_is(agent, "NORMAL"))

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert agent.installation.doors["n-door"].is_unlocked
    await reset(agent)
    await eventually(lambda: not agent.installation.doors["n-door"].is_unlocked, 2)


async def line_is(agent: Any, line: str) -> bool:
    return bool((await agent.status()).fire_lines["n-fire"] == line)


async def test_a_release_survives_the_death_of_the_agent(agent: Any, pki: Any) -> None:
    panel = agent.installation.panels["n-panel"]
    panel.alarm()
    await eventually(lambda: state_is(agent, device_pb2.DOOR_STATE_RELEASED))
    panel.reset()
    await eventually(lambda: line_is(agent, "NORMAL"))

    await agent.kill()
    assert agent.installation.doors["n-door"].is_unlocked
    await agent.start(pki)

    await eventually(agent.devices_online, 10)
    assert agent.installation.doors["n-door"].is_unlocked
    assert await state_is(agent, device_pb2.DOOR_STATE_RELEASED)
    await reset(agent)
    await eventually(lambda: not agent.installation.doors["n-door"].is_unlocked, 2)


async def test_a_communication_failure_releases_no_door(agent: Any) -> None:
    agent.installation.line("board").cut()
    await eventually(lambda: offline(agent, "board"), 10)
    agent.installation.line("board").restore()
    await eventually(agent.devices_online, 10)

    assert not agent.installation.doors["n-door"].is_unlocked


async def offline(agent: Any, name: str) -> bool:
    return any(device.name == name and not device.online for device in (await agent.status()).devices)


async def test_an_unplugged_reader_is_lost_within_ten_seconds_and_comes_back(agent: Any) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    agent.installation.readers["in"].go_silent()
    await eventually(lambda: offline(agent, "in"), 10)
    seconds = loop.time() - began
    agent.installation.readers["in"].come_back()

    assert seconds < 10
    await eventually(agent.devices_online, 10)


async def test_a_zone_that_is_not_released_cannot_be_reset(agent: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await reset(agent)

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_a_foreign_site_is_refused(agent: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await agent.stub.GetStatus(device_pb2.GetStatusRequest(site="east"), timeout=5)

    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
