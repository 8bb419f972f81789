"""Cards that are not as they were: unknown, lost, revoked, listed; leave that is overdue."""

import asyncio

from menshen.access.v1 import decision_pb2
from menshen.safety.v1 import safety_pb2
from menshen_rulebook.decision import Reason
from menshen_rulebook.reasons import render
from menshen_rulebook.vocabulary import Audience, Language, Outcome

from ..cast import BANNED, LOSER, OVERDUE, REVOKED, UNKNOWN_CARD
from ..expectations import require
from ..preparing import Preparing
from .control_room import alarms_seen_by_guard
from .stage import Stage, answered

_CENTRE = decision_pb2.EVENT_KIND_CENTRE


async def unknown_card(stage: Stage) -> None:
    """A card nobody was given."""
    async with stage.expectations.check("unknown_card") as line:
        passage = await stage.turned_away("n1-p1-in", UNKNOWN_CARD, "CREDENTIAL_UNKNOWN")
        await stage.recorded(answered(passage), _CENTRE)
        line.measured = answered(passage).text_en


async def lost_card(stage: Stage) -> None:
    """Its holder reports it lost; a second later somebody presents it."""
    async with stage.expectations.check("lost_card") as line:
        await Preparing(stage.suite, stage.clock).report_lost(LOSER)
        await asyncio.sleep(1.0)
        passage = await stage.turned_away("n1-p2-in", LOSER.card, "CREDENTIAL_LOST")
        await stage.recorded(answered(passage), _CENTRE)
        line.measured = answered(passage).text_en


async def revocation(stage: Stage) -> None:
    """A card in use is revoked in mid-rush; it is presented without pause until the gate refuses it."""
    async with stage.expectations.check("revocation") as line:
        await stage.shows("l1-p1-in", REVOKED.card, "GRANT")
        await Preparing(stage.suite, stage.clock).report_lost(REVOKED)
        began = stage.clock.monotonic()
        while answered(await stage.hardware.lanes.present("l1-p1-in", REVOKED.card)).reason_code != "CREDENTIAL_LOST":
            continue
        waited_ms = (stage.clock.monotonic() - began) * 1000
        stage.told["revocation_ms"] = f"{waited_ms:.0f}"
        line.measured = f"{waited_ms:.0f} ms"


async def overdue_leave(stage: Stage) -> None:
    """A student whose leave ended yesterday comes back."""
    async with stage.expectations.check("overdue_leave") as line:
        passage = await stage.shows("n2-p1-in", OVERDUE.card, "GRANT_WITH_REMINDER", "LEAVE_OVERDUE", walk=True)
        shown = answered(passage)
        require(shown.text_zh and shown.text_en and shown.text_zh != shown.text_en, "a reminder in zh and en")
        line.measured = f"{shown.text_zh} / {shown.text_en}"


async def blacklist(stage: Stage) -> None:
    """Somebody barred comes: the lane says nothing of it, the guard's post does."""
    began_ms = stage.clock.now_ms()
    async with stage.expectations.check("blacklist_lane") as line:
        passage = await stage.shows("e1-p1-in", BANNED.card, "DENY", "BLACKLISTED")
        shown, guard_text = answered(passage), _guard_text(Language.ZH)
        require(shown.text_zh and shown.text_zh != guard_text, "a neutral text at the lane", shown.text_zh)
        require("黑" not in shown.text_zh and "list" not in shown.text_en.lower(), "no word of a list", shown.text_en)
        line.measured = f"{shown.text_zh} / {shown.text_en}"
    async with stage.expectations.check("blacklist_post") as line:
        alarm = await stage.room.alarm(safety_pb2.ALARM_KIND_BLACKLISTED, "e1-p1-in", since_ms=began_ms)
        seen = await alarms_seen_by_guard(stage.guard_channel("east", "e1"), "east")
        require(alarm.alarm_id in {other.alarm_id for other in seen}, "the alarm at the guard's post")
        await stage.room.own("east", alarm, "identity checked at the gate")
        line.measured = f"{_guard_text(Language.ZH)} / {_guard_text(Language.EN)}"


def _guard_text(language: Language) -> str:
    return render(Reason("BLACKLISTED", "lists", Outcome.DENY), language, Audience.GUARD)
