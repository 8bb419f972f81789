"""Student leave at the gate.

Normal mode: out passes always; in passes, with a reminder to report back while a leave runs and another once it is
overdue. Closed mode: in needs a closed leave, out needs a running one. A student's vehicle is on no leave.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.clauses import Leave
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.subject import Fact, Subject
from menshen_rulebook.vocabulary import Direction, LeaveMode, Outcome, SubjectKind

_NAME: Final = "leave"
_VEHICLE: Final = SubjectKind.VEHICLE
_INNER: Final = Direction.INNER
_OFF: Final = (LeaveMode.OFF, LeaveMode.UNSPECIFIED)
_GRANTED: Final = frozenset({"approved", "running"})


def _evaluate(case: Case) -> None:
    leave = case.point.policy.leave
    if leave.mode in _OFF or case.point.access_point.direction is _INNER:
        return
    for subject in case.subjects:
        if subject.category in leave.categories and subject.kind is not _VEHICLE:
            _judge(case, leave, subject)


def _judge(case: Case, leave: Leave, subject: Subject) -> None:
    fact = _newest(leave, subject)
    state = _state(fact, case.now_ms)
    code, outcome = _answer(case, leave, state)
    if outcome <= Outcome.GRANT or case.waives(subject, _NAME):
        return
    source = leave.source or (fact.source if fact else "")
    if outcome > Outcome.GRANT_WITH_REMINDER and source in case.live.stale_sources:
        case.note(_NAME, leave.when_stale, "FACT_SOURCE_STALE", (("fact", leave.fact),))
        return
    ended = fact is not None and state == "overdue"
    at = local_text(fact.valid_to_ms, case.point.utc_offset_minutes) if fact is not None and ended else ""
    case.note(_NAME, outcome, code, (("ended_at", at),) if at else ())


def _answer(case: Case, leave: Leave, state: str) -> tuple[str, Outcome]:
    if leave.mode is LeaveMode.CLOSED:
        if case.point.leads_out:
            return "LEAVE_MISSING", Outcome.GRANT if state == "running" else leave.out_without_leave
        return "LEAVE_NOT_CLOSED", Outcome.GRANT if state == "closed" else leave.in_without_closing
    if case.point.leads_out:
        return "", Outcome.GRANT
    if state == "overdue":
        return "LEAVE_OVERDUE", Outcome.GRANT_WITH_REMINDER
    return "LEAVE_REPORT_BACK", Outcome.GRANT_WITH_REMINDER if state == "running" else Outcome.GRANT


def _newest(leave: Leave, subject: Subject) -> Fact | None:
    facts = [fact for fact in subject.facts if fact.type == leave.fact]
    return max(facts, key=lambda fact: (fact.reported_at_ms, fact.valid_to_ms, str(fact.value)), default=None)


def _state(fact: Fact | None, now_ms: int) -> str:
    """The state now: an approved leave runs inside its interval and is overdue after it."""
    if fact is None:
        return "none"
    value = str(fact.value)
    if value not in _GRANTED:
        return value
    if now_ms >= fact.valid_to_ms:
        return "overdue"
    return "running" if now_ms >= fact.valid_from_ms else "approved"


def _boundaries(span: Span) -> list[int]:
    name = span.point.policy.leave.fact
    return [at for fact in span.subject.facts if fact.type == name for at in (fact.valid_from_ms, fact.valid_to_ms)]


RULE: Final = Rule(
    _NAME,
    frozenset({"live.stale_sources", "policy.leave", "subject.category", "subject.facts", "subject.kind"}),
    _evaluate,
    _boundaries,
)
