"""What another plan would change for whom, and what ends by itself."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from menshen_rulebook.foresight.answers import Answer, Stretch
from menshen_rulebook.foresight.kinship import Kin, Kinship
from menshen_rulebook.plan import SitePlan

_BY_THE_CLOCK: Final = frozenset({"OUTSIDE_SCHEDULE", "ACCESS_POINT_HOURS"})
"""What is over by the next opening is no loss."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the answer to all of these kin at an access point in [from_ms, to_ms)."""

    kin: Kin
    access_point_id: str
    from_ms: int
    to_ms: int
    before: Answer
    after: Answer

    @property
    def is_gain(self) -> bool:
        """They pass unattended who did not."""
        return self.after.passes and not self.before.passes

    @property
    def is_loss(self) -> bool:
        """They no longer pass unattended; a guard may still let them in where `after` says so."""
        return self.before.passes and not self.after.passes


@dataclass(frozen=True, slots=True)
class Loss:
    """From `from_ms` to the end of the window these kin pass an access point no more; `code` says why."""

    kin: Kin
    access_point_id: str
    from_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How many subjects gain or lose somewhere at some time, and how many pairs of subject and access point.

    `reviewed` counts those of whom only the guard's part changes: refused before and reviewed then, or the reverse.
    """

    gaining: int = 0
    losing: int = 0
    reviewed: int = 0
    gained: int = 0
    lost: int = 0


def compare(
    kinship: Kinship,
    before: SitePlan,
    after: SitePlan,
    access_point_ids: Collection[str],
    among: Iterable[Kin] | None = None,
) -> Iterator[Change]:
    """Every change between two plans over the window, by kin, access point and time; for all kin, or `among` some.

    Both plans must be those of the kinship. A reminder more or less is no change.
    """
    for kin in kinship if among is None else among:
        for access_point_id in access_point_ids:
            old, new = (kinship.times(kin, access_point_id, plan) for plan in (before, after))
            yield from _changes(kin, access_point_id, old, new)


def _changes(kin: Kin, access_point_id: str, old: Iterable[Stretch], new: Iterable[Stretch]) -> Iterator[Change]:
    for from_ms, to_ms, before, after in _overlaid(tuple(old), tuple(new)):
        if _standing(before) != _standing(after):
            yield Change(kin, access_point_id, from_ms, to_ms, before, after)


def _standing(answer: Answer) -> int:
    return 0 if answer.passes else int(answer.outcome)


def _overlaid(old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> Iterator[tuple[int, int, Answer, Answer]]:
    first = second = 0
    while first < len(old) and second < len(new):
        one, other = old[first], new[second]
        to_ms = min(one.to_ms, other.to_ms)
        yield max(one.from_ms, other.from_ms), to_ms, one.answer, other.answer
        first += one.to_ms == to_ms
        second += other.to_ms == to_ms


def total(changes: Iterable[Change]) -> Totals:
    """The totals of changes."""
    gained: dict[int, set[str]] = {}
    lost: dict[int, set[str]] = {}
    reviewed: set[int] = set()
    sizes: dict[int, int] = {}
    for change in changes:
        key = id(change.kin)
        sizes[key] = len(change.kin.subject_ids)
        if change.is_gain:
            gained.setdefault(key, set()).add(change.access_point_id)
        elif change.is_loss:
            lost.setdefault(key, set()).add(change.access_point_id)
        else:
            reviewed.add(key)
    return Totals(
        sum(sizes[key] for key in gained),
        sum(sizes[key] for key in lost),
        sum(sizes[key] for key in reviewed - gained.keys() - lost.keys()),
        sum(sizes[key] * len(points) for key, points in gained.items()),
        sum(sizes[key] * len(points) for key, points in lost.items()),
    )


def forecast(
    kinship: Kinship, plan: SitePlan, access_point_ids: Collection[str], among: Iterable[Kin] | None = None
) -> Iterator[Loss]:
    """Who passes somewhere at the beginning of the window or later, and before its end for good no more; of all kin, or
    `among` some.

    Hours are no loss: where nothing but a schedule bars the way until the end of the window, nothing is said.
    """
    for kin in kinship if among is None else among:
        for access_point_id in access_point_ids:
            loss = _loss(kin, access_point_id, kinship.times(kin, access_point_id, plan))
            if loss is not None:
                yield loss


def _loss(kin: Kin, access_point_id: str, stretches: tuple[Stretch, ...]) -> Loss | None:
    last = max((place for place, one in enumerate(stretches) if one.answer.passes), default=-1)
    barred = [one for one in stretches[last + 1 :] if one.answer.code not in _BY_THE_CLOCK]
    if last < 0 or not barred:
        return None
    return Loss(kin, access_point_id, barred[0].from_ms, barred[0].answer.code)
