"""What the office orders while the gates are busy: a gate closes to the second, a building is locked down."""

import asyncio

from ..cast import LOSER
from ..expectations import require
from ..loading import FIRST_POLICY_VERSION, Loading
from ..policies import closing_policy_mapping
from ..university import CLOSING_GATE, CLOSING_REDIRECT, HALL, campus_of
from .stage import Stage, answered

CLOSES_AFTER_MS = 10_000
_SITE = CLOSING_GATE.site
_POINT = CLOSING_GATE.entries[0]
_AROUND_MS = 1_500


async def gate_closes(stage: Stage) -> None:
    """A notice closes a gate at an instant; cards are presented without pause around it."""
    async with stage.expectations.check("gate_closes") as line:
        at_ms = (stage.clock.now_ms() + CLOSES_AFTER_MS) // 1000 * 1000
        policy = closing_policy_mapping(CLOSING_GATE, CLOSING_REDIRECT, version=FIRST_POLICY_VERSION + 1, at_ms=at_ms)
        await Loading(stage.suite, stage.clock).activate(campus_of(_SITE), policy, "notice of the security office")
        stage.told["closes_at_ms"] = str(at_ms)
        await asyncio.sleep((at_ms - _AROUND_MS - stage.clock.now_ms()) / 1000)
        granted_ms, refused_ms = await _around(stage, at_ms + _AROUND_MS)
        error_ms = (await stage.hardware.status(CLOSING_GATE.agent_id)).clock_error_ms
        require(granted_ms and refused_ms, "grants before and refusals after", f"{granted_ms}, {refused_ms}")
        require(max(granted_ms) < at_ms + error_ms, "no grant after it closed", f"{max(granted_ms) - at_ms} ms after")
        require(
            min(refused_ms) > at_ms - error_ms, "no refusal before it closed", f"{at_ms - min(refused_ms)} ms before"
        )
        await _refuse_twice_over(stage)
        line.measured = (
            f"last grant {at_ms - max(granted_ms)} ms before, first refusal {min(refused_ms) - at_ms} ms after, "
            f"clock ± {error_ms} ms"
        )


async def _refuse_twice_over(stage: Stage) -> None:
    """A lost card at the closed gate: the refusal the last screen explains."""
    passage = await stage.hardware.lanes.present(_POINT, LOSER.card)
    stage.told["refusal_id"], stage.told["refusal_site"] = answered(passage).event_id, _SITE


async def _around(stage: Stage, until_ms: int) -> tuple[list[int], list[int]]:
    """Instants of the grants and of the refusals for the closure."""
    person = stage.bystander(_SITE)
    granted, refused = list[int](), list[int]()
    while stage.clock.now_ms() < until_ms:
        shown = answered(await stage.hardware.lanes.present(_POINT, person.card))
        if shown.reason_code == "ACCESS_POINT_CLOSED":
            refused.append(shown.at_ms)
        elif shown.opens:
            granted.append(shown.at_ms)
    return granted, refused


async def lockdown(stage: Stage) -> None:
    """A building is locked down: nobody gets in, whoever is inside gets out."""
    entry, way_out = "eh-p1-in", "eh-p3-out"
    inside, outside = stage.bystander("east"), stage.bystander("east")
    async with stage.expectations.check("lockdown") as line:
        await stage.shows(entry, inside.card, "GRANT", walk=True)
        hold_id = await stage.office.lock_down(HALL.site, HALL.inner, "suspicious parcel")
        began = stage.clock.monotonic()
        try:
            await stage.shows_soon(entry, outside.card, "DENY", "LOCKDOWN")
            line.measured = f"in force after {(stage.clock.monotonic() - began) * 1000:.0f} ms"
            passage = await stage.hardware.lanes.walk(way_out, inside.card)
            require(answered(passage).opens and passage.passed, "an exit that passes", answered(passage).reason_code)
        finally:
            await stage.office.lift(HALL.site, hold_id, "parcel was harmless")
        await stage.shows_soon(entry, outside.card, "GRANT", "", walk=True)
