"""Terms for vehicles that are said in vain: places nobody can take, drivers nobody waits for."""

from collections.abc import Iterable

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.clauses import DriverCheck, Parking
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.points import VEHICLE_CLASSES, applies, leads_out
from menshen_rulebook.policy import Policy


def check_plan_parking(plan: SitePlan, found: Findings) -> None:
    """Note the plan's own parking that holds nobody."""
    _check_parking(plan, plan.parking, "parking", found)


def check_vehicles(plan: SitePlan, policy: Policy, prefix: str, found: Findings) -> None:
    """Note a policy's parking that holds nobody, and its drivers nobody waits for."""
    _check_parking(plan, policy.parking, f"{prefix}parking", found)
    for place, check in enumerate(policy.vehicles.drivers):
        _check_driver(plan, check, f"{prefix}vehicles.drivers[{place}]", found)


def _check_parking(plan: SitePlan, parking: Iterable[Parking], path: str, found: Findings) -> None:
    for place, one in enumerate(parking):
        at = f"{path}[{place}]"
        if one.limit == 0 or (one.reserved == one.limit and not one.reserved_for):
            found.add("PARKING_WITHOUT_PLACE", at, parking=one.parking_id, area=one.area_id)
        if not any(_leads_into(plan, one.area_id, point.to_area_id) for point in _lanes_in(plan)):
            found.add("PARKING_WITHOUT_LANE", at, parking=one.parking_id, area=one.area_id)


def _lanes_in(plan: SitePlan) -> list[AccessPoint]:
    lanes = [point for point in plan.access_points if point.access_point_class in VEHICLE_CLASSES]
    return [point for point in lanes if not leads_out(point)]


def _leads_into(plan: SitePlan, area_id: str, to_area_id: str) -> bool:
    return area_id in plan.index.area_path(to_area_id)


def _check_driver(plan: SitePlan, check: DriverCheck, path: str, found: Findings) -> None:
    entries = [
        point for point in _lanes_in(plan) if applies(check.where, point, plan.index.area_path(point.to_area_id))
    ]
    if entries and not any(point.second_within_ms for point in entries):
        found.add("DRIVER_NOT_AWAITED", path)
