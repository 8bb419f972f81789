"""Occupancy limits: a grant takes a place, reservations included, and the last place is given once.

Limits count people; vehicles have places of their own (`parking`).

Entering an area enters the areas around it, so far as one was not in them: each of their limits holds. Whoever comes
when an area is full is told how many are in it, and waits.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import CountBelow
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome, SubjectKind

_NAME: Final = "occupancy"


def _evaluate(case: Case) -> None:
    if not case.point.limits:
        return
    people = [subject for subject in case.subjects if subject.kind is not SubjectKind.VEHICLE]
    for terms in case.point.limits:
        limit = terms.limit or 0
        count = count_of(case, terms.area_id)
        for place, subject in enumerate(people):
            # Those before in this decision take their places first; none of them is counted yet.
            free_below = limit - place
            others = count - counts(case, terms.area_id, subject)
            if others < free_below:
                case.guards.append(CountBelow(terms.area_id, free_below, subject.subject_id))
            else:
                arguments = (("area", terms.area_id), ("count", str(count)), ("limit", str(limit)))
                case.note(_NAME, Outcome.DENY, "AREA_FULL", arguments)


def count_of(case: Case, name: str) -> int:
    """The count read under a name; 0 for one that was not read."""
    return next((area.count for area in case.live.occupancy if area.area_id == name), 0)


def counts(case: Case, name: str, subject: Subject) -> int:
    """1 where the subject itself is part of the count under a name, by presence or by an open reservation.

    By what it was counted as when it came, as the guard on the count asks: class and plan may have changed since.
    """
    presence = case.presence(subject)
    if presence is not None and name in presence.area_path:
        return 1
    return int(
        bool(case.live.reservations)
        and any(
            kept.subject_id == subject.subject_id and name in kept.area_path and case.now_ms < kept.expires_at_ms
            for kept in case.live.reservations
        )
    )


def boundaries(span: Span) -> list[int]:
    """The instants at which reservations run out."""
    return [kept.expires_at_ms for kept in span.live.reservations]


RULE: Final = Rule(
    _NAME,
    frozenset({"live.occupancy", "live.presences", "live.reservations", "plan.areas", "policy.areas", "subject.kind"}),
    _evaluate,
    boundaries,
)
