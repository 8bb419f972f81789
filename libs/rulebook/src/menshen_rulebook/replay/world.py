"""The live values of a site as the decisions replayed so far leave them: who is where, how many, and what is used."""

from collections.abc import Iterable

from menshen_rulebook.decision import Decision, Effect, MoveNow, OpenReview, Reserve, UseOnce
from menshen_rulebook.places import area_of
from menshen_rulebook.points import Point
from menshen_rulebook.presentation import AreaCount, LiveState, Presence
from menshen_rulebook.subject import Subject


class World:
    """Presence, occupancy and single use where nothing is concurrent: every grant is taken at once.

    A reservation is therefore a passage, and none is ever open. A review that opens by itself is passed; of any other
    nobody knows what the guard would say, and it is not. Holds, orders, threat levels and stale sources there are none.
    """

    __slots__ = ("_counts", "_presences", "_used_ids")

    def __init__(self) -> None:
        self._presences: dict[str, Presence] = {}
        self._counts: dict[str, int] = {}
        self._used_ids: frozenset[str] = frozenset()

    def count(self, counter: str) -> int:
        """How many are in an area, by its id, or by a counter of vehicles (`places.counter`)."""
        return self._counts.get(counter, 0)

    def live(self, point: Point, subjects: tuple[Subject, ...]) -> LiveState:
        """What a decision about these subjects at this access point reads."""
        known = self._presences
        presences = tuple([known[one.subject_id] for one in subjects if one.subject_id in known])
        counters = [terms.area_id for terms in point.limits]
        counters += [terms.counter for terms in point.parking]
        occupancy = tuple([AreaCount(name, self.count(name)) for name in counters])
        return LiveState(presences=presences, occupancy=occupancy, used_ids=self._used_ids)

    def take(self, decision: Decision, at_ms: int, event_id: str) -> bool:
        """Apply the effects of a decision; whether somebody passed."""
        passed = False
        for effect in _in_force(decision.effects):
            if isinstance(effect, Reserve | MoveNow):
                self._move(effect, at_ms, event_id)
                passed = True
            elif isinstance(effect, UseOnce):
                self._used_ids |= {effect.used_id}
        return passed

    def _move(self, effect: Reserve | MoveNow, at_ms: int, event_id: str) -> None:
        subject_id, path = effect.subject_id, effect.area_path
        before = self._presences.get(subject_id)
        left = before.area_path if before is not None else ()
        if left != path:
            for name in left:
                self._counts[name] -= 1
            for name in path:
                self._counts[name] = self._counts.get(name, 0) + 1
        area = area_of(path[0]) if path else None
        version = before.version + 1 if before is not None else 1
        self._presences[subject_id] = Presence(subject_id, area, at_ms, event_id, version, effect.access_point_id, path)


def _in_force(effects: Iterable[Effect]) -> Iterable[Effect]:
    for effect in effects:
        if not isinstance(effect, OpenReview):
            yield effect
        elif effect.opens_at_ms is not None:
            yield from effect.then
