"""Who must be there together: two people, a visitor's escort, or somebody entitled before everyone else.

Whoever comes first is told that the other one is awaited, where the access point gives a time for that. The next
presentation there is then decided together with this one, so that one decision speaks of both. A way out awaits nobody.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules import visit as visit_rule
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject, Visit
from menshen_rulebook.vocabulary import Outcome, PersonRule, SubjectKind

_NAME: Final = "persons"
_SINGLE: Final = PersonRule.SINGLE


def _evaluate(case: Case) -> None:
    point = case.point.access_point
    if point.opened_by and not case.live.occupied_first:
        _check_first(case)
    if point.person_rule is _SINGLE:
        return
    people = {s.subject_id: s for s in case.subjects if s.kind is SubjectKind.CARDHOLDER}
    if point.person_rule is PersonRule.TWO_PERSON and len(people) < 2:
        _miss(case, "SECOND_PERSON_AWAITED", "SECOND_PERSON_MISSING")
    elif point.person_rule is PersonRule.ESCORT:
        visitors = [subject for subject in case.subjects if case.is_visitor(subject)]
        if not all(_is_escorted(case, visitor, people) for visitor in visitors):
            _miss(case, "HOST_AWAITED", "HOST_MISSING")


def _miss(case: Case, awaited: str, missing: str) -> None:
    waits_ms = case.point.access_point.second_within_ms
    if not case.subjects or not waits_ms or case.point.leads_out:
        case.note(_NAME, Outcome.DENY, missing)
        return
    case.awaits_until_ms = case.now_ms + waits_ms
    case.note(_NAME, Outcome.DENY, awaited, (("seconds", str(-(-waits_ms // 1000))),))


def _check_first(case: Case) -> None:
    opened_by = case.point.access_point.opened_by
    if not any(_is_of(subject, opened_by) for subject in case.subjects):
        case.note(_NAME, Outcome.DENY, "FIRST_PERSON_MISSING")


def _is_of(subject: Subject, words: frozenset[str]) -> bool:
    return subject.category in words or not words.isdisjoint(subject.groups)


def _is_escorted(case: Case, visitor: Subject, people: dict[str, Subject]) -> bool:
    escorts = case.point.policy.visitors.escorts
    visits = [visit for visit in visitor.visits if _is_on(case, visit)]
    hosts = {visit.host_id for visit in visits}
    groups = frozenset(group for visit in visits for group in visit.host_groups)
    return any(
        person.subject_id in hosts or _is_of(person, escorts) or not groups.isdisjoint(person.groups)
        for person in people.values()
        if person.subject_id != visitor.subject_id and not case.is_visitor(person)
    )


def _is_on(case: Case, visit: Visit) -> bool:
    visitors = case.point.policy.visitors
    in_window = visit.from_ms - visitors.early_ms <= case.now_ms < visit.to_ms + visitors.late_ms
    return in_window and visit.site == case.point.site


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.occupied_first",
            "plan.access_points",
            "policy.visitors",
            "subject.category",
            "subject.groups",
            "subject.visits",
        }
    ),
    _evaluate,
    visit_rule.boundaries,
)
