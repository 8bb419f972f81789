"""What a door is to do now, by plan, policy and live values: a pure function of them and the time.

A door has one lock and one or two access points, in and out; whatever opens the lock opens it for both. So:

1. A lockdown secures it when a hold covers an entry by its access point, target area or site, or a way out by its
   access point, the area people leave or site: through a way out that stands unlocked anybody comes in.
2. An order to secure any of its access points secures it; beside an order to hold open it prevails.
3. An order to hold open any of its access points unlocks it, whatever the opening hours say; not while an entry is
   closed at once by an emergency closure.
4. The policy's schedule unlocks it when it names an access point that is open, and every entry of the door is open; not
   while a threat level asks anything of those who come in through it, for an unlocked door asks nobody.
5. Otherwise it is locked.

Secured and locked leave the lock to each grant: the way out opens for whoever presents, as ever, and an entry for
nobody, because decisions bar it. A door of an interlock never stands unlocked: all others would wait for it. An
emergency release is above all of this; the agent's hardware path sees to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.points import Point
from menshen_rulebook.presentation import LiveState, Order
from menshen_rulebook.schedule import DAY_MS
from menshen_rulebook.vocabulary import HoldScope, OrderKind, PostureCause, PostureKind

HORIZON_MS: Final = 8 * DAY_MS
"""How far ahead `until_ms` looks: longer than any week of a schedule."""


@dataclass(frozen=True, slots=True)
class Posture:
    """What a door is to do and why, until `until_ms` at the earliest if nothing but time changes.

    `secured_by` are all holds ("hold", id) and orders ("order", id) that secure it, in the order of their ids;
    `order_id` is the order that holds it open.
    """

    kind: PostureKind
    cause: PostureCause
    until_ms: int
    secured_by: tuple[tuple[str, str], ...] = ()
    order_id: str = ""


def posture(access_point_ids: Iterable[str], plan: SitePlan, live: LiveState, now_ms: int) -> Posture:
    """The posture of the door these access points share. One the plan does not know is left out."""
    points = _points(access_point_ids, plan, now_ms)
    until_ms = next(iter(_boundaries(points, plan, live, now_ms + 1, now_ms + HORIZON_MS)), now_ms + HORIZON_MS)
    orders = [order for order in _orders(points, live) if now_ms < order.until_ms]
    holds = sorted({hold.hold_id for hold in live.holds for p in points if (hold.scope, hold.target_id) in _covers(p)})
    secures = sorted(order.order_id for order in orders if order.kind is OrderKind.SECURE)
    if holds or secures:
        named = (*(("hold", name) for name in holds), *(("order", name) for name in secures))
        cause = PostureCause.LOCKDOWN if holds else PostureCause.ORDER
        return Posture(PostureKind.SECURED, cause, until_ms, named)
    if not any(plan.interlocked(point.access_point.access_point_id) for point in points):
        opens = sorted(order.order_id for order in orders if order.kind is OrderKind.HOLD_OPEN)
        if opens and not any(_is_closed_at_once(point, now_ms) for point in points):
            return Posture(PostureKind.UNLOCKED, PostureCause.ORDER, until_ms, order_id=opens[-1])
        entries_open = all(point.leads_out or point.is_open(now_ms) for point in points)
        is_calm = not any(_is_threatened(point, live) for point in points)
        if entries_open and is_calm and any(_is_unlocked(point, live, now_ms) for point in points):
            return Posture(PostureKind.UNLOCKED, PostureCause.SCHEDULE, until_ms)
    return Posture(PostureKind.LOCKED, PostureCause.NOTHING, until_ms)


def posture_boundaries(
    access_point_ids: Iterable[str], plan: SitePlan, live: LiveState, from_ms: int, to_ms: int
) -> tuple[int, ...]:
    """The instants in [from_ms, to_ms) at which the posture may change while nothing else does, ascending."""
    names = tuple(access_point_ids)
    starts = [from_ms, *(at for at in plan.index.policy_boundaries() if from_ms < at < to_ms)]
    points = [point for at_ms in starts for point in _points(names, plan, at_ms)]
    return tuple(_boundaries(points, plan, live, from_ms, to_ms))


def _points(access_point_ids: Iterable[str], plan: SitePlan, now_ms: int) -> list[Point]:
    found = (plan.point(name, now_ms) for name in access_point_ids)
    return [point for point in found if point is not None]


def _orders(points: list[Point], live: LiveState) -> list[Order]:
    names = {name for point in points for name in point.sharing_door}
    return [order for order in live.orders if order.access_point_id in names]


def _covers(point: Point) -> frozenset[tuple[HoldScope, str]]:
    if not point.leads_out:
        return point.hold_targets
    own = {target for target in point.hold_targets if target[0] is not HoldScope.AREA}
    return frozenset(own | {(HoldScope.AREA, area_id) for area_id in point.from_path})


def _is_closed_at_once(point: Point, now_ms: int) -> bool:
    closed = (c for c in point.closures if c.closure_id and c.from_ms <= now_ms < c.to_ms)
    return not point.leads_out and any(closed)


def _is_threatened(point: Point, live: LiveState) -> bool:
    if not point.leads_out:
        return bool(point.threats_at(live.threat_levels))
    level = max((one.level for one in live.threat_levels if one.area_id in ("", *point.from_path)), default=0)
    return any(threat.where.threat_level <= level for threat in point.policy.threats)


def _is_unlocked(point: Point, live: LiveState, now_ms: int) -> bool:
    terms = [term for term in point.unlock_terms if term.times.is_open(now_ms)]
    if not terms or not point.is_open(now_ms):
        return False
    return any(not term.after_first_person for term in terms) or point.opening_id(now_ms) in live.used_ids


def _boundaries(points: list[Point], plan: SitePlan, live: LiveState, from_ms: int, to_ms: int) -> list[int]:
    found = {order.until_ms for order in _orders(points, live)} | set(plan.index.policy_boundaries())
    for point in points:
        if point.unlock_terms or live.orders:
            found.update(point.open_boundaries(from_ms, to_ms))
        for term in point.unlock_terms:
            found.update(term.times.boundaries(from_ms, to_ms))
            if term.after_first_person:
                found.update(_midnights(point, from_ms, to_ms))
    return sorted(at for at in found if from_ms <= at < to_ms)


def _midnights(point: Point, from_ms: int, to_ms: int) -> list[int]:
    offset_ms = point.utc_offset_minutes * 60_000
    first = -(-(from_ms + offset_ms) // DAY_MS)
    return [day * DAY_MS - offset_ms for day in range(first, (to_ms + offset_ms) // DAY_MS + 1)]
