"""Occupancy limits: a grant takes a place, reservations included, and the last place is given once.

Entering an area enters the areas around it, so far as one was not in them: each of their limits holds. Whoever comes
when an area is full is told how many are in it, and waits.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import CountBelow
from menshen_rulebook.points import AreaTerms
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "occupancy"


def _evaluate(case: Case) -> None:
    for terms in case.point.limits:
        limit = terms.limit or 0
        counts = [area.count for area in case.live.occupancy if area.area_id == terms.area_id]
        count = counts[0] if counts else 0
        for place, subject in enumerate(case.subjects):
            # Those before in this decision take their places first; none of them is counted yet.
            free_below = limit - place
            others = count - _counts(case, terms, subject)
            if others < free_below:
                case.guards.append(CountBelow(terms.area_id, free_below, subject.subject_id))
            else:
                arguments = (("area", terms.area_id), ("count", str(count)), ("limit", str(limit)))
                case.note(_NAME, Outcome.DENY, "AREA_FULL", arguments)


def _counts(case: Case, terms: AreaTerms, subject: Subject) -> int:
    """1 where the subject itself is part of the count, by presence or by an open reservation."""
    presence = case.presence(subject)
    if presence is not None and presence.area_id in terms.within:
        return 1
    return int(
        bool(case.live.reservations)
        and any(
            kept.subject_id == subject.subject_id and kept.area_id in terms.within and case.now_ms < kept.expires_at_ms
            for kept in case.live.reservations
        )
    )


def _boundaries(span: Span) -> list[int]:
    return [kept.expires_at_ms for kept in span.live.reservations]


RULE: Final = Rule(
    _NAME,
    frozenset({"live.occupancy", "live.presences", "live.reservations", "plan.areas", "policy.areas"}),
    _evaluate,
    _boundaries,
)
