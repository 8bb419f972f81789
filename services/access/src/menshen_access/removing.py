"""Taking a policy out of the plan, withdrawn or rolled back: as that may uncover another one, it is counted, too."""

from functools import partial

from menshen_access.approving_changes import removal_digest
from menshen_access.domain.administration import Deed
from menshen_access.domain.policy_life import ActRefusedError, PolicyAct, PolicyState, Refusal, StoredPolicy
from menshen_access.drafts import PolicySource
from menshen_access.guard import DecidePlan, Guard, GuardedChange
from menshen_access.guarded_refusals import removal_guarded
from menshen_access.plan_making import plan_change, plan_without
from menshen_access.policy_refusals import act_refused, policy_unknown

_CARRIED = frozenset({PolicyState.SCHEDULED, PolicyState.ACTIVE})


class Removing:
    """The policies that plans carry, about to leave them."""

    def __init__(self, policies: PolicySource) -> None:
        self._policies = policies

    async def leaving(self, site: str, policy_id: str) -> tuple[DecidePlan, int]:
        """What becomes of the plan when a policy leaves it, and from when on that counts; DomainError NOT_FOUND for
        none, CONFLICT for one that the plan does not carry.
        """
        found = await self._policies.get(site, policy_id)
        if found is None:
            raise policy_unknown()
        policy, _ = found
        if policy.state not in _CARRIED:
            raise act_refused(ActRefusedError(Refusal.OUT_OF_TURN, policy.state, PolicyAct.ROLL_BACK))
        return _leaves(site, policy), policy.from_ms


def removal(guard: Guard, deed: Deed, policy: StoredPolicy) -> tuple[GuardedChange, DecidePlan]:
    """What the guard is asked when somebody takes a policy out of the plan."""
    digest = removal_digest(policy.policy_id)
    refused = removal_guarded(policy.policy_id)
    given = partial(guard.approvals, deed.site, digest)
    change = GuardedChange(deed, policy.from_ms, given, {deed.caller}, refused, is_urgent=True)
    return change, _leaves(deed.site, policy)


def _leaves(site: str, policy: StoredPolicy) -> DecidePlan:
    return lambda version, plan: plan_change(plan_without(site, version, plan, policy.outline.version))
