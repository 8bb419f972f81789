"""Fire, with every server dead: the agent alone opens the zone; a person resets it on the spot; then all comes back."""

import asyncio
from functools import partial

import grpc
from menshen.device.v1 import device_pb2
from menshen.safety.v1 import safety_pb2
from menshen_simulators.barriers import Boom

from menshen_cli.reset import reset_release

from ..expectations import UnmetError, require
from ..university import AGENTS, FIRE_ZONE, GATES, LANES, STUCK_DOOR
from .stage import Stage, until

_AGENT = GATES[FIRE_ZONE.gate_id].agent_id
_SERVERS, _SERVICES = ("postgres", "valkey"), ("access", "access-keeper", "safety")


async def fire(stage: Stage) -> None:
    """The whole scene, in order; nothing else may be playing."""
    await asyncio.gather(*(stage.suite.kill(name) for name in (*_SERVICES, *_SERVERS)))
    await _release(stage)
    await _stuck(stage)
    await _reset_refused(stage)
    await _reset(stage)
    await _recovery(stage)


async def _release(stage: Stage) -> None:
    async with stage.expectations.check("fire_release") as line:
        stage.hardware.installation.panels[FIRE_ZONE.panel].alarm()
        await asyncio.gather(*(_evacuate(stage, door) for door in _doors(stage)))
        await until(lambda: _all_open(stage))
        doors = await _zone(stage)
        late = [door.door for door in doors if door.release_commanded_after_ms < 0]
        require(not late, "every door commanded", late)
        await until(lambda: _booms_are_up(stage))
        line.measured = ", ".join(_times(door) for door in doors)


async def _evacuate(stage: Stage, door: str) -> None:
    """Somebody pushes the door open and goes through."""
    passed = await stage.hardware.installation.doors[door].walk(patience_s=3.0)
    if (passed == 0) is not (door == STUCK_DOOR):
        raise UnmetError(f"expected people through every door but {STUCK_DOOR}, found {passed} at {door}")


async def _stuck(stage: Stage) -> None:
    async with stage.expectations.check("fire_stuck") as line:
        await until(lambda: _listed_stuck(stage))
        stuck = await _listed_stuck(stage)
        require(stuck == [STUCK_DOOR], STUCK_DOOR, stuck)
        line.measured = ", ".join(stuck)


async def _reset_refused(stage: Stage) -> None:
    async with stage.expectations.check("fire_reset_refused") as line:
        try:
            await _order_reset(stage)
        except grpc.aio.AioRpcError as refusal:
            require(refusal.code() is grpc.StatusCode.FAILED_PRECONDITION, "FAILED_PRECONDITION", refusal.code().name)
            line.measured = refusal.details() or ""
        else:
            raise UnmetError("expected a refusal, found a reset")


async def _reset(stage: Stage) -> None:
    async with stage.expectations.check("fire_reset") as line:
        stage.hardware.installation.panels[FIRE_ZONE.panel].reset()
        await until(lambda: _panel_is_quiet(stage))
        began = stage.clock.monotonic()
        await _order_reset(stage)
        await until(lambda: _all_locked(stage))
        line.measured = f"locked {(stage.clock.monotonic() - began) * 1000:.0f} ms after the reset"


async def _recovery(stage: Stage) -> None:
    async with stage.expectations.check("recovery") as line:
        began = stage.clock.monotonic()
        await asyncio.gather(*(stage.suite.restart(name) for name in _SERVERS))
        await asyncio.gather(*(stage.suite.restart(name) for name in _SERVICES))
        await stage.hardware.until_online(stage.expectations["recovery"].line.deadline_s)
        await drained(stage)
        for kind in (safety_pb2.ALARM_KIND_FIRE, safety_pb2.ALARM_KIND_DOOR_STUCK):
            alarm = await stage.room.alarm(kind)
            await stage.room.own(FIRE_ZONE.site, alarm, "fire brigade on site, drill closed")
        line.measured = f"{stage.clock.monotonic() - began:.1f} s until every event was recorded"


async def drained(stage: Stage) -> None:
    """Return when the history acknowledged everything in every agent's spool. The check bounds the wait."""
    for agent_id in AGENTS:
        await until(partial(_has_nothing_left, stage, agent_id))


async def _has_nothing_left(stage: Stage, agent_id: str) -> bool:
    return (await stage.hardware.status(agent_id)).spool_pending == 0


async def _order_reset(stage: Stage) -> None:
    stub = stage.hardware.agents[_AGENT]
    await reset_release(stub, FIRE_ZONE.site, FIRE_ZONE.zone_id, "building checked by the fire brigade")


async def _zone(stage: Stage) -> list[device_pb2.Door]:
    status = await stage.hardware.status(_AGENT)
    return [door for door in status.doors if door.door in FIRE_ZONE.doors]


async def _all_open(stage: Stage) -> bool:
    return all(_is_open(door) or door.door == STUCK_DOOR for door in await _zone(stage))


async def _booms_are_up(stage: Stage) -> bool:
    barriers = stage.hardware.installation.barriers
    return all(barriers[name].boom is Boom.UP for name in FIRE_ZONE.doors if name in barriers)


async def _listed_stuck(stage: Stage) -> list[str]:
    return [door.door for door in await _zone(stage) if door.stuck]


async def _panel_is_quiet(stage: Stage) -> bool:
    return (await stage.hardware.status(_AGENT)).fire_lines[FIRE_ZONE.zone_id] == "NORMAL"


async def _all_locked(stage: Stage) -> bool:
    return all(stage.is_locked(LANES[name].access_points[0]) for name in FIRE_ZONE.doors)


def _doors(stage: Stage) -> list[str]:
    return [name for name in FIRE_ZONE.doors if name in stage.hardware.installation.doors]


def _is_open(door: device_pb2.Door) -> bool:
    return door.state == device_pb2.DOOR_STATE_RELEASED and door.release_confirmed_after_ms >= 0


def _times(door: device_pb2.Door) -> str:
    if door.release_confirmed_after_ms < 0:
        return f"{door.door} {door.release_commanded_after_ms} ms, not open"
    return f"{door.door} {door.release_commanded_after_ms} ms (open {door.release_confirmed_after_ms} ms)"
