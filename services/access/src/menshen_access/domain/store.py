"""The values that go to the live state of a site and come back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from menshen_rulebook.types import Effect, Guard

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
    subject. `registers` holds the presence register of the same subjects (`domain.register`), empty for none. `used`
    are the ids among those asked for that have been used. `keys` maps every look-up key asked for to its subject id, or
    to None. `attempts` counts the wrong PINs in a row at the access point asked for.
    """

    plan_version: int
    circumstances_version: int
    records: Mapping[str, tuple[int, bytes]]
    registers: Mapping[str, bytes]
    counts: Mapping[str, int]
    used: frozenset[str]
    keys: Mapping[str, str | None]
    attempts: int = 0


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
    """One decision to commit. `encoded` is `event.encode()`; `absent_keys` are look-up keys taken for unknown.

    `answer_by` is an instant of the monotonic clock, in seconds, until which the commit may be made again.
    """

    event: EventPayload
    encoded: bytes
    now_ms: int
    guards: Sequence[Guard]
    effects: Sequence[Effect]
    absent_keys: tuple[str, ...] = ()
    answer_by: float = 0.0


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """`stored` is the payload of the earlier decision with REPEATED; `fresh` comes with STALE, with all values the
    guards speak of; `moved` holds the changed presence registers with OK; `detail` the milliseconds ahead with CLOCK.
    """

    verdict: Verdict
    stored: bytes = b""
    fresh: LiveRead | None = None
    moved: Mapping[str, bytes] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at a gate, as it bears on presence.

    `presentation_id` is the event_id of the presentation it belongs to: the event's own with CENTRE, EDGE, ACTED, TAKEN
    and NOT_TAKEN, the review's with OPERATED; empty where it moves nobody. `effects` are those of a CENTRE (when it is
    applied again) or EDGE decision; `obeyed` is CENTRE or EDGE with ACTED.
    """

    event_id: str
    kind: EventKind
    at_ms: int
    presentation_id: str = ""
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

    `moved` holds the changed presence registers by subject.
    """

    stored: Stored
    late: bool = False
    unmatched: bool = False
    moved: Mapping[str, bytes] = field(default_factory=dict)


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
    """A presence register as PostgreSQL remembers it. `area_path` innermost first; empty: the place is unknown.

    `access_point` is the one the last passage led through; empty where it is not remembered.
    """

    subject_id: str
    area_path: tuple[str, ...]
    at_ms: int
    event_id: str
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """Where a feed stands once the records put with it are in; it only moves forward within an epoch."""

    feed: str
    epoch: int
    position: int


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
