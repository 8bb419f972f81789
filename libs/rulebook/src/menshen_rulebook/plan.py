"""The plan of a site: areas, access points, doors, schedules, access levels, assignments and dated policies.

`plan_from_mapping` reads the plain mapping a JSON or YAML reader gives; `menshen_rulebook.mapping` states the naming
rules. The keys are `site`, `version`, `utc_offset_minutes`, `areas`, `access_points`, `doors`, `schedules`, `holidays`,
`access_levels`, `group_assignments`, `closures`, `parking`, `policies` and `sources`. For example::

    site: north
    version: 1
    areas: [{id: outside}, {id: campus, anti_passback: SOFT}]
    schedules: [{id: day, intervals: [{days: [MON, TUE, WED, THU, FRI], opens: "06:30", closes: "23:00"}]}]
    access_points:
      - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN,
         name: {zh: 北门, en: North Gate}, schedule: day, redirect: s-in}
    access_levels: [{id: campus-day, entries: [{access_point: n-in, schedule: day}]}]
    group_assignments: [{level: campus-day, group: staff}]
    sources: [{id: student-affairs, silent_after: 15m}]
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from menshen_rulebook.clauses import NO_TEXT, Closure, Parking
from menshen_rulebook.decision import Text
from menshen_rulebook.mapping import Faults, read, write
from menshen_rulebook.places import VEHICLES
from menshen_rulebook.points import PlanIndex, Point
from menshen_rulebook.policy import Policy, check_parking, check_policy
from menshen_rulebook.schedule import CalendarDay, Schedule, epoch_day
from menshen_rulebook.sources import FactSource, check_sources
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    AntiPassbackMode,
    CredentialRequirement,
    Direction,
    PersonRule,
)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a site. `parent_id` names the area around it. `limit` bounds how many people are in it.

    `timeout_ms` ends an anti-passback violation once the last passage is that old.
    """

    area_id: str
    parent_id: str = ""
    anti_passback: AntiPassbackMode = AntiPassbackMode.NONE
    timeout_ms: int | None = None
    limit: int | None = None
    exempt_categories: frozenset[str] = frozenset()
    name: Text = NO_TEXT


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One direction through a door, from area to area.

    No `schedule_id` means always open. `redirect_id` names the access point to send people to when this one is closed
    or not for them, `redirect_ids` further ones, nearest first: the first that is open to them is named.
    `escape` marks an INNER access point as part of a way out: it is clamped like an exit.
    `opened_by` names the groups one of whom must come first each day; empty for none.
    `senses_passage` says that the hardware tells taken from not taken; a grant may be taken for `grant_ms`.
    `second_within_ms` is how long a first person waits for the second one, a visitor for the escort, a card for its
    code; 0: not at all.
    `repeat_within_ms`: the same identifiers again so soon are the same presentation; None: 5 s where people walk, and
    not at all where vehicles drive. A way out knows no repeats: everyone who presents there is let out.
    """

    access_point_id: str
    from_area_id: str
    to_area_id: str
    direction: Direction
    access_point_class: AccessPointClass
    name: Text = NO_TEXT
    requires: CredentialRequirement = CredentialRequirement.CARD
    person_rule: PersonRule = PersonRule.SINGLE
    schedule_id: str = ""
    redirect_id: str = ""
    redirect_ids: tuple[str, ...] = ()
    escape: bool = False
    senses_passage: bool = True
    grant_ms: int = 8_000
    door_id: str = ""
    opened_by: frozenset[str] = frozenset()
    second_within_ms: int = 15_000
    repeat_within_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """The physical thing; access points name it. At most one door of an interlock is open at a time."""

    door_id: str
    interlock_id: str = ""


@dataclass(frozen=True, slots=True)
class LevelEntry:
    """An access point and when; no schedule means always."""

    access_point_id: str
    schedule_id: str = ""


@dataclass(frozen=True, slots=True)
class AccessLevel:
    """A set of access points, each with its schedule."""

    level_id: str
    entries: tuple[LevelEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupAssignment:
    """An access level for everyone of a group or category, in [from_ms, to_ms)."""

    level_id: str
    group: str
    from_ms: int = 0
    to_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class SitePlan:
    """Everything decisions at one site are made on beside subjects and live values. `version` grows with every change.

    The policy in force is the one whose interval holds now; `point` chooses it.
    """

    site: str
    version: int
    areas: tuple[Area, ...] = ()
    access_points: tuple[AccessPoint, ...] = ()
    doors: tuple[Door, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    holidays: tuple[CalendarDay, ...] = ()
    access_levels: tuple[AccessLevel, ...] = ()
    group_assignments: tuple[GroupAssignment, ...] = ()
    closures: tuple[Closure, ...] = ()
    parking: tuple[Parking, ...] = ()
    policies: tuple[Policy, ...] = ()
    sources: tuple[FactSource, ...] = ()
    utc_offset_minutes: int = 480
    index: PlanIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", PlanIndex(self))

    def point(self, access_point_id: str, now_ms: int) -> Point | None:
        """The access point as it stands under the policy in force at `now_ms`; None for a foreign id."""
        return self.index.point(access_point_id, now_ms)

    def policy_at(self, now_ms: int) -> Policy | None:
        """The policy in force at `now_ms`."""
        return self.index.policy_at(now_ms)

    def interlocked(self, access_point_id: str) -> tuple[str, ...]:
        """The doors of the access point's interlock, its own first; empty where there is none."""
        own = next((point.door_id for point in self.access_points if point.access_point_id == access_point_id), "")
        interlock_id = next((door.interlock_id for door in self.doors if door.door_id == own), "")
        if not interlock_id:
            return ()
        others = (door.door_id for door in self.doors if door.interlock_id == interlock_id and door.door_id != own)
        return (own, *others)


