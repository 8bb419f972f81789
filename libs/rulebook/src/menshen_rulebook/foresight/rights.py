"""By which right a subject may enter: a level, a visit, a permit, or a list that stands for one."""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from menshen_rulebook.case import Case
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.points import Point
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.rules import access_level, lists, vehicle_permit, visit
from menshen_rulebook.schedule import OpenTimes
from menshen_rulebook.subject import Subject
from menshen_rulebook.visits import visit_trouble
from menshen_rulebook.vocabulary import SubjectKind


class RightKind(IntEnum):
    """What a right rests on."""

    OWN_LEVEL = 1
    GROUP_LEVEL = 2
    VISIT = 3
    PERMIT = 4
    NO_PERMIT_NEEDED = 5
    WHITE_LIST = 6
    WAY_OUT = 7


class Right(NamedTuple):
    """`level_id` with levels; `group` is the group, or the category, that a GROUP_LEVEL was given to."""

    kind: RightKind
    level_id: str = ""
    group: str = ""


def rights_of(subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, at_ms: int) -> tuple[Right, ...]:
    """Every right the subject has here at this instant, each once, ascending.

    None exactly where the rules on levels, visits or permits bar a subject that comes alone. Whether it passes is
    for every other rule to say as well.
    """
    point = plan.point(access_point_id, at_ms)
    if point is None:
        return ()
    if point.leads_out:
        return (Right(RightKind.WAY_OUT),)
    shown = Presentation("", plan.site, access_point_id, "", at_ms, ())
    case = Case(shown, (subject,), point, live, at_ms)
    lists.RULE.evaluate(case)
    return tuple(sorted(set(_rights(case, subject))))


def _rights(case: Case, subject: Subject) -> Iterator[Right]:
    if case.is_visitor(subject):
        yield from _as_visitor(case, subject)
    elif subject.kind is SubjectKind.VEHICLE:
        yield from _as_vehicle(case, subject)
    else:
        yield from _by_level(subject, case.point, case.now_ms)
        if case.waives(subject, access_level.RULE.name):
            yield Right(RightKind.WHITE_LIST)


def _as_visitor(case: Case, subject: Subject) -> Iterator[Right]:
    if subject.kind is SubjectKind.VEHICLE and not any(_as_vehicle(case, subject)):
        return
    yield from _by_visit(case, subject)
    if case.waives(subject, visit.RULE.name):
        yield Right(RightKind.WHITE_LIST)


def _as_vehicle(case: Case, subject: Subject) -> Iterator[Right]:
    found = vehicle_permit.required(subject, case.point, case.now_ms)
    if found is None:
        yield Right(RightKind.NO_PERMIT_NEEDED)
        return
    if found.admits:
        yield Right(RightKind.PERMIT)
    elif found.state not in vehicle_permit.WITHHELD:
        yield from _by_visit(case, subject)
    if case.waives(subject, vehicle_permit.RULE.name):
        yield Right(RightKind.WHITE_LIST)


def _by_visit(case: Case, subject: Subject) -> Iterator[Right]:
    used, now_ms = case.live.used_ids, case.now_ms
    if any(not visit_trouble(one, case.point, used, now_ms) for one in subject.visits):
        yield Right(RightKind.VISIT)


def _by_level(subject: Subject, point: Point, now_ms: int) -> Iterator[Right]:
    for one in subject.levels:
        if one.from_ms <= now_ms < one.to_ms and any(_open(t, now_ms) for t in point.levels.get(one.level_id, ())):
            yield Right(RightKind.OWN_LEVEL, one.level_id)
    for name in (subject.category, *subject.groups):
        for term in point.group_terms.get(name, ()):
            if term.from_ms <= now_ms < term.to_ms and _open(term.times, now_ms):
                yield Right(RightKind.GROUP_LEVEL, term.level_id, name)


def _open(times: OpenTimes | None, now_ms: int) -> bool:
    return times is None or times.is_open(now_ms)
