"""The life of a policy document: a state table, and what time makes of it. Instants are epoch milliseconds UTC.

DRAFT → CHECKED → APPROVED → SCHEDULED → ACTIVE → SUPERSEDED, with the side exits REJECTED and WITHDRAWN. ACTIVE and
SUPERSEDED are not steps somebody takes: the plan carries the policy with its times, so `shown_state` reads them from
the plan and the clock, and gives what the gates do also while no keeper runs.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Final, Self

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import FOREVER_MS

from menshen_access.domain.guarded_change import Approval, Loss

TIME: Final = "service/access"
"""Who did what happens by time alone."""


class PolicyState(IntEnum):
    """Numbers equal menshen.access.v1.PolicyState."""

    UNSPECIFIED = 0
    DRAFT = 1
    CHECKED = 2
    APPROVED = 3
    SCHEDULED = 4
    ACTIVE = 5
    SUPERSEDED = 6
    REJECTED = 7
    WITHDRAWN = 8


class PolicyAct(IntEnum):
    """Numbers equal menshen.access.v1.PolicyAct."""

    UNSPECIFIED = 0
    DRAFT = 1
    REVISE = 2
    CHECK = 3
    APPROVE = 4
    REJECT = 5
    SCHEDULE = 6
    WITHDRAW = 7
    ACTIVATE = 8
    TAKE_FORCE = 9
    ROLL_BACK = 10
    SECOND_APPROVE = 11


NEXT: Final[Mapping[tuple[PolicyState, PolicyAct], PolicyState]] = {
    (PolicyState.UNSPECIFIED, PolicyAct.DRAFT): PolicyState.DRAFT,
    (PolicyState.UNSPECIFIED, PolicyAct.ACTIVATE): PolicyState.SCHEDULED,
    (PolicyState.DRAFT, PolicyAct.REVISE): PolicyState.DRAFT,
    (PolicyState.DRAFT, PolicyAct.CHECK): PolicyState.CHECKED,
    (PolicyState.DRAFT, PolicyAct.REJECT): PolicyState.REJECTED,
    (PolicyState.DRAFT, PolicyAct.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.CHECKED, PolicyAct.APPROVE): PolicyState.APPROVED,
    (PolicyState.CHECKED, PolicyAct.REJECT): PolicyState.REJECTED,
    (PolicyState.CHECKED, PolicyAct.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.APPROVED, PolicyAct.SECOND_APPROVE): PolicyState.APPROVED,
    (PolicyState.APPROVED, PolicyAct.SCHEDULE): PolicyState.SCHEDULED,
    (PolicyState.APPROVED, PolicyAct.REJECT): PolicyState.REJECTED,
    (PolicyState.APPROVED, PolicyAct.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.SCHEDULED, PolicyAct.WITHDRAW): PolicyState.WITHDRAWN,
    (PolicyState.SCHEDULED, PolicyAct.TAKE_FORCE): PolicyState.ACTIVE,
    (PolicyState.SCHEDULED, PolicyAct.ROLL_BACK): PolicyState.WITHDRAWN,
    (PolicyState.ACTIVE, PolicyAct.ROLL_BACK): PolicyState.WITHDRAWN,
}
"""What may be done in which state, and what follows. What is not here is refused."""

IN_PLAN: Final = frozenset({PolicyState.SCHEDULED, PolicyState.ACTIVE, PolicyState.SUPERSEDED})
_WRITING: Final = frozenset({PolicyAct.DRAFT, PolicyAct.REVISE})
_APPROVING: Final = frozenset({PolicyAct.APPROVE, PolicyAct.SECOND_APPROVE})


class Refusal(Enum):
    """Why an act is refused."""

    REASON_MISSING = "REASON_MISSING"
    OUT_OF_TURN = "OUT_OF_TURN"
    SAME_PERSON = "SAME_PERSON"
    SAME_APPROVER = "SAME_APPROVER"
    IN_FORCE = "IN_FORCE"


class ActRefusedError(Exception):
    """The act may not be done; nothing changed."""

    def __init__(self, refusal: Refusal, state: PolicyState, act: PolicyAct) -> None:
        super().__init__(f"{act.name} in {state.name}: {refusal.value}")
        self.refusal = refusal
        self.state = state
        self.act = act


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document says of itself; zeros and an empty title while it cannot be read that far. No end is 0."""

    version: int = 0
    language: int = 0
    title: str = ""
    from_ms: int = 0
    to_ms: int = 0

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """What a policy says of itself."""
        to_ms = 0 if policy.to_ms == FOREVER_MS else policy.to_ms
        return cls(policy.version, policy.language, policy.title.zh or policy.title.en, policy.from_ms, to_ms)


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy document as given, in force in [from_ms, to_ms) once the plan carries it; `to_ms` 0 for no end.

    `writers` are all who wrote any part of it. `plan_version` is 0 until the plan carries it.
    """

    policy_id: str
    outline: Outline
    document: str
    from_ms: int
    plan_version: int = 0
    state: PolicyState = PolicyState.UNSPECIFIED
    revision: int = 0
    author: str = ""
    writers: frozenset[str] = frozenset()

    @property
    def sha256(self) -> bytes:
        """Of the document's bytes, UTF-8."""
        return hashlib.sha256(self.document.encode()).digest()


