"""How long decisions took, as the agents at the lanes saw it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds from the end of a read to the decision; zero where nothing was measured."""

    count: int = 0
    p50_us: int = 0
    p99_us: int = 0
    worst_us: int = 0

    def __str__(self) -> str:
        return f"p50 {self.p50_us / 1000:.1f} ms, p99 {self.p99_us / 1000:.1f} ms"


def latency_of(measured_us: Iterable[int]) -> Latency:
    """The figures of a sample; the nearest rank at or above each share."""
    ordered = sorted(measured_us)
    if not ordered:
        return Latency()
    return Latency(len(ordered), _at(ordered, 50), _at(ordered, 99), ordered[-1])


def _at(ordered: list[int], percent: int) -> int:
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1]
