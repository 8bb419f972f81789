"""Inside the campus: soft anti-passback at the dormitory, a duress PIN at the laboratory."""

from menshen.access.v1 import decision_pb2
from menshen.safety.v1 import safety_pb2

from ..cast import DURESS_PIN, PIN, RESIDENT, THREATENED
from ..expectations import require
from ..lanes import Passage
from .control_room import alarms_seen_by_guard
from .stage import Stage, answered

_DORMITORY, _LABORATORY = "nd-p1-in", "nl-p1-in"


async def soft_anti_passback(stage: Stage) -> None:
    """A resident enters twice without having left."""
    async with stage.expectations.check("soft_anti_passback") as line:
        first = await stage.shows(_DORMITORY, RESIDENT.card, "GRANT", walk=True)
        await stage.recorded(answered(first), decision_pb2.EVENT_KIND_TAKEN)
        second = await stage.shows(_DORMITORY, RESIDENT.card, "GRANT_WITH_REMINDER", "ANTI_PASSBACK_IN", walk=True)
        line.measured = f"{answered(second).text_zh} / {answered(second).text_en}"


async def duress(stage: Stage) -> None:
    """The door opens as for the right PIN; only the control room hears of it."""
    alarm_id = ""
    async with stage.expectations.check("duress") as line:
        usual = answered(await _walk_with(stage, PIN))
        passage = await _walk_with(stage, DURESS_PIN)
        shown = answered(passage)
        require(shown.opens and passage.passed, "an open door", f"{shown.outcome} {shown.reason_code}")
        same = (shown.outcome, shown.text_zh, shown.text_en) == (usual.outcome, usual.text_zh, usual.text_en)
        require(same, "a lane that shows nothing of it", shown.text_en)
        alarm = await stage.room.alarm(safety_pb2.ALARM_KIND_DURESS, event_id=shown.event_id)
        alarm_id = alarm.alarm_id
        line.measured = f"alarm after {alarm.stored_at_ms - shown.at_ms} ms"
        await stage.room.own("north", alarm, "patrol sent, holder safe")
    async with stage.expectations.check("duress_hidden"):
        seen = await alarms_seen_by_guard(stage.guard_channel("north", "nl"), "north")
        require(alarm_id, "an alarm to hide")
        require(alarm_id not in {alarm.alarm_id for alarm in seen}, "no duress alarm at the guard's post")


async def _walk_with(stage: Stage, pin: str) -> Passage:
    """Type a PIN; once more while the centre was too busy to check it in time. The check bounds the wait."""
    while True:
        passage = await stage.hardware.lanes.walk(_LABORATORY, THREATENED.card, pin=pin)
        if answered(passage).reason_code != "PIN_UNVERIFIABLE":
            return passage
