"""What foresight answers: subjects that are answered alike come together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from menshen_rulebook.foresight import Right, Totals

G = TypeVar("G")


@dataclass(frozen=True, slots=True)
class Unread:
    """Subjects that nothing is said of, because their records cannot be read: how many, and the first of them."""

    count: int = 0
    subject_ids: tuple[str, ...] = ()


class Told(NamedTuple):
    """What a subject would be told at an access point, and the rights it has there."""

    outcome: int
    code: str
    rights: tuple[Right, ...]


class Passing(NamedTuple):
    """What these subjects would be told at the access point that is asked about."""

    subject_ids: Sequence[str]
    told: Told


class WayRow(NamedTuple):
    """What a subject would be told at an access point in [from_ms, to_ms)."""

    access_point_id: str
    from_ms: int
    to_ms: int
    told: Told


class Access(NamedTuple):
    """An access point that is passed, or passed with a guard's review."""

    access_point_id: str
    told: Told


class Granted(NamedTuple):
    """What each of these subjects passes."""

    subject_ids: Sequence[str]
    category: str
    passed: list[Access]


class ChangeRow(NamedTuple):
    """One change; `kind` is one of `foresight_work`."""

    access_point_id: str
    kind: str
    from_ms: int
    to_ms: int
    code: str


class Changed(NamedTuple):
    """What changes for each of these subjects."""

    subject_ids: Sequence[str]
    changes: list[ChangeRow]


class Lost(NamedTuple):
    """An access point that these subjects pass no more from an instant on."""

    subject_ids: Sequence[str]
    access_point_id: str
    from_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class Foreseen(Generic[G]):
    """Groups of subjects, and whom they leave out."""

    groups: Sequence[G]
    unread: Unread


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a policy would change, of so many subjects that were asked about."""

    subjects: int
    totals: Totals
    groups: Sequence[Changed]
    unread: Unread
