"""Access points nobody passes, areas nobody enters, and the ones people are sent to in their place."""

from collections.abc import Iterator

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.analysis.times import check_closure, cover, ever_opens, overlap
from menshen_rulebook.clauses import Closure
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.points import admission_of, leads_out
from menshen_rulebook.policy import Policy
from menshen_rulebook.vocabulary import AntiPassbackMode


class Passing:
    """One policy at one site: which of its access points are passed. `prefix` stands before the policy's paths."""

    def __init__(self, plan: SitePlan, policy: Policy, prefix: str, found: Findings) -> None:
        self._plan = plan
        self._policy = policy
        self._prefix = prefix
        self._found = found
        self._points = {point.access_point_id: point for point in plan.access_points}
        self._open = {schedule.schedule_id: ever_opens(schedule, plan) for schedule in plan.schedules}
        self._hours = {hours.access_point_id: hours.schedule_id for hours in reversed(policy.hours)}
        self._with_level = {
            entry.access_point_id
            for level in plan.access_levels
            for entry in level.entries
            if self._is_open(entry.schedule_id)
        }

    def check(self) -> None:
        """Note what nobody passes or enters, and redirects that do not help."""
        unpassed = {point.access_point_id for point in self._plan.access_points if self._is_unpassed(point)}
        entries: dict[str, set[str]] = {}
        for point in self._plan.access_points:
            if not leads_out(point) and point.from_area_id != point.to_area_id:
                entries.setdefault(point.to_area_id, set()).add(point.access_point_id)
        for area_id, ids in entries.items():
            if ids <= unpassed:
                self._found.add("AREA_NOBODY_ENTERS", self._prefix.rstrip("."), area=area_id)
        for path, closure in self._closures():
            self._check_redirect(path, closure)
        self._check_areas()

    def _is_open(self, schedule_id: str) -> bool:
        return not schedule_id or self._open.get(schedule_id, False)

    def _schedule(self, point: AccessPoint) -> str:
        return self._hours.get(point.access_point_id, point.schedule_id)

    def _closures(self) -> Iterator[tuple[str, Closure]]:
        for place, closure in enumerate(self._policy.closures):
            yield f"{self._prefix}closures[{place}]", closure
        for place, closure in enumerate(self._plan.closures):
            yield f"closures[{place}]", closure

    def _is_unpassed(self, point: AccessPoint) -> bool:
        """Whether nobody enters by this access point; noted with the reason. Ways out are always passed."""
        if leads_out(point):
            return False
        policy, name, path = self._policy, point.access_point_id, self._prefix.rstrip(".")
        admission = admission_of(policy, point.access_point_class)
        closures = [closure for _, closure in self._closures() if closure.access_point_id == name]
        if cover(closures, policy.from_ms, policy.to_ms):
            self._found.add("POINT_ALWAYS_CLOSED", path, point=name)
        elif not self._is_open(self._schedule(point)) and "access_point_hours" not in policy.lists.white_waives:
            self._found.add("POINT_NEVER_OPEN", path, point=name, schedule=self._schedule(point))
        elif not admission.people and not admission.vehicles:
            word = point.access_point_class.name
            self._found.add("POINT_ADMITS_NOBODY", path, point=name, access_point_class=word)
        else:
            if not admission.vehicles and name not in self._with_level:
                self._found.add("POINT_WITHOUT_LEVEL", self._point_path(point), point=name)
            return False
        return True

    def _point_path(self, point: AccessPoint) -> str:
        return f"access_points[{self._plan.access_points.index(point)}]"

    def _check_redirect(self, path: str, closure: Closure) -> None:
        policy, point = self._policy, self._points.get(closure.access_point_id)
        if point is None or not overlap(closure, policy.from_ms, policy.to_ms):
            return
        ids = (closure.redirect_id, point.redirect_id, *point.redirect_ids)
        targets = [self._points[name] for name in ids if name in self._points]
        if not targets:
            return
        target = targets[0]
        path, name = f"{path}.redirect" if closure.redirect_id else path, target.access_point_id
        from_ms, to_ms = max(closure.from_ms, policy.from_ms), min(closure.to_ms, policy.to_ms)
        if not any(self._is_open_over(other, from_ms, to_ms) for other in targets):
            self._found.add("REDIRECT_CLOSED", path, redirect=name)
        if leads_out(target) and not leads_out(point):
            self._found.add("REDIRECT_WRONG_WAY", path, redirect=name, point=point.access_point_id)
        own, other_class = point.access_point_class, target.access_point_class
        if closure.redirect_id and own is not other_class:
            words = {"own": own.name, "other": other_class.name, "point": point.access_point_id}
            self._found.add("REDIRECT_OTHER_CLASS", path, redirect=name, **words)

    def _is_open_over(self, point: AccessPoint, from_ms: int, to_ms: int) -> bool:
        """Whether no closure of it overlaps this time, and its hours open it at all."""
        closures = [closure for _, closure in self._closures() if closure.access_point_id == point.access_point_id]
        is_closed = any(overlap(closure, from_ms, to_ms) for closure in closures)
        return not is_closed and self._is_open(self._schedule(point))

    def _check_areas(self) -> None:
        areas = {area.area_id: area for area in self._plan.areas}
        for place, rule in enumerate(self._policy.areas):
            area, path = areas.get(rule.area_id), f"{self._prefix}areas[{place}]"
            mode = rule.anti_passback or (area.anti_passback if area else AntiPassbackMode.NONE)
            timeout_ms = rule.timeout_ms if rule.timeout_ms is not None or area is None else area.timeout_ms
            check_terms(rule.area_id, mode, timeout_ms, rule.limit, path, self._found)


def check_plan_terms(plan: SitePlan, found: Findings) -> None:
    """Note what the plan itself sets in vain: terms of its areas, closures without a time."""
    for place, area in enumerate(plan.areas):
        check_terms(area.area_id, area.anti_passback, area.timeout_ms, area.limit, f"areas[{place}]", found)
    for place, closure in enumerate(plan.closures):
        check_closure(closure, f"closures[{place}]", found)


def check_terms(
    area_id: str, mode: AntiPassbackMode, timeout_ms: int | None, limit: int | None, path: str, found: Findings
) -> None:
    """Note terms of an area that admit nobody, or that never end."""
    if mode is AntiPassbackMode.TIMED and not timeout_ms:
        found.add("TIMED_WITHOUT_TIMEOUT", path, area=area_id)
    if limit == 0:
        found.add("AREA_LIMIT_ZERO", path, area=area_id)
