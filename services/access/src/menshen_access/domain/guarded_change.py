"""Whom a change takes access from, and when that needs a second approver. Pure; instants are epoch milliseconds UTC."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

VALID_MS: Final = 86_400_000
"""How long a second approver's word on a plan document or a revocation holds."""


@dataclass(frozen=True, slots=True)
class LossCount:
    """Of those of a kind who pass at least one access point as the plan stands, how many would lose one."""

    passing: int = 0
    losing: int = 0


class PointLoss(NamedTuple):
    """How many people and how many vehicles would lose an access point."""

    access_point: str
    people: int = 0
    vehicles: int = 0

    @property
    def losing(self) -> int:
        """Both together."""
        return self.people + self.vehicles


class Unseen(NamedTuple):
    """What a change makes stricter and nobody can count: whom it refuses, only the moment shows.

    `rule` is `occupancy`, `parking`, `anti_passback`, `interlock`, `first_person`, `company` or `drivers`; `place` an
    area, a parking or an access point; `value` what holds there after the change.
    """

    rule: str
    place: str
    value: str


@dataclass(frozen=True, slots=True)
class Loss:
    """Whom a change takes access from in the week after it takes force: who passes unattended, and then does not, at
    least for a time. `points` are the access points lost, those that most lose first; `unseen` is not in the numbers.
    """

    people: LossCount = LossCount()
    vehicles: LossCount = LossCount()
    points: tuple[PointLoss, ...] = ()
    is_computed: bool = True
    unseen: tuple[Unseen, ...] = ()


UNCOMPUTED: Final = Loss(is_computed=False)
"""What nobody knows: it counts as more than any bound."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A second approver's word, and the loss it was given on."""

    who: str
    at_ms: int
    loss: Loss


@dataclass(frozen=True, slots=True)
class Bound:
    """Up to which loss nobody else is asked: fewer than `least`, or at most `share_percent` of those who pass.

    People and vehicles are held against it each by themselves. What cannot be seen may be any of those who pass.
    """

    share_percent: int = 5
    least: int = 20

    @property
    def bars_nothing(self) -> bool:
        """No loss is more than all."""
        return self.share_percent >= 100

    def exceeded_by(self, loss: Loss) -> bool:
        """Whether somebody else must approve it."""
        if self.bars_nothing:
            return False
        if not loss.is_computed or any(self._exceeded(one) for one in (loss.people, loss.vehicles)):
            return True
        return bool(loss.unseen) and max(loss.people.passing, loss.vehicles.passing) >= self.least

    def covers(self, approved: Loss, loss: Loss) -> bool:
        """Whether the loss is what was approved: neither a count nor one of an access point has grown by more than the
        bound, and nothing unseen has come to it.

        An approval of what could not be computed covers that alone, and is covered by no other.
        """
        if not (approved.is_computed and loss.is_computed):
            return approved.is_computed == loss.is_computed
        known, people, vehicles = {one.access_point: one for one in approved.points}, loss.people, loss.vehicles
        grown = [_grown(approved.people, people), _grown(approved.vehicles, vehicles)]
        for name, walking, driving in loss.points:
            then = known.get(name, PointLoss(name))
            grown.append(LossCount(people.passing, walking - then.people))
            grown.append(LossCount(vehicles.passing, driving - then.vehicles))
        return not any(self._exceeded(one) for one in grown) and set(loss.unseen) <= set(approved.unseen)

    def is_approved(self, loss: Loss, approvals: Iterable[Approval], but: Collection[str]) -> bool:
        """Whether somebody other than `but` has approved the loss."""
        return any(one.who not in but and self.covers(one.loss, loss) for one in approvals)

    def largest(self, losses: Sequence[Loss]) -> Loss:
        """Of several counts of one change the larger of each number, and everything unseen; UNCOMPUTED where one is."""
        if not all(one.is_computed for one in losses):
            return UNCOMPUTED
        points: dict[str, PointLoss] = {}
        for name, people, vehicles in (point for one in losses for point in one.points):
            known = points.get(name, PointLoss(name))
            points[name] = PointLoss(name, max(known.people, people), max(known.vehicles, vehicles))
        return Loss(
            max((one.people for one in losses), key=self._weight, default=LossCount()),
            max((one.vehicles for one in losses), key=self._weight, default=LossCount()),
            _most_first(points.values()),
            unseen=tuple(sorted({one for loss in losses for one in loss.unseen})),
        )

    def _weight(self, count: LossCount) -> tuple[bool, int, int]:
        return self._exceeded(count), count.losing, count.passing

    def _exceeded(self, count: LossCount) -> bool:
        return count.losing >= self.least and count.losing * 100 > self.share_percent * count.passing


@dataclass(slots=True)
class LossTally:
    """Counts subject by subject, or kind by kind."""

    passing: int = 0
    losing: int = 0
    points: dict[str, int] = field(default_factory=dict)

    def add(self, subjects: int, lost: Collection[str]) -> None:
        """So many subjects who pass somewhere and lose these access points."""
        self.passing += subjects
        self.losing += subjects if lost else 0
        for point in lost:
            self.points[point] = self.points.get(point, 0) + subjects


def loss_of(people: LossTally, vehicles: LossTally) -> Loss:
    """The loss of both."""
    points = [
        PointLoss(point, people.points.get(point, 0), vehicles.points.get(point, 0))
        for point in people.points | vehicles.points
    ]
    counts = LossCount(people.passing, people.losing), LossCount(vehicles.passing, vehicles.losing)
    return Loss(*counts, _most_first(points))


def _most_first(points: Iterable[PointLoss]) -> tuple[PointLoss, ...]:
    return tuple(sorted(points, key=lambda one: (-one.losing, one.access_point)))


def _grown(approved: LossCount, now: LossCount) -> LossCount:
    return LossCount(now.passing, now.losing - approved.losing)
