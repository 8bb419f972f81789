"""Policies from draft to force: written by one operator, checked, approved by another, scheduled, or taken back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from menshen_rulebook.plan import plan_from_mapping
from menshen_servicekit.clock import Clock

from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.guarded_change import Loss
from menshen_access.domain.policy_life import (
    IN_PLAN,
    ActRefusedError,
    Deliberation,
    PolicyAct,
    PolicyState,
    Reigns,
    StoredPolicy,
    Transition,
    begun,
    reigns_of,
    revised,
    shown_state,
    take,
)
from menshen_access.guard import held
from menshen_access.plan_documents import DocumentFaultyError
from menshen_access.plan_making import outline_of, plain_plan, plan_change, refusal_of, scheduled_plan
from menshen_access.planning import Planning, Publish
from menshen_access.policy_checks import PolicyCheck, refuse_errors
from menshen_access.policy_refusals import (
    act_refused,
    activation_not_allowed,
    moved_on,
    policy_unknown,
    starts_early,
    too_soon,
)
from menshen_access.policy_store import PolicyStore
from menshen_access.removing import removal
from menshen_access.second_approval import loss_to_approve, scheduling, second_taken


@dataclass(frozen=True, slots=True)
class EnactingTerms:
    """`lead_ms` is how far ahead a policy is scheduled at least. `lone` says of a site whether one operator may act
    alone there.
    """

    lead_ms: int
    lone: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """A policy with the state that time gives it; `loss` is what was approved, right after a second approval."""

    policy: StoredPolicy
    state: PolicyState
    in_force: bool
    loss: Loss | None = None


class Enacting:
    """The lives of the policies of all sites."""

    def __init__(
        self,
        store: PolicyStore,
        planning: Planning,
        publish: Publish,
        clock: Clock,
        new_id: Callable[[], str],
        terms: EnactingTerms,
    ) -> None:
        self._store = store
        self._planning = planning
        self._publish = publish
        self._clock = clock
        self._new_id = new_id
        self._terms = terms

    async def draft(self, site: str, text: str, reason: str, caller: str) -> ShownPolicy:
        """A new draft. DomainError INVALID for a text that is no document at all; the check finds the rest."""
        by, outline = self._by(caller, reason), outline_of(text)
        given = begun(self._new_id(), text, outline, caller)
        made = _taken(given, PolicyAct.DRAFT, by)
        await self._store.add(site, _deed(site, PolicyAct.DRAFT, given.policy_id, by), made)
        return await self._shown(site, made.policy)

    async def revise(self, site: str, policy_id: str, text: str, expected: int, by: tuple[str, str]) -> ShownPolicy:
        """Another document for a draft; `by` is (caller, reason). DomainError STALE when it is not at `expected`."""
        outline = outline_of(text)

        def decide(policy: StoredPolicy, given: Deliberation) -> PolicyChange:
            if expected and expected != policy.revision:
                raise moved_on(expected, policy.revision)
            return _taken(policy, PolicyAct.REVISE, given, lambda: revised(policy, text, outline))

        return await self._changed(site, policy_id, PolicyAct.REVISE, self._by(*by), decide)

    async def check(self, site: str, policy_id: str, reason: str, caller: str) -> tuple[ShownPolicy, PolicyCheck]:
        """CHECKED when it is fit; otherwise it stays as it is. What was found either way."""
        policy, _ = await self._found(site, policy_id)
        by = self._by(caller, reason)
        _taken(policy, PolicyAct.CHECK, by)
        found = await self._planning.validate_policy(site, policy.document)
        if not found.is_fit:
            return await self._shown(site, policy), found

        def decide(standing: StoredPolicy, given: Deliberation) -> PolicyChange:
            if standing.revision != policy.revision:
                raise moved_on(policy.revision, standing.revision)
            return _taken(standing, PolicyAct.CHECK, given)

        return await self._changed(site, policy_id, PolicyAct.CHECK, by, decide), found

    async def approve(self, site: str, policy_id: str, reason: str, caller: str) -> ShownPolicy:
        """DomainError FORBIDDEN for whoever wrote any part of it.

        An approved policy that takes access from more than the bound is approved once more, by a third person.
        """
        policy, done = await self._found(site, policy_id)
        if policy.state is PolicyState.APPROVED:
            return await self._approve_again(site, policy, done, self._by(caller, reason))
        return await self._step(site, policy_id, PolicyAct.APPROVE, self._by(caller, reason))

    async def reject(self, site: str, policy_id: str, reason: str, caller: str) -> ShownPolicy:
        """For good; a better one is a new draft."""
        return await self._step(site, policy_id, PolicyAct.REJECT, self._by(caller, reason))

    async def schedule(self, site: str, policy_id: str, from_ms: int, reason: str, caller: str) -> ShownPolicy:
        """Put an approved policy in the plan, from `from_ms` on or from the document's own instant.

        DomainError INVALID for an instant nearer than the lead or before the document's own, and for what the plan has
        come to lack since the check; CONFLICT where a second approver is needed.
        """
        by = self._by(caller, reason)
        approved, done = await self._found(site, policy_id)
        first_ms = self._start(approved, from_ms, by)
        found = await self._planning.validate_policy(site, approved.document)
        if found.faults:
            # Somebody who was faster has put it in the plan, where its version is used.
            self._start((await self._found(site, policy_id))[0], from_ms, by)
            raise refusal_of(DocumentFaultyError(found.faults))
        refuse_errors(found.findings)

        def decide(policy: StoredPolicy, version: int, plan: bytes) -> PlanChange:
            start_ms = self._start(policy, from_ms, by)
            made = scheduled_plan(site, version, plan, policy.document, start_ms)
            carried = replace(policy, from_ms=start_ms, plan_version=made.version)
            return replace(plan_change(made), policy=_taken(carried, PolicyAct.SCHEDULE, self._by(caller, reason)))

        change = scheduling(_deed(site, PolicyAct.SCHEDULE, policy_id, by), approved, done, first_ms)
        seen = await self._planning.guard.admitted(change, partial(decide, approved))
        again = self._by(caller, reason)
        return await self._changed_with_plan(
            site, policy_id, PolicyAct.SCHEDULE, again, lambda known, v, plan: decide(known, held(seen, v), plan)
        )

    async def withdraw(self, site: str, policy_id: str, reason: str, caller: str) -> ShownPolicy:
        """Take a policy back before it is in force. A scheduled one leaves the plan; CONFLICT as in `schedule`."""
        by = self._by(caller, reason)
        policy, _ = await self._found(site, policy_id)
        if policy.state is PolicyState.SCHEDULED:
            return await self._leave_plan(site, policy, by)

        def step(standing: StoredPolicy, given: Deliberation) -> PolicyChange:
            if standing.revision != policy.revision:
                raise moved_on(policy.revision, standing.revision)
            return _taken(standing, PolicyAct.WITHDRAW, given)

        return await self._changed(site, policy_id, PolicyAct.WITHDRAW, by, step)

    async def activate(self, site: str, text: str, from_ms: int, reason: str, caller: str) -> ShownPolicy:
        """All of it at once by one operator. DomainError FORBIDDEN where that is not allowed."""
        if not self._terms.lone(site):
            raise activation_not_allowed()
        return await self._shown(site, await self._planning.activate_policy(site, text, from_ms, reason, caller))

    async def get(self, site: str, policy_id: str) -> tuple[ShownPolicy, list[Transition]]:
        """A policy and what was done to it, in order. DomainError NOT_FOUND when there is none."""
        policy, transitions = await self._found(site, policy_id)
        return await self._shown(site, policy), transitions

    async def listed(self, site: str, states: Collection[PolicyState]) -> list[ShownPolicy]:
        """Those in any of the states, by from_ms; without any, those the plan carries."""
        wanted = frozenset(states) or IN_PLAN
        stored = wanted | IN_PLAN if wanted & IN_PLAN else wanted
        reigns = await self._reigns(site)
        shown = [_shown(policy, reigns) for policy in await self._store.listed(site, stored)]
        return [one for one in shown if one.state in wanted]

    def _by(self, caller: str, reason: str) -> Deliberation:
        return Deliberation(caller, self._clock.now_ms(), reason)

    def _start(self, policy: StoredPolicy, from_ms: int, by: Deliberation) -> int:
        _taken(policy, PolicyAct.SCHEDULE, by)
        start_ms = from_ms or policy.from_ms
        if start_ms < policy.from_ms:
            raise starts_early()
        if start_ms < self._clock.now_ms() + self._terms.lead_ms:
            raise too_soon(self._terms.lead_ms)
        return start_ms

    async def _approve_again(
        self, site: str, policy: StoredPolicy, done: Sequence[Transition], by: Deliberation
    ) -> ShownPolicy:
        act = second_taken(policy, done, by, Loss()).done.act
        from_ms = max(policy.from_ms, by.at_ms + self._terms.lead_ms)
        loss = await loss_to_approve(self._planning.guard, site, policy, from_ms)

        def decide(standing: StoredPolicy, given: Deliberation) -> PolicyChange:
            if standing.revision != policy.revision:
                raise moved_on(policy.revision, standing.revision)
            return second_taken(standing, done, given, loss)

        shown = await self._changed(site, policy.policy_id, act, by, decide)
        return replace(shown, loss=loss)

    async def _leave_plan(self, site: str, policy: StoredPolicy, by: Deliberation) -> ShownPolicy:
        act, guard = PolicyAct.WITHDRAW, self._planning.guard
        _taken(policy, act, by)
        change, leaves = removal(guard, _deed(site, act, policy.policy_id, by), policy)
        seen = await guard.admitted(change, leaves)

        def leave(standing: StoredPolicy, version: int, plan: bytes) -> PlanChange:
            # The lock, or the count, may have been waited for until the policy was in force.
            done = _taken(standing, act, replace(by, at_ms=self._clock.now_ms()))
            return replace(leaves(held(seen, version), plan), policy=done)

        return await self._changed_with_plan(site, policy.policy_id, act, self._by(by.who, by.reason), leave)

    async def _step(self, site: str, policy_id: str, act: PolicyAct, by: Deliberation) -> ShownPolicy:
        return await self._changed(site, policy_id, act, by, lambda policy, given: _taken(policy, act, given))

    async def _changed(
        self,
        site: str,
        policy_id: str,
        act: PolicyAct,
        by: Deliberation,
        decide: Callable[[StoredPolicy, Deliberation], PolicyChange],
    ) -> ShownPolicy:
        deed = _deed(site, act, policy_id, by)
        changed = await self._store.change(site, policy_id, deed, lambda policy: decide(policy, by))
        if changed is None:
            raise policy_unknown()
        return await self._shown(site, changed)

    async def _changed_with_plan(
        self,
        site: str,
        policy_id: str,
        act: PolicyAct,
        by: Deliberation,
        decide: Callable[[StoredPolicy, int, bytes], PlanChange],
    ) -> ShownPolicy:
        changed = await self._store.change_with_plan(site, policy_id, _deed(site, act, policy_id, by), decide)
        if changed is None:
            raise policy_unknown()
        await self._publish(site)
        return await self._shown(site, changed)

    async def _found(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]]:
        found = await self._store.get(site, policy_id)
        if found is None:
            raise policy_unknown()
        return found

    async def _shown(self, site: str, policy: StoredPolicy) -> ShownPolicy:
        return _shown(policy, await self._reigns(site))

    async def _reigns(self, site: str) -> Reigns:
        version, plan = await self._store.current_plan(site)
        return reigns_of(plan_from_mapping(plain_plan(site, version, plan)), self._clock.now_ms())


def _shown(policy: StoredPolicy, reigns: Reigns) -> ShownPolicy:
    state = shown_state(policy, reigns)
    return ShownPolicy(policy, state, state is PolicyState.ACTIVE and policy.outline.version == reigns.in_force)


def _taken(
    policy: StoredPolicy, act: PolicyAct, by: Deliberation, given: Callable[[], StoredPolicy] | None = None
) -> PolicyChange:
    try:
        return PolicyChange(*take(given() if given is not None else policy, act, by))
    except ActRefusedError as refused:
        raise act_refused(refused) from None


def _deed(site: str, act: PolicyAct, policy_id: str, by: Deliberation) -> Deed:
    return Deed(site, by.at_ms, by.who, f"{act.name}_POLICY", policy_id, by.reason)
