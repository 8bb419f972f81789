"""When refusals have jumped after a change. Instants are epoch milliseconds UTC.

The share of refusals among the decisions of entries since a change is held against the share in the hour before it. It
has jumped when at least LEAST_AFTER decisions came after, the share has at least doubled and grown by ten points, and a
one-sided test of two proportions, pooled, gives z ≥ LEAST_Z. Where fewer than LEAST_BEFORE decisions came before, it
has jumped when more than half of at least LEAST_ALONE decisions were refused.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

BEFORE_MS: Final = 3_600_000
WATCHED_MS: Final = 3_600_000
"""How long after a change refusals are held against it."""
LEAST_AFTER: Final = 20
LEAST_BEFORE: Final = 20
LEAST_ALONE: Final = 40
LEAST_Z: Final = 4.0
BURST_MS: Final = 60_000
BURST_LEAST: Final = 50
BURST_PERCENT: Final = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions of entries in a time, and how many of them refused."""

    decided: int
    refused: int

    @property
    def percent(self) -> float:
        """Of the decisions that refused; 0 without decisions."""
        return 100 * self.refused / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What may make refusals jump: a plan version, a policy taking force, or a burst of changed subjects.

    `roll_back_to` is the plan version before it; 0 where no plan brought it about. `policy_id` is empty for other
    changes than a policy taking force, and for one that holds again because another has ended.
    """

    change_id: str
    at_ms: int
    plan_version: int = 0
    roll_back_to: int = 0
    policy_id: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """Refusals that jumped after a change; `reason_code` is the most frequent one since."""

    change: Change
    tripped_at_ms: int
    before: Tally
    after: Tally
    reason_code: str


def z_of(before: Tally, after: Tally) -> float:
    """How many standard errors the share has grown by; 0 where nothing can be said."""
    decided, refused = before.decided + after.decided, before.refused + after.refused
    if not before.decided or not after.decided or refused in (0, decided):
        return 0.0
    pooled = refused / decided
    error = sqrt(pooled * (1 - pooled) * (1 / before.decided + 1 / after.decided))
    return (after.refused / after.decided - before.refused / before.decided) / error


def has_jumped(before: Tally, after: Tally) -> bool:
    """The rule of this module."""
    if before.decided < LEAST_BEFORE:
        return after.decided >= LEAST_ALONE and 2 * after.refused > after.decided
    if after.decided < LEAST_AFTER:
        return False
    # In whole numbers: after/n ≥ 2·before/m, and after/n ≥ before/m + 1/10.
    crossed, base = after.refused * before.decided, before.refused * after.decided
    grown = 10 * (crossed - base) >= before.decided * after.decided
    return crossed >= 2 * base and grown and z_of(before, after) >= LEAST_Z


def blamed(jumps: Iterable[tuple[Change, Tally, Tally]]) -> tuple[Change, Tally, Tally] | None:
    """Of several changes the one that divides the shares best, then the earliest; None when refusals jumped at none."""
    jumped = [one for one in jumps if has_jumped(one[1], one[2])]
    return min(jumped, key=lambda one: (-z_of(one[1], one[2]), one[0].at_ms, one[0].change_id), default=None)


@dataclass(slots=True)
class Bursts:
    """Finds the instants from which many subjects changed at once, in a projection looked at every so often.

    Many are BURST_LEAST changes within BURST_MS, and BURST_PERCENT of all subjects. Until a burst is over it is one.
    """

    _marks: deque[tuple[int, int]] = field(default_factory=deque)
    _found: list[Change] = field(default_factory=list)
    _ended_ms: int = 0

    def seen(self, at_ms: int, position: int, subjects: int) -> list[Change]:
        """The bursts that may still be held responsible, after another look at the projection."""
        self._marks.append((at_ms, position))
        while len(self._marks) > 1 and self._marks[0][0] < at_ms - BURST_MS:
            self._marks.popleft()
        began_ms, began = self._marks[0]
        if position - began >= max(BURST_LEAST, subjects * BURST_PERCENT // 100):
            if not self._found or began_ms > self._ended_ms:
                self._found.append(Change(f"feed:{began}", began_ms))
            self._ended_ms = at_ms
        self._found = [one for one in self._found if one.at_ms > at_ms - WATCHED_MS]
        return list(self._found)
