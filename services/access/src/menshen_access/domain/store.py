"""The values that go to the live state of a site and come back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from menshen_rulebook.types import AreaCount, Effect, Guard, Presence, Reservation

from menshen_access.domain.events import EventKind, EventPayload


class Verdict(Enum):
    """How the store answered a commit."""

    OK = "OK"
    REPEATED = "REPEATED"
    STALE = "STALE"
    NOT_READY = "NOT_READY"
    BACKPRESSURE = "BACKPRESSURE"
    CLOCK = "CLOCK"


@dataclass(frozen=True, slots=True)
class LiveRead:
    """Fresh values of one site, read together.

    `records` holds (version, packed record) of every subject asked for that exists; an empty record is a removed
    subject. `used` are the ids among those asked for that have been used. `keys` maps every look-up key asked for to
    its subject id, or to None.
    """

    plan_version: int
    circumstances_version: int
    records: Mapping[str, tuple[int, bytes]]
    presences: Mapping[str, Presence]
    reservations: Mapping[str, tuple[Reservation, ...]]
    counts: Mapping[str, int]
    used: frozenset[str]
    keys: Mapping[str, str | None]
    attempts: int = 0

    def area_counts(self) -> tuple[AreaCount, ...]:
        return tuple(AreaCount(area, count) for area, count in self.counts.items())


@dataclass(frozen=True, slots=True)
class ReadWish:
    """What to read of a site in one round trip. `keys` are resolved first and their subjects are read too."""

    subject_ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    used_ids: tuple[str, ...] = ()
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """One decision to commit. `absent_keys` are look-up keys the decision took for unknown."""

    event: EventPayload
    encoded: bytes
    now_ms: int
    guards: Sequence[Guard]
    effects: Sequence[Effect]
    wish: ReadWish
    absent_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """`stored` is the payload of the earlier decision with REPEATED; `fresh` comes with STALE; `presences` with OK."""

    verdict: Verdict
    stored: bytes = b""
    fresh: LiveRead | None = None
    presences: Mapping[str, Presence] | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at a gate, as it bears on presence.

    `effects` are those of an EDGE decision. `obeyed` is CENTRE or EDGE with ACTED. `event_id` is that of the
    presentation for EDGE, ACTED, TAKEN, NOT_TAKEN and for OPERATED by a review; any other kind moves nobody.
    """

    event_id: str
    kind: EventKind
    at_ms: int
    obeyed: EventKind = EventKind.UNSPECIFIED
    effects: tuple[Effect, ...] = ()


class Stored(Enum):
    """What became of an event."""

    OK = "OK"
    REPEATED = "REPEATED"
    NOT_READY = "NOT_READY"
    BACKPRESSURE = "BACKPRESSURE"


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """`late`: taken after the reservation had run out. `unmatched`: no grant of this event is known any more.

    `moved` lists the subjects whose presence changed.
    """

    stored: Stored
    late: bool = False
    unmatched: bool = False
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordPut:
    """One subject record to project; only a higher version is applied.

    `record` is packed by the rulebook; empty removes the subject. `keys` are all look-up keys of its identifiers,
    `dropped_keys` those an older version had: they go, unless another subject has taken them. Verifiers are the bytes
    identity gave, empty for none.
    """

    subject_id: str
    version: int
    record: bytes
    keys: tuple[str, ...] = ()
    dropped_keys: tuple[str, ...] = ()
    pin_verifier: bytes = b""
    duress_verifier: bytes = b""


@dataclass(frozen=True, slots=True)
class PlaceAtOutset:
    """A presence register as PostgreSQL remembers it. `area_path` innermost first; empty: the place is unknown."""

    subject_id: str
    area_path: tuple[str, ...]
    at_ms: int
    event_id: str


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """Where a feed stands once the records put with it are in; it only moves forward within an epoch."""

    feed: str
    position: str


class SiteState(Enum):
    """Where a site's Redis data stands."""

    EMPTY = "EMPTY"
    REBUILDING = "REBUILDING"
    READY = "READY"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the head of a site says. `bound` is False when it was written under another life of the server."""

    generation: int
    state: SiteState
    bound: bool

    @property
    def usable(self) -> bool:
        return self.bound and self.state is SiteState.READY
