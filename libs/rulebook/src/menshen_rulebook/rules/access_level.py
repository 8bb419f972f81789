"""A cardholder enters where an access level says so: own or by group or category, in force, and at this hour.

Visitors enter by their visits and vehicles by their permits; nobody needs a level to leave.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.points import Point
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import OpenTimes, local_text
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome, SubjectKind

_NAME: Final = "access_level"
_VEHICLE: Final = SubjectKind.VEHICLE


def _evaluate(case: Case) -> None:
    if case.point.leads_out:
        return
    for subject in case.subjects:
        if subject.kind is _VEHICLE or case.is_visitor(subject) or _may(subject, case.point, case.now_ms):
            continue
        if not case.waives(subject, _NAME):
            _refuse(case, list(_terms(subject, case.point)))


def _may(subject: Subject, point: Point, now_ms: int) -> bool:
    for name in (subject.category, *subject.groups):
        for term in point.group_terms.get(name, ()):
            if term.from_ms <= now_ms < term.to_ms and (term.times is None or term.times.is_open(now_ms)):
                return True
    for assignment in subject.levels:
        if assignment.from_ms <= now_ms < assignment.to_ms:
            for times in point.levels.get(assignment.level_id, ()):
                if times is None or times.is_open(now_ms):
                    return True
    return False


def _terms(subject: Subject, point: Point) -> Iterator[tuple[int, int, OpenTimes | None]]:
    for name in (subject.category, *subject.groups):
        for term in point.group_terms.get(name, ()):
            yield term.from_ms, term.to_ms, term.times
    for assignment in subject.levels:
        for times in point.levels.get(assignment.level_id, ()):
            yield assignment.from_ms, assignment.to_ms, times


def _refuse(case: Case, terms: list[tuple[int, int, OpenTimes | None]]) -> None:
    now_ms = case.now_ms
    in_force = [times for from_ms, to_ms, times in terms if from_ms <= now_ms < to_ms]
    to_come = [from_ms for from_ms, to_ms, _ in terms if now_ms < from_ms < to_ms]
    if in_force:
        openings = [times.next_opening_ms(now_ms) for times in in_force if times is not None]
        _note(case, "OUTSIDE_SCHEDULE", [at for at in openings if at is not None])
    elif to_come:
        _note(case, "ACCESS_LEVEL_NOT_YET", to_come)
    else:
        case.note(_NAME, Outcome.DENY, "ACCESS_LEVEL_EXPIRED" if terms else "NO_ACCESS_LEVEL")


def _note(case: Case, code: str, openings: Iterable[int]) -> None:
    earliest = min(openings, default=None)
    arguments = () if earliest is None else (("opens_at", local_text(earliest, case.point.utc_offset_minutes)),)
    case.note(_NAME, Outcome.DENY, code, arguments)


def _boundaries(span: Span) -> list[int]:
    found: list[int] = []
    for from_ms, to_ms, times in _terms(span.subject, span.point):
        found += [from_ms, to_ms]
        if times is not None:
            found += times.boundaries(span.from_ms, span.to_ms)
    return found


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "plan.access_levels",
            "plan.group_assignments",
            "plan.schedules",
            "subject.category",
            "subject.groups",
            "subject.kind",
            "subject.levels",
        }
    ),
    _evaluate,
    _boundaries,
)
