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
    Reminder,
    Requirement,
    Where,
)
from menshen_rulebook.decision import NowWithin, PlanIs, RaiseAlarm
from menshen_rulebook.places import counter
from menshen_rulebook.policy import LANGUAGE, Policy
from menshen_rulebook.schedule import OpenTimes, Schedule, epoch_day, local_text
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    AlarmKind,
    AntiPassbackMode,
    Direction,
    HoldScope,
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
    """Places for vehicles in an area that is entered; `within` as for AreaTerms, `counter` is what is limited."""

    parking: Parking
    within: frozenset[str]
    counter: str


@dataclass(frozen=True, slots=True)
class GroupTerm:
    """A group's right to this access point, in [from_ms, to_ms); None: at all times."""

    from_ms: int
    to_ms: int
    times: OpenTimes | None


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One access point under one policy. `policy_in_force` is False where none was: `policy` then holds defaults."""

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
    drivers: tuple[DriverCheck, ...]
    parking: tuple[ParkingTerms, ...]
    admission: Admission
    entered: AreaTerms
    left: AreaTerms
    limits: tuple[AreaTerms, ...]
    exit_alert: RaiseAlarm

    @property
    def repeat_within_ms(self) -> int:
        """How long the same identifiers are the same presentation here; 0: never."""
        if self.leads_out:
            return 0
        within_ms = self.access_point.repeat_within_ms
        return (_REPEAT_WITHIN_MS if self.is_pedestrian else 0) if within_ms is None else within_ms

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


class PlanIndex:
    """Finds the point for an access point and an instant."""

    __slots__ = ("_areas", "_never", "_plan", "_points", "_policies", "_starts", "_times")

    def __init__(self, plan: "SitePlan") -> None:
        self._plan = plan
        self._areas: dict[str, Area] = {area.area_id: area for area in plan.areas}
        calendar = {day: mark.kind for mark in plan.holidays if (day := epoch_day(mark.date)) is not None}
        self._times = {s.schedule_id: OpenTimes(s, calendar, plan.utc_offset_minutes) for s in plan.schedules}
        self._never = OpenTimes(Schedule(""), {}, 0)
        self._starts, self._policies = _spans(plan.policies)
        self._points: list[dict[str, Point]] = [{} for _ in self._starts]
        for span, points in enumerate(self._points):
            for access_point in plan.access_points:
                points[access_point.access_point_id] = self._build(access_point, span, points)

    def point(self, access_point_id: str, now_ms: int) -> Point | None:
        """The access point under the policy in force at `now_ms`; None for a foreign id."""
        return self._points[max(bisect_right(self._starts, now_ms) - 1, 0)].get(access_point_id)

    def policy_at(self, now_ms: int) -> Policy | None:
        """The policy in force at `now_ms`."""
        return self._policies[max(bisect_right(self._starts, now_ms) - 1, 0)]

    def area_path(self, area_id: str) -> tuple[str, ...]:
        """The area and the areas around it, innermost first; a circle of parents ends where it closes."""
        path = [area_id]
        while (area := self._areas.get(path[-1])) is not None and area.parent_id:
            path.append(area.parent_id)
            if area.parent_id in path[:-1]:
                break
        return tuple(path)

    def policy_boundaries(self) -> list[int]:
        """The instants at which another policy, or none, comes into force."""
        return self._starts[1:]

    def _build(self, access_point: "AccessPoint", span: int, neighbours: dict[str, Point]) -> Point:
        plan, name = self._plan, access_point.access_point_id
        in_force = self._policies[span]
        policy = in_force or Policy(0, LANGUAGE, plan.site, 0)
        ends = self._starts[span + 1] if span + 1 < len(self._starts) else FOREVER_MS
        from_path, to_path = self.area_path(access_point.from_area_id), self.area_path(access_point.to_area_id)
        rules = {rule.area_id: rule for rule in policy.areas}
        entered = [self._terms(area_id, rules) for area_id in to_path if area_id not in from_path]
        schedule_id = next((h.schedule_id for h in policy.hours if h.access_point_id == name), access_point.schedule_id)
        return Point(
            access_point=access_point,
            site=plan.site,
            utc_offset_minutes=plan.utc_offset_minutes,
            policy=policy,
            policy_in_force=in_force is not None,
            plan_version=plan.version,
            plan_is=PlanIs(plan.version),
            now_within=NowWithin(self._starts[span], ends),
            leads_out=leads_out(access_point),
            is_pedestrian=access_point.access_point_class not in VEHICLE_CLASSES,
            from_path=from_path,
            to_path=to_path,
            hold_targets=_hold_targets(plan.site, name, to_path),
            hours=self._open_times(schedule_id),
            closures=tuple(c for c in (*policy.closures, *plan.closures) if c.access_point_id == name),
            redirect_ids=(access_point.redirect_id, *access_point.redirect_ids),
            neighbours=neighbours,
            levels=self._levels(name),
            group_terms=self._group_terms(name),
            requirements=tuple(r for r in policy.requirements if applies(r.where, access_point)),
            reminders=tuple(r for r in policy.reminders if applies(r.where, access_point)),
            fees=tuple(fee for fee in policy.fees if applies(fee.where, access_point)),
            drivers=tuple(check for check in policy.vehicles.drivers if applies(check.where, access_point)),
            parking=self._parking(policy, [terms.area_id for terms in entered]),
            admission=admission_of(policy, access_point.access_point_class),
            entered=self._terms(access_point.to_area_id, rules),
            left=self._terms(access_point.from_area_id, rules),
            limits=tuple(terms for terms in entered if terms.limit is not None),
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
        return AreaTerms(area_id, self._within(area_id), AntiPassbackMode(mode), timeout_ms, limit, exempt)

    def _parking(self, policy: Policy, entered: list[str]) -> tuple[ParkingTerms, ...]:
        """The plan's, each in the policy's form where it has one of the same id, and the policy's own."""
        known = {one.parking_id: one for one in (*self._plan.parking, *policy.parking)}
        return tuple(
            ParkingTerms(one, self._within(one.area_id), counter(one.area_id, one.vehicle_class))
            for one in known.values()
            if one.area_id in entered
        )

    def _within(self, area_id: str) -> frozenset[str]:
        return frozenset({area_id} | {inner for inner in self._areas if area_id in self.area_path(inner)})

    def _levels(self, access_point_id: str) -> dict[str, tuple[OpenTimes | None, ...]]:
        found: dict[str, tuple[OpenTimes | None, ...]] = {}
        for level in self._plan.access_levels:
            entries = [entry for entry in level.entries if entry.access_point_id == access_point_id]
            if entries:
                found[level.level_id] = tuple(self._open_times(entry.schedule_id) for entry in entries)
        return found

    def _group_terms(self, access_point_id: str) -> dict[str, tuple[GroupTerm, ...]]:
        levels = self._levels(access_point_id)
        found: dict[str, tuple[GroupTerm, ...]] = {}
        for assignment in self._plan.group_assignments:
            terms = tuple(
                GroupTerm(assignment.from_ms, assignment.to_ms, times) for times in levels.get(assignment.level_id, ())
            )
            if terms:
                found[assignment.group] = found.get(assignment.group, ()) + terms
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


def _hold_targets(site: str, access_point_id: str, to_path: tuple[str, ...]) -> frozenset[tuple[HoldScope, str]]:
    areas = {(HoldScope.AREA, area_id) for area_id in to_path}
    return frozenset({(HoldScope.SITE, site), (HoldScope.ACCESS_POINT, access_point_id)} | areas)


def applies(where: Where, access_point: "AccessPoint") -> bool:
    """Whether a clause speaks of this access point."""
    return (
        (not where.access_point_ids or access_point.access_point_id in where.access_point_ids)
        and (not where.classes or access_point.access_point_class in where.classes)
        and (not where.directions or access_point.direction in where.directions)
    )


def admission_of(policy: Policy, access_point_class: AccessPointClass) -> Admission:
    """What a class of access points admits under a policy; a class it does not name admits nobody."""
    for admission in policy.admissions:
        if admission.access_point_class is access_point_class:
            return admission
    return Admission(access_point_class)
