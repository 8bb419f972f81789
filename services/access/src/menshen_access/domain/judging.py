"""A recorded decision made again: on what it was made on, or the same under another policy.

An event names its inputs by version or holds them itself: plan, subject records and circumstances by version; what was
presented and the live values in its identity part, the measured temperature in its health part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, NamedTuple

from menshen_rulebook.alone import Alone
from menshen_rulebook.decide import decide, system_fault
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.replay.replaying import always
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

from menshen_access.domain.alone import alone_of, as_reported, decided_alone, without_rules
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventKind, EventPayload

PLAN: Final = "plan"
SUBJECT: Final = "subject"
CIRCUMSTANCES: Final = "circumstances"
LIVE_VALUES: Final = "live_values"
COUNTERS: Final = "counters"
VERSIONS: Final = "versions"
"""Inputs that may be missing; COUNTERS are those a place is counted by, SUBJECT is followed by :id.

VERSIONS: the decision was made on what was known before a restore and recorded after it; the versions it names may have
been given anew.
"""
_FAULT: Final = "SYSTEM_FAULT"
_VERSION: Final = "policy_version"


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


class Answer(NamedTuple):
    """What a decision came to: the number of its outcome, and the code of its first reason, empty for none."""

    outcome: int
    code: str


class Judged(NamedTuple):
    """A decision judged again. `again` is None, and `missing` names inputs, where that could not be done.

    `parts` names what came out otherwise, as `Difference` does.
    """

    verdict: Verdict
    then: Answer
    again: Answer | None = None
    missing: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Arguments(NamedTuple):
    """Those of `decide`, in its order."""

    presentation: Presentation
    subjects: tuple[Subject, ...]
    access_point_id: str
    plan: SitePlan
    live: LiveState
    now_ms: int


class AloneArguments(NamedTuple):
    """Those of `alone.decided_alone`, in its order. A gate that held no plan names none."""

    presentation: Presentation
    subjects: tuple[Subject, ...]
    plan: SitePlan | None
    alone: Alone
    live: LiveState
    now_ms: int


class Difference(NamedTuple):
    """A part of the answer that came out otherwise: outcome, unclamped, policy_version or reasons."""

    part: str
    recorded: Any
    again: Any


def plan_under(plan: SitePlan, policy: Policy) -> SitePlan:
    """The plan with this policy in force at all times and no other one. What the plan does not know goes unheeded."""
    return replace(plan, policies=(always(policy),))


def judge(event: EventPayload, inputs: Inputs, *, other_policy: bool = False) -> Judged:
    """Make a CENTRE or EDGE decision again by the plan given.

    Under the policies that were in force it is REPRODUCED when outcome, reasons and policy are as recorded; under
    another policy, whose version is no difference, when outcome and first reason are.
    """
    then = recorded_answer(event)
    found = decided_again(event, inputs)
    if isinstance(found, Decision):
        again = Answer(int(found.outcome), found.reasons[0].code if found.reasons else "")
        parts = tuple([one.part for one in differences(event, found) if not (other_policy and one.part == _VERSION)])
        same = again == then if other_policy else not parts
        return Judged(Verdict.REPRODUCED if same else Verdict.DIFFERS, then, again, (), parts)
    verdict = Verdict.DATA_DELETED if inputs.is_deleted else Verdict.INPUT_MISSING
    return Judged(verdict, then, None, found)


def decided_again(event: EventPayload, inputs: Inputs) -> Decision | tuple[str, ...]:
    """The decision made again, or the names of the inputs that are missing for it."""
    if inputs.is_deleted:
        return ()
    if event.kind is EventKind.EDGE:
        return _alone_again(event, inputs)
    fault = fault_again(event, inputs)
    if fault is not None:
        return fault
    found = arguments_of(event, inputs)
    return decide(*found) if isinstance(found, Arguments) else found


def _alone_again(event: EventPayload, inputs: Inputs) -> Decision | tuple[str, ...]:
    again = without_rules(event.core, inputs.plan)
    if again is None:
        found = alone_arguments_of(event, inputs)
        if not isinstance(found, AloneArguments):
            return found
        again = decided_alone(*found)
    return as_reported(again)


def fault_again(event: EventPayload, inputs: Inputs) -> Decision | None:
    """The answer to unexpected trouble, where the event records that; None for what the rules decided."""
    core = event.core
    if _is_fault(event) and (inputs.plan is not None or not core["plan_version"]):
        return system_fault(core["access_point"], inputs.plan, core["decided_at_ms"])
    return None


def arguments_of(event: EventPayload, inputs: Inputs) -> Arguments | tuple[str, ...]:
    """What the decision was made on, or the names of the inputs that are missing."""
    plan, circumstances = inputs.plan, inputs.circumstances
    missing = _missing(event, inputs)
    if missing or plan is None or circumstances is None:
        return missing
    identity, core = event.identity, event.core
    subjects = tuple([inputs.subjects[subject_id] for subject_id in identity["subject_ids"]])
    live = live_state_of(identity["live"], circumstances)
    return Arguments(presentation_of(event), subjects, core["access_point"], plan, live, core["decided_at_ms"])


def alone_arguments_of(event: EventPayload, inputs: Inputs) -> AloneArguments | tuple[str, ...]:
    """What a gate alone decided on, or the names of the inputs that are missing."""
    alone, circumstances = alone_of(event.core), inputs.circumstances
    missing = _missing(event, inputs)
    if missing or alone is None or circumstances is None:
        return missing or (LIVE_VALUES,)
    identity = event.identity
    subjects = tuple([inputs.subjects[subject_id] for subject_id in identity["subject_ids"]])
    live = live_state_of(identity["live"], circumstances)
    return AloneArguments(presentation_of(event), subjects, inputs.plan, alone, live, event.core["decided_at_ms"])


def recorded_answer(event: EventPayload) -> Answer:
    """What the recorded decision came to."""
    reasons = event.core["reasons"]
    return Answer(event.core["outcome"], str(reasons[0][0]) if reasons else "")


def differences(event: EventPayload, again: Decision) -> tuple[Difference, ...]:
    """Every part of the answer that came out otherwise than recorded."""
    core = event.core
    parts = (
        Difference("outcome", core["outcome"], int(again.outcome)),
        Difference("unclamped", core["unclamped"], int(again.unclamped)),
        Difference(_VERSION, core["policy_version"], again.policy_version),
        Difference("reasons", reason_rows(core["reasons"]), reason_rows_of(again.reasons)),
    )
    return tuple([one for one in parts if one.recorded != one.again])


def reason_rows(rows: Sequence[Sequence[Any]]) -> list[tuple[str, str, int]]:
    """Recorded reasons, as they compare: (code, rule, outcome)."""
    return [(str(code), str(rule), int(outcome)) for code, rule, outcome in rows]


def reason_rows_of(reasons: tuple[Reason, ...]) -> list[tuple[str, str, int]]:
    """Reasons of a decision, as they compare with recorded ones."""
    return [(reason.code, reason.rule, int(reason.outcome)) for reason in reasons]


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
    return tuple([Identifier(IdentifierType(kind), value) for kind, value in event.identity.get("identifiers", ())])


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
    is_planless = event.kind is EventKind.EDGE and not event.core["plan_version"]
    missing = [] if inputs.plan is not None or is_planless else [PLAN]
    missing += [f"{SUBJECT}:{one}" for one in identity["subject_ids"] if one not in inputs.subjects]
    if inputs.circumstances is None:
        missing.append(CIRCUMSTANCES)
    if "live" not in identity or "pin_verdict" not in identity:
        # A decision of the centre known from an agent's report alone, or of an agent that does not tell its inputs.
        missing.append(LIVE_VALUES)
    elif any(len(row) < 7 for row in identity["live"].get("presences", ()) if row[1] is not None) or any(
        len(row) < 5 for row in identity["live"].get("reservations", ())
    ):
        missing.append(COUNTERS)
    return tuple(missing)


def _is_fault(event: EventPayload) -> bool:
    return [row[:2] for row in event.core.get("reasons", ())] == [[_FAULT, "system"]]
