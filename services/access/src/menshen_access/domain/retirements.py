"""Which credentials recorded decisions retired, because their successor was used.

A grant is enough: it shows that the holder has the successor. Whether the passage was taken, or another decision was
obeyed at the lane, does not bring the old credential back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Final

from menshen_access.domain.events import DECISIONS, EventPayload

MARK: Final = b'["T",'
"""What the stored identity bytes of an event hold if, and only if, it retires a credential."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A credential whose successor was used with this presentation."""

    subject_id: str
    credential_id: str
    event_id: str


class Source(Enum):
    """Where retirements come from: grants at once, and reviews that let the holder through."""

    GRANTS = "grants"
    REVIEWS = "reviews"


@dataclass(frozen=True, slots=True)
class RetirementPage:
    """What was retired up to a place, and whether there is more to read behind it."""

    retired: Sequence[Retired]
    place: int
    has_more: bool


class Retirement(IntEnum):
    """What identity made of it; numbers equal menshen.identity.v1.Retirement. UNSPECIFIED: a newer word than these."""

    UNSPECIFIED = 0
    DONE = 1
    BEFORE = 2
    STAYS_STOLEN = 3
    NOT_SUCCEEDED = 4


def retires(identity: bytes | None) -> bool:
    """Whether an event with these identity bytes may retire a credential, cheaply."""
    return identity is not None and MARK in identity


def retired_by(events: Iterable[EventPayload], *, passed: bool) -> list[Retired]:
    """What decisions retired, each credential once. `passed`: their review let the holder through."""
    found: dict[tuple[str, str], Retired] = {}
    for event in events:
        if event.kind in DECISIONS:
            for row in _rows(event.identity.get("effects", ()), passed=passed):
                if row[0] == "T":
                    found.setdefault((str(row[1]), str(row[2])), Retired(str(row[1]), str(row[2]), event.event_id))
    return list(found.values())


def _rows(rows: Iterable[Any], *, passed: bool) -> Iterable[Any]:
    for row in rows:
        if row[0] != "V":
            yield row
        elif passed:
            yield from row[2]
