"""What the recorded events of a presentation say of presence, whatever the order in which they were recorded.

The rules are those of the store's own merging: the decision obeyed counts (ACTED names it; before that the edge's, for
an agent uploads only what it acted on); a passage not taken moves nobody, one taken moves at its own instant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from menshen_access.domain.effects import EffectRow, effects_of
from menshen_access.domain.events import DECISIONS, EventKind, EventPayload
from menshen_access.domain.store import Happening

_OWN_PRESENTATION = frozenset({*DECISIONS, EventKind.ACTED, EventKind.TAKEN, EventKind.NOT_TAKEN})


@dataclass(frozen=True, slots=True)
class Transition:
    """A subject came to a place through an access point: its areas, innermost first."""

    subject_id: str
    areas: tuple[str, ...]
    at_ms: int
    event_id: str
    kind: int
    access_point: str


@dataclass(frozen=True, slots=True)
class Mustered:
    """Somebody whose last passage led into an area. `is_unknown`: the place became unknown after it."""

    subject_id: str
    area: str
    at_ms: int
    event_id: str
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A single-use credential or single-entry visit was used."""

    used_id: str
    event_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Outset:
    """What the events of one presentation leave behind."""

    transitions: tuple[Transition, ...] = ()
    uses: tuple[Use, ...] = ()


def outset_of(events: Sequence[EventPayload], *, passed: bool = False) -> Outset:
    """What all recorded events of one presentation leave behind. `passed`: its review let the subject through."""
    by_kind = {event.kind: event for event in events}
    decision = _obeyed(by_kind)
    if decision is None or EventKind.NOT_TAKEN in by_kind:
        return Outset()
    taken = by_kind.get(EventKind.TAKEN)
    taken_at_ms = int(taken.core["at_ms"]) if taken is not None else None
    transitions: list[Transition] = []
    uses: list[Use] = []
    event_id, kind = decision.event_id, int(decision.kind)
    for row in _rows(decision.identity.get("effects", ()), passed=passed or taken is not None):
        if row[0] in {"R", "M"}:
            at_ms = taken_at_ms if taken_at_ms is not None else int(row[4]) if row[0] == "M" else None
            if at_ms is not None:
                transitions.append(Transition(str(row[1]), tuple(map(str, row[2])), at_ms, event_id, kind, str(row[3])))
        elif row[0] == "U":
            uses.append(Use(str(row[1]), event_id, int(decision.core["at_ms"])))
    return Outset(tuple(transitions), tuple(uses))


def presentation_of(event: EventPayload) -> str:
    """The presentation an event belongs to; empty when it moves nobody."""
    if event.kind in _OWN_PRESENTATION:
        return event.event_id
    detail = event.core.get("detail", {})
    return str(detail.get("review", "")) if event.kind is EventKind.OPERATED else ""


def happening_of(event: EventPayload) -> Happening:
    """A recorded event as it bears on presence; ValueError for effects that are none."""
    rows: Iterable[EffectRow] = event.identity.get("effects", ()) if event.kind in DECISIONS else ()
    return Happening(
        event.event_id,
        event.kind,
        int(event.core["at_ms"]),
        presentation_of(event),
        EventKind(event.core.get("obeyed", 0)),
        effects_of(rows, event.event_id),
    )


def _obeyed(by_kind: dict[EventKind, EventPayload]) -> EventPayload | None:
    acted = by_kind.get(EventKind.ACTED)
    if acted is not None and acted.core.get("obeyed"):
        return by_kind.get(EventKind(acted.core["obeyed"]))
    return by_kind.get(EventKind.EDGE) or by_kind.get(EventKind.CENTRE)


def _rows(rows: Iterable[Any], *, passed: bool) -> Iterable[Any]:
    for row in rows:
        if row[0] != "V":
            yield row
        elif passed:
            yield from row[2]
