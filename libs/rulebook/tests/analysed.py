"""A small plan without findings, and what is changed in it to bring each finding about."""

from typing import Any

from menshen_rulebook.analysis import Finding, Supply, analyse
from menshen_rulebook.plan import SitePlan, plan_from_mapping

NOW_MS = 1_772_380_800_000
"""2026-03-02T00:00:00+08:00."""
SUPPLY = Supply((("office", frozenset({"leave.state"})), ("hr", frozenset({"work_proof"}))), frozenset({"plate"}))


def point(name: str, start: str, end: str, direction: str, **more: Any) -> dict[str, Any]:
    """An access point for people, unless it says otherwise."""
    ways = {"id": name, "from_area": start, "to_area": end, "direction": direction}
    return {**ways, "access_point_class": "PEDESTRIAN", **more}


def car_lane(name: str, start: str, end: str, direction: str) -> dict[str, Any]:
    """An access point for motor vehicles."""
    return point(name, start, end, direction, access_point_class="MOTOR")


IN, OUT = point("n-in", "outside", "campus", "ENTRY"), point("n-out", "campus", "outside", "EXIT")
LAB_IN = point("lab-in", "campus", "lab", "INNER")
LAB_OUT = point("lab-out", "lab", "campus", "INNER", escape=True)
POLICY: dict[str, Any] = {"language": 1, "version": 7, "site": "north", "from": "2026-03-02T00:00:00+08:00"}
PLAN: dict[str, Any] = {
    "site": "north",
    "version": 1,
    "areas": [{"id": "outside"}, {"id": "campus"}, {"id": "lab", "parent": "campus"}],
    "schedules": [{"id": "day", "intervals": [{"days": ["MON"], "opens": "06:30", "closes": "23:00"}]}],
    "access_points": [IN, OUT, LAB_IN, LAB_OUT, point("s-in", "outside", "campus", "ENTRY", schedule="day")],
    "group_assignments": [{"level": "all", "group": "staff"}, {"level": "all", "group": "student"}],
}
NEVER = [*PLAN["schedules"], {"id": "never"}]


def plan_with(policy: dict[str, Any], **changes: Any) -> SitePlan:
    """The plan with parts replaced and one policy in force; keys beginning with `plus_` are added to a part."""
    document: dict[str, Any] = {**PLAN, "policies": [{**POLICY, **policy}]}
    for key, value in changes.items():
        part = key.removeprefix("plus_")
        document[part] = [*document.get(part, []), *value] if key != part else value
    known = {point["id"] for point in document["access_points"]}
    entries = [{"access_point": name} for name in ("n-in", "s-in", "lab-in") if name in known]
    document["access_levels"] = [{"id": "all", "entries": entries}]
    return plan_from_mapping(document)


def findings(policy: dict[str, Any], **changes: Any) -> tuple[Finding, ...]:
    """What the analysis finds, the policy being a draft."""
    return analyse(plan_with(policy, **changes), SUPPLY, NOW_MS, {0})


def requirement(**more: Any) -> dict[str, Any]:
    """A requirement that is well supplied."""
    return {"id": "proof", "test": {"fact": "work_proof", "source": "hr"}, **more}


def _conditions(*present: bool) -> list[dict[str, Any]]:
    return [{"test": {"fact": "leave.state"}, "present": one} for one in present]


def _category(*accept: str) -> dict[str, Any]:
    return {"fact": "subject.category", "accept": [*accept]}


def _threat(*categories: str, **more: Any) -> dict[str, Any]:
    return {"where": {"threat_level": 1}, "admits": {"categories": [*categories]}, **more}


_BAN = {"present": "DENY", "absent": "DENY", "unknown": "DENY", "stale": "DENY"}
_CLOSED: dict[str, Any] = {"access_point": "n-in"}
_FAR = {"from": "2025-01-01T00:00:00+08:00", "to": "2025-02-01T00:00:00+08:00"}
_POINTS = PLAN["access_points"]
_LATER = {**POLICY, "version": 8, "from": "2026-05-01T00:00:00+08:00"}
_TIMED = {"id": "yard", "anti_passback": "TIMED", "timeout": "5m"}
_TEXTS = {"zh": "请戴口罩", "en": "Please wear a mask"}

