"""Who drives: where the policy asks for it, the driver presents a card beside the vehicle's tag or plate.

Whichever comes first awaits the other one for the access point's time. A card that is neither the owner's nor an
authorised driver's goes to the guard with both ids; a way out awaits nobody.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.clauses import DriverCheck
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject, Vehicle
from menshen_rulebook.vocabulary import Outcome, SubjectKind

_NAME: Final = "driver"
_VEHICLE: Final = SubjectKind.VEHICLE


def awaits_vehicle(case: Case) -> bool:
    """Whether these are people at a lane for vehicles, whose vehicle is still to be read."""
    point = case.point
    if not point.drivers or point.leads_out or point.admission.people or not point.access_point.second_within_ms:
        return False
    return bool(case.subjects) and all(subject.kind is SubjectKind.CARDHOLDER for subject in case.subjects)


def _evaluate(case: Case) -> None:
    if not case.point.drivers:
        return
    if awaits_vehicle(case) and case.waits_for_more():
        case.note(_NAME, Outcome.DENY, "VEHICLE_AWAITED", case.waiting_time())
        return
    people = [subject for subject in case.subjects if subject.kind is SubjectKind.CARDHOLDER]
    for subject in case.subjects:
        if subject.kind is _VEHICLE:
            check = next((one for one in case.point.drivers if case.concerns(one.where, subject)), None)
            if check is not None:
                _check(case, check, subject, people)


def _check(case: Case, check: DriverCheck, subject: Subject, people: list[Subject]) -> None:
    vehicle = subject.vehicle
    if any(vehicle is not None and _may_drive(person, vehicle) for person in people):
        return
    if people:
        owner_id = vehicle.owner_id if vehicle is not None else ""
        values = (("driver", people[0].subject_id), ("owner", owner_id or "—"))
        case.note(_NAME, check.stranger, "DRIVER_MISMATCH", values)
    elif case.waits_for_more():
        case.note(_NAME, Outcome.DENY, "DRIVER_AWAITED", case.waiting_time())
    else:
        case.note(_NAME, check.missing, "DRIVER_MISSING")


def _may_drive(person: Subject, vehicle: Vehicle) -> bool:
    return person.subject_id == vehicle.owner_id or person.subject_id in vehicle.driver_ids


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.threat_levels",
            "plan.access_points",
            "policy.admissions",
            "policy.vehicles",
            "subject.category",
            "subject.groups",
            "subject.kind",
            "subject.vehicle",
        }
    ),
    _evaluate,
)
