"""Access points joined with the policy in force, made once per plan so that a decision only looks up."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from menshen_rulebook.clauses import (
    Admission,
    AreaRule,
    Closure,
    DriverCheck,
    Fee,
    Parking,
    PointRule,
    Reminder,
    Requirement,
    Threat,
    Where,
)
from menshen_rulebook.decision import NowWithin, PlanIs, RaiseAlarm
from menshen_rulebook.places import counter
from menshen_rulebook.policy import LANGUAGE, Policy
from menshen_rulebook.presentation import ThreatLevel
from menshen_rulebook.schedule import OpenTimes, Schedule, epoch_day, local_text
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    AlarmKind,
    AntiPassbackMode,
    Direction,
    HoldScope,
    LeaveMode,
    SubjectKind,
)

if TYPE_CHECKING:
    from menshen_rulebook.plan import AccessPoint, Area, SitePlan

OPENING: Final = "opened:"
"""How the id of an opening begins; see `Point.opening_id`."""

_REPEAT_WITHIN_MS: Final = 5_000
VEHICLE_CLASSES: Final = frozenset({AccessPointClass.NON_MOTOR, AccessPointClass.MOTOR, AccessPointClass.GOODS})
"""The classes built for vehicles; every other one is walked through, one not described too."""


@dataclass(frozen=True, slots=True)
class AreaTerms:
    """The terms of an area under a policy; `within` holds its own id and those of the areas inside it."""

    area_id: str
    within: frozenset[str]
    mode: AntiPassbackMode
    timeout_ms: int | None
    limit: int | None
    exempt_categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class ParkingTerms:
    """Places for vehicles in an area that is entered; `counter` is what is limited."""

    parking: Parking
    counter: str


@dataclass(frozen=True, slots=True)
class GroupTerm:
    """A group's right to this access point by a level, in [from_ms, to_ms); None: at all times."""

    from_ms: int
    to_ms: int
    times: OpenTimes | None
    level_id: str


