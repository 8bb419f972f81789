"""What operators and guards administer: assignments, policies, holds, reviews. Instants are epoch milliseconds UTC."""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from menshen_access.domain.commands import GivenOrder
from menshen_access.domain.emergency_closure import EmergencyClosure
from menshen_access.domain.policy_life import StoredPolicy, Transition
from menshen_access.domain.threat_levels import SetThreatLevel


@dataclass(frozen=True, slots=True)
class Assignment:
    """An access level given to a subject or to a group, in [from_ms, to_ms); exactly one of the two is named."""

    assignment_id: str
    subject_id: str
    group: str
    access_level: str
    from_ms: int
    to_ms: int
    reason: str
    grantor: str


@dataclass(frozen=True, slots=True)
class RaisedHold:
    """A lockdown hold. Without an access point it covers the area; without an area the whole site."""

    hold_id: str
    origin: str
    area: str
    access_point: str
    reason: str
    raised_at_ms: int


@dataclass(frozen=True, slots=True)
class HoldSet:
    """Everything in force at a site beside its plan, under one version. The time of an order may be over."""

    version: int
    holds: tuple[RaisedHold, ...]
    threat_levels: tuple[SetThreatLevel, ...] = ()
    stale_sources: frozenset[str] = frozenset()
    orders: tuple[GivenOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, for the audit."""

    site: str
    at_ms: int
    caller: str
    action: str
    target: str
    reason: str
    detail: str = ""


class ReviewState(IntEnum):
    """Numbers equal menshen.access.v1.ReviewState."""

    UNSPECIFIED = 0
    OPEN = 1
    TAKEN = 2
    PASSED = 3
    REFUSED = 4
    EXPIRED = 5


UNDECIDED = frozenset({ReviewState.OPEN, ReviewState.TAKEN})


@dataclass(frozen=True, slots=True)
class Review:
    """A guard's decision about one presentation. `opens_itself` says that at `expires_at_ms` the way opens
    without a guard. `reasons` is JSON: the event's reasons, texts and arguments. `telephone_record` is the number of
    the help centre's record of a call.
    """

    review_id: str
    position: int
    event_id: str
    agent_id: str
    access_point: str
    subject_ids: tuple[str, ...]
    reasons: str
    state: ReviewState
    opened_at_ms: int
    expires_at_ms: int
    opens_itself: bool
    operator: str
    note: str
    version: int
    telephone_record: str = ""


@dataclass(frozen=True, slots=True)
class WaitingAlarm:
    """An alarm that safety has not confirmed yet; `kind` is a number of menshen.safety.v1.AlarmKind."""

    alarm_id: str
    site: str
    kind: int
    source: str
    event_id: str
    raised_at_ms: int
    detail: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A policy as it becomes, and the record of what was done to it."""

    policy: StoredPolicy
    done: Transition


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A plan that takes the place of the current one, with the policy that changes with it, if any."""

    version: int
    document: bytes
    policy: PolicyChange | None = None


@dataclass(frozen=True, slots=True)
class ClosureChange:
    """An emergency closure as it becomes, with the plan that changes with it, if any."""

    closure: EmergencyClosure
    plan: PlanChange | None = None


def is_id(text: str) -> bool:
    """Whether a text is the id of something stored; what is none names nothing."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
