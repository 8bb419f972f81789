"""Doors used as they should not be, and a reader that is unplugged: each an alarm with an owner."""

import asyncio

from menshen.safety.v1 import safety_pb2

from ..accounts import WEDGED
from ..expectations import require
from ..university import LANES
from .control_room import OWNER
from .stage import Stage, answered

_FORCED, _HELD, _TAILGATED, _UNPLUGGED = "l3-p2", "l4-p1", "e3-p1", "e5-p1"
_REST_S = 1.5


async def forced(stage: Stage) -> None:
    """A door is opened against its lock."""
    async with stage.expectations.check("door_forced") as line, stage.hardware.lanes.turn(LANES[_FORCED]):
        door, began_ms = stage.hardware.installation.doors[_FORCED], stage.clock.now_ms()
        await asyncio.sleep(_REST_S)
        door.force()
        try:
            line.measured = await _owned(stage, safety_pb2.ALARM_KIND_DOOR_FORCED, _FORCED, began_ms)
        finally:
            door.let_close()


async def held(stage: Stage) -> None:
    """Somebody wedges a door behind them."""
    async with stage.expectations.check("door_held") as line:
        door, began_ms = stage.hardware.installation.doors[_HELD], stage.clock.now_ms()
        door.hold_open()
        try:
            await stage.shows(f"{_HELD}-in", stage.bystander("lake").card, "GRANT", walk=True)
            async with stage.hardware.lanes.turn(LANES[_HELD]):
                stage.hardware.ledgers.write(WEDGED, _HELD)
                line.measured = await _owned(stage, safety_pb2.ALARM_KIND_DOOR_HELD, _HELD, began_ms)
        finally:
            door.let_close()


async def tailgated(stage: Stage) -> None:
    """Two pass on one grant."""
    async with stage.expectations.check("door_tailgated") as line:
        began_ms, point = stage.clock.now_ms(), f"{_TAILGATED}-in"
        passage = await stage.hardware.lanes.walk(point, stage.bystander("east").card, persons=2)
        require(passage.passed == 2, "two who pass", f"{passage.passed}, {answered(passage).reason_code}")
        line.measured = await _owned(stage, safety_pb2.ALARM_KIND_TAILGATED, _TAILGATED, began_ms)


async def unplugged(stage: Stage) -> None:
    """A reader's plug is pulled, and put back."""
    async with stage.expectations.check("reader_unplugged") as line, stage.hardware.lanes.turn(LANES[_UNPLUGGED]):
        reader, began_ms = stage.hardware.installation.readers[f"{_UNPLUGGED}-in"], stage.clock.now_ms()
        began = stage.clock.monotonic()
        reader.go_silent()
        try:
            await _owned(stage, safety_pb2.ALARM_KIND_DEVICE_LOST, f"{_UNPLUGGED}-in", began_ms)
            line.measured = f"{stage.clock.monotonic() - began:.1f} s"
        finally:
            reader.come_back()
        await _until_online(stage, f"{_UNPLUGGED}-in")


async def _owned(stage: Stage, kind: int, source: str, since_ms: int) -> str:
    """See the alarm, take it, close it with a note; how long it took to be stored."""
    alarm = await stage.room.alarm(kind, source, since_ms=since_ms)
    site = stage.room.alarms[alarm.alarm_id][0]
    owned = await stage.room.own(site, alarm, "guard sent, all in order")
    require(owned.owner == OWNER, "an owner", owned.owner)
    return f"alarm after {alarm.stored_at_ms - alarm.raised_at_ms} ms"


async def _until_online(stage: Stage, reader: str) -> None:
    while True:
        status = await stage.hardware.status("east-2")
        if any(device.name == reader and device.online for device in status.devices):
            return
        await asyncio.sleep(0.2)
