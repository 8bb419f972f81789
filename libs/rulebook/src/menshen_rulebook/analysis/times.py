"""Times that never come: intervals, schedules, closures, and the sequence of policies."""

from collections.abc import Collection, Iterable
from itertools import pairwise

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.clauses import Closure
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.schedule import DAY_MS, Interval, Schedule, local_text
from menshen_rulebook.vocabulary import FOREVER_MS, DayKind

_WEEK = frozenset(DayKind) - {DayKind.UNSPECIFIED, DayKind.HOLIDAY, DayKind.MAKE_UP_WORKDAY}


def check_schedules(plan: SitePlan, found: Findings) -> None:
    """Note intervals and schedules that never open."""
    for place, schedule in enumerate(plan.schedules):
        for row, interval in enumerate(schedule.intervals):
            if not _opens(interval):
                found.add("INTERVAL_NEVER_OPEN", f"schedules[{place}].intervals[{row}]")
        if not ever_opens(schedule, plan):
            found.add("SCHEDULE_NEVER_OPEN", f"schedules[{place}]", schedule=schedule.schedule_id)


def ever_opens(schedule: Schedule, plan: SitePlan) -> bool:
    """Whether any day of the week, or of the site's calendar, has an hour at which the schedule is open."""
    days = {day for interval in schedule.intervals if _opens(interval) for day in interval.days}
    kinds = {day.kind for day in plan.holidays} if schedule.follows_calendar else set()
    return bool(days & (_WEEK | kinds))


def _opens(interval: Interval) -> bool:
    return any(interval.days) and interval.opens_ms < DAY_MS and interval.opens_ms != interval.closes_ms


def check_closures(policy: Policy, prefix: str, found: Findings) -> None:
    """Note the closures of a policy that never hold."""
    for place, closure in enumerate(policy.closures):
        path = f"{prefix}closures[{place}]"
        if check_closure(closure, path, found) and not overlap(closure, policy.from_ms, policy.to_ms):
            found.add("CLOSURE_OUTSIDE_POLICY", path)


def check_closure(closure: Closure, path: str, found: Findings) -> bool:
    """Whether a closure has any time at all; a finding where it has none."""
    if closure.from_ms < closure.to_ms:
        return True
    found.add("CLOSURE_NEVER", path)
    return False


def overlap(closure: Closure, from_ms: int, to_ms: int) -> bool:
    """Whether a closure holds at some time in [from_ms, to_ms)."""
    return max(closure.from_ms, from_ms) < min(closure.to_ms, to_ms)


def cover(closures: Iterable[Closure], from_ms: int, to_ms: int) -> bool:
    """Whether the closures together hold at every instant of [from_ms, to_ms)."""
    reached = from_ms
    for closure in sorted(closures, key=lambda closure: closure.from_ms):
        if closure.from_ms <= reached:
            reached = max(reached, closure.to_ms)
    return reached >= to_ms


def policies_to_come(plan: SitePlan, now_ms: int | None) -> list[Policy]:
    """The policies that hold at some time from `now_ms` on; None: at any time."""
    return [policy for _, end_ms, policy in _spans(plan) if policy is not None and (now_ms is None or end_ms > now_ms)]


def check_sequence(plan: SitePlan, drafts: Collection[int], now_ms: int | None, found: Findings) -> None:
    """Note the times without a policy, and the policies without a time."""
    holders = [policy for _, _, policy in _spans(plan)]
    for place, policy in enumerate(plan.policies):
        path, begins_in_past = f"policies[{place}]", now_ms is not None and policy.from_ms < now_ms
        if (place in drafts or not begins_in_past) and not any(policy is holder for holder in holders):
            found.add("POLICY_NEVER_HOLDS", path, version=policy.version)
        if place in drafts and begins_in_past:
            found.add("POLICY_IN_PAST", f"{path}.from", from_=_local(plan, policy.from_ms))
    for (_, _, before), (from_ms, to_ms, holder) in pairwise(_spans(plan)):
        if holder is None and before is not None and (now_ms is None or to_ms > now_ms):
            place = next(place for place, policy in enumerate(plan.policies) if policy is before)
            _note_gap(plan, f"policies[{place}].to", from_ms, to_ms, found)


def _spans(plan: SitePlan) -> list[tuple[int, int, Policy | None]]:
    """All time from 0 on, cut where another policy, or none, comes into force."""
    starts = [0, *plan.index.policy_boundaries()]
    return [(start, end, plan.policy_at(start)) for start, end in zip(starts, [*starts[1:], FOREVER_MS], strict=True)]


def _note_gap(plan: SitePlan, path: str, from_ms: int, to_ms: int, found: Findings) -> None:
    if to_ms == FOREVER_MS:
        found.add("POLICY_ENDS", path, from_=_local(plan, from_ms))
    else:
        found.add("POLICY_GAP", path, from_=_local(plan, from_ms), to=_local(plan, to_ms))


def _local(plan: SitePlan, at_ms: int) -> str:
    return local_text(at_ms, plan.utc_offset_minutes)
