"""Areas people or vehicles enter and cannot leave.

A way out is an access point where the clamp speaks: it never locks anyone in, whatever closures, hours, lists or
lockdowns say, so that leaving depends on the plan alone. An area is open to the one around it unless an access point
leads from there into it. Outside is where entries begin or exits end and no entry leads.
"""

from collections.abc import Callable, Iterable
from typing import Final

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.points import VEHICLE_CLASSES, leads_out
from menshen_rulebook.vocabulary import AccessPointClass, Direction

_ENTRY, _EXIT = Direction.ENTRY, Direction.EXIT
_MOTORS: Final = frozenset({AccessPointClass.MOTOR, AccessPointClass.GOODS})
# What has two wheels is pushed out by people, where no lane of its own leads out.
_LEAVES_BY: Final = {
    AccessPointClass.NON_MOTOR: frozenset(AccessPointClass),
    AccessPointClass.MOTOR: _MOTORS,
    AccessPointClass.GOODS: _MOTORS,
}
_MOST_NAMED: Final = 10
_Way = tuple[str, str]


def check_leaving(plan: SitePlan, found: Findings) -> None:
    """Note every area that is entered and has no way out."""
    outside = outside_areas(plan)
    open_ways = _open_ways(plan)
    safe = _leading_to(outside, open_ways + _ways(plan, lambda point: is_walked(point) and leads_out(point)))
    any_way = _leading_to(outside, open_ways + _ways(plan, is_walked))
    for area_id, entries in _entered(plan, is_walked).items():
        if area_id in outside or area_id in safe:
            continue
        code = "AREA_WAY_OUT_CAN_REFUSE" if area_id in any_way else "AREA_NO_WAY_OUT"
        found.add(code, _path(plan, area_id), area=area_id, entries=_named(entries))
    for access_point_class, leaves_by in _LEAVES_BY.items():
        _check_vehicles(plan, access_point_class, leaves_by, outside, open_ways, found)


def outside_areas(plan: SitePlan) -> frozenset[str]:
    """The areas people come from and go to: nothing is asked of them."""
    entries = [point for point in plan.access_points if point.direction is _ENTRY]
    begins = {point.from_area_id for point in entries}
    ends = {point.to_area_id for point in plan.access_points if point.direction is _EXIT}
    inside = {point.to_area_id for point in entries if point.to_area_id != point.from_area_id}
    return frozenset((begins | ends) - inside)


def is_walked(point: AccessPoint) -> bool:
    """Whether people walk through this access point."""
    return point.access_point_class not in VEHICLE_CLASSES


def _check_vehicles(
    plan: SitePlan,
    access_point_class: AccessPointClass,
    leaves_by: frozenset[AccessPointClass],
    outside: frozenset[str],
    open_ways: list[_Way],
    found: Findings,
) -> None:
    ways = _ways(plan, lambda point: leads_out(point) and point.access_point_class in leaves_by)
    free = _leading_to(outside, open_ways + ways)
    for area_id, entries in _entered(plan, lambda point: point.access_point_class is access_point_class).items():
        if area_id not in outside and area_id not in free:
            path, word = _path(plan, area_id), access_point_class.name
            found.add("VEHICLES_NO_WAY_OUT", path, area=area_id, entries=_named(entries), access_point_class=word)


def _ways(plan: SitePlan, wanted: Callable[[AccessPoint], bool]) -> list[_Way]:
    return [(point.from_area_id, point.to_area_id) for point in plan.access_points if wanted(point)]


def _open_ways(plan: SitePlan) -> list[_Way]:
    walled = set()
    for point in plan.access_points:
        around = plan.index.area_path(point.to_area_id)[1:]
        if not leads_out(point) and point.from_area_id in around:
            walled.add(point.to_area_id)
    joined = [(area.area_id, area.parent_id) for area in plan.areas if area.parent_id and area.area_id not in walled]
    return joined + [(outer, inner) for inner, outer in joined]


def _entered(plan: SitePlan, wanted: Callable[[AccessPoint], bool]) -> dict[str, list[str]]:
    entered: dict[str, list[str]] = {}
    for point in plan.access_points:
        if wanted(point) and point.from_area_id != point.to_area_id:
            entered.setdefault(point.to_area_id, []).append(point.access_point_id)
    return entered


def _named(entries: list[str]) -> str:
    """The first of them, and how many more there are."""
    left = len(entries) - _MOST_NAMED
    return ", ".join(entries[:_MOST_NAMED]) + (f", … (+{left})" if left > 0 else "")


def _leading_to(targets: Iterable[str], ways: list[_Way]) -> set[str]:
    """The areas from which a walk along the ways reaches a target."""
    before: dict[str, set[str]] = {}
    for start, end in ways:
        before.setdefault(end, set()).add(start)
    reached, waiting = set(targets), list(targets)
    while waiting:
        fresh = before.get(waiting.pop(), set()) - reached
        reached |= fresh
        waiting += fresh
    return reached


def _path(plan: SitePlan, area_id: str) -> str:
    for place, area in enumerate(plan.areas):
        if area.area_id == area_id:
            return f"areas[{place}]"
    return "areas"
