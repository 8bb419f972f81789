"""What goes dead while people keep passing: an uplink for twenty seconds, the deciding service until it is back."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from itertools import cycle

from menshen.access.v1 import decision_pb2

from ..cast import LONE_WALKER
from ..expectations import require
from ..lanes import Shown
from ..university import GATES, LANE_OF, LONE_GATE, SITES
from .stage import Stage

CUT_S = 20.0
_DEAD_S = 1.5
_BEFORE_MS = 3_000
_LOOK_S = 0.7
_EDGE, _CENTRE = decision_pb2.EVENT_KIND_EDGE, decision_pb2.EVENT_KIND_CENTRE
_ONE_WAY = (LONE_GATE.lanes[0].entry, LONE_GATE.lanes[-1].exit)


async def uplink_cut(stage: Stage) -> None:
    """The only agent of a gate loses its services; what it decided alone arrives once it has them again."""
    async with stage.expectations.check("uplink_cut") as line:
        began_ms, until = stage.clock.now_ms(), stage.clock.monotonic() + CUT_S
        await stage.uplink.cut()
        try:
            for point in cycle(_ONE_WAY):
                await stage.hardware.lanes.walk(point, LONE_WALKER.card)
                await asyncio.sleep(min(1.0, max(until - stage.clock.monotonic(), 0)))
                if stage.clock.monotonic() >= until:
                    break
        finally:
            await stage.uplink.restore()
        alone = [
            shown for shown in _since(stage, began_ms) if shown.edge and shown.access_point in LONE_GATE.access_points
        ]
        passed = sum(shown.opens for shown in alone)
        require(passed, "people who pass on edge decisions", len(alone))
        await _recorded_once(stage, alone)
        line.measured = f"{passed} passed on {len(alone)} edge decisions, all recorded once"


async def kill_access(stage: Stage) -> None:
    """The deciding service dies in mid-rush and is started again."""
    async with stage.expectations.check("kill_access") as line:
        began_ms, began = stage.clock.now_ms(), stage.clock.monotonic()
        await stage.suite.kill("access")
        await asyncio.sleep(_DEAD_S)
        await stage.suite.restart("access")
        away_s = stage.clock.monotonic() - began
        await stage.hardware.until_online(stage.expectations["kill_access"].line.deadline_s)
        around = list(_since(stage, began_ms - _BEFORE_MS))
        alone = sum(shown.edge for shown in around)
        require(alone, "edge decisions while it was away", len(around))
        await _recorded_once(stage, around)
        line.measured = f"away {away_s:.1f} s, {alone} edge decisions, {len(around)} presentations recorded once"


def _since(stage: Stage, from_ms: int) -> Iterable[Shown]:
    return (shown for shown in tuple(stage.shown) if shown.at_ms >= from_ms)


async def _recorded_once(stage: Stage, shown: Iterable[Shown]) -> None:
    """Return when every presentation is in the history as what the lane obeyed; UnmetError for anything twice."""
    waiting: dict[str, dict[str, int]] = {site: {} for site in SITES}
    for one in shown:
        waiting[_site_of(one)][one.event_id] = _EDGE if one.edge else _CENTRE
    for site, kinds in waiting.items():
        while kinds:
            events = await stage.office.history(site)
            doubled = [key for key, times in Counter((e.event_id, e.kind) for e in events).items() if times > 1]
            require(not doubled, "every event once", doubled[:3])
            recorded = {(event.event_id, event.kind) for event in events}
            if all((event_id, kind) in recorded for event_id, kind in kinds.items()):
                break
            await asyncio.sleep(_LOOK_S)


def _site_of(shown: Shown) -> str:
    return GATES[LANE_OF[shown.access_point].gate_id].site
