"""Who must be there together: two people, a visitor's escort, or somebody entitled before everyone else.

Whoever comes first is told that the other one is awaited, where the access point gives a time for that. The next
presentation there is then decided together with this one, so that one decision speaks of both. A way out awaits nobody.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import NotUsed, Used, UseOnce
from menshen_rulebook.rules import visit as visit_rule
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import DAY_MS
from menshen_rulebook.subject import Subject, Visit
from menshen_rulebook.vocabulary import Outcome, PersonRule, SubjectKind

_NAME: Final = "persons"
_SINGLE: Final = PersonRule.SINGLE


def _evaluate(case: Case) -> None:
    point = case.point.access_point
    if point.opened_by and not case.point.leads_out:
        _check_first(case, point.opened_by)
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
    if case.waits_for_more():
        case.note(_NAME, Outcome.DENY, awaited, case.waiting_time())
    else:
        case.note(_NAME, Outcome.DENY, missing)


def _check_first(case: Case, opened_by: frozenset[str]) -> None:
    opening_id = case.point.opening_id(case.now_ms)
    is_open = opening_id in case.live.used_ids
    if any(_is_of(subject, opened_by) for subject in case.subjects):
        if not is_open:
            case.on_grant.append(UseOnce(opening_id))
    elif is_open:
        case.guards.append(Used(opening_id))
    else:
        case.guards.append(NotUsed(opening_id))
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


def _boundaries(span: Span) -> list[int]:
    """A visit's window, and the midnight that ends the day an access point was opened on."""
    found = visit_rule.boundaries(span)
    if span.point.access_point.opened_by:
        offset_ms = span.point.utc_offset_minutes * 60_000
        first = -(-(span.from_ms + offset_ms) // DAY_MS)
        found += [day * DAY_MS - offset_ms for day in range(first, (span.to_ms + offset_ms) // DAY_MS + 1)]
    return found


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.used_ids",
            "plan.access_points",
            "policy.visitors",
            "subject.category",
            "subject.groups",
            "subject.visits",
        }
    ),
    _evaluate,
    _boundaries,
)
