"""What a gate on its own answers in place of the rules: it holds no plan for the access point, or too old a copy."""

from dataclasses import dataclass
from typing import Final

from menshen_rulebook.decide import system_fault
from menshen_rulebook.decision import Decision, Reason
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.vocabulary import Direction, Outcome

EMPTY: Final = "EDGE_EMPTY"
STALE: Final = "EDGE_STALE"
STOPPED: Final = "AGENT_STOPPED"
FAULT: Final = "SYSTEM_FAULT"
_RULE: Final = "alone"


@dataclass(frozen=True, slots=True)
class Alone:
    """How a gate stands that decides without the centre.

    `age_ms` is how long before the decision the centre last called the gate's copy current: negative where the clocks
    disagree. Past `stale_after_ms` it lets nobody in. `wired_exit` says that people leave here by the wiring, which
    holds where no plan speaks of the access point. `released`: the access point is under emergency release.
    """

    age_ms: int = 0
    stale_after_ms: int = 0
    wired_exit: bool = False
    released: bool = False


def withheld(access_point_id: str, plan: SitePlan | None, alone: Alone, now_ms: int) -> Decision | None:
    """The answer of a gate that may not go by the rules; None where it may. Ways out and releases never wait."""
    point = plan.point(access_point_id, now_ms) if plan is not None else None
    if point is None:
        return _unjudged(EMPTY, _by_wiring(alone), plan, now_ms)
    if alone.age_ms <= alone.stale_after_ms or alone.released:
        return None
    if point.leads_out or point.access_point.direction is Direction.EXIT:
        return None
    return _unjudged(STALE, Outcome.DENY, plan, now_ms)


def fault(access_point_id: str, plan: SitePlan | None, alone: Alone, now_ms: int) -> Decision:
    """The answer to unexpected trouble at a gate: as the centre's, or by the wiring where no plan is held."""
    if plan is None:
        return _unjudged(FAULT, _by_wiring(alone), plan, now_ms)
    return system_fault(access_point_id, plan, now_ms)


def stopped(now_ms: int) -> Decision:
    """What stands for a presentation that its gate did not live to decide: nothing opened."""
    return _unjudged(STOPPED, Outcome.DENY, None, now_ms)


def _by_wiring(alone: Alone) -> Outcome:
    return Outcome.GRANT if alone.wired_exit else Outcome.DENY


def _unjudged(code: str, outcome: Outcome, plan: SitePlan | None, now_ms: int) -> Decision:
    version = plan.version if plan is not None else 0
    return Decision(outcome, (Reason(code, _RULE, outcome),), (), (), (), outcome, version, 0, LANGUAGE, now_ms)
