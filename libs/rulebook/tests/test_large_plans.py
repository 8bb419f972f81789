"""What a plan costs grows with what is in it, and no faster."""

import gc
import time
from typing import Any

from menshen_rulebook.plan import SitePlan, plan_from_mapping

AREAS, LEVELS, POLICIES = 50, 10, 4
NOW_MS = 1_772_409_600_000


def a_mapping(points: int) -> dict[str, Any]:
    """A way in and a way out by each door, levels that each open all of it, and several policies to come."""
    doors, class_ = range(points // 2), "PEDESTRIAN"
    inward = [
        {"id": f"in-{n}", "from_area": "outside", "to_area": f"a{n % AREAS}", "direction": "ENTRY", "door": f"d{n}"}
        for n in doors
    ]
    outward = [
        {"id": f"out-{n}", "from_area": f"a{n % AREAS}", "to_area": "outside", "direction": "EXIT", "door": f"d{n}"}
        for n in doors
    ]
    entries = [{"access_point": point["id"]} for point in inward]
    return {
        "site": "north",
        "version": 1,
        "areas": [
            {"id": "outside"},
            {"id": "campus"},
            *({"id": f"a{n}", "parent": "campus", "limit": 10} for n in range(AREAS)),
        ],
        "doors": [{"id": f"d{n}"} for n in doors],
        "access_points": [{**point, "access_point_class": class_} for point in (*inward, *outward)],
        "access_levels": [{"id": f"level-{n}", "entries": entries} for n in range(LEVELS)],
        "group_assignments": [{"level": f"level-{n}", "group": f"group-{n}"} for n in range(LEVELS)],
        "policies": [
            {"version": n, "language": 1, "site": "north", "from": f"2026-01-{n:02d}T00:00:00+08:00"}
            for n in range(1, POLICIES + 1)
        ],
    }


def least_seconds(document: dict[str, Any]) -> tuple[float, SitePlan]:
    """The least processor time of five, which other work hardly changes, nor the garbage of the tests before."""
    taken = []
    gc.disable()
    try:
        for _ in range(5):
            began = time.process_time()
            plan = plan_from_mapping(document)
            taken.append(time.process_time() - began)
    finally:
        gc.enable()
    return min(taken), plan


def test_ten_times_the_access_points_take_about_ten_times_as_long() -> None:
    small_s, _ = least_seconds(a_mapping(200))
    large_s, plan = least_seconds(a_mapping(2_000))

    assert large_s < 18 * small_s
    point = plan.point("in-999", NOW_MS)
    assert point is not None
    assert (len(point.levels), len(point.group_terms), point.limits[0].limit) == (LEVELS, LEVELS, 10)
    assert plan.point("out-999", NOW_MS).levels == {}  # type: ignore[union-attr]