_PARKING = {"id": "lot", "area": "campus"}
_CAR_OUT = car_lane("m-out", "campus", "outside", "EXIT")
_LANES = {"plus_access_points": [car_lane("m-in", "outside", "campus", "ENTRY"), _CAR_OUT]}
_UNHURRIED = {
    "plus_access_points": [{**car_lane("m-in", "outside", "campus", "ENTRY"), "second_within_ms": 0}, _CAR_OUT]
}
_FIRST, _WHEN = "policies[0].unlocked[0].after_first_person", "policies[0].unlocked[0].schedule"
_SCHEDULES = PLAN["schedules"]
_SUNDAY = {"id": "lesson", "intervals": [{"days": ["SUN"]}]}
_MONDAY = {"id": "lesson", "intervals": [{"days": ["MON"], "opens": "22:00", "closes": "23:30"}]}
_LESSON = {"id": "lesson", "intervals": [{"days": ["MON"], "opens": "08:00", "closes": "12:00"}]}
_DOOR = {"door": "d", "schedule": "day"}
_SHARED = {"doors": [{"id": "d"}], "access_points": [IN | _DOOR, OUT | _DOOR, LAB_IN, LAB_OUT, _POINTS[-1]]}
_TRAP = {
    "doors": [{"id": "t1", "interlock": "trap"}, {"id": "t2", "interlock": "trap"}],
    "plus_access_points": [point("trap-in", "campus", "lab", "INNER", door="t1")],
    "schedules": [*_SCHEDULES, _LESSON],
}
_OPENED = {
    "access_points": [IN, {**OUT, "opened_by": ["staff"]}, LAB_IN, LAB_OUT],
    "schedules": [*_SCHEDULES, _LESSON],
}


