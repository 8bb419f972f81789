"""Starting, stopping and reading shadows: policies that run beside the one in force and decide nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed
from menshen_access.domain.policy_life import PolicyState, StoredPolicy, Transition
from menshen_access.domain.shadows import (
    MOST_AT_ONCE,
    MOST_HOURS,
    Count,
    CountKey,
    Shadow,
    ShadowState,
    ShownDifference,
)
from menshen_access.drafts import Drafts
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.policy_refusals import moved_on, policy_unknown
from menshen_access.querying import Querying, Question

MAY_HAVE_SHADOW: Final = frozenset({PolicyState.DRAFT, PolicyState.CHECKED, PolicyState.APPROVED})
_HOUR_MS: Final = 3_600_000


class ShadowStore(Protocol):
    """Shadows in PostgreSQL."""

    async def start(
        self,
        site: str,
        policy_id: str,
        deed: Deed,
        decide: Callable[[StoredPolicy | None, list[Shadow], int], Shadow],
    ) -> Shadow:
        """Start what `decide(policy, running shadows, last sequence)` gives, under the lock of policies; audited."""

    async def stop(self, site: str, shadow_id: str, deed: Deed, decide: Callable[[Shadow | None], Shadow]) -> None:
        """End a shadow as `decide` says, under its lock; audited."""

    async def listed(self, site: str) -> tuple[list[Shadow], int]:
        """All that are kept, newest first, and the last sequence of the history."""

    async def counts(self, site: str, shadow_id: str) -> list[tuple[CountKey, Count]]:
        """By access point, the outcome and the outcome under the policy."""

    async def differences(self, site: str, shadow_id: str, after: int, limit: int) -> list[ShownDifference]:
        """Those of events after a sequence, in sequence."""


class PolicySource(Protocol):
    """Stored policies."""

    async def get(self, site: str, policy_id: str) -> tuple[StoredPolicy, list[Transition]] | None:
        """A policy and what was done to it; None when there is none."""


class Shadowing:
    """Shadows of all sites."""

    def __init__(
        self,
        store: ShadowStore,
        policies: PolicySource,
        drafts: Drafts,
        querying: Querying,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._policies = policies
        self._drafts = drafts
        self._querying = querying
        self._board = board
        self._clock = clock
        self._new_id = new_id

    async def start(self, site: str, policy_id: str, hours: int, reason: str, caller: str) -> Shadow:
        """Follow what is recorded from now on, under a policy that the plan does not carry.

        DomainError INVALID as for a policy that is activated, with every fault or error; CONFLICT for a policy past
        APPROVED, one that has a shadow, and one shadow too many.
        """
        _check(hours, reason)
        policy = await self._fit(site, policy_id)

        def decide(standing: StoredPolicy | None, running: list[Shadow], sequence: int) -> Shadow:
            _refuse(standing, policy, running)
            return Shadow(
                shadow_id=self._new_id(),
                policy_id=policy_id,
                sha256=policy.sha256,
                state=ShadowState.RUNNING,
                from_sequence=sequence,
                through_sequence=sequence,
                kept=0,
                started_at_ms=deed.at_ms,
                ends_at_ms=deed.at_ms + hours * _HOUR_MS,
                started_by=caller,
                reason=reason,
            )

        deed = Deed(site, self._clock.now_ms(), caller, "START_SHADOW", policy_id, reason)
        started = await self._store.start(site, policy_id, deed, decide)
        self._board.post(Topic.SHADOWS, site)
        return started

    async def stop(self, site: str, shadow_id: str, reason: str, caller: str) -> None:
        """DomainError NOT_FOUND for no shadow, CONFLICT for one that has ended, INVALID without a reason."""
        _check(1, reason)
        deed = Deed(site, self._clock.now_ms(), caller, "STOP_SHADOW", shadow_id, reason)

        def decide(shadow: Shadow | None) -> Shadow:
            if shadow is None:
                raise _unknown()
            if not shadow.runs:
                raise DomainError(Trouble.CONFLICT, "SHADOW_ENDED", "该影子运行已结束", "the shadow has ended already")
            return replace(
                shadow, state=ShadowState.STOPPED, ended_at_ms=deed.at_ms, ended_by=caller, end_reason=reason
            )

        await self._store.stop(site, shadow_id, deed, decide)
        self._board.post(Topic.SHADOWS, site)

    async def listed(self, site: str) -> tuple[list[Shadow], int]:
        """All that are kept, newest first, and the last sequence of the history."""
        return await self._store.listed(site)

    async def counted(self, site: str, shadow_id: str) -> tuple[Shadow, int, list[tuple[CountKey, Count]]]:
        """One shadow, the last sequence of the history, and the counts by access point and both outcomes.

        DomainError NOT_FOUND for no shadow.
        """
        shadow, end = await self._found(site, shadow_id)
        return shadow, end, await self._store.counts(site, shadow_id)

    async def differences(
        self, question: Question, shadow_id: str, after: int, size: int
    ) -> tuple[list[ShownDifference], int]:
        """A page in sequence, and the sequence to go on after, 0 at the end. DomainError NOT_FOUND for no shadow."""
        await self._querying.write_down(question, {"shadow_id": shadow_id, "after": after})
        await self._found(question.site, shadow_id)
        found = await self._store.differences(question.site, shadow_id, after, size + 1)
        return found[:size], found[size - 1].difference.sequence if len(found) > size else 0

    async def _found(self, site: str, shadow_id: str) -> tuple[Shadow, int]:
        shadows, end = await self._store.listed(site)
        for shadow in shadows:
            if shadow.shadow_id == shadow_id:
                return shadow, end
        raise _unknown()

    async def _fit(self, site: str, policy_id: str) -> StoredPolicy:
        found = await self._policies.get(site, policy_id)
        if found is None:
            raise policy_unknown()
        policy, _ = found
        if policy.state not in MAY_HAVE_SHADOW:
            raise _out_of_turn(policy.state)
        await self._drafts.check(site, policy.document)
        return policy


def _refuse(standing: StoredPolicy | None, checked: StoredPolicy, running: list[Shadow]) -> None:
    if standing is None:
        raise policy_unknown()
    if standing.state not in MAY_HAVE_SHADOW:
        raise _out_of_turn(standing.state)
    if standing.sha256 != checked.sha256:
        raise moved_on(checked.revision, standing.revision)
    if any(shadow.policy_id == standing.policy_id for shadow in running):
        raise DomainError(
            Trouble.CONFLICT, "SHADOW_RUNS", "该策略已有影子运行", "the policy has a shadow already: stop it first"
        )
    if len(running) >= MOST_AT_ONCE:
        raise DomainError(
            Trouble.CONFLICT,
            "TOO_MANY_SHADOWS",
            f"本校区已有 {MOST_AT_ONCE} 个影子运行，请先停止其一",
            f"{MOST_AT_ONCE} shadows run at the site already: stop one of them first",
        )


def _check(hours: int, reason: str) -> None:
    if not reason.strip():
        missing = FieldTrouble("reason", "理由", "a reason")
        raise DomainError(Trouble.INVALID, "REASON_MISSING", "须说明理由", "a reason is required", [missing])
    if not 1 <= hours <= MOST_HOURS:
        expected = FieldTrouble("hours", f"1 至 {MOST_HOURS} 小时", f"1 to {MOST_HOURS} hours")
        raise DomainError(
            Trouble.INVALID,
            "HOURS_INVALID",
            f"影子运行时长须为 1 至 {MOST_HOURS} 小时",
            f"a shadow runs for 1 to {MOST_HOURS} hours",
            [expected],
        )


def _out_of_turn(state: PolicyState) -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "POLICY_OUT_OF_TURN",
        "只有草案、已检查或已批准的策略可以影子运行",
        f"the policy is {state.name}: only one that is DRAFT, CHECKED or APPROVED runs as a shadow",
    )


def _unknown() -> DomainError:
    return DomainError(Trouble.NOT_FOUND, "SHADOW_UNKNOWN", "无此影子运行", "there is no such shadow")
