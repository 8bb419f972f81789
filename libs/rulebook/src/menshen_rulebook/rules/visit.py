"""A visitor enters by a visit: the right site, access point, state and window, and once where it admits once.

A visit admits a vehicle that is no visitor as well, where it needs a permit and has none. Leaving after the window is a
reminder for the guard, nothing more.
"""

from typing import Final, NamedTuple

from menshen_rulebook.case import Arguments, Case
from menshen_rulebook.decision import NotUsed, UseOnce
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.subject import Subject, Visit
from menshen_rulebook.visits import USABLE, by_start, visit_trouble
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "visit"
_NOT_ANNOUNCED: Final = frozenset({"VISIT_MISSING", "VISIT_OVER"})
_RANKS: Final = {
    "VISIT_USED": 1,
    "VISIT_WRONG_ACCESS_POINT": 2,
    "VISIT_NOT_YET": 3,
    "VISIT_WRONG_SITE": 4,
    "VISIT_OVER": 5,
    "VISIT_NOT_APPROVED": 6,
}


class _Failing(NamedTuple):
    rank: int
    code: str
    arguments: Arguments


def _evaluate(case: Case) -> None:
    categories = case.point.policy.visitors.categories
    for subject in case.subjects:
        if subject.category in categories:
            if case.point.leads_out:
                _leave(case, subject)
            else:
                _enter(case, subject)


def _leave(case: Case, subject: Subject) -> None:
    here = [visit for visit in subject.visits if visit.site == case.point.site and visit.state in USABLE]
    late_ms = case.point.policy.visitors.late_ms
    if here and all(case.now_ms >= visit.to_ms + late_ms for visit in here):
        at = local_text(max(visit.to_ms for visit in here), case.point.utc_offset_minutes)
        case.note(_NAME, Outcome.GRANT_WITH_REMINDER, "VISIT_OVERSTAYED", (("ended_at", at),))


def admits(case: Case, subject: Subject) -> bool:
    """Whether a visit lets the subject in here and now. The decision then rests on that visit and uses it."""
    return _failings(case, subject) is None


def _failings(case: Case, subject: Subject) -> list[_Failing] | None:
    """What is wrong with each visit; None where one admits."""
    failings: list[_Failing] = []
    for visit in by_start(subject):
        code = visit_trouble(visit, case.point, case.live.used_ids, case.now_ms)
        if visit.single_entry and code in ("", "VISIT_USED"):
            case.guards.append(NotUsed(visit.visit_id))
        if not code:
            if visit.single_entry:
                case.on_grant.append(UseOnce(visit.visit_id))
            return None
        failings.append(_failing(case, visit, code))
    return failings


def _enter(case: Case, subject: Subject) -> None:
    failings = _failings(case, subject)
    if failings is None or case.waives(subject, _NAME):
        return
    worst = min(failings, default=_Failing(9, "VISIT_MISSING", ()), key=lambda failing: failing.rank)
    unannounced = case.point.policy.visitors.unannounced
    if worst.code in _NOT_ANNOUNCED and unannounced is Outcome.MANUAL_REVIEW:
        case.note(_NAME, unannounced, "VISIT_UNANNOUNCED", (("pass_needs", "telephone_record"),))
    else:
        case.note(_NAME, Outcome.DENY, worst.code, worst.arguments)


def _failing(case: Case, visit: Visit, code: str) -> _Failing:
    visitors, offset = case.point.policy.visitors, case.point.utc_offset_minutes
    arguments: Arguments = ()
    match code:
        case "VISIT_WRONG_SITE":
            arguments = (("site", visit.site),)
        case "VISIT_OVER":
            arguments = (("ended_at", local_text(visit.to_ms, offset)),)
        case "VISIT_NOT_YET":
            arguments = (("opens_at", local_text(visit.from_ms - visitors.early_ms, offset)),)
        case "VISIT_WRONG_ACCESS_POINT":
            arguments = case.redirect(visit.access_point_ids)
    return _Failing(_RANKS[code], code, arguments)


def boundaries(span: Span) -> list[int]:
    """The instants at which a visit's window opens or ends."""
    visitors = span.point.policy.visitors
    edges = [(visit.from_ms - visitors.early_ms, visit.to_ms + visitors.late_ms) for visit in span.subject.visits]
    return [at for pair in edges for at in pair]


RULE: Final = Rule(
    _NAME,
    frozenset({"live.used_ids", "policy.visitors", "subject.category", "subject.visits"}),
    _evaluate,
    boundaries,
)
