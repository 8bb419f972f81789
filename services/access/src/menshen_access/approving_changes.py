"""A second approver's word on a plan document, on the end of a group's assignment, and on the removal of a policy."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed
from menshen_access.domain.guarded_change import VALID_MS, Approval, Loss
from menshen_access.guard import DecidePlan, Guard
from menshen_access.guarded_refusals import nobody_needed


class ApprovalStore(Protocol):
    """Second approvals in PostgreSQL; they only grow."""

    async def approve(self, deed: Deed, digest: bytes, approval: Approval) -> None:
        """Store an approval of what the digest stands for, audited."""


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """An approval as it was given; it holds before `until_ms`."""

    digest: bytes
    loss: Loss
    until_ms: int


class PlanDecider(Protocol):
    """Reads plan documents."""

    def putting(self, site: str, text: str) -> DecidePlan:
        """What becomes of a plan when a document is put; DomainError INVALID with every fault."""


class RevocationDecider(Protocol):
    """Knows assignments."""

    async def ending(self, site: str, assignment_id: str) -> DecidePlan:
        """What becomes of the plan when a group's assignment ends; DomainError NOT_FOUND for none, CONFLICT for that
        of a subject.
        """


class RemovalDecider(Protocol):
    """Knows the policies of the plan."""

    async def leaving(self, site: str, policy_id: str) -> tuple[DecidePlan, int]:
        """What becomes of the plan when a policy leaves it, and from when on that counts; DomainError NOT_FOUND for
        none, CONFLICT for one that the plan does not carry.
        """


@dataclass(frozen=True, slots=True)
class Deciders:
    """What each change would make of a plan."""

    plans: PlanDecider
    assignments: RevocationDecider
    removals: RemovalDecider


class ApprovingChanges:
    """Takes down second approvals."""

    def __init__(self, guard: Guard, store: ApprovalStore, deciders: Deciders, clock: Clock) -> None:
        self._guard = guard
        self._store = store
        self._deciders = deciders
        self._clock = clock

    async def approve_plan(self, site: str, text: str, reason: str, caller: str) -> GivenApproval:
        """For 24 h. DomainError CONFLICT when nobody needs to, INVALID for a document that could not be put."""
        deed = Deed(site, self._clock.now_ms(), caller, "APPROVE_PLAN", plan_digest(text).hex(), reason)
        return await self._approve(deed, plan_digest(text), self._deciders.plans.putting(site, text))

    async def approve_revocation(self, site: str, assignment_id: str, reason: str, caller: str) -> GivenApproval:
        """For 24 h. DomainError CONFLICT when nobody needs to, NOT_FOUND when there is no such assignment."""
        decide = await self._deciders.assignments.ending(site, assignment_id)
        deed = Deed(site, self._clock.now_ms(), caller, "APPROVE_REVOCATION", assignment_id, reason)
        return await self._approve(deed, revocation_digest(assignment_id), decide)

    async def approve_removal(self, site: str, policy_id: str, reason: str, caller: str) -> GivenApproval:
        """Of a policy, withdrawn or rolled back, for 24 h. DomainError CONFLICT when nobody needs to or the plan does
        not carry it, NOT_FOUND when there is no such policy.
        """
        decide, from_ms = await self._deciders.removals.leaving(site, policy_id)
        deed = Deed(site, self._clock.now_ms(), caller, "APPROVE_REMOVAL", policy_id, reason)
        return await self._approve(deed, removal_digest(policy_id), decide, from_ms, is_urgent=True)

    async def _approve(
        self, deed: Deed, digest: bytes, decide: DecidePlan, from_ms: int = 0, *, is_urgent: bool = False
    ) -> GivenApproval:
        if not deed.reason.strip():
            missing = FieldTrouble("reason", "理由", "a reason")
            raise DomainError(Trouble.INVALID, "REASON_MISSING", "须说明理由", "a reason is required", [missing])
        loss = await self._guard.loss(deed.site, decide, from_ms, is_urgent=is_urgent)
        if not self._guard.bound.exceeded_by(loss):
            raise nobody_needed(loss, self._guard.bound)
        await self._store.approve(deed, digest, Approval(deed.caller, deed.at_ms, loss))
        return GivenApproval(digest, loss, deed.at_ms + VALID_MS)


def plan_digest(text: str) -> bytes:
    """SHA-256 of a plan document's bytes, UTF-8."""
    return hashlib.sha256(text.encode()).digest()


def revocation_digest(assignment_id: str) -> bytes:
    """Stands for the end of an assignment, and for no document: no document begins so."""
    return hashlib.sha256(b"\x00REVOKE_LEVEL " + assignment_id.encode()).digest()


def removal_digest(policy_id: str) -> bytes:
    """Stands for taking a policy out of the plan, as `revocation_digest` does for its kind."""
    return hashlib.sha256(b"\x00REMOVE_POLICY " + policy_id.encode()).digest()
