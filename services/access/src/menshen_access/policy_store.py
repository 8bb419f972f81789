"""Where policies and their lives are kept."""

from collections.abc import Callable, Collection
from typing import Protocol

from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.policy_life import PolicyState, StoredPolicy, Transition


class PolicyStore(Protocol):
    """Policies and their lives in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def add(self, site: str, deed: Deed, made: PolicyChange) -> None:
        """Store a policy that is new."""

    async def change(
        self, site: str, policy_id: str, deed: Deed, decide: Callable[[StoredPolicy], PolicyChange]
    ) -> StoredPolicy | None:
        """Let `decide` change a policy under its lock; None when there is none."""

    async def change_with_plan(
        self, site: str, policy_id: str, deed: Deed, decide: Callable[[StoredPolicy, int, bytes], PlanChange]
    ) -> StoredPolicy | None:
        """Let `decide` change a policy and the plan together; None when there is no such policy."""

    async def get(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]] | None:
        """A policy and what was done to it; None when there is none."""

    async def listed(self, site: str, states: Collection[PolicyState]) -> list[StoredPolicy]:
        """Those stored in any of the states, by from_ms."""
