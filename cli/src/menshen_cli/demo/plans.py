"""The plan document of each campus, as PutPlan takes it: areas, access points, doors, schedules, levels, groups."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from menshen_rulebook.decision import Text

from .university import ALWAYS, GATE_HOURS, GOODS_HOURS, Campus, Gate, Lane

MORNING_MINUTES = 7 * 60 + 30
"""Campus time when the demonstration begins."""
LABORATORY_GROUP = "optics"
RESIDENTS_GROUP = "bamboo-court"
_DAY_MINUTES = 1440
_EVERY_DAY = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "HOLIDAY", "MAKE_UP_WORKDAY"]


def morning_offset_minutes(now_ms: int) -> int:
    """The offset from UTC at which it is half past seven in the morning now, -720 to 719.

    Campus clocks are set by it, so that the morning is a morning whenever it is played.
    """
    minutes = now_ms // 60_000 % _DAY_MINUTES
    return (MORNING_MINUTES - minutes + _DAY_MINUTES // 2) % _DAY_MINUTES - _DAY_MINUTES // 2


def plan_mapping(campus: Campus, utc_offset_minutes: int) -> dict[str, Any]:
    """The document as a plain mapping; with `site` and `version` it is a whole plan for the rulebook."""
    return {
        "site": campus.site,
        "version": 1,
        "utc_offset_minutes": utc_offset_minutes,
        "areas": list(_areas(campus)),
        "access_points": [point for gate in campus.gates for point in _access_points(campus, gate)],
        "doors": [{"id": lane.lane_id} for gate in campus.gates for lane in gate.lanes],
        "schedules": [
            _schedule(GATE_HOURS, "06:00", "23:00"),
            _schedule(GOODS_HOURS, "05:00", "21:00"),
            _schedule("work-hours", "06:30", "20:00"),
        ],
        "access_levels": list(_levels(campus)),
        "group_assignments": list(_group_assignments(campus)),
    }


def plan_document(campus: Campus, utc_offset_minutes: int) -> str:
    """The document as JSON."""
    return json.dumps(plan_mapping(campus, utc_offset_minutes), ensure_ascii=False)


def _areas(campus: Campus) -> Iterator[dict[str, Any]]:
    yield {"id": campus.outside, "name": {"zh": "校外", "en": "Outside"}}
    yield {"id": campus.inside, "name": _text(campus.name)}
    for gate in campus.gates:
        if not gate.perimeter:
            yield {"id": gate.inner, "parent": campus.inside, "name": _text(gate.name)}


def _access_points(campus: Campus, gate: Gate) -> Iterator[dict[str, Any]]:
    for lane in gate.lanes:
        if lane.enters:
            yield _entry(campus, gate, lane)
        if lane.leaves:
            yield _exit(gate, lane)


def _entry(campus: Campus, gate: Gate, lane: Lane) -> dict[str, Any]:
    point = _point(gate, lane, lane.entry)
    point |= {
        "from_area": gate.outer,
        "to_area": gate.inner,
        "direction": "ENTRY" if gate.perimeter else "INNER",
        "requires": "CARD_AND_PIN" if lane.pin else "CARD",
    }
    if gate.schedule != ALWAYS:
        point |= {"schedule": gate.schedule, "redirect": _always_open(campus, lane)}
    return point


def _exit(gate: Gate, lane: Lane) -> dict[str, Any]:
    direction = {"direction": "EXIT"} if gate.perimeter else {"direction": "INNER", "escape": True}
    return _point(gate, lane, lane.exit) | {"from_area": gate.inner, "to_area": gate.outer} | direction


def _point(gate: Gate, lane: Lane, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "door": lane.lane_id,
        "access_point_class": lane.traffic.name,
        "name": _text(gate.name),
        "grant_ms": 10_000 if lane.barrier else 6_000,
        # The script holds one card to a reader without pause, to find the instant at which the answer changes.
        "repeat_within_ms": 0,
    }


def _always_open(campus: Campus, lane: Lane) -> str:
    """Where to send people when the gate is closed: the day and night gate, or nowhere."""
    for gate in campus.gates:
        if gate.perimeter and gate.schedule == ALWAYS:
            return next((other.entry for other in gate.lanes if other.enters and other.traffic is lane.traffic), "")
    return ""


def _schedule(name: str, opens: str, closes: str) -> dict[str, Any]:
    return {"id": name, "intervals": [{"days": _EVERY_DAY, "opens": opens, "closes": closes}]}


def _levels(campus: Campus) -> Iterator[dict[str, Any]]:
    gates = [gate for gate in campus.gates if gate.perimeter]
    yield _level("campus", gates)
    yield _level("campus-by-day", gates, "work-hours")
    for gate in campus.gates:
        if not gate.perimeter:
            yield _level(gate.inner, [gate])


def _level(name: str, gates: Iterable[Gate], schedule: str = ALWAYS) -> dict[str, Any]:
    entries = [point for gate in gates for point in gate.access_points]
    return {"id": name, "entries": [{"access_point": point, "schedule": schedule} for point in entries]}


def _group_assignments(campus: Campus) -> Iterator[dict[str, Any]]:
    for category in ("staff", "student", "family"):
        yield {"level": "campus", "group": category}
    yield {"level": "campus-by-day", "group": "contractor"}
    for area in campus.areas:
        for group in _groups_of(area):
            yield {"level": area, "group": group}


def _groups_of(area: str) -> tuple[str, ...]:
    return {
        "north-dormitory": (RESIDENTS_GROUP,),
        "north-laboratory": (LABORATORY_GROUP,),
        "east-hall": ("staff", "student"),
    }[area]


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
