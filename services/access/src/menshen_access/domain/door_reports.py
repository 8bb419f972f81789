"""What doors report about holds, orders and pulses, as recorded events say it.

Of each thing a door says of a cause the latest instant counts, so that events may be taken in any order and twice. A
door that is forced or released is not secured by anything, until it says again that it is shut.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.posture import posture
from menshen_rulebook.types import LiveState

from menshen_access.domain.events import EventKind
from menshen_access.domain.history import Entry

REPORT_WITHIN_MS: Final = 2_000
"""A door that is to be secured reports within this time."""

EVERY_CAUSE: Final = str(UUID(int=0))
"""What a door says of itself whoever secures it."""

_UNLOCKED: Final = "UNLOCKED"


class Said(IntEnum):
    """What a door says of a cause; stored."""

    SECURED = 1
    NOT_SECURED = 2
    OPENED = 3
    REFUSED = 4


class SecuredState(IntEnum):
    """Numbers equal menshen.access.v1.SecuredState."""

    UNSPECIFIED = 0
    SECURED = 1
    NOT_SECURED = 2
    SILENT = 3


_SECURED_OR_NOT: Final = {EventKind.DOOR_SECURED: Said.SECURED, EventKind.DOOR_NOT_SECURED: Said.NOT_SECURED}
_OPENED_OTHERWISE: Final = frozenset({EventKind.DOOR_FORCED, EventKind.DOOR_HELD, EventKind.RELEASED})
_TELLING: Final = frozenset({*_SECURED_OR_NOT, *_OPENED_OTHERWISE, EventKind.OPERATED, EventKind.NOT_TAKEN})


@dataclass(frozen=True, slots=True)
class Statement:
    """A door said something of a cause: the id of a hold, an order or a pulse, or EVERY_CAUSE."""

    cause_id: str
    door: str
    said: Said
    at_ms: int


@dataclass(frozen=True, slots=True)
class DoorState:
    """Whether a door is secured. `reported_at_ms` 0: it has said nothing."""

    door: str
    state: SecuredState
    reported_at_ms: int = 0


def statements_of(entry: Entry, recorded_at_ms: int) -> list[Statement]:
    """What an event says; nothing for ids that no cause of ours can have. Nothing is said later than it is recorded."""
    core, kind = entry.event.core, entry.event.kind
    if kind not in _TELLING:
        return []
    detail: Mapping[str, str] = core.get("detail") or {}
    if kind in _SECURED_OR_NOT:
        named = [str(detail[word]) for word in ("hold", "order") if word in detail]
        said, causes = _SECURED_OR_NOT[kind], named or [EVERY_CAUSE]
    elif kind in _OPENED_OTHERWISE:
        said, causes = Said.NOT_SECURED, [EVERY_CAUSE]
    elif kind is EventKind.OPERATED and detail.get("posture", _UNLOCKED) == _UNLOCKED:
        said, causes = Said.OPENED, [str(detail.get("order") or entry.event.event_id)]
    elif kind is EventKind.NOT_TAKEN and "cause" in detail:
        said, causes = Said.REFUSED, [entry.event.event_id]
    else:
        return []
    door, at_ms = str(core.get("door", "")), min(entry.at_ms, recorded_at_ms)
    # PostgreSQL takes no NUL in a text, and what cannot be stored must not hold the recorder up.
    return [Statement(cause, door, said, at_ms) for cause in causes if _is_id(cause) and "\x00" not in door]


def secured_doors(plan: SitePlan, live: LiveState, now_ms: int) -> dict[str, tuple[str, ...]]:
    """By the id of each hold and order, the doors that it secures, as the agents work it out themselves."""
    access_points: dict[str, list[str]] = {}
    for point in plan.access_points:
        if point.door_id:
            access_points.setdefault(point.door_id, []).append(point.access_point_id)
    doors: dict[str, list[str]] = {}
    for door, names in sorted(access_points.items()):
        for _, cause_id in posture(names, plan, live, now_ms).secured_by:
            doors.setdefault(cause_id, []).append(door)
    return {cause_id: tuple(names) for cause_id, names in doors.items()}


def door_of(plan: SitePlan, access_point: str) -> tuple[str, ...]:
    """The door of an access point; empty where it has none."""
    return tuple(
        point.door_id for point in plan.access_points if point.access_point_id == access_point and point.door_id
    )


def sharing_door(plan: SitePlan, access_point: str) -> tuple[str, ...]:
    """The access points of the same door, this one among them."""
    door = door_of(plan, access_point)
    others = (point.access_point_id for point in plan.access_points if (point.door_id,) == door)
    return tuple(sorted({access_point, *others}))


def state_of(door: str, statements: Iterable[Statement], since_ms: int, now_ms: int) -> DoorState:
    """The state of a door that is to be secured since an instant, from what it said of that cause and of every cause.

    Of two statements of the same instant the worse one counts.
    """
    about = [one for one in statements if one.door == door and one.said in (Said.SECURED, Said.NOT_SECURED)]
    own = [one for one in about if one.cause_id != EVERY_CAUSE]
    if own:
        last = max(own, key=_order)
        opened = max((one for one in about if one.cause_id == EVERY_CAUSE), key=_order, default=last)
        if opened.said is Said.NOT_SECURED and opened.at_ms > last.at_ms:
            last = opened
        return DoorState(door, SecuredState(int(last.said)), last.at_ms)
    is_silent = now_ms >= since_ms + REPORT_WITHIN_MS
    return DoorState(door, SecuredState.SILENT if is_silent else SecuredState.UNSPECIFIED)


def _order(one: Statement) -> tuple[int, Said]:
    return one.at_ms, one.said


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