def _unlocked(name: str, **more: Any) -> dict[str, Any]:
    return {"access_points": [name], "schedule": "lesson", **more}


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("AREA_NO_WAY_OUT", "areas[1]", {}, {"access_points": [IN]}),
    ("AREA_NO_WAY_OUT", "areas[2]", {}, {"access_points": [IN, OUT, LAB_IN]}),
    ("AREA_NO_WAY_OUT", "areas[1]", {}, {"access_points": [IN, car_lane("m-out", "campus", "outside", "EXIT")]}),
    (
        "AREA_WAY_OUT_CAN_REFUSE",
        "areas[2]",
        {},
        {"access_points": [IN, OUT, LAB_IN, point("lab-out", "lab", "campus", "INNER")]},
    ),
    ("VEHICLES_NO_WAY_OUT", "areas[1]", {}, {"plus_access_points": [car_lane("m-in", "outside", "campus", "ENTRY")]}),
    ("POINT_ALWAYS_CLOSED", "policies[0]", {"closures": [_CLOSED]}, {}),
    (
        "POINT_NEVER_OPEN",
        "policies[0]",
        {"hours": [{"access_point": "n-in", "schedule": "never"}]},
        {"schedules": NEVER},
    ),
    ("POINT_ADMITS_NOBODY", "policies[0]", {"admissions": [{"access_point_class": "PEDESTRIAN"}]}, {}),
    ("POINT_WITHOUT_LEVEL", "access_points[5]", {}, {"plus_access_points": [point("x", "outside", "campus", "ENTRY")]}),
    ("AREA_NOBODY_ENTERS", "policies[0]", {"closures": [_CLOSED, {"access_point": "s-in"}]}, {}),
    ("AREA_LIMIT_ZERO", "policies[0].areas[0]", {"areas": [{"area": "campus", "limit": 0}]}, {}),
    (
        "TIMED_WITHOUT_TIMEOUT",
        "policies[0].areas[0]",
        {"areas": [{"area": "yard", "timeout": "0s"}]},
        {"plus_areas": [_TIMED]},
    ),
    ("PARKING_WITHOUT_PLACE", "policies[0].parking[0]", {"parking": [{**_PARKING, "limit": 0}]}, _LANES),
    ("PARKING_WITHOUT_PLACE", "parking[0]", {}, {**_LANES, "parking": [{**_PARKING, "limit": 3, "reserved": 3}]}),
    ("PARKING_WITHOUT_LANE", "policies[0].parking[0]", {"parking": [{**_PARKING, "limit": 3}]}, {}),
    ("DRIVER_NOT_AWAITED", "policies[0].vehicles.drivers[0]", {"vehicles": {"drivers": [{}]}}, _UNHURRIED),
    ("REDIRECT_CLOSED", "policies[0].closures[0].redirect", {"closures": [{**_CLOSED, "redirect": "n-in"}]}, {}),
    (
        "REDIRECT_CLOSED",
        "policies[0].closures[0].redirect",
        {"closures": [{**_CLOSED, "redirect": "s-in"}], "hours": [{"access_point": "s-in", "schedule": "never"}]},
        {"schedules": NEVER},
    ),
    (
        "REDIRECT_OTHER_CLASS",
        "policies[0].closures[0].redirect",
        {"closures": [{**_CLOSED, "redirect": "m-in"}]},
        {"plus_access_points": [car_lane("m-in", "outside", "campus", "ENTRY")]},
    ),
    ("REDIRECT_WRONG_WAY", "policies[0].closures[0].redirect", {"closures": [{**_CLOSED, "redirect": "n-out"}]}, {}),
    (
        "CLAUSE_REACHES_NO_POINT",
        "policies[0].requirements[0].where",
        {"requirements": [requirement(where={"access_points": ["n-in"], "directions": ["EXIT"]})]},
        {},
    ),
    (
        "CLAUSE_NO_SUCH_POINT",
        "policies[0].reminders[0].where",
        {"reminders": [{"code": "MASK", "texts": _TEXTS, "where": {"classes": ["GOODS"]}}]},
        {},
    ),
    (
        "CONDITIONS_CONTRADICT",
        "policies[0].requirements[0].only_if",
        {"requirements": [requirement(only_if=_conditions(True, False))]},
        {},
    ),
    (
        "CATEGORY_EXCLUDED",
        "policies[0].requirements[0].test",
        {"requirements": [requirement(where={"categories": ["staff"]}, test=_category("student", "guard"))]},
        {},
    ),
    (
        "CATEGORY_EXCLUDED",
        "policies[0].reminders[0].only_if[0]",
        {
            "reminders": [
                {
                    "code": "MASK",
                    "texts": _TEXTS,
                    "where": {"categories": ["staff"]},
                    "only_if": [{"test": _category("student")}],
                }
            ]
        },
        {},
    ),
    (
        "TEST_NEVER_PRESENT",
        "policies[0].requirements[0].test",
        {"requirements": [{"id": "t", "test": {"fact": "plate", "at_least": 38, "at_most": 37}}]},
        {},
    ),
    (
        "TEST_NEVER_PRESENT",
        "policies[0].requirements[0].test",
        {"requirements": [{"id": "t", "test": {"fact": "plate", "at_least": 37.3, "below": 37.3}}]},
        {},
    ),
    (
        "CLAUSE_NO_SUCH_POINT",
        "policies[0].fees[0].where",
        {"fees": [{"id": "parking", "tariff": _TEXTS, "where": {"classes": ["GOODS"]}}]},
        {},
    ),
    (
        "CLAUSE_REACHES_NO_POINT",
        "policies[0].requirements[0].where",
        {"requirements": [requirement(where={"areas": ["lab"], "directions": ["ENTRY"]})]},
        {},
    ),
    (
        "CLAUSE_NO_SUCH_POINT",
        "policies[0].threats[0].where",
        {"threats": [_threat(where={"threat_level": 1, "classes": ["GOODS"]})]},
        {},
    ),
    (
        "CLAUSE_ABOVE_EVERY_LEVEL",
        "policies[0].requirements[0].where.threat_level",
        {"requirements": [requirement(where={"threat_level": 6})]},
        {},
    ),
    (
        "THREAT_AT_WAYS_OUT",
        "policies[0].threats[0].where",
        {"threats": [_threat(where={"threat_level": 1, "directions": ["EXIT"]})]},
        {},
    ),
    ("THREAT_WITHOUT_EFFECT", "policies[0].threats[0]", {"threats": [{"where": {"threat_level": 1}}]}, {}),
    (
        "THREAT_ADMITS_NOBODY",
        "policies[0].threats[1].admits",
        {"threats": [_threat("staff"), _threat("student", where={"threat_level": 2, "areas": ["lab"]})]},
        {},
    ),
    ("CATEGORY_UNNAMED", "policies[0].threats[0].admits.categories", {"threats": [_threat("Student")]}, {}),
    (
        "FACT_NOT_SUPPLIED",
        "policies[0].fees[0].waived_by.fact",
        {"fees": [{"id": "parking", "tariff": _TEXTS, "waived_by": {"fact": "ticket"}}]},
        {},
    ),
    (
        "TEST_NEVER_PRESENT",
        "policies[0].requirements[0].test",
        {"requirements": [{"id": "t", "test": {"fact": "plate", "accept": ["valid", 2], "at_least": 3}}]},
        {},
    ),
    (
        "CLAUSE_SAID_TWICE",
        "policies[0].hours[1]",
        {"hours": [{"access_point": "n-in", "schedule": "day"}] * 2},
        {},
    ),
    (
        "REQUIREMENT_WITHOUT_EFFECT",
        "policies[0].requirements[0]",
        {"requirements": [requirement(rulings={"absent": "GRANT", "unknown": "GRANT", "stale": "GRANT"})]},
        {},
    ),
    (
        "REQUIREMENT_SHADOWED",
        "policies[0].requirements[1]",
        {
            "requirements": [
                requirement(rulings=_BAN, where={"categories": ["student", "staff"]}),
                requirement(id="later", where={"categories": ["student"]}),
            ]
        },
        {},
    ),
    ("PACK_UNKNOWN", "policies[0].switched_off", {"switched_off": ["health"]}, {}),
    (
        "CATEGORY_UNNAMED",
        "policies[0].requirements[0].where.categories",
        {"requirements": [requirement(where={"categories": ["Student"]})]},
        {},
    ),
    (
        "FACT_NOT_SUPPLIED",
        "policies[0].requirements[0].test.fact",
        {"requirements": [{"id": "h", "test": {"fact": "health.test"}}]},
        {},
    ),
    ("FACT_NOT_SUPPLIED", "policies[0].leave.fact", {"leave": {"mode": "CLOSED", "fact": "leave"}}, {}),
    (
        "CONDITION_NOT_SUPPLIED",
        "policies[0].requirements[0].only_if[0].test.fact",
        {"requirements": [requirement(only_if=[{"test": {"fact": "travel.city"}}])]},
        {},
    ),
    ("SOURCE_UNKNOWN", "policies[0].leave.source", {"leave": {"mode": "NORMAL", "source": "ofice"}}, {}),
    ("FACT_OF_OTHER_SOURCE", "policies[0].leave.source", {"leave": {"mode": "NORMAL", "source": "hr"}}, {}),
    (
        "SOURCE_WITHOUT_BOUND",
        "policies[0].requirements[0].test.source",
        {"requirements": [requirement()]},
        {"sources": [{"id": "office", "silent_after": "26h"}]},
    ),
    (
        "SOURCE_WITHOUT_BOUND",
        "policies[0].leave.source",
        {"leave": {"mode": "CLOSED", "source": "office"}},
        {"sources": [{"id": "hr", "silent_after": "26h"}]},
    ),
    (
        "INTERVAL_NEVER_OPEN",
        "schedules[1].intervals[0]",
        {},
        {"plus_schedules": [{"id": "n", "intervals": [{"days": ["MON"], "opens": "22:00", "closes": "22:00"}]}]},
    ),
    (
        "SCHEDULE_NEVER_OPEN",
        "schedules[1]",
        {},
        {"plus_schedules": [{"id": "h", "intervals": [{"days": ["HOLIDAY"]}]}]},
    ),
    (
        "CLOSURE_NEVER",
        "policies[0].closures[0]",
        {"closures": [{**_CLOSED, "to": "2026-03-02T00:00:00+08:00", "from": "2026-03-02T00:00:00+08:00"}]},
        {},
    ),
    ("CLOSURE_OUTSIDE_POLICY", "policies[0].closures[0]", {"closures": [_CLOSED | _FAR]}, {}),
    ("UNLOCKED_INTERLOCK", "policies[0].unlocked[0].access_points", {"unlocked": [_unlocked("trap-in")]}, _TRAP),
    (
        "UNLOCKED_WITHOUT_FIRST",
        _FIRST,
        {"unlocked": [_unlocked("n-in", after_first_person=True)]},
        {"schedules": [*_SCHEDULES, _LESSON]},
    ),
    ("UNLOCKED_WITHOUT_FIRST", _FIRST, {"unlocked": [_unlocked("n-out", after_first_person=True)]}, _OPENED),
    ("UNLOCKED_NEVER", _WHEN, {"unlocked": [_unlocked("s-in")]}, {"schedules": [*_SCHEDULES, _SUNDAY]}),
    ("UNLOCKED_NEVER", _WHEN, {"unlocked": [_unlocked("n-out")]}, {"schedules": [*_SCHEDULES, _SUNDAY], **_SHARED}),
    ("UNLOCKED_OUTSIDE_HOURS", _WHEN, {"unlocked": [_unlocked("s-in")]}, {"schedules": [*_SCHEDULES, _MONDAY]}),
    ("POLICY_GAP", "policies[0].to", {"to": "2026-04-01T00:00:00+08:00"}, {"plus_policies": [_LATER]}),
    ("POLICY_ENDS", "policies[0].to", {"to": "2026-04-01T00:00:00+08:00"}, {}),
    ("POLICY_IN_PAST", "policies[0].from", {"from": "2026-03-01T23:59:59+08:00"}, {}),
    ("POLICY_NEVER_HOLDS", "policies[0]", {}, {"plus_policies": [{**POLICY, "version": 8}]}),
]
"""Code, path, changes of the policy, changes of the plan."""
