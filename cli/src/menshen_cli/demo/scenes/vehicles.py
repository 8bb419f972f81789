"""Tags at the e-bike lane: valid, without a permit, cloned."""

from menshen.safety.v1 import safety_pb2
from menshen_simulators.uhf_reader import SimulatedTag

from ..cast import E_BIKE, E_BIKE_WITHOUT_PERMIT, cloned_tag, tag_of
from ..expectations import require
from ..lanes import Shown
from .stage import Stage, answered

_POINT = "n2-e1-in"


async def e_bikes(stage: Stage) -> None:
    """Three e-bikes, one after the other at one barrier."""
    async with stage.expectations.check("e_bike_valid") as line:
        shown = await _ride(stage, tag_of(E_BIKE), "GRANT")
        line.measured = f"{shown.latency_us / 1000:.1f} ms"
    async with stage.expectations.check("e_bike_no_permit") as line:
        shown = await _ride(stage, tag_of(E_BIKE_WITHOUT_PERMIT), "DENY", "PERMIT_MISSING")
        line.measured = shown.text_en
    async with stage.expectations.check("e_bike_cloned") as line:
        shown = await _ride(stage, cloned_tag(), "DENY", "TAG_CLONED")
        alarm = await stage.room.alarm(safety_pb2.ALARM_KIND_CLONED_TAG, event_id=shown.event_id)
        await stage.room.own("north", alarm, "tag taken in for inspection")
        line.measured = shown.text_en


async def _ride(stage: Stage, tag: SimulatedTag, outcome: str, reason: str = "") -> Shown:
    passage = await stage.hardware.lanes.drive(_POINT, tag)
    shown = answered(passage)
    require(shown.outcome == outcome, f"{outcome} {reason}", f"{shown.outcome} {shown.reason_code}")
    require(reason in ("", shown.reason_code), reason, shown.reason_code)
    require(bool(passage.passed) == shown.opens, "to pass exactly when granted", passage.passed)
    return shown
