"""Who must be there together: two people, a visitor's host, or somebody entitled before everyone else."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome, PersonRule, SubjectKind

_NAME: Final = "persons"
_SINGLE: Final = PersonRule.SINGLE


def _evaluate(case: Case) -> None:
    point = case.point.access_point
    if point.opened_by and not case.live.occupied_first:
        _check_first(case)
    if point.person_rule is _SINGLE:
        return
    people = {subject.subject_id for subject in case.subjects if subject.kind is SubjectKind.CARDHOLDER}
    if point.person_rule is PersonRule.TWO_PERSON and len(people) < 2:
        case.note(_NAME, Outcome.DENY, "SECOND_PERSON_MISSING")
    elif point.person_rule is PersonRule.ESCORT:
        visitors = [subject for subject in case.subjects if case.is_visitor(subject)]
        if not all(_is_escorted(visitor, people) for visitor in visitors):
            case.note(_NAME, Outcome.DENY, "HOST_MISSING")


def _check_first(case: Case) -> None:
    opened_by = case.point.access_point.opened_by
    if all(opened_by.isdisjoint((subject.category, *subject.groups)) for subject in case.subjects):
        case.note(_NAME, Outcome.DENY, "FIRST_PERSON_MISSING")


def _is_escorted(visitor: Subject, people: set[str]) -> bool:
    return any(visit.host_id in people and visit.host_id != visitor.subject_id for visit in visitor.visits)


RULE: Final = Rule(
    _NAME,
    frozenset({"live.occupied_first", "plan.access_points", "subject.category", "subject.groups", "subject.visits"}),
    _evaluate,
)
