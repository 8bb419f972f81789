"""What foresight answers, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from menshen_rulebook.foresight import Right, RightKind, Totals

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Unread:
    """Subjects that nothing is said of, because their records cannot be read: how many, and the first of them."""

    count: int = 0
    subject_ids: tuple[str, ...] = ()


class PassRow(NamedTuple):
    """What one subject would be told, and the rights it has there."""

    subject_id: str
    outcome: int
    code: str
    rights: tuple[Right, ...]


class WayRow(NamedTuple):
    """What a subject would be told at an access point in [from_ms, to_ms), and the rights it has there then."""

    access_point_id: str
    from_ms: int
    to_ms: int
    outcome: int
    code: str
    rights: tuple[Right, ...]


class AccessRow(NamedTuple):
    """An access point that a subject passes, or passes with a guard's review, and by which rights."""

    subject_id: str
    category: str
    access_point_id: str
    outcome: int
    code: str
    rights: tuple[Right, ...]


class ChangeRow(NamedTuple):
    """One change for one subject; `kind` is one of `foresight_work`."""

    subject_id: str
    access_point_id: str
    kind: str
    from_ms: int
    to_ms: int
    code: str


class LossRow(NamedTuple):
    """An access point that one subject passes no more from an instant on."""

    subject_id: str
    access_point_id: str
    from_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class Foreseen(Generic[R]):
    """Rows, unfolded as they are read, and whom they leave out."""

    rows: Iterator[R]
    unread: Unread


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a policy would change; `rows` are unfolded as they are read."""

    subjects: int
    totals: Totals
    rows: Iterator[ChangeRow]
    unread: Unread


def rights_from(rows: list[tuple[int, str, str]]) -> tuple[Right, ...]:
    """Rights as they crossed from the process apart."""
    return tuple(Right(RightKind(kind), level_id, group) for kind, level_id, group in rows)
