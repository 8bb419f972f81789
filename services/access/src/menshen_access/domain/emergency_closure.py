"""Emergency closures: an entry closed at once by one operator, for at most four hours, answered for afterwards.

The plan carries the interval, so that every gate opens again to the second without a message. Exits are never closed.
Instants are epoch milliseconds UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from menshen_rulebook.clauses import Closure
from menshen_rulebook.decision import ReasonTexts, Text
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.vocabulary import Direction

MOST_MS: Final = 4 * 3_600_000
LONGEST_REASON: Final = 200


class ClosureRefusal(Enum):
    """Why something may not be done."""

    POINT_UNKNOWN = "POINT_UNKNOWN"
    NOT_AN_ENTRY = "NOT_AN_ENTRY"
    DURATION = "DURATION"
    REASON = "REASON"
    REDIRECT = "REDIRECT"
    WAITING = "WAITING"
    SPENT = "SPENT"
    OVER = "OVER"
    APPROVED = "APPROVED"
    SAME_PERSON = "SAME_PERSON"


class ClosureRefusedError(Exception):
    """It may not be done; nothing changed."""

    def __init__(self, refusal: ClosureRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class EmergencyClosure:
    """In force in [from_ms, to_ms). Empty texts and zeros stand for what has not happened."""

    closure_id: str
    access_point: str
    from_ms: int
    to_ms: int
    redirect: str
    closed_by: str
    reason: str
    ended_by: str = ""
    end_reason: str = ""
    approved_by: str = ""
    approved_at_ms: int = 0
    approval_reason: str = ""
    alarmed_at_ms: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether somebody must still approve or end it; its time may be over."""
        return not self.approved_by and not self.ended_by


def check_closure(plan: SitePlan, wanted: EmergencyClosure, unapproved: Iterable[EmergencyClosure]) -> None:
    """ClosureRefusedError unless the entry may be closed so, whatever it was before; see `closure_budget` for that."""
    points = {point.access_point_id: point for point in plan.access_points}
    point = points.get(wanted.access_point)
    if point is None:
        raise ClosureRefusedError(ClosureRefusal.POINT_UNKNOWN)
    if point.direction is not Direction.ENTRY:
        raise ClosureRefusedError(ClosureRefusal.NOT_AN_ENTRY)
    if not 0 < wanted.to_ms - wanted.from_ms <= MOST_MS:
        raise ClosureRefusedError(ClosureRefusal.DURATION)
    _check_reason(wanted.reason)
    if wanted.redirect and not _leads_in(points.get(wanted.redirect), wanted.access_point):
        raise ClosureRefusedError(ClosureRefusal.REDIRECT)
    if any(one.is_waiting and one.access_point == wanted.access_point for one in unapproved):
        raise ClosureRefusedError(ClosureRefusal.WAITING)
    if any(_holds(one, wanted) for one in plan.closures):
        raise ClosureRefusedError(ClosureRefusal.WAITING)


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise ClosureRefusedError(ClosureRefusal.REASON)


def _leads_in(point: AccessPoint | None, closed: str) -> bool:
    return point is not None and point.direction is Direction.ENTRY and point.access_point_id != closed


def _holds(standing: Closure, wanted: EmergencyClosure) -> bool:
    is_same = standing.closure_id != "" and standing.access_point_id == wanted.access_point
    return is_same and standing.from_ms <= wanted.from_ms < standing.to_ms


def nearest_open(plan: SitePlan, access_point: str, now_ms: int) -> str:
    """The first entry that is open now, along the plan's redirects from an access point; empty when there is none."""
    seen, waiting = {access_point, ""}, [access_point]
    while waiting:
        point = plan.point(waiting.pop(0), now_ms)
        for name in () if point is None else point.redirect_ids:
            if name in seen:
                continue
            seen.add(name)
            waiting.append(name)
            target = plan.point(name, now_ms)
            if target is not None and _leads_in(target.access_point, access_point) and target.is_open(now_ms):
                return name
    return ""


def ended(closure: EmergencyClosure, who: str, at_ms: int, reason: str) -> EmergencyClosure:
    """The closure ended by somebody; ClosureRefusedError when it is over already."""
    _check_reason(reason)
    if closure.ended_by or at_ms >= closure.to_ms:
        raise ClosureRefusedError(ClosureRefusal.OVER)
    return replace(closure, to_ms=max(at_ms, closure.from_ms), ended_by=who, end_reason=reason)


def approved(closure: EmergencyClosure, who: str, at_ms: int, reason: str) -> EmergencyClosure:
    """The closure approved, also after its end; ClosureRefusedError for whoever closed."""
    _check_reason(reason)
    if closure.approved_by:
        raise ClosureRefusedError(ClosureRefusal.APPROVED)
    if not who or who == closure.closed_by:
        raise ClosureRefusedError(ClosureRefusal.SAME_PERSON)
    return replace(closure, approved_by=who, approved_at_ms=at_ms, approval_reason=reason)


def with_closure(plan: SitePlan, closure: EmergencyClosure, now_ms: int) -> SitePlan:
    """The plan with an emergency closure in it, and without those that are over."""
    kept = [one for one in plan.closures if not _is_over(one, now_ms) and one.closure_id != closure.closure_id]
    if closure.to_ms > now_ms:
        kept.append(_clause(closure))
    return replace(plan, closures=tuple(kept))


def _is_over(closure: Closure, now_ms: int) -> bool:
    return closure.closure_id != "" and closure.to_ms <= now_ms


def _clause(closure: EmergencyClosure) -> Closure:
    texts = ReasonTexts(
        Text("此门临时关闭。", "This gate is closed for now."),
        Text(
            f"此门紧急关闭（{closure.closed_by}）：{closure.reason}。",
            f"This gate is closed in an emergency ({closure.closed_by}): {closure.reason}.",
        ),
        Text(
            f"通行点在紧急关闭期内（{closure.closure_id}）。",
            f"The access point was closed in an emergency ({closure.closure_id}).",
        ),
    )
    return Closure(
        closure.access_point, closure.from_ms, closure.to_ms, closure.redirect, texts, closure_id=closure.closure_id
    )
