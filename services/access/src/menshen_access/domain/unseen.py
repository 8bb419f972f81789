"""What a change makes stricter that no count beforehand sees: limits, places to park, anti-passback. Pure.

Whom they refuse depends on who is where at the moment. Ways out let everybody out and are passed over.
"""

from collections.abc import Iterator

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.points import AreaTerms, ParkingTerms, Point
from menshen_rulebook.vocabulary import FOREVER_MS, AntiPassbackMode

from menshen_access.domain.guarded_change import Unseen

_REFUSING = frozenset({AntiPassbackMode.HARD, AntiPassbackMode.TIMED})


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
    return tuple(sorted(found))


def _at(old: Point | None, new: Point | None) -> Iterator[Unseen]:
    if old is None or new is None or new.leads_out or not (old.policy_in_force and new.policy_in_force):
        return
    yield from _limits(old, new)
    yield from _places(old, new)
    for then, now in ((old.entered, new.entered), (old.left, new.left)):
        if _refuses(now.mode) and _is_stricter(_span(then), _span(now)):
            yield Unseen("anti_passback", now.area_id, _mode(now.mode, now.timeout_ms))
    again = new.again
    if again is not None and _refuses(again.anti_passback):
        known = old.again
        rule = (known.timeout_ms, known.exempt_categories) if known and _refuses(known.anti_passback) else None
        if _is_stricter(rule, (again.timeout_ms, again.exempt_categories)):
            here = new.access_point.access_point_id
            yield Unseen("anti_passback", here, _mode(again.anti_passback, again.timeout_ms))


def _limits(old: Point, new: Point) -> Iterator[Unseen]:
    known = {terms.area_id: terms.limit or 0 for terms in old.limits}
    for terms in new.limits:
        limit = terms.limit or 0
        if limit < known.get(terms.area_id, FOREVER_MS):
            yield Unseen("occupancy", terms.area_id, str(limit))


def _places(old: Point, new: Point) -> Iterator[Unseen]:
    known = {terms.parking.parking_id: terms for terms in old.parking}
    for terms in new.parking:
        then, parking = known.get(terms.parking.parking_id), terms.parking
        if then is None or _holds_less(then, terms):
            yield Unseen("parking", parking.parking_id, f"{parking.limit - parking.reserved}/{parking.limit}")


def _holds_less(then: ParkingTerms, now: ParkingTerms) -> bool:
    old, new = then.parking, now.parking
    is_narrower = new.limit < old.limit or new.limit - new.reserved < old.limit - old.reserved
    return is_narrower or then.counter != now.counter or not new.reserved_for >= old.reserved_for


def _span(terms: AreaTerms) -> tuple[int, frozenset[str]] | None:
    """How long a violation lasts, and whom it does not concern; None where it refuses nobody."""
    if not _refuses(terms.mode):
        return None
    return FOREVER_MS if terms.timeout_ms is None else terms.timeout_ms, terms.exempt_categories


def _is_stricter(then: tuple[int, frozenset[str]] | None, now: tuple[int, frozenset[str]] | None) -> bool:
    if now is None:
        return False
    return then is None or now[0] > then[0] or not now[1] >= then[1]


def _refuses(mode: AntiPassbackMode) -> bool:
    return mode in _REFUSING


def _mode(mode: AntiPassbackMode, timeout_ms: int | None) -> str:
    return mode.name if timeout_ms is None else f"{mode.name} {timeout_ms // 1000} s"
