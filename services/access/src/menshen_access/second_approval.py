"""The second approval of a policy that takes access from more than the bound."""

from collections.abc import Sequence
from functools import partial

from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.guarded_change import Loss
from menshen_access.domain.policy_life import (
    ActRefusedError,
    Deliberation,
    PolicyAct,
    Refusal,
    StoredPolicy,
    Transition,
    first_approvers,
    second_approvals,
    take_second,
)
from menshen_access.guard import Guard, GuardedChange, approved_by
from menshen_access.guarded_refusals import policy_guarded
from menshen_access.plan_making import plan_change, scheduled_plan
from menshen_access.policy_refusals import act_refused


def scheduling(deed: Deed, policy: StoredPolicy, done: Sequence[Transition], from_ms: int) -> GuardedChange:
    """What the guard is asked when an approved policy, to which `done` was done, is scheduled."""
    but = policy.writers | first_approvers(done) | {deed.caller}
    return GuardedChange(deed, from_ms, partial(approved_by, second_approvals(policy, done)), but, policy_guarded)


async def loss_to_approve(guard: Guard, site: str, policy: StoredPolicy, from_ms: int) -> Loss:
    """Whom the policy would take access from; DomainError CONFLICT when nobody needs to approve it once more."""

    def added(version: int, plan: bytes) -> PlanChange:
        return plan_change(scheduled_plan(site, version, plan, policy.document, from_ms))

    loss = await guard.loss(site, added, from_ms)
    if not guard.bound.exceeded_by(loss):
        raise act_refused(ActRefusedError(Refusal.OUT_OF_TURN, policy.state, PolicyAct.APPROVE))
    return loss


def second_taken(policy: StoredPolicy, done: Sequence[Transition], by: Deliberation, loss: Loss) -> PolicyChange:
    """The second approval; DomainError FORBIDDEN for a writer and for the first approver."""
    try:
        return PolicyChange(*take_second(policy, done, by, loss))
    except ActRefusedError as refused:
        raise act_refused(refused) from None
