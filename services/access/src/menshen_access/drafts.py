"""Policies that are asked about: checked as those that are activated, and put in force nowhere."""

import asyncio
from typing import Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock

from menshen_access import draft_work
from menshen_access.domain.policy_life import StoredPolicy, Transition
from menshen_access.draft_work import AskedPolicy
from menshen_access.plan_making import Standing, plain_plan
from menshen_access.policy_refusals import policy_unknown
from menshen_access.work_apart import Apart


class PolicySource(Protocol):
    """The plan in force and the stored policies."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def get(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]] | None:
        """A policy and what was done to it; None when there is none."""


class Drafts:
    """Policies of all sites beside the plan in force; plans are read and policies checked apart.

    Whatever is read or checked so may raise DomainError UNAVAILABLE, as `DocumentsApart` has it.
    """

    def __init__(self, policies: PolicySource, apart: Apart, clock: Clock) -> None:
        self._policies = policies
        self._run = apart.run
        self._clock = clock

    async def standing(self, site: str) -> Standing:
        """The plan in force, as it is stored."""
        return Standing(site, *await self._policies.current_plan(site))

    async def defining(self, site: str, access_point_id: str, at_ms: int) -> Standing:
        """As `standing`; DomainError INVALID where it does not define an access point."""
        standing = await self.standing(site)
        await self._run(draft_work.check_access_point, standing, access_point_id, at_ms)
        return standing

    async def plan(self, site: str) -> SitePlan:
        """The plan in force, under the next version."""
        standing = await self.standing(site)
        return await asyncio.to_thread(lambda: plan_from_mapping(plain_plan(*standing)))

    async def plans(self, site: str, policy_id: str, text: str, from_ms: int) -> tuple[bytes, bytes]:
        """The plan in force, and with the policy from an instant on; canonical JSON.

        DomainError NOT_FOUND for an unknown id, CONFLICT for one in the plan already; INVALID as for a policy that is
        activated, with every fault or error.
        """
        stored = await self._stored(site, policy_id)
        standing, now_ms = await self.standing(site), self._clock.now_ms()
        return await self._run(draft_work.compared, standing, stored, text, from_ms, now_ms)

    async def asked(self, site: str, policy_id: str, text: str) -> AskedPolicy:
        """The policy, which may be in the plan already if it is stored; DomainError as `plans` has it."""
        stored = await self._stored(site, policy_id)
        standing, now_ms = await self.standing(site), self._clock.now_ms()
        return await self._run(draft_work.asked, standing, stored, text, now_ms)

    async def check(self, site: str, text: str) -> None:
        """DomainError INVALID as for a policy that is activated, with every fault or error."""
        await self._run(draft_work.check, await self.standing(site), text, self._clock.now_ms())

    async def _stored(self, site: str, policy_id: str) -> StoredPolicy | None:
        if not policy_id:
            return None
        found = await self._policies.get(site, policy_id)
        if found is None:
            raise policy_unknown()
        return found[0]
