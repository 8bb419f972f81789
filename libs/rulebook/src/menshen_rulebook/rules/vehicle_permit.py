"""A vehicle of a class that needs one enters with a permit in force; announced vehicles enter by their visits.

Of a registered vehicle the visit stands for a permit that it lacks, not for one that is suspended. A suspension bars
every vehicle, with a permit or announced, from its first instant to its last, and beyond it where a test must be passed
first.
"""

from typing import Final

from menshen_rulebook import permits
from menshen_rulebook.case import Arguments, Case
from menshen_rulebook.permits import Standing
from menshen_rulebook.points import Point
from menshen_rulebook.rules import visit
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.subject import Subject
from menshen_rulebook.visits import needs_permit
from menshen_rulebook.vocabulary import Outcome, PermitState, SubjectKind

_NAME: Final = "vehicle_permit"
_VEHICLE: Final = SubjectKind.VEHICLE
_CODES: Final = {
    PermitState.UNSPECIFIED: "PERMIT_MISSING",
    PermitState.ACTIVE: "PERMIT_NOT_YET",
    PermitState.SUSPENDED: "PERMIT_SUSPENDED",
    PermitState.REVOKED: "PERMIT_REVOKED",
    PermitState.PENDING: "PERMIT_PENDING",
    PermitState.EXPIRED: "PERMIT_EXPIRED",
    PermitState.AWAITING_TEST: "VEHICLE_AWAITS_TEST",
}

WITHHELD: Final = frozenset({PermitState.SUSPENDED, PermitState.AWAITING_TEST})
"""What was taken for a time is not got back by being announced."""


def _evaluate(case: Case) -> None:
    if case.point.leads_out:
        return
    for subject in case.subjects:
        if subject.kind is _VEHICLE:
            _judge(case, subject)


def required(subject: Subject, point: Point, now_ms: int) -> Standing | None:
    """What the vehicle's permits come to, where it is banned or needs one; None where neither is so."""
    vehicle = subject.vehicle
    found = permits.suspended(vehicle, now_ms) if vehicle is not None else None
    if found is None and needs_permit(subject, point):
        found = permits.standing(vehicle, now_ms) if vehicle is not None else Standing(PermitState.UNSPECIFIED)
    return found


def _judge(case: Case, subject: Subject) -> None:
    found = required(subject, case.point, case.now_ms)
    if found is None or found.admits or case.waives(subject, _NAME):
        return
    if found.state not in WITHHELD and visit.admits(case, subject):
        return
    code = "VEHICLE_SUSPENDED" if _is_ban(found) else _CODES[found.state]
    case.note(_NAME, Outcome.DENY, code, _arguments(found, case.point.utc_offset_minutes))


def _is_ban(found: Standing) -> bool:
    return found.state is PermitState.SUSPENDED and found.suspension is not None


def _arguments(found: Standing, offset: int) -> Arguments:
    times = (("opens_at", found.opens_at_ms), ("ended_at", found.ended_at_ms), ("until", found.until_ms))
    told = tuple((name, local_text(at_ms, offset)) for name, at_ms in times if at_ms is not None)
    return told if found.suspension is None else (*told, ("reason_code", found.suspension.reason_code))


def _boundaries(span: Span) -> list[int]:
    vehicle = span.subject.vehicle
    return visit.boundaries(span) + ([] if vehicle is None else permits.boundaries(vehicle))


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.used_ids",
            "policy.vehicles",
            "policy.visitors",
            "subject.category",
            "subject.kind",
            "subject.vehicle",
            "subject.visits",
        }
    ),
    _evaluate,
    _boundaries,
)
