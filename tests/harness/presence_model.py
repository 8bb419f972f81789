"""Presence, occupancy and single use as a sequence of events leaves them: what Redis is held to."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from menshen_access.domain.events import EventKind
from menshen_access.domain.register import FS, RS, US
from menshen_rulebook.places import area_of
from menshen_rulebook.types import Effect, MoveNow, Presence, Reservation, Reserve, UseOnce

MOST_MOVES = 4
MOST_KEPT = 4


class Move(NamedTuple):
    """Somebody came to a place; `path` innermost area first, empty: unknown."""

    at_ms: int
    event_id: str
    path: tuple[str, ...]
    firm: bool
    access_point: str = ""


class Kept(NamedTuple):
    """A place kept by a grant."""

    expires_at_ms: int
    event_id: str
    path: tuple[str, ...]
    access_point: str


@dataclass
class Known:
    """What a presentation's events said: effects of C and E, obeyed, taken ("N" or an instant)."""

    centre: Sequence[Effect] | None = None
    edge: Sequence[Effect] | None = None
    obeyed: EventKind | None = None
    taken: int | str | None = None

    def in_force(self) -> Sequence[Effect]:
        """The effects of the decision obeyed; before that is known, of the edge's."""
        if self.taken == "N":
            return ()
        if self.obeyed is not None:
            return (self.edge if self.obeyed is EventKind.EDGE else self.centre) or ()
        return (self.edge if self.edge is not None else self.centre) or ()

    def claims(self, event_id: str) -> dict[str, list[Move | Kept]]:
        """What it claims for each subject."""
        found: dict[str, list[Move | Kept]] = {}
        for effect in self.in_force():
            row: Move | Kept
            if not isinstance(effect, Reserve | MoveNow):
                continue
            if isinstance(self.taken, int):
                row = Move(self.taken, event_id, effect.area_path, True, effect.access_point_id)
            elif isinstance(effect, MoveNow):
                row = Move(effect.at_ms, event_id, effect.area_path, self.obeyed is not None, effect.access_point_id)
            else:
                row = Kept(effect.expires_at_ms, event_id, effect.area_path, effect.access_point_id)
            found.setdefault(effect.subject_id, []).append(row)
        return found

    def uses(self) -> set[str]:
        return {effect.used_id for effect in self.in_force() if isinstance(effect, UseOnce)}


@dataclass
class ModelRegister:
    """One subject's presence."""

    moves: list[Move] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    version: int = 0

    def add(self, claim: Move | Kept, now_ms: int) -> None:
        """Moves stay down to the newest firm one; places kept stay while they are open."""
        if isinstance(claim, Move):
            self.moves = sorted([*self.moves, claim], key=lambda move: move[:2], reverse=True)
            firm_at = next((place for place, move in enumerate(self.moves) if move.firm), len(self.moves))
            self.moves = self.moves[: min(firm_at + 1, MOST_MOVES)]
        else:
            kept = [row for row in (*self.kept, claim) if row.expires_at_ms > now_ms]
            self.kept = sorted(kept, reverse=True)[:MOST_KEPT]

    def withdraw(self, event_id: str) -> None:
        self.moves = [move for move in self.moves if move.event_id != event_id]
        self.kept = [row for row in self.kept if row.event_id != event_id]

    @property
    def path(self) -> tuple[str, ...]:
        return self.moves[0].path if self.moves else ()

    def waits_for(self, area: str, now_ms: int) -> bool:
        """Whether a place in the area is kept for a subject that is elsewhere."""
        is_kept = any(row.expires_at_ms > now_ms and area in row.path for row in self.kept)
        return is_kept and area not in self.path

    def presence(self, subject_id: str) -> Presence:
        if not self.moves:
            return Presence(subject_id, None, 0, "", self.version)
        newest = self.moves[0]
        area = area_of(newest.path[0]) if newest.path else None
        return Presence(subject_id, area, newest.at_ms, newest.event_id, self.version, newest.access_point, newest.path)

    def reservations(self, subject_id: str) -> list[Reservation]:
        return [
            Reservation(subject_id, area_of(row.path[0]), row.access_point, row.expires_at_ms, row.path)
            for row in self.kept
        ]


def moves_in(register: bytes) -> list[Move]:
    """The moves of a register as Redis stores it, newest first."""
    rows = [row.split(US) for row in register.decode().split("\x1d")[1].split(RS)] if register else []
    return [
        Move(int(row[1]), row[2], tuple(filter(None, row[0].split(FS))), row[3] == "1", row[4])
        for row in rows
        if len(row) == 5
    ]


class PresenceModel:
    """The presence of a site, told event by event."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.registers: defaultdict[str, ModelRegister] = defaultdict(ModelRegister)
        self.used: dict[str, str] = {}

    def learn(self, event_id: str, part: str, value: Any, now_ms: int) -> None:
        """`part` is centre, edge, obeyed or taken; what is told first stands."""
        known = self.known.setdefault(event_id, Known())
        if getattr(known, part) is not None:
            return
        before, uses_before = known.claims(event_id), known.uses()
        setattr(known, part, value)
        after, uses_after = known.claims(event_id), known.uses()
        self._use(event_id, uses_before, uses_after)
        for subject in {*before, *after}:
            if before.get(subject) == after.get(subject):
                continue
            register = self.registers[subject]
            register.withdraw(event_id)
            for claim in after.get(subject, []):
                register.add(claim, now_ms)
            register.version += 1

    def forgive(self, at_ms: int, event_id: str, areas: Collection[str]) -> None:
        """Make places in these areas unknown; in any where none is named."""
        for register in self.registers.values():
            is_meant = not areas or any(area in register.path for area in areas)
            if register.path and is_meant and (at_ms, event_id) > register.moves[0][:2]:
                register.add(Move(at_ms, event_id, (), firm=True), at_ms)
                register.version += 1

    def count(self, area: str, now_ms: int) -> tuple[int, int]:
        """How many are in an area, and how many places are kept for others."""
        registers = self.registers.values()
        inside = sum(area in register.path for register in registers)
        return inside, sum(register.waits_for(area, now_ms) for register in registers)

    def _use(self, event_id: str, before: set[str], after: set[str]) -> None:
        for used in before - after:
            if self.used.get(used) == event_id:
                del self.used[used]
        for used in after:
            self.used.setdefault(used, event_id)
