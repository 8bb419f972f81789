"""The presence register of a subject as the store holds it: `<version> GS <moves> GS <kept>`.

moves  newest first, joined by RS: path (areas joined by FS, innermost first, empty: unknown) US at_ms US event_id US
       1 or 0 (firm or not) US access point (empty: none). Everything older than the newest firm move is dropped:
       nothing can bring it back.
       The path of a vehicle names counters of its own (`places.path_of`).
kept   open reservations, joined by RS: access point US path US expires_at_ms US event_id.
"""

from typing import Final

from menshen_rulebook.places import area_of
from menshen_rulebook.types import Presence, Reservation

FS: Final = "\x1c"
_GS: Final = "\x1d"
RS: Final = "\x1e"
US: Final = "\x1f"
SEPARATORS: Final = frozenset((FS, _GS, RS, US))
"""Characters no id may hold."""


def presence_of(subject_id: str, register: bytes) -> Presence:
    """The current place; version 0 for an empty register."""
    if not register:
        return Presence(subject_id, None, 0, "", 0)
    version, moves, _ = register.decode().split(_GS)
    if not moves:
        return Presence(subject_id, None, 0, "", int(version))
    path, at_ms, event_id, _, *point = moves.split(RS, 1)[0].split(US)
    counters = tuple(path.split(FS)) if path else ()
    place = area_of(counters[0]) if counters else None
    return Presence(subject_id, place, int(at_ms), event_id, int(version), point[0] if point else "", counters)


def reservations_of(subject_id: str, register: bytes) -> tuple[Reservation, ...]:
    """The reservations kept, latest expiry first; expired ones may be among them."""
    if not register or register.endswith(b"\x1d"):
        return ()
    rows = [row.split(US) for row in register.decode().rpartition(_GS)[2].split(RS)]
    paths = [(point, tuple(path.split(FS)), int(expires)) for point, path, expires, _ in rows]
    return tuple(Reservation(subject_id, area_of(path[0]), point, expires, path) for point, path, expires in paths)
