"""What a rule is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from menshen_rulebook.case import Case
from menshen_rulebook.points import Point
from menshen_rulebook.presentation import LiveState
from menshen_rulebook.subject import Subject


@dataclass(frozen=True, slots=True)
class Span:
    """One subject at one access point under fixed live values, over [from_ms, to_ms): what boundaries are asked of."""

    subject: Subject
    point: Point
    live: LiveState
    from_ms: int
    to_ms: int


def no_boundaries(_span: Span) -> Iterable[int]:
    """For a rule whose answer does not change by time alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it reads (`subject.…`, `presentation.…`, `live.…`, `plan.…`, `policy.…`), its judgement
    and the instants at which that may change while nothing else does.
    """

    name: str
    reads: frozenset[str]
    evaluate: Callable[[Case], None]
    boundaries: Callable[[Span], Iterable[int]] = no_boundaries
