"""One step back: the policy last put in the plan leaves it."""

from collections.abc import Callable
from dataclasses import dataclass

from menshen_rulebook.plan import SitePlan

from menshen_access.domain.administration import Deed, PlanChange, WaitingAlarm
from menshen_access.domain.policy_life import StoredPolicy


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a step back changes, its audit, and what the control room hears."""

    policy_id: str
    change: PlanChange
    deed: Deed
    alarm: WaitingAlarm


DecideRollback = Callable[[StoredPolicy | None, int, bytes], Rollback]
"""What to do about the policy asked for or last put in the plan, taken back since or not; None where there is none."""


def uncovered(standing: SitePlan, made: SitePlan, number: int, now_ms: int) -> frozenset[int] | None:
    """The policies that hold in the place of this one from now on, once it has left the plan; None where there is none
    at some time.
    """
    later = {*standing.index.policy_boundaries(), *made.index.policy_boundaries()}
    found: set[int] = set()
    for at_ms in {now_ms, *(at_ms for at_ms in later if at_ms > now_ms)}:
        holds, instead = standing.policy_at(at_ms), made.policy_at(at_ms)
        if holds is None or holds.version != number:
            continue
        if instead is None:
            return None
        found.add(instead.version)
    return frozenset(found)
