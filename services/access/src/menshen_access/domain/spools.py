"""What is recorded of an agent's spool: which numbers, and up to where without a gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_RANGES: Final = 1_000
"""Ranges kept above a gap, the lowest first. What is beyond is not acknowledged: the agent may upload it again."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Every number from 1 to `contiguous`, and the ranges in `above`: first, last, first, last, ... ascending.

    `above` is bounded, so that an agent whose numbers have gaps without end costs no more than that.
    """

    contiguous: int = 0
    above: tuple[int, ...] = ()

    def with_numbers(self, numbers: Iterable[int]) -> "Recorded":
        """The same with these numbers too; numbers below 1 and known ones change nothing."""
        fresh = sorted({number for number in numbers if number > self.contiguous})
        if not fresh:
            return self
        ranges = _merged(
            [*zip(self.above[::2], self.above[1::2], strict=True), *((number, number) for number in fresh)]
        )
        contiguous = self.contiguous
        if ranges[0][0] == contiguous + 1:
            contiguous = ranges.pop(0)[1]
        return Recorded(contiguous, tuple(edge for both in ranges[:MOST_RANGES] for edge in both))


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ranges.sort()
    merged = [ranges[0]]
    for first, last in ranges[1:]:
        if first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


@dataclass(frozen=True, slots=True)
class Watermark:
    """Every event of this spool epoch up to and including `number` is in PostgreSQL."""

    agent_id: str
    epoch: int
    number: int
