"""Plans and policies: documents become plan versions, all or nothing, in PostgreSQL before anywhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from menshen_rulebook.analysis import Supply
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.policy import Policy
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, Trouble

from menshen_access.approving_changes import plan_digest
from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.policy_life import Deliberation, Outline, PolicyAct, StoredPolicy, begun, take
from menshen_access.guard import UNGUARDED, DecidePlan, Guard, GuardedChange, approved_by, held
from menshen_access.guarded_refusals import activation_guarded, plan_guarded
from menshen_access.plan_making import (
    Standing,
    document_of,
    findings_of,
    merged_plan,
    plain_plan,
    plan_change,
    plan_with,
    policy_checked,
    policy_of,
)
from menshen_access.policy_checks import PLAN_UNFIT, PolicyCheck, check_plan, refuse_errors
from menshen_access.work_apart import HERE, Apart

Publish = Callable[[str], Awaitable[None]]
"""Brings the documents of a site into force; never fails, because the follower does it again."""


class PlanStore(Protocol):
    """Plan versions and policies in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def change_plan(self, site: str, deed: Deed, decide: Callable[[int, bytes], PlanChange]) -> int:
        """Put what `decide(version, document)` makes of the current plan in its place; the new version."""


class Planning:
    """Plans and policies of all sites."""

    def __init__(
        self,
        store: PlanStore,
        publish: Publish,
        clock: Clock,
        new_id: Callable[[], str],
        guard: Guard = UNGUARDED,
        apart: Apart = HERE,
    ) -> None:
        self.guard = guard
        self._apart = apart
        self._store = store
        self._publish = publish
        self._clock = clock
        self._new_id = new_id

    async def put_plan(self, site: str, text: str, expected_version: int, reason: str, caller: str) -> int:
        """Create or replace the entities a document names; the version.

        DomainError INVALID lists every fault, or every error that the document would bring about: an area that people
        enter and cannot leave is refused whoever asks for it. CONFLICT when somebody else must approve it first.
        """
        made = self.putting(site, text)
        digest = plan_digest(text)

        def decide(version: int, plan: bytes) -> PlanChange:
            if expected_version and expected_version != version:
                raise _moved_on(expected_version, version)
            return made(version, plan)

        guard = self.guard
        asked = self._deed(site, caller, "PUT_PLAN", "", reason)
        change = GuardedChange(asked, 0, lambda: guard.approvals(site, digest), {caller}, plan_guarded(digest))
        seen = await guard.admitted(change, decide)
        deed = replace(asked, at_ms=self._clock.now_ms())
        version = await self._store.change_plan(site, deed, lambda version, plan: decide(held(seen, version), plan))
        await self._publish(site)
        return version

    def putting(self, site: str, text: str) -> DecidePlan:
        """What becomes of a plan when a document is put; DomainError INVALID with every fault."""
        document = document_of(text)

        def decide(version: int, plan: bytes) -> PlanChange:
            made, places = merged_plan(site, version, plan, document)
            standing = plan_from_mapping(plain_plan(site, version, plan))
            refuse_errors(check_plan(standing, made, document, places, self._clock.now_ms()), PLAN_UNFIT)
            return plan_change(made)

        return decide

    async def get_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); DomainError NOT_FOUND for a site without a plan."""
        version, plan = await self._store.current_plan(site)
        if not version:
            raise DomainError(Trouble.NOT_FOUND, "PLAN_UNKNOWN", "该校区尚无方案", "the site has no plan yet")
        return version, plan

    async def validate_policy(self, site: str, text: str, supply: Supply | None = None) -> PolicyCheck:
        """See `plan_making.policy_checked`; changes nothing. Raises what the process apart raises."""
        standing = Standing(site, *await self._store.current_plan(site))
        return await self._apart.run(policy_checked, standing, text, supply, self._clock.now_ms())

    async def activate_policy(self, site: str, text: str, from_ms: int, reason: str, caller: str) -> StoredPolicy:
        """Store a policy that takes force at `from_ms`; 0: now, or at the document's own instant if that is later.

        DomainError INVALID lists every fault, or every error the policy would bring about; CONFLICT where it takes
        access from so many that one operator does not do it.
        """
        document = document_of(text)
        stored: list[StoredPolicy] = []
        # Made here: the guard decides in a thread, and ids are not made in two at once.
        policy_id = self._new_id()
        asked = self._deed(site, caller, "ACTIVATE_POLICY", "", reason)

        def decide(version: int, plan: bytes) -> PlanChange:
            given = policy_of(document)
            policy = replace(given, from_ms=from_ms or max(self._clock.now_ms(), given.from_ms))
            standing = Standing(site, version, plan)
            made = plan_with(standing, document, policy)
            refuse_errors(findings_of(standing, document, made, None, self._clock.now_ms()))
            by = Deliberation(caller, self._clock.now_ms(), reason)
            activated = self._activated(policy_id, policy, text, by, made.version)
            stored.append(activated.policy)
            return replace(plan_change(made), policy=activated)

        start_ms = from_ms or policy_of(document).from_ms
        change = GuardedChange(asked, start_ms, approved_by, (), activation_guarded)
        seen = await self.guard.admitted(change, decide)
        deed = replace(asked, at_ms=self._clock.now_ms())
        await self._store.change_plan(site, deed, lambda version, plan: decide(held(seen, version), plan))
        await self._publish(site)
        return stored[-1]

    def _activated(
        self, policy_id: str, policy: Policy, text: str, by: Deliberation, plan_version: int
    ) -> PolicyChange:
        given = replace(begun(policy_id, text, Outline.of(policy), by.who), plan_version=plan_version)
        return PolicyChange(*take(replace(given, writers=frozenset({by.who})), PolicyAct.ACTIVATE, by))

    def _deed(self, site: str, caller: str, action: str, target: str, reason: str) -> Deed:
        return Deed(site, self._clock.now_ms(), caller, action, target, reason)


def _moved_on(expected: int, version: int) -> DomainError:
    return DomainError(
        Trouble.STALE,
        "PLAN_MOVED_ON",
        f"方案已是版本 {version}，修改基于版本 {expected}",
        f"the plan is at version {version}, the change was made on {expected}",
    )
