"""The access point itself: closed by date, closed at this hour, or not for this kind of traffic; with the redirect."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.vocabulary import FOREVER_MS, Outcome, SubjectKind

_NAME: Final = "access_point"
_VEHICLE: Final = SubjectKind.VEHICLE


def _evaluate(case: Case) -> None:
    point = case.point
    if point.closures:
        _check_closures(case)
    if point.hours is not None and not point.hours.is_open(case.now_ms):
        _check_waiver(case)
    if case.subjects and not _is_admitted(case):
        case.note(_NAME, Outcome.DENY, "CLASS_NOT_ALLOWED", case.redirect())


def _check_closures(case: Case) -> None:
    for closure in case.point.closures:
        if closure.from_ms <= case.now_ms < closure.to_ms:
            arguments = case.redirect(closure.redirect_id)
            if closure.to_ms < FOREVER_MS:
                arguments += (("opens_at", local_text(closure.to_ms, case.point.utc_offset_minutes)),)
            case.note(_NAME, Outcome.DENY, "ACCESS_POINT_CLOSED", arguments, closure.texts)


def _check_waiver(case: Case) -> None:
    if case.subjects and all(case.waives(subject, "access_point_hours") for subject in case.subjects):
        return
    hours = case.point.hours
    opens_ms = hours.next_opening_ms(case.now_ms) if hours is not None else None
    arguments = case.redirect()
    if opens_ms is not None:
        arguments += (("opens_at", local_text(opens_ms, case.point.utc_offset_minutes)),)
    case.note(_NAME, Outcome.DENY, "ACCESS_POINT_HOURS", arguments)


def _is_admitted(case: Case) -> bool:
    admission = case.point.admission
    vehicles = [subject for subject in case.subjects if subject.kind is _VEHICLE]
    if not vehicles:
        return admission.people
    return all(v.vehicle is not None and v.vehicle.vehicle_class in admission.vehicles for v in vehicles)


def _boundaries(span: Span) -> list[int]:
    found = [at for closure in span.point.closures for at in (closure.from_ms, closure.to_ms)]
    if span.point.hours is not None:
        found += span.point.hours.boundaries(span.from_ms, span.to_ms)
    return found


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "plan.access_points",
            "plan.closures",
            "plan.schedules",
            "policy.admissions",
            "policy.closures",
            "policy.hours",
            "subject.kind",
            "subject.vehicle",
        }
    ),
    _evaluate,
    _boundaries,
)