@dataclass(frozen=True, slots=True)
class UnlockTerm:
    """When the policy lets the door of this access point stand unlocked."""

    times: OpenTimes
    after_first_person: bool


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One access point under one policy. `policy_in_force` is False where none was: `policy` then holds defaults.

    `heeds_circumstances` says that threat levels or stale sources may bear on the answer where holds do not.
    `sharing_door` are the access points of its door, its own among them: what secures one of them secures all, so
    `hold_targets` names each of them.
    """

    access_point: "AccessPoint"
    site: str
    utc_offset_minutes: int
    policy: Policy
    policy_in_force: bool
    plan_version: int
    plan_is: PlanIs
    now_within: NowWithin
    leads_out: bool
    is_pedestrian: bool
    from_path: tuple[str, ...]
    to_path: tuple[str, ...]
    sharing_door: frozenset[str]
    hold_targets: frozenset[tuple[HoldScope, str]]
    hours: OpenTimes | None
    closures: tuple[Closure, ...]
    redirect_ids: tuple[str, ...]
    neighbours: "dict[str, Point]"
    levels: dict[str, tuple[OpenTimes | None, ...]]
    group_terms: dict[str, tuple[GroupTerm, ...]]
    requirements: tuple[Requirement, ...]
    reminders: tuple[Reminder, ...]
    fees: tuple[Fee, ...]
    threats: tuple[Threat, ...]
    heeds_circumstances: bool
    drivers: tuple[DriverCheck, ...]
    parking: tuple[ParkingTerms, ...]
    admission: Admission
    entered: AreaTerms
    left: AreaTerms
    limits: tuple[AreaTerms, ...]
    again: PointRule | None
    unlock_terms: tuple[UnlockTerm, ...]
    exit_alert: RaiseAlarm

    @property
    def repeat_within_ms(self) -> int:
        """How long the same identifiers are the same presentation here; 0: never."""
        if self.leads_out:
            return 0
        within_ms = self.access_point.repeat_within_ms
        return (_REPEAT_WITHIN_MS if self.is_pedestrian else 0) if within_ms is None else within_ms

    def threat_level(self, levels: Iterable[ThreatLevel]) -> int:
        """The highest level that covers this access point: the site's, or one of an area that it leads into.

        As with a hold, the level of an area does not cover those who leave it for an area that is not inside it.
        """
        targets = self.hold_targets
        return max(
            [one.level for one in levels if not one.area_id or (HoldScope.AREA, one.area_id) in targets], default=0
        )

    def threats_at(self, levels: Iterable[ThreatLevel]) -> tuple[Threat, ...]:
        """The threat clauses that hold at this entry under these levels; none on a way out."""
        if not self.threats or self.leads_out:
            return ()
        level = self.threat_level(levels)
        return tuple(threat for threat in self.threats if threat.where.threat_level <= level)

    def opening_id(self, now_ms: int) -> str:
        """What names the opening of this access point by its first person, on the local day of `now_ms`."""
        day = local_text(now_ms, self.utc_offset_minutes)[:10]
        return f"{OPENING}{self.access_point.access_point_id}:{day}"

    def is_open(self, now_ms: int) -> bool:
        """Whether neither a closure nor the hours close it at this instant."""
        closed = any(closure.from_ms <= now_ms < closure.to_ms for closure in self.closures)
        return not closed and (self.hours is None or self.hours.is_open(now_ms))

    def admits(self, subjects: tuple[Subject, ...]) -> bool:
        """Whether its class is for these: every vehicle of them, or people where there is none."""
        vehicles = [subject for subject in subjects if subject.kind is SubjectKind.VEHICLE]
        if not vehicles:
            return self.admission.people
        admitted = self.admission.vehicles
        return all(one.vehicle is not None and one.vehicle.vehicle_class in admitted for one in vehicles)

    def open_boundaries(self, from_ms: int, to_ms: int) -> list[int]:
        """The instants in [from_ms, to_ms) at which it may open or close, and those of its closures."""
        found = [at for closure in self.closures for at in (closure.from_ms, closure.to_ms)]
        return found if self.hours is None else found + self.hours.boundaries(from_ms, to_ms)


@dataclass(frozen=True, slots=True)
class _Reign:
    """What the points of one span share, by access point or area, so that a point only looks up."""

    policy: Policy
    in_force: bool
    now_within: NowWithin
    hours: dict[str, str]
    closures: dict[str, tuple[Closure, ...]]
    terms: dict[str, AreaTerms]
    clauses: tuple[tuple[Requirement, ...], tuple[Reminder, ...], tuple[Fee, ...]]
    parking: dict[str, Parking]


class PlanIndex:
    """Finds the point for an access point and an instant. Making one takes a time that grows with the plan alone."""

    __slots__ = (
        "_areas",
        "_group_terms",
        "_levels",
        "_never",
        "_paths",
        "_plan",
        "_points",
        "_policies",
        "_sharing",
        "_starts",
        "_times",
        "_within",
    )

    def __init__(self, plan: "SitePlan") -> None:
        self._plan = plan
        self._areas: dict[str, Area] = {area.area_id: area for area in plan.areas}
        calendar = {day: mark.kind for mark in plan.holidays if (day := epoch_day(mark.date)) is not None}
        self._times = {s.schedule_id: OpenTimes(s, calendar, plan.utc_offset_minutes) for s in plan.schedules}
        self._never = OpenTimes(Schedule(""), {}, 0)
        self._paths: dict[str, tuple[str, ...]] = {}
        self._paths = {area_id: self.area_path(area_id) for area_id in self._areas}
        self._within = self._areas_within()
        self._sharing = _by_door(plan.access_points)
        self._levels = self._levels_by_point()
        self._group_terms = self._group_terms_by_point()
        self._starts, self._policies = _spans(plan.policies)
        self._points: list[dict[str, Point]] = [{} for _ in self._starts]
        for span, points in enumerate(self._points):
            reign = self._reign(span)
            for access_point in plan.access_points:
                points[access_point.access_point_id] = self._build(access_point, reign, points)

    def point(self, access_point_id: str, now_ms: int) -> Point | None:
        """The access point under the policy in force at `now_ms`; None for a foreign id."""
        return self._points[max(bisect_right(self._starts, now_ms) - 1, 0)].get(access_point_id)

    def policy_at(self, now_ms: int) -> Policy | None:
        """The policy in force at `now_ms`."""
        return self._policies[max(bisect_right(self._starts, now_ms) - 1, 0)]

    def area_path(self, area_id: str) -> tuple[str, ...]:
        """The area and the areas around it, innermost first; a circle of parents ends where it closes."""
        if area_id in self._paths:
            return self._paths[area_id]
        path = [area_id]
        while (area := self._areas.get(path[-1])) is not None and area.parent_id:
            path.append(area.parent_id)
            if area.parent_id in path[:-1]:
                break
        return tuple(path)

    def policy_boundaries(self) -> list[int]:
        """The instants at which another policy, or none, comes into force."""
        return self._starts[1:]

    def _reign(self, span: int) -> _Reign:
        in_force = self._policies[span]
        policy = in_force or Policy(0, LANGUAGE, self._plan.site, 0)
        ends = self._starts[span + 1] if span + 1 < len(self._starts) else FOREVER_MS
        rules = {rule.area_id: rule for rule in policy.areas}
        crossed = {area for p in self._plan.access_points for area in (p.from_area_id, p.to_area_id)}
        hours: dict[str, str] = {}
        for own in policy.hours:
            hours.setdefault(own.access_point_id, own.schedule_id)
        closures: dict[str, list[Closure]] = {}
        for closure in (*policy.closures, *self._plan.closures):
            closures.setdefault(closure.access_point_id, []).append(closure)
        return _Reign(
            policy,
            in_force is not None,
            NowWithin(self._starts[span], ends),
            hours,
            {name: tuple(found) for name, found in closures.items()},
            {area_id: self._terms(area_id, rules) for area in crossed for area_id in self.area_path(area)},
            policy.clauses_awake,
            # A policy's own form of a parking takes the place of the plan's of the same id.
            {one.parking_id: one for one in (*self._plan.parking, *policy.parking)},
        )

    def _build(self, access_point: "AccessPoint", reign: _Reign, neighbours: dict[str, Point]) -> Point:
        plan, policy, name = self._plan, reign.policy, access_point.access_point_id
        from_path, to_path = self.area_path(access_point.from_area_id), self.area_path(access_point.to_area_id)
        entered = [reign.terms[area_id] for area_id in to_path if area_id not in from_path]
        sharing = self._sharing.get(access_point.door_id, frozenset()) | {name}
        requirements, reminders, fees = reign.clauses
        requirements = tuple(r for r in requirements if applies(r.where, access_point, to_path))
        reminders = tuple(r for r in reminders if applies(r.where, access_point, to_path))
        fees = tuple(fee for fee in fees if applies(fee.where, access_point, to_path))
        drivers = tuple(check for check in policy.vehicles.drivers if applies(check.where, access_point, to_path))
        return Point(
            access_point=access_point,
            site=plan.site,
            utc_offset_minutes=plan.utc_offset_minutes,
            policy=policy,
            policy_in_force=reign.in_force,
            plan_version=plan.version,
            plan_is=PlanIs(plan.version),
            now_within=reign.now_within,
            leads_out=leads_out(access_point),
            is_pedestrian=access_point.access_point_class not in VEHICLE_CLASSES,
            from_path=from_path,
            to_path=to_path,
            sharing_door=sharing,
            hold_targets=_hold_targets(plan.site, sharing, to_path),
            hours=self._open_times(reign.hours.get(name, access_point.schedule_id)),
            closures=reign.closures.get(name, ()),
            redirect_ids=(access_point.redirect_id, *access_point.redirect_ids),
            neighbours=neighbours,
            levels=self._levels.get(name, {}),
            group_terms=self._group_terms.get(name, {}),
            requirements=requirements,
            reminders=reminders,
            fees=fees,
            threats=tuple(threat for threat in policy.threats if applies(threat.where, access_point, to_path)),
            heeds_circumstances=_heeds_circumstances(policy, (*requirements, *reminders, *fees))
            or any(check.where.threat_level for check in drivers),
            drivers=drivers,
            parking=self._parking(reign.parking, entered),
            admission=admission_of(policy, access_point.access_point_class),
            entered=reign.terms[access_point.to_area_id],
            left=reign.terms[access_point.from_area_id],
            again=next((rule for rule in policy.points if name in rule.access_point_ids), None),
            limits=tuple(terms for terms in entered if terms.limit is not None),
            unlock_terms=tuple(
                UnlockTerm(self._times.get(unlocked.schedule_id, self._never), unlocked.after_first_person)
                for unlocked in policy.unlocked
                if name in unlocked.access_point_ids
            ),
            exit_alert=RaiseAlarm(AlarmKind.EXIT_ALERT, private=False),
        )

    def _open_times(self, schedule_id: str) -> OpenTimes | None:
        # A schedule nobody defined is never open; none at all is always open.
        return self._times.get(schedule_id, self._never) if schedule_id else None

    def _terms(self, area_id: str, rules: dict[str, AreaRule]) -> AreaTerms:
        area, rule = self._areas.get(area_id), rules.get(area_id)
        mode = area.anti_passback if area else AntiPassbackMode.NONE
        timeout_ms = area.timeout_ms if area else None
        limit = area.limit if area else None
        exempt = area.exempt_categories if area else frozenset()
        if rule is not None:
            mode = rule.anti_passback or mode
            timeout_ms = timeout_ms if rule.timeout_ms is None else rule.timeout_ms
            limit = limit if rule.limit is None else rule.limit
            exempt |= rule.exempt_categories
        within = self._within.get(area_id, frozenset((area_id,)))
        return AreaTerms(area_id, within, AntiPassbackMode(mode), timeout_ms, limit, exempt)

    def _areas_within(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for inner, path in self._paths.items():
            for area_id in path:
                found.setdefault(area_id, {area_id}).add(inner)
        return {area_id: frozenset(inside) for area_id, inside in found.items()}

    def _parking(self, known: dict[str, Parking], entered: list[AreaTerms]) -> tuple[ParkingTerms, ...]:
        areas = {terms.area_id for terms in entered}
        return tuple(
            ParkingTerms(one, counter(one.area_id, one.vehicle_class)) for one in known.values() if one.area_id in areas
        )

    def _levels_by_point(self) -> dict[str, dict[str, tuple[OpenTimes | None, ...]]]:
        found: dict[str, dict[str, tuple[OpenTimes | None, ...]]] = {}
        for level in self._plan.access_levels:
            times: dict[str, list[OpenTimes | None]] = {}
            for entry in level.entries:
                times.setdefault(entry.access_point_id, []).append(self._open_times(entry.schedule_id))
            for name, own in times.items():
                found.setdefault(name, {})[level.level_id] = tuple(own)
        return found

    def _group_terms_by_point(self) -> dict[str, dict[str, tuple[GroupTerm, ...]]]:
        reached: dict[str, list[str]] = {}
        for name, levels in self._levels.items():
            for level_id in levels:
                reached.setdefault(level_id, []).append(name)
        found: dict[str, dict[str, tuple[GroupTerm, ...]]] = {}
        for given in self._plan.group_assignments:
            for name in reached.get(given.level_id, ()):
                own, times = found.setdefault(name, {}), self._levels[name][given.level_id]
                terms = tuple(GroupTerm(given.from_ms, given.to_ms, one, given.level_id) for one in times)
                own[given.group] = own.get(given.group, ()) + terms
        return found


def _spans(policies: Iterable[Policy]) -> tuple[list[int], list[Policy | None]]:
    """All time cut where another policy, or none, comes into force: starts ascending from 0, and who holds."""
    ordered = sorted(policies, key=lambda policy: (policy.from_ms, policy.version))
    cuts = sorted({0, *(p.from_ms for p in ordered), *(p.to_ms for p in ordered if p.to_ms < FOREVER_MS)})
    starts: list[int] = []
    holders: list[Policy | None] = []
    for cut in cuts:
        holder = next((p for p in reversed(ordered) if p.from_ms <= cut < p.to_ms), None)
        if not starts or holder is not holders[-1]:
            starts.append(cut)
            holders.append(holder)
    return starts, holders


def leads_out(access_point: "AccessPoint") -> bool:
    """Whether this is a way out, where the clamp speaks: an EXIT, or an INNER access point marked as escape."""
    direction = access_point.direction
    return direction is Direction.EXIT or (access_point.escape and direction is Direction.INNER)


def _by_door(access_points: "Iterable[AccessPoint]") -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for access_point in access_points:
        if access_point.door_id:
            found.setdefault(access_point.door_id, set()).add(access_point.access_point_id)
    return {door_id: frozenset(names) for door_id, names in found.items()}


def _hold_targets(
    site: str, sharing_door: frozenset[str], to_path: tuple[str, ...]
) -> frozenset[tuple[HoldScope, str]]:
    areas = {(HoldScope.AREA, area_id) for area_id in to_path}
    points = {(HoldScope.ACCESS_POINT, name) for name in sharing_door}
    return frozenset({(HoldScope.SITE, site)} | points | areas)


def _heeds_circumstances(policy: Policy, clauses: Iterable[Requirement | Reminder | Fee]) -> bool:
    # Every test on a fact may find its source stale.
    return policy.leave.mode is LeaveMode.CLOSED or any(
        isinstance(clause, Requirement) or clause.only_if or clause.where.threat_level for clause in clauses
    )


def applies(where: Where, access_point: "AccessPoint", to_path: tuple[str, ...]) -> bool:
    """Whether a clause speaks of this access point; `to_path` is the area it leads into and those around it."""
    return (
        (not where.access_point_ids or access_point.access_point_id in where.access_point_ids)
        and (not where.classes or access_point.access_point_class in where.classes)
        and (not where.directions or access_point.direction in where.directions)
        and (not where.area_ids or not where.area_ids.isdisjoint(to_path))
    )


def admission_of(policy: Policy, access_point_class: AccessPointClass) -> Admission:
    """What a class of access points admits under a policy; a class it does not name admits nobody."""
    for admission in policy.admissions:
        if admission.access_point_class is access_point_class:
            return admission
    return Admission(access_point_class)
