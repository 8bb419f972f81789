"""Policies that are asked about: checked as those that are activated, and put in force nowhere."""

import asyncio
from typing import NamedTuple, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json

from menshen_access.domain.policy_life import IN_PLAN, StoredPolicy, Transition, reigns_of, shown_state
from menshen_access.plan_documents import DocumentFaultyError
from menshen_access.planning import Planning, plain_plan, refusal_of, scheduled_plan
from menshen_access.policy_checks import refuse_errors
from menshen_access.policy_refusals import compared_with_itself, policy_unknown


class PolicySource(Protocol):
    """The plan in force and the stored policies."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def get(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]] | None:
        """A policy and what was done to it; None when there is none."""


class AskedPolicy(NamedTuple):
    """A policy that is asked about: a plan that holds it, canonical JSON, and its version there."""

    plan: bytes
    version: int


class Drafts:
    """Policies of all sites beside the plan in force."""

    def __init__(self, policies: PolicySource, planning: Planning) -> None:
        self._policies = policies
        self._planning = planning

    async def plan(self, site: str) -> SitePlan:
        """The plan in force, under the next version."""
        version, plan = await self._policies.current_plan(site)
        return await asyncio.to_thread(lambda: plan_from_mapping(plain_plan(site, version, plan)))

    async def plans(self, site: str, policy_id: str, text: str, from_ms: int, now_ms: int) -> tuple[bytes, bytes]:
        """The plan in force, and with the policy from an instant on; canonical JSON.

        DomainError NOT_FOUND for an unknown id, CONFLICT for one in the plan already; INVALID as for a policy that is
        activated, with every fault or error.
        """
        if policy_id:
            stored = await self._stored(site, policy_id)
            known, text = await self.plan(site), stored.document
            if _is_in(known, stored):
                raise compared_with_itself(shown_state(stored, reigns_of(known, now_ms)))
        before, after, _ = await self._added(site, text, from_ms)
        return before, after

    async def asked(self, site: str, policy_id: str, text: str) -> AskedPolicy:
        """The policy, which may be in the plan already if it is stored; DomainError as `plans` has it."""
        if policy_id:
            stored = await self._stored(site, policy_id)
            known, text = await self.plan(site), stored.document
            if _is_in(known, stored):
                return AskedPolicy(await asyncio.to_thread(plan_to_json, known), stored.outline.version)
        _, after, version = await self._added(site, text, 0)
        return AskedPolicy(after, version)

    async def _stored(self, site: str, policy_id: str) -> StoredPolicy:
        found = await self._policies.get(site, policy_id)
        if found is None:
            raise policy_unknown()
        return found[0]

    async def _added(self, site: str, text: str, from_ms: int) -> tuple[bytes, bytes, int]:
        found = await self._planning.validate_policy(site, text)
        if found.faults:
            raise refusal_of(DocumentFaultyError(found.faults))
        refuse_errors(found.findings)
        version, plan = await self._policies.current_plan(site)

        def read() -> tuple[bytes, bytes, int]:
            before = plan_from_mapping(plain_plan(site, version, plan))
            after = scheduled_plan(site, version, plan, text, from_ms)
            return plan_to_json(before), plan_to_json(after), after.policies[-1].version

        # Apart from the loop, on which decisions wait.
        return await asyncio.to_thread(read)


def _is_in(plan: SitePlan, stored: StoredPolicy) -> bool:
    return stored.state in IN_PLAN and any(one.version == stored.outline.version for one in plan.policies)