@dataclass(frozen=True, slots=True)
class Deliberation:
    """Who does something to a policy, when and why."""

    who: str
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing done to a policy; numbered from 1 without gaps. `loss` is what a second approver approved."""

    number: int
    act: PolicyAct
    before: PolicyState
    after: PolicyState
    who: str
    at_ms: int
    reason: str
    sha256: bytes
    loss: Loss | None = None


def begun(policy_id: str, document: str, outline: Outline, author: str) -> StoredPolicy:
    """A policy before anything was done to it."""
    return StoredPolicy(policy_id, outline, document, outline.from_ms, author=author)


def revised(policy: StoredPolicy, document: str, outline: Outline) -> StoredPolicy:
    """The draft with another document; ActRefusedError in every other state."""
    if policy.state is not PolicyState.DRAFT:
        raise ActRefusedError(Refusal.OUT_OF_TURN, policy.state, PolicyAct.REVISE)
    return replace(policy, document=document, outline=outline, from_ms=outline.from_ms)


def take(policy: StoredPolicy, act: PolicyAct, by: Deliberation) -> tuple[StoredPolicy, Transition]:
    """The policy after an act, and the record of it; ActRefusedError when it may not be done."""
    after = NEXT.get((policy.state, act))
    refusal = _refusal(policy, act, by, after)
    if refusal is not None or after is None:
        raise ActRefusedError(refusal or Refusal.OUT_OF_TURN, policy.state, act)
    number = policy.revision + 1
    writers = policy.writers | {by.who} if act in _WRITING else policy.writers
    done = Transition(number, act, policy.state, after, by.who, by.at_ms, by.reason, policy.sha256)
    return replace(policy, state=after, revision=number, writers=writers), done


def take_second(
    policy: StoredPolicy, done: Iterable[Transition], by: Deliberation, loss: Loss
) -> tuple[StoredPolicy, Transition]:
    """SECOND_APPROVE of a policy to which `done` was done, by neither a writer nor the first approver."""
    changed, transition = take(policy, PolicyAct.SECOND_APPROVE, by)
    if by.who in first_approvers(done):
        raise ActRefusedError(Refusal.SAME_APPROVER, policy.state, PolicyAct.SECOND_APPROVE)
    return changed, replace(transition, loss=loss)


def first_approvers(done: Iterable[Transition]) -> frozenset[str]:
    """Who approved it; one, as things are."""
    return frozenset(one.who for one in done if one.act is PolicyAct.APPROVE)


def second_approvals(policy: StoredPolicy, done: Iterable[Transition]) -> tuple[Approval, ...]:
    """The second approvals of the document as it is."""
    return tuple(
        Approval(one.who, one.at_ms, one.loss)
        for one in done
        if one.act is PolicyAct.SECOND_APPROVE and one.loss is not None and one.sha256 == policy.sha256
    )


def _refusal(policy: StoredPolicy, act: PolicyAct, by: Deliberation, after: PolicyState | None) -> Refusal | None:
    if after is None:
        is_late = act is PolicyAct.WITHDRAW and policy.state is PolicyState.ACTIVE
        return Refusal.IN_FORCE if is_late else Refusal.OUT_OF_TURN
    if act is PolicyAct.WITHDRAW and policy.state is PolicyState.SCHEDULED and policy.from_ms <= by.at_ms:
        return Refusal.IN_FORCE
    if act in _APPROVING and (by.who in policy.writers or not by.who or not policy.writers):
        return Refusal.SAME_PERSON
    needs_reason = act not in (PolicyAct.TAKE_FORCE, PolicyAct.ACTIVATE)
    return Refusal.REASON_MISSING if needs_reason and not by.reason.strip() else None


@dataclass(frozen=True, slots=True)
class Reigns:
    """Which policy versions of a plan are in force `now_ms`, and which are or will be again."""

    now_ms: int
    in_force: int | None
    still: frozenset[int]


def reigns_of(plan: SitePlan, now_ms: int) -> Reigns:
    """What the plan's policies are at an instant."""
    instants = [now_ms, *(at_ms for at_ms in plan.index.policy_boundaries() if at_ms > now_ms)]
    holders = [plan.policy_at(at_ms) for at_ms in instants]
    present = holders[0].version if holders[0] is not None else None
    return Reigns(now_ms, present, frozenset(holder.version for holder in holders if holder is not None))


def taken_force(plan: SitePlan, now_ms: int) -> dict[int, int]:
    """The policy versions that have been in force by `now_ms`, each with the first instant it was."""
    instants = [0, *(at_ms for at_ms in plan.index.policy_boundaries() if at_ms <= now_ms)]
    found: dict[int, int] = {}
    for at_ms in instants:
        holder = plan.policy_at(at_ms)
        if holder is not None:
            found.setdefault(holder.version, at_ms)
    return found


def shown_state(policy: StoredPolicy, reigns: Reigns) -> PolicyState:
    """The state as time makes it: what is stored, until the policy's instant has come."""
    if policy.state not in IN_PLAN:
        return policy.state
    if policy.from_ms > reigns.now_ms:
        return PolicyState.SCHEDULED
    return PolicyState.ACTIVE if policy.outline.version in reigns.still else PolicyState.SUPERSEDED
