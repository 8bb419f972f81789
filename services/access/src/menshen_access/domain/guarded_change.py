"""Whom a change takes access from, and when that needs a second approver. Pure; instants are epoch milliseconds UTC."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

VALID_MS: Final = 86_400_000
"""How long a second approver's word on a plan document or a revocation holds."""


@dataclass(frozen=True, slots=True)
class LossCount:
    """Of those of a kind who pass at least one access point as the plan stands, how many would lose one."""

    passing: int = 0
    losing: int = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """Whom a change takes access from in the week after it takes force: who passes unattended, and then does not, at
    least for a time. `points` are the access points lost with how many lose them, most first.
    """

    people: LossCount = LossCount()
    vehicles: LossCount = LossCount()
    points: tuple[tuple[str, int], ...] = ()
    is_computed: bool = True


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

    People and vehicles are held against it each by themselves.
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
        return not loss.is_computed or any(self._exceeded(one) for one in (loss.people, loss.vehicles))

    def covers(self, approved: Loss, loss: Loss) -> bool:
        """Whether the loss is what was approved: neither a count nor an access point has grown by more than the bound.

        An approval of what could not be computed covers that alone, and is covered by no other.
        """
        if not (approved.is_computed and loss.is_computed):
            return approved.is_computed == loss.is_computed
        known, passing = dict(approved.points), loss.people.passing + loss.vehicles.passing
        grown = [LossCount(passing, losing - known.get(point, 0)) for point, losing in loss.points]
        grown.append(_grown(approved.people, loss.people))
        grown.append(_grown(approved.vehicles, loss.vehicles))
        return not any(self._exceeded(one) for one in grown)

    def is_approved(self, loss: Loss, approvals: Iterable[Approval], but: Collection[str]) -> bool:
        """Whether somebody other than `but` has approved the loss."""
        return any(one.who not in but and self.covers(one.loss, loss) for one in approvals)

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
    points = {point: people.points.get(point, 0) for point in people.points | vehicles.points}
    for point, losing in vehicles.points.items():
        points[point] += losing
    ordered = sorted(points.items(), key=lambda one: (-one[1], one[0]))
    return Loss(LossCount(people.passing, people.losing), LossCount(vehicles.passing, vehicles.losing), tuple(ordered))


def _grown(approved: LossCount, now: LossCount) -> LossCount:
    return LossCount(now.passing, now.losing - approved.losing)
