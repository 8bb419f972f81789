"""Making a recorded decision again, on what it was made on.

An event names its inputs by version or holds them itself: plan, subject records and circumstances by version; what was
presented and the live values in its identity part, the measured temperature in its health part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from menshen_rulebook.account import RuleAccount, account
from menshen_rulebook.decide import system_fault
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import (
    AreaCount,
    Decision,
    Identifier,
    IdentifierType,
    LiveState,
    PinVerdict,
    Presence,
    Presentation,
    Reason,
    Reservation,
    Subject,
)

from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventPayload

PLAN: Final = "plan"
SUBJECT: Final = "subject"
CIRCUMSTANCES: Final = "circumstances"
LIVE_VALUES: Final = "live_values"
COUNTERS: Final = "counters"
VERSIONS: Final = "versions"
"""Inputs that may be missing; COUNTERS are those a place is counted by, SUBJECT is followed by :id.

VERSIONS: the decision was made before a restore and recorded after it; the versions it names may have been given anew.
"""
_FAULT: Final = "SYSTEM_FAULT"


class Verdict(Enum):
    """What came of making the decision again; names equal menshen.access.v1.RerunVerdict."""

    REPRODUCED = 1
    DIFFERS = 2
    DATA_DELETED = 3
    INPUT_MISSING = 4


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was found of the versions an event names; None, or no entry, where it is not kept."""

    plan: SitePlan | None
    subjects: Mapping[str, Subject]
    circumstances: Circumstances | None
    is_deleted: bool = False
    is_before_restore: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of the answer that came out otherwise: outcome, unclamped, policy_version or reasons."""

    part: str
    recorded: str
    again: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """A decision made again. `missing` names inputs; `accounts` is empty where it could not be made again."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    missing: tuple[str, ...] = ()
    accounts: tuple[RuleAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Today:
    """The answer the same presentation would get now, with everybody where they were then."""

    decision: Decision
    would_differ: bool


def rerun(event: EventPayload, inputs: Inputs) -> Rerun:
    """Make a CENTRE or EDGE decision again and compare."""
    if inputs.is_deleted:
        return Rerun(Verdict.DATA_DELETED)
    core = event.core
    if _is_fault(event) and (inputs.plan is not None or not core["plan_version"]):
        again = system_fault(core["access_point"], inputs.plan, core["decided_at_ms"])
        return _compared(event, again, ())
    missing = _missing(event, inputs)
    if missing or inputs.plan is None or inputs.circumstances is None:
        return Rerun(Verdict.INPUT_MISSING, missing=missing)
    subjects = tuple(inputs.subjects[subject_id] for subject_id in event.identity["subject_ids"])
    live = live_state_of(event.identity["live"], inputs.circumstances)
    point, now_ms = core["access_point"], core["decided_at_ms"]
    return _compared(event, *account(presentation_of(event), subjects, point, inputs.plan, live, now_ms))


def today(
    event: EventPayload, plan: SitePlan, subjects: tuple[Subject, ...], circumstances: Circumstances, now_ms: int
) -> Today | None:
    """The answer at `now_ms`; None for an event that does not hold what was presented and the live values."""
    if "live" not in event.identity or "pin_verdict" not in event.identity:
        return None
    live = live_state_of(event.identity["live"], circumstances)
    decision, _ = account(presentation_of(event), subjects, event.core["access_point"], plan, live, now_ms)
    known = (event.core["outcome"], _rows(event.core["reasons"]))
    return Today(decision, known != (int(decision.outcome), _rows_of(decision.reasons)))


def presentation_of(event: EventPayload) -> Presentation:
    """What was presented, as it was judged."""
    core, identity = event.core, event.identity
    measured = tuple((event.health.get("measured") or {}).items())
    if identity.get("plate"):
        measured += (("plate", identity["plate"]),)
    return Presentation(
        event.event_id,
        event.site,
        core["access_point"],
        event.agent_id,
        core["at_ms"],
        identifiers_of(event),
        PinVerdict(identity.get("pin_verdict", 0)),
        identity.get("tid"),
        measured,
    )


def identifiers_of(event: EventPayload) -> tuple[Identifier, ...]:
    """Every identifier of the presentation, in the order they were looked up."""
    return tuple(Identifier(IdentifierType(kind), value) for kind, value in event.identity.get("identifiers", ()))


def live_state_of(rows: Mapping[str, Any], circumstances: Circumstances) -> LiveState:
    """The live values of `domain.decided.live_rows`, with the circumstances of their version."""
    return LiveState(
        holds=circumstances.holds,
        holds_version=circumstances.version,
        presences=tuple(_presence(*row) for row in rows.get("presences", ())),
        reservations=tuple(_reservation(*row) for row in rows.get("reservations", ())),
        occupancy=tuple(AreaCount(area, count) for area, count in rows.get("counts", ())),
        used_ids=frozenset(rows.get("used", ())),
        stale_sources=circumstances.stale_sources,
        wrong_attempts=rows.get("attempts", 0),
        open_interlock_doors=tuple(rows.get("interlock", ())),
        threat_levels=circumstances.threat_levels,
        orders=circumstances.orders,
    )


def _presence(
    subject_id: str, area: str | None, at_ms: int, event_id: str, version: int, point: str, path: Sequence[str] = ()
) -> Presence:
    return Presence(subject_id, area, at_ms, event_id, version, point, tuple(path))


def _reservation(subject_id: str, area: str, point: str, expires_at_ms: int, path: Sequence[str] = ()) -> Reservation:
    return Reservation(subject_id, area, point, expires_at_ms, tuple(path))


def _missing(event: EventPayload, inputs: Inputs) -> tuple[str, ...]:
    if inputs.is_before_restore:
        return (VERSIONS,)
    identity = event.identity
    missing = [] if inputs.plan is not None else [PLAN]
    missing += [f"{SUBJECT}:{one}" for one in identity["subject_ids"] if one not in inputs.subjects]
    if inputs.circumstances is None:
        missing.append(CIRCUMSTANCES)
    if "live" not in identity or "pin_verdict" not in identity:
        # A decision of the agent alone, or one known from its report: neither says where its subjects were held to be.
        missing.append(LIVE_VALUES)
    elif any(len(row) < 7 for row in identity["live"].get("presences", ()) if row[1] is not None) or any(
        len(row) < 5 for row in identity["live"].get("reservations", ())
    ):
        missing.append(COUNTERS)
    return tuple(missing)


def _is_fault(event: EventPayload) -> bool:
    return [row[:2] for row in event.core.get("reasons", ())] == [[_FAULT, "system"]]


def _compared(event: EventPayload, again: Decision, accounts: tuple[RuleAccount, ...]) -> Rerun:
    core = event.core
    parts = (
        ("outcome", core["outcome"], int(again.outcome)),
        ("unclamped", core["unclamped"], int(again.unclamped)),
        ("policy_version", core["policy_version"], again.policy_version),
        ("reasons", _rows(core["reasons"]), _rows_of(again.reasons)),
    )
    found = tuple(Difference(part, _text(then), _text(now)) for part, then, now in parts if then != now)
    return Rerun(Verdict.DIFFERS if found else Verdict.REPRODUCED, found, (), accounts)


def _rows(rows: list[list[Any]]) -> list[tuple[str, str, int]]:
    return [(str(code), str(rule), int(outcome)) for code, rule, outcome in rows]


def _rows_of(reasons: tuple[Reason, ...]) -> list[tuple[str, str, int]]:
    return [(reason.code, reason.rule, int(reason.outcome)) for reason in reasons]


def _text(part: Any) -> str:
    return ", ".join(f"{code} ({rule})" for code, rule, _ in part) if isinstance(part, list) else str(part)
