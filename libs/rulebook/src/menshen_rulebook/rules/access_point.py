"""The access point itself: closed by date, closed at this hour, or not for this kind of traffic; with the redirect."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules import driver
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.vocabulary import FOREVER_MS, Outcome

_NAME: Final = "access_point"


def _evaluate(case: Case) -> None:
    point = case.point
    if point.closures:
        _check_closures(case)
    if point.hours is not None and not point.hours.is_open(case.now_ms):
        _check_waiver(case)
    if case.subjects and not point.admits(case.subjects) and not driver.awaits_vehicle(case):
        case.note(_NAME, Outcome.DENY, "CLASS_NOT_ALLOWED", case.redirect(point.redirect_ids))


def _check_closures(case: Case) -> None:
    for closure in case.point.closures:
        if closure.from_ms <= case.now_ms < closure.to_ms:
            arguments = case.redirect((closure.redirect_id, *case.point.redirect_ids))
            if closure.to_ms < FOREVER_MS:
                arguments += (("opens_at", local_text(closure.to_ms, case.point.utc_offset_minutes)),)
            case.note(_NAME, Outcome.DENY, "ACCESS_POINT_CLOSED", arguments, closure.texts)


def _check_waiver(case: Case) -> None:
    if case.subjects and all(case.waives(subject, "access_point_hours") for subject in case.subjects):
        return
    hours = case.point.hours
    opens_ms = hours.next_opening_ms(case.now_ms) if hours is not None else None
    arguments = case.redirect(case.point.redirect_ids)
    if opens_ms is not None:
        arguments += (("opens_at", local_text(opens_ms, case.point.utc_offset_minutes)),)
    case.note(_NAME, Outcome.DENY, "ACCESS_POINT_HOURS", arguments)


def _boundaries(span: Span) -> list[int]:
    point = span.point
    named = [*point.redirect_ids, *(closure.redirect_id for closure in point.closures)]
    concerned = [point, *(point.neighbours[name] for name in named if name in point.neighbours)]
    return [at for one in concerned for at in one.open_boundaries(span.from_ms, span.to_ms)]


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