def plan_from_mapping(document: Mapping[str, Any]) -> SitePlan:
    """The plan a document describes; raises `mapping.DocumentInvalidError` with every fault found."""
    faults = Faults()
    plan = read(SitePlan, document, "", faults)
    if plan is not None:
        _check(plan, faults)
    faults.raise_if_any()
    if plan is None:
        raise AssertionError("a document without faults gives a plan")
    return plan


def plan_to_mapping(plan: SitePlan) -> dict[str, Any]:
    """The plain form of a plan; `plan_from_mapping` gives an equal plan back."""
    plain: dict[str, Any] = write(plan)
    return plain


def plan_to_json(plan: SitePlan) -> bytes:
    """Canonical JSON: the same plan gives the same bytes."""
    return json.dumps(
        plan_to_mapping(plan), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def plan_digest(plan: SitePlan) -> str:
    """SHA-256 of the canonical JSON, hexadecimal."""
    return hashlib.sha256(plan_to_json(plan)).hexdigest()


class _Names:
    """The ids a plan defines, to check references against."""

    def __init__(self, plan: SitePlan, faults: Faults) -> None:
        self._faults = faults
        self.areas = self._unique("areas", [area.area_id for area in plan.areas])
        self.points = self._unique("access_points", [point.access_point_id for point in plan.access_points])
        self.doors = self._unique("doors", [door.door_id for door in plan.doors])
        self.schedules = self._unique("schedules", [schedule.schedule_id for schedule in plan.schedules])
        self.levels = self._unique("access_levels", [level.level_id for level in plan.access_levels])
        self.sources = self._unique("sources", [source.source_id for source in plan.sources])

    def _unique(self, path: str, ids: list[str]) -> frozenset[str]:
        seen: set[str] = set()
        for place, name in enumerate(ids):
            if not name or name in seen:
                self._faults.add(f"{path}[{place}].id", "唯一且非空的标识", "an id that is unique and not empty")
            seen.add(name)
        return frozenset(seen)

    def refer(
        self, path: str, name: str, known: frozenset[str], words: tuple[str, str], *, empty: bool = False
    ) -> None:
        """Note a fault unless `name` is known (or empty where that is allowed)."""
        if name not in known and not (empty and not name):
            self._faults.add(path, f"已定义的{words[0]}", f"{words[1]} that is defined")


_AREA = ("区域", "an area")
_POINT = ("通行点", "an access point")
_SCHEDULE = ("时间表", "a schedule")
_LEVEL = ("通行级别", "an access level")
_DOOR = ("门", "a door")


def _check(plan: SitePlan, faults: Faults) -> None:
    names = _Names(plan, faults)
    _check_areas(plan, names, faults)
    _check_points(plan, names, faults)
    _check_levels(plan, names)
    _check_closures("closures", plan.closures, names)
    check_sources(plan.sources, faults)
    check_parking(plan.parking, "parking", faults)
    _check_parking("parking", plan.parking, names)
    for place, day in enumerate(plan.holidays):
        if epoch_day(day.date) is None:
            faults.add(f"holidays[{place}].date", "形如 2026-10-01 的日期", "a date such as 2026-10-01")
    for place, policy in enumerate(plan.policies):
        _check_policy(policy, f"policies[{place}]", plan, names, faults)


def _check_areas(plan: SitePlan, names: _Names, faults: Faults) -> None:
    for place, area in enumerate(plan.areas):
        if area.area_id.startswith(VEHICLES):
            faults.add(
                f"areas[{place}].id", f"不以 {VEHICLES} 开头的标识", f"an id that does not begin with {VEHICLES}"
            )
        names.refer(f"areas[{place}].parent", area.parent_id, names.areas, _AREA, empty=True)
        if area.anti_passback is AntiPassbackMode.TIMED and not area.timeout_ms:
            faults.add(f"areas[{place}].timeout", "TIMED 需要的时长", "the duration TIMED needs")
        if len(set(plan.index.area_path(area.area_id))) < len(plan.index.area_path(area.area_id)):
            faults.add(f"areas[{place}].parent", "不构成环的上级区域", "a parent that does not close a circle")


def _check_points(plan: SitePlan, names: _Names, faults: Faults) -> None:
    for place, point in enumerate(plan.access_points):
        at = f"access_points[{place}]"
        names.refer(f"{at}.from_area", point.from_area_id, names.areas, _AREA)
        names.refer(f"{at}.to_area", point.to_area_id, names.areas, _AREA)
        names.refer(f"{at}.schedule", point.schedule_id, names.schedules, _SCHEDULE, empty=True)
        names.refer(f"{at}.redirect", point.redirect_id, names.points, _POINT, empty=True)
        for name in point.redirect_ids:
            names.refer(f"{at}.redirects", name, names.points, _POINT)
        names.refer(f"{at}.door", point.door_id, names.doors, _DOOR, empty=True)
        if point.escape and point.direction is Direction.ENTRY:
            faults.add(f"{at}.escape", "ENTRY 方向不可为 true", "false where the direction is ENTRY")


def _check_levels(plan: SitePlan, names: _Names) -> None:
    for place, level in enumerate(plan.access_levels):
        for row, entry in enumerate(level.entries):
            at = f"access_levels[{place}].entries[{row}]"
            names.refer(f"{at}.access_point", entry.access_point_id, names.points, _POINT)
            names.refer(f"{at}.schedule", entry.schedule_id, names.schedules, _SCHEDULE, empty=True)
    for place, assignment in enumerate(plan.group_assignments):
        names.refer(f"group_assignments[{place}].level", assignment.level_id, names.levels, _LEVEL)


def _check_closures(path: str, closures: Iterable[Closure], names: _Names) -> None:
    for place, closure in enumerate(closures):
        names.refer(f"{path}[{place}].access_point", closure.access_point_id, names.points, _POINT)
        names.refer(f"{path}[{place}].redirect", closure.redirect_id, names.points, _POINT, empty=True)


def _check_parking(path: str, parking: Iterable[Parking], names: _Names) -> None:
    for place, one in enumerate(parking):
        names.refer(f"{path}[{place}].area", one.area_id, names.areas, _AREA)
        for name in one.redirect_ids:
            names.refer(f"{path}[{place}].redirects", name, names.points, _POINT)


def _check_policy(policy: Policy, at: str, plan: SitePlan, names: _Names, faults: Faults) -> None:
    check_policy(policy, at, faults)
    if policy.site != plan.site:
        faults.add(f"{at}.site", f"本站点 {plan.site}", f"this site, {plan.site}")
    _check_closures(f"{at}.closures", policy.closures, names)
    _check_parking(f"{at}.parking", policy.parking, names)
    for place, hours in enumerate(policy.hours):
        names.refer(f"{at}.hours[{place}].access_point", hours.access_point_id, names.points, _POINT)
        names.refer(f"{at}.hours[{place}].schedule", hours.schedule_id, names.schedules, _SCHEDULE)
    for place, rule in enumerate(policy.areas):
        names.refer(f"{at}.areas[{place}].area", rule.area_id, names.areas, _AREA)
    for place, unlocked in enumerate(policy.unlocked):
        names.refer(f"{at}.unlocked[{place}].schedule", unlocked.schedule_id, names.schedules, _SCHEDULE)
        for name in sorted(unlocked.access_point_ids):
            names.refer(f"{at}.unlocked[{place}].access_points", name, names.points, _POINT)
    for place, point in enumerate(policy.points):
        for name in sorted(point.access_point_ids):
            names.refer(f"{at}.points[{place}].access_points", name, names.points, _POINT)
    _check_clauses(policy, at, names)


def _check_clauses(policy: Policy, at: str, names: _Names) -> None:
    parts = {
        "requirements": [requirement.where for requirement in policy.requirements],
        "reminders": [reminder.where for reminder in policy.reminders],
        "fees": [fee.where for fee in policy.fees],
        "vehicles.drivers": [check.where for check in policy.vehicles.drivers],
        "threats": [threat.where for threat in policy.threats],
    }
    for part, wheres in parts.items():
        for name in sorted({name for where in wheres for name in where.access_point_ids}):
            names.refer(f"{at}.{part}", name, names.points, _POINT)
        for name in sorted({name for where in wheres for name in where.area_ids}):
            names.refer(f"{at}.{part}", name, names.areas, _AREA)
    for name in sorted({name for requirement in policy.requirements for name in requirement.redirect_ids}):
        names.refer(f"{at}.requirements", name, names.points, _POINT)
