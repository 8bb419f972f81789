"""One step back in an emergency: the policy last put in the plan leaves it, in force or not, and is WITHDRAWN.

Only policies are rolled back. Access points, emergency closures, assignments and everything else in the plan stay as
they are now, also what was added after the policy. The policy before it is in force again as its times say. There is
one step and not two: while the policy last put in the plan is one that was taken back, nothing is left to roll back
without naming it. A policy that a trip names can be taken back whatever was put in the plan after it.

The step is one operator's while a trip of the last hour names the policy, and only older policies take its place. Any
other may uncover a policy that takes access from many, or leave none, and is counted as every change of the plan is.
"""

import asyncio
import json
from collections.abc import Callable, Collection
from typing import Protocol

from menshen_rulebook.analysis import analyse
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.alarming import SECURITY
from menshen_access.domain.administration import Deed, PlanChange, PolicyChange, WaitingAlarm
from menshen_access.domain.policy_life import ActRefusedError, Deliberation, PolicyAct, PolicyState, StoredPolicy, take
from menshen_access.domain.rollback import DecideRollback, Rollback, uncovered
from menshen_access.domain.tripwire import WATCHED_MS
from menshen_access.guard import UNGUARDED, DecidePlan, Guard
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.plan_making import plain_plan, plan_change, plan_without
from menshen_access.planning import Publish
from menshen_access.policy_checks import PLAN_UNFIT, LineFinding, refuse_errors
from menshen_access.policy_refusals import act_refused, policy_unknown
from menshen_access.removing import removal


class RollbackStore(Protocol):
    """Plans and policies in PostgreSQL."""

    async def concerned(self, site: str, policy_id: str) -> StoredPolicy | None:
        """The policy asked for, or the one last put in the plan, taken back since or not; None where there is none."""

    async def trip_names(self, site: str, policy_id: str, since_ms: int) -> bool:
        """Whether a trip of the tripwire after an instant names the policy."""

    async def carried_before(self, site: str, numbers: Collection[int], plan_version: int) -> bool:
        """Whether plans older than this version carried each of the policies of these versions."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def roll_back(self, site: str, policy_id: str, decide: DecideRollback) -> Rollback:
        """Do what `decide(policy or last policy, plan version, plan)` says, under the lock of the plan."""


class RollingBack:
    """Rolls back the plans of all sites."""

    def __init__(
        self,
        store: RollbackStore,
        publish: Publish,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
        guard: Guard = UNGUARDED,
    ) -> None:
        self._guard = guard
        self._store = store
        self._publish = publish
        self._board = board
        self._clock = clock
        self._new_id = new_id

    async def roll_back(
        self, site: str, expected_version: int, reason: str, caller: str, policy_id: str = ""
    ) -> Rollback:
        """What was done. DomainError STALE when the plan is not at `expected_version`, CONFLICT when there is nothing
        to roll back and when another operator must approve it first, INVALID without a reason and where the plan would
        be unfit without the policy.
        """

        # Made here: the guard decides in a thread, and ids are not made in two at once.
        alarm_id = self._new_id()

        def decide(last: StoredPolicy | None, version: int, plan: bytes) -> Rollback:
            if version != expected_version:
                raise _moved_on(expected_version, version)
            if last is None:
                raise policy_unknown() if policy_id else _nothing_left()
            if not policy_id and last.state not in (PolicyState.SCHEDULED, PolicyState.ACTIVE):
                raise _nothing_left()
            by = Deliberation(caller, self._clock.now_ms(), reason)
            made = self._without(site, version, plan, last)
            return self._rollback(site, last, by, made, alarm_id)

        seen = await self._store.concerned(site, policy_id)
        await self._admit(site, seen, caller, reason, lambda version, plan: decide(seen, version, plan).change)

        def decide_on_the_same(last: StoredPolicy | None, version: int, plan: bytes) -> Rollback:
            done = decide(last, version, plan)
            if seen is None or done.policy_id != seen.policy_id:
                raise _moved_on(expected_version, version)
            return done

        done = await self._store.roll_back(site, policy_id, decide_on_the_same)
        self._board.post(Topic.ALARMS, site)
        await self._publish(site)
        return done

    async def _admit(
        self, site: str, policy: StoredPolicy | None, caller: str, reason: str, decide: DecidePlan
    ) -> None:
        """Ask the guard, unless `_is_waived`. The plan version it counts on is the one expected, or `decide` raises."""
        now_ms = self._clock.now_ms()
        if policy is None or await self._is_waived(site, policy, decide, now_ms):
            return
        deed = Deed(site, now_ms, caller, "ROLL_BACK_POLICY", policy.policy_id, reason)
        change, _ = removal(self._guard, deed, policy)
        await self._guard.admitted(change, decide)

    async def _is_waived(self, site: str, policy: StoredPolicy, decide: DecidePlan, now_ms: int) -> bool:
        """Whether the tripwire has named the policy within the hour, and it only uncovers what was there before it."""
        if not await self._store.trip_names(site, policy.policy_id, now_ms - WATCHED_MS):
            return False
        version, plan = await self._store.current_plan(site)

        def read() -> frozenset[int] | None:
            made = plan_from_mapping(json.loads(decide(version, plan).document))
            return uncovered(plan_from_mapping(plain_plan(site, version, plan)), made, policy.outline.version, now_ms)

        instead = await asyncio.to_thread(read)
        return instead is not None and await self._store.carried_before(site, instead, policy.plan_version)

    def _rollback(self, site: str, last: StoredPolicy, by: Deliberation, made: SitePlan, alarm_id: str) -> Rollback:
        try:
            withdrawn = PolicyChange(*take(last, PolicyAct.ROLL_BACK, by))
        except ActRefusedError as refused:
            raise act_refused(refused) from None
        plain = plan_change(made)
        detail = (("cause", "POLICY_ROLLED_BACK"), ("plan_version", str(made.version)), ("who", by.who))
        return Rollback(
            last.policy_id,
            PlanChange(plain.version, plain.document, withdrawn),
            Deed(site, by.at_ms, by.who, "ROLL_BACK_POLICY", last.policy_id, by.reason),
            WaitingAlarm(alarm_id, site, SECURITY, last.policy_id, "", by.at_ms, detail),
        )

    def _without(self, site: str, version: int, plan: bytes, last: StoredPolicy) -> SitePlan:
        made, now_ms = plan_without(site, version, plan, last.outline.version), self._clock.now_ms()
        standing = plan_from_mapping(plain_plan(site, version, plan))
        # Places of policies move when one leaves: what stood before is known by what it says.
        known = {(one.code, one.text) for one in analyse(standing, None, now_ms)}
        findings = [
            LineFinding(one.severity, one.code, one.path, 0, one.text, (one.code, one.text) in known)
            for one in analyse(made, None, now_ms)
        ]
        refuse_errors(findings, PLAN_UNFIT)
        return made


def _moved_on(expected: int, version: int) -> DomainError:
    field = FieldTrouble("expected_plan_version", f"版本 {version}", f"version {version}")
    return DomainError(
        Trouble.STALE,
        "PLAN_MOVED_ON",
        f"方案已是版本 {version}，回退基于版本 {expected}",
        f"the plan is at version {version}, the rollback was asked for on {expected}",
        [field],
    )


def _nothing_left() -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "NOTHING_TO_ROLL_BACK",
        "最近放入方案的策略已被撤回，没有可回退的策略",
        "the policy last put in the plan was taken back already: nothing is left to roll back",
    )
