"""One step back: the policy last put in the plan leaves it."""

from collections.abc import Callable
from dataclasses import dataclass

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
