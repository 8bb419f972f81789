"""Which visit lets a visitor in at an access point, and what an entry on it uses up."""

from collections.abc import Container
from typing import Final

from menshen_rulebook import permits
from menshen_rulebook.points import Point
from menshen_rulebook.subject import Subject, Visit
from menshen_rulebook.vocabulary import SubjectKind, VisitState

USABLE: Final = frozenset({VisitState.READY, VisitState.INSIDE, VisitState.LEFT})


def by_start(subject: Subject) -> list[Visit]:
    """The subject's visits in the order in which they are tried: the first without trouble is in force."""
    return sorted(subject.visits, key=lambda visit: (visit.from_ms, visit.visit_id))


def visit_trouble(visit: Visit, point: Point, used_ids: Container[str], now_ms: int) -> str:
    """The reason code that keeps the visit from letting anybody in here; empty for none."""
    visitors, points = point.policy.visitors, visit.access_point_ids
    if visit.state not in USABLE:
        return "VISIT_NOT_APPROVED"
    if visit.site != point.site:
        return "VISIT_WRONG_SITE"
    if now_ms >= visit.to_ms + visitors.late_ms:
        return "VISIT_OVER"
    if now_ms < visit.from_ms - visitors.early_ms:
        return "VISIT_NOT_YET"
    if points and point.access_point.access_point_id not in points:
        return "VISIT_WRONG_ACCESS_POINT"
    if visit.single_entry and (visit.state is VisitState.LEFT or visit.visit_id in used_ids):
        return "VISIT_USED"
    return ""


def visit_used_up(subject: Subject, point: Point, used_ids: Container[str], now_ms: int) -> str:
    """The used id that a grant to the subject leaves behind of a single-entry visit; empty for none."""
    if point.leads_out or not _enters_by_visit(subject, point, now_ms):
        return ""
    for visit in by_start(subject):
        if not visit_trouble(visit, point, used_ids, now_ms):
            return visit.visit_id if visit.single_entry else ""
    return ""


def needs_permit(subject: Subject, point: Point) -> bool:
    """Whether a vehicle needs a permit here. One that nobody described does, and has none."""
    terms = point.policy.vehicles
    if subject.category in terms.permit_exempt_categories or subject.category in point.policy.visitors.categories:
        return False
    return subject.vehicle is None or subject.vehicle.vehicle_class in (*terms.permit_required, 0)


def _enters_by_visit(subject: Subject, point: Point, now_ms: int) -> bool:
    if subject.category in point.policy.visitors.categories:
        return True
    if subject.kind is not SubjectKind.VEHICLE or not needs_permit(subject, point):
        return False
    return subject.vehicle is None or not permits.standing(subject.vehicle, now_ms).admits
