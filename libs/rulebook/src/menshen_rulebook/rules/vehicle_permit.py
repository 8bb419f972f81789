"""A vehicle of a class that needs one enters with an active permit. Announced vehicles enter by their visits."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome, PermitState, SubjectKind

_NAME: Final = "vehicle_permit"
_VEHICLE: Final = SubjectKind.VEHICLE
_CODES: Final = {
    PermitState.UNSPECIFIED: "PERMIT_MISSING",
    PermitState.SUSPENDED: "PERMIT_SUSPENDED",
    PermitState.REVOKED: "PERMIT_REVOKED",
    PermitState.PENDING: "PERMIT_PENDING",
    PermitState.EXPIRED: "PERMIT_EXPIRED",
}


def _evaluate(case: Case) -> None:
    if case.point.leads_out:
        return
    for subject in case.subjects:
        if subject.kind is _VEHICLE and _needs_permit(case, subject):
            _judge(case, subject)


def _needs_permit(case: Case, subject: Subject) -> bool:
    vehicles = case.point.policy.vehicles
    if subject.category in vehicles.permit_exempt_categories or case.is_visitor(subject):
        return False
    # A vehicle nobody described needs a permit and has none.
    return subject.vehicle is None or subject.vehicle.vehicle_class in (*vehicles.permit_required, 0)


def _judge(case: Case, subject: Subject) -> None:
    vehicle = subject.vehicle
    offset = case.point.utc_offset_minutes
    if vehicle is None or vehicle.permit_state is not PermitState.ACTIVE:
        code = _CODES[vehicle.permit_state] if vehicle is not None else "PERMIT_MISSING"
        arguments: tuple[tuple[str, str], ...] = ()
    elif case.now_ms >= vehicle.permit_to_ms:
        code, arguments = "PERMIT_EXPIRED", (("ended_at", local_text(vehicle.permit_to_ms, offset)),)
    elif case.now_ms < vehicle.permit_from_ms:
        code, arguments = "PERMIT_NOT_YET", (("opens_at", local_text(vehicle.permit_from_ms, offset)),)
    else:
        return
    if not case.waives(subject, _NAME):
        case.note(_NAME, Outcome.DENY, code, arguments)


def _boundaries(span: Span) -> tuple[int, ...]:
    vehicle = span.subject.vehicle
    return () if vehicle is None else (vehicle.permit_from_ms, vehicle.permit_to_ms)


RULE: Final = Rule(
    _NAME,
    frozenset({"policy.vehicles", "policy.visitors", "subject.category", "subject.kind", "subject.vehicle"}),
    _evaluate,
    _boundaries,
)
