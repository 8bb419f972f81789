"""Parking: a grant takes a place for the vehicle, reservations included, and the last place is given once.

The last places may be reserved for some. Whoever finds it full is told where to go, where that is open, and else waits.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import CountBelow
from menshen_rulebook.points import ParkingTerms
from menshen_rulebook.rules.occupancy import boundaries, count_of, counts
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome, SubjectKind

_NAME: Final = "parking"


def _evaluate(case: Case) -> None:
    if not case.point.parking or case.point.leads_out:
        return
    vehicles = [subject for subject in case.subjects if subject.kind is SubjectKind.VEHICLE]
    for terms in case.point.parking:
        concerned = [subject for subject in vehicles if _counts_here(terms, subject)]
        for place, subject in enumerate(concerned):
            _check(case, terms, subject, place)


def _counts_here(terms: ParkingTerms, subject: Subject) -> bool:
    wanted = terms.parking.vehicle_class
    return not wanted or (subject.vehicle is not None and subject.vehicle.vehicle_class is wanted)


def _check(case: Case, terms: ParkingTerms, subject: Subject, place: int) -> None:
    parking = terms.parking
    is_favoured = not parking.reserved_for.isdisjoint((subject.category, *subject.groups))
    limit = parking.limit if is_favoured else parking.limit - parking.reserved
    count = count_of(case, terms.counter)
    # Those before in this decision take their places first; none of them is counted yet.
    free_below = max(limit - place, 0)
    if count - counts(case, terms.counter, subject) < free_below:
        case.guards.append(CountBelow(terms.counter, free_below, subject.subject_id))
        return
    told = (("area", parking.area_id), ("parking", parking.parking_id), ("count", str(count)), ("limit", str(limit)))
    case.note(_NAME, Outcome.DENY, "PARKING_FULL", told + case.redirect(parking.redirect_ids))


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.occupancy",
            "live.presences",
            "live.reservations",
            "plan.areas",
            "plan.parking",
            "policy.parking",
            "subject.category",
            "subject.groups",
            "subject.kind",
            "subject.vehicle",
        }
    ),
    _evaluate,
    boundaries,
)
