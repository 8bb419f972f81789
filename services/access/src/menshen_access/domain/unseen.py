"""What a change makes stricter that no count beforehand sees: limits, places to park, anti-passback, interlocks, and
another company where one was asked for already. Pure.

Whom they refuse depends on who is where at the moment. Ways out let everybody out and are passed over.
"""

from collections.abc import Iterator
from typing import Final

from menshen_rulebook.clauses import PointRule
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.points import AreaTerms, ParkingTerms, Point
from menshen_rulebook.vocabulary import FOREVER_MS, AntiPassbackMode, PersonRule

from menshen_access.domain.guarded_change import Unseen

_REFUSING: Final = frozenset({AntiPassbackMode.HARD, AntiPassbackMode.TIMED})
_Span = tuple[int, frozenset[str]]
"""How long a second passage is refused, and whom that does not concern."""


def unseen(before: SitePlan, after: SitePlan, from_ms: int, to_ms: int) -> tuple[Unseen, ...]:
    """What is stricter at the access points of `before` at some time in [from_ms, to_ms), ascending."""
    later = {*before.index.policy_boundaries(), *after.index.policy_boundaries()}
    instants = [from_ms, *(at_ms for at_ms in later if from_ms < at_ms < to_ms)]
    found = {
        one
        for at_ms in instants
        for known in before.access_points
        for one in _at(before.point(known.access_point_id, at_ms), after.point(known.access_point_id, at_ms))
    }
    return tuple(sorted({*found, *_interlocks(before, after, from_ms)}))


def _interlocks(before: SitePlan, after: SitePlan, at_ms: int) -> Iterator[Unseen]:
    interlocks = {door.door_id: door.interlock_id for door in after.doors}
    for known in before.access_points:
        name = known.access_point_id
        new = after.point(name, at_ms)
        if new is None or new.leads_out:
            continue
        if not set(after.interlocked(name)) <= set(before.interlocked(name)):
            yield Unseen("interlock", name, interlocks[new.access_point.door_id])


def _at(old: Point | None, new: Point | None) -> Iterator[Unseen]:
    if old is None or new is None or new.leads_out or not (old.policy_in_force and new.policy_in_force):
        return
    known = None if old.leads_out else old
    yield from _limits(known, new)
    yield from _places(known, new)
    for then, now in ((known.entered if known else None, new.entered), (known.left if known else None, new.left)):
        if _refuses(now.mode) and _is_stricter(_span(then, now.area_id), _span(now, now.area_id)):
            yield Unseen("anti_passback", now.area_id, _mode(now.mode, now.timeout_ms))
    yield from _company(known, new)
    again = new.again
    if again is not None and _is_stricter(_span_of(known.again if known else None), _span_of(again)):
        here = new.access_point.access_point_id
        yield Unseen("anti_passback", here, _mode(again.anti_passback, again.timeout_ms))


def _company(old: Point | None, new: Point) -> Iterator[Unseen]:
    """Where nobody was asked for, the count sees it."""
    if old is None:
        return
    then, now = old.access_point, new.access_point
    if then.opened_by and now.opened_by and not now.opened_by >= then.opened_by:
        yield Unseen("first_person", now.access_point_id, ", ".join(sorted(now.opened_by)))
    if then.person_rule is not PersonRule.SINGLE and now.person_rule not in (PersonRule.SINGLE, then.person_rule):
        yield Unseen("company", now.access_point_id, now.person_rule.name)
    if old.drivers and new.drivers and old.drivers != new.drivers and not new.admission.people:
        yield Unseen("drivers", now.access_point_id, str(len(new.drivers)))


def _limits(old: Point | None, new: Point) -> Iterator[Unseen]:
    known = {terms.area_id: terms.limit or 0 for terms in old.limits} if old else {}
    for terms in new.limits:
        limit = terms.limit or 0
        if limit < known.get(terms.area_id, FOREVER_MS):
            yield Unseen("occupancy", terms.area_id, str(limit))


def _places(old: Point | None, new: Point) -> Iterator[Unseen]:
    known = {terms.parking.parking_id: terms for terms in old.parking} if old else {}
    for terms in new.parking:
        then, parking = known.get(terms.parking.parking_id), terms.parking
        if then is None or _holds_less(then, terms):
            yield Unseen("parking", parking.parking_id, f"{parking.limit - parking.reserved}/{parking.limit}")


def _holds_less(then: ParkingTerms, now: ParkingTerms) -> bool:
    old, new = then.parking, now.parking
    is_narrower = new.limit < old.limit or new.limit - new.reserved < old.limit - old.reserved
    return is_narrower or then.counter != now.counter or not new.reserved_for >= old.reserved_for


def _span(terms: AreaTerms | None, area_id: str) -> _Span | None:
    if terms is None or terms.area_id != area_id or not _refuses(terms.mode):
        return None
    return FOREVER_MS if terms.timeout_ms is None else terms.timeout_ms, terms.exempt_categories


def _span_of(rule: PointRule | None) -> _Span | None:
    return None if rule is None or not _refuses(rule.anti_passback) else (rule.timeout_ms, rule.exempt_categories)


def _is_stricter(then: _Span | None, now: _Span | None) -> bool:
    if now is None:
        return False
    return then is None or now[0] > then[0] or not now[1] >= then[1]


def _refuses(mode: AntiPassbackMode) -> bool:
    return mode in _REFUSING


def _mode(mode: AntiPassbackMode, timeout_ms: int | None) -> str:
    return mode.name if timeout_ms is None else f"{mode.name} {timeout_ms // 1000} s"
