"""When, past the week that is counted, a change begins to take rights from groups or to close access points. Pure.

Each such time is counted over a week of its own. Dates in the records of subjects are not seen here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.schedule import DAY_MS, OpenTimes, epoch_day
from menshen_rulebook.vocabulary import DayKind

MOST_INSTANTS: Final = 4
Span = tuple[int, int]
_Right = tuple[str, str, str]
"""Access point, schedule and group."""


class TooManyInstantsError(Exception):
    """More weeks past the first than are counted."""


def taken_later(before: SitePlan, after: SitePlan, from_ms: int, week_ms: int) -> tuple[int, ...]:
    """From when on to count a further week each, ascending; TooManyInstantsError for more than MOST_INSTANTS.

    What is taken from the beginning on for a whole counted week is counted there, unless something else that stands in
    for it, or hides it, ends later.
    """
    begun = [from_ms]
    for start_ms, end_ms in sorted({*_rights_lost(before, after, from_ms), *_days_changed(before, after, from_ms)}):
        last_ms, ended_ms = begun[-1], begun[-1] + week_ms
        if end_ms <= ended_ms or (start_ms <= last_ms and end_ms >= ended_ms):
            continue
        begun.append(max(start_ms, ended_ms))
    if len(begun) - 1 > MOST_INSTANTS:
        raise TooManyInstantsError
    return tuple(begun[1:])


def _rights_lost(before: SitePlan, after: SitePlan, from_ms: int) -> Iterator[Span]:
    """The spans in which a group lacks a right it had, or an access point is closed that was not, cut where another
    right there ends or begins, and where a closure ends.
    """
    had, has, closed, closes = _rights(before), _rights(after), _closures(before), _closures(after)
    cuts: dict[str, set[int]] = defaultdict(set)
    for (point, _, _), spans in has.items():
        cuts[point].update(end_ms for _, end_ms in spans)
    for (point, _, _), spans in had.items():
        cuts[point].update(start_ms for start_ms, _ in spans)
    for point, spans in closed.items():
        cuts[point].update(end_ms for _, end_ms in spans)
    for right, spans in had.items():
        for span in spans:
            yield from _cut(_without(span, has.get(right, ()), from_ms), cuts[right[0]])
    for point, spans in closes.items():
        for span in spans:
            yield from _cut(_without(span, closed.get(point, ()), from_ms), cuts[point])


def _rights(plan: SitePlan) -> dict[_Right, list[Span]]:
    levels = {level.level_id: level.entries for level in plan.access_levels}
    found: dict[_Right, list[Span]] = defaultdict(list)
    for one in plan.group_assignments:
        for entry in levels.get(one.level_id, ()):
            found[entry.access_point_id, entry.schedule_id, one.group].append((one.from_ms, one.to_ms))
    return found


def _closures(plan: SitePlan) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for one in (*plan.closures, *(closure for policy in plan.policies for closure in policy.closures)):
        found[one.access_point_id].append((one.from_ms, one.to_ms))
    return found


def _without(span: Span, others: Iterable[Span], from_ms: int) -> list[Span]:
    """What is left of a span from an instant on."""
    start_ms, end_ms = max(span[0], from_ms), span[1]
    left = []
    for other_from_ms, other_to_ms in sorted(others):
        if start_ms < min(other_from_ms, end_ms):
            left.append((start_ms, min(other_from_ms, end_ms)))
        start_ms = max(start_ms, other_to_ms)
    return [*left, (start_ms, end_ms)] if start_ms < end_ms else left


def _cut(spans: Iterable[Span], cuts: Iterable[int]) -> Iterator[Span]:
    for start_ms, end_ms in spans:
        edges = [start_ms, *sorted(at_ms for at_ms in cuts if start_ms < at_ms < end_ms), end_ms]
        yield from pairwise(edges)


def _days_changed(before: SitePlan, after: SitePlan, from_ms: int) -> Iterator[Span]:
    """The days whose kind differs and on which a schedule is open at another time then."""
    old, new = _calendar(before), _calendar(after)
    for day in sorted(day for day in old.keys() | new.keys() if old.get(day) != new.get(day)):
        start_ms = day * DAY_MS - before.utc_offset_minutes * 60_000
        # Hours may go past midnight.
        span = (max(start_ms, from_ms), start_ms + 2 * DAY_MS)
        if span[0] < span[1] and _hours_differ(before, after, old, new, span):
            yield span


def _hours_differ(
    before: SitePlan, after: SitePlan, old: dict[int, DayKind], new: dict[int, DayKind], span: Span
) -> bool:
    then = {one.schedule_id: OpenTimes(one, old, before.utc_offset_minutes) for one in before.schedules}
    for one in after.schedules:
        known, times = then.get(one.schedule_id), OpenTimes(one, new, after.utc_offset_minutes)
        if known is None:
            continue
        instants = {span[0], *known.boundaries(*span), *times.boundaries(*span)}
        if any(known.is_open(at_ms) != times.is_open(at_ms) for at_ms in instants):
            return True
    return False


def _calendar(plan: SitePlan) -> dict[int, DayKind]:
    days = ((epoch_day(one.date), one.kind) for one in plan.holidays)
    return {day: kind for day, kind in days if day is not None}
