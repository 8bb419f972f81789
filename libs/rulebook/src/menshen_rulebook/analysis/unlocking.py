"""Doors that a policy would unlock in vain, or may not unlock at all."""

from collections.abc import Iterable
from typing import Final

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.clauses import Unlocked
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.points import leads_out
from menshen_rulebook.policy import Policy
from menshen_rulebook.schedule import DAY_MS, OpenTimes, Schedule
from menshen_rulebook.vocabulary import DayKind

_HOLIDAY, _MAKE_UP_WORKDAY = 10, 12
_DAYS: Final = 14
"""Two weeks that stand for all: every weekday undisturbed, and one day of each other kind the site knows."""


class Unlocking:
    """The unlocked doors of one policy at one site. `prefix` stands before the policy's paths."""

    def __init__(self, plan: SitePlan, policy: Policy, prefix: str, found: Findings) -> None:
        self._plan = plan
        self._policy = policy
        self._prefix = prefix
        self._found = found
        known = {day.kind for day in plan.holidays}
        marked = {_HOLIDAY: DayKind.HOLIDAY, _MAKE_UP_WORKDAY: DayKind.MAKE_UP_WORKDAY}
        calendar = {day: kind for day, kind in marked.items() if kind in known}
        self._times = {schedule.schedule_id: OpenTimes(schedule, calendar, 0) for schedule in plan.schedules}
        self._hours = {hours.access_point_id: hours.schedule_id for hours in reversed(policy.hours)}

    def check(self) -> None:
        """Note the access points of each clause that cannot be unlocked as it says."""
        for place, unlocked in enumerate(self._policy.unlocked):
            path = f"{self._prefix}unlocked[{place}]"
            for point in self._plan.access_points:
                if point.access_point_id in unlocked.access_point_ids:
                    self._check_point(point, unlocked, path)

    def _check_point(self, point: AccessPoint, unlocked: Unlocked, path: str) -> None:
        name = point.access_point_id
        if self._plan.interlocked(name):
            self._found.add("UNLOCKED_INTERLOCK", f"{path}.access_points", point=name)
        if unlocked.after_first_person and (leads_out(point) or not point.opened_by):
            self._found.add("UNLOCKED_WITHOUT_FIRST", f"{path}.after_first_person", point=name)
        for other in self._that_must_be_open(point):
            self._check_hours(name, other, unlocked, path)

    def _that_must_be_open(self, point: AccessPoint) -> Iterable[AccessPoint]:
        yield point
        for other in self._plan.access_points:
            if other is not point and point.door_id and other.door_id == point.door_id and not leads_out(other):
                yield other

    def _check_hours(self, name: str, point: AccessPoint, unlocked: Unlocked, path: str) -> None:
        hours_id = self._hours.get(point.access_point_id, point.schedule_id)
        times = self._times.get(unlocked.schedule_id)
        if not hours_id or times is None:
            return
        hours = self._times.get(hours_id) or OpenTimes(Schedule(""), {}, 0)
        at = {*times.boundaries(0, _DAYS * DAY_MS), *hours.boundaries(0, _DAYS * DAY_MS)}
        asked = [hours.is_open(instant) for instant in at if times.is_open(instant)]
        words = {"point": name, "other": point.access_point_id, "hours": hours_id, "schedule": unlocked.schedule_id}
        if asked and not any(asked):
            self._found.add("UNLOCKED_NEVER", f"{path}.schedule", **words)
        elif not all(asked):
            self._found.add("UNLOCKED_OUTSIDE_HOURS", f"{path}.schedule", **words)
