"""What was presented at an access point, and the live values a decision about it reads."""

from dataclasses import dataclass

from menshen_rulebook.subject import FactValue, Identifier
from menshen_rulebook.vocabulary import HoldScope, OrderKind, PinVerdict


@dataclass(frozen=True, slots=True)
class Presentation:
    """One presentation. `event_id` is a canonical lowercase UUIDv7 made at the edge; `at_ms` is when it was read.

    `identifiers` holds every value read together (a card's numbers; a tag and a plate). `tid` is the chip's number as
    read, uppercase hex, or None where it was not read. `measured` holds (fact type, value) as the lane measured them,
    such as ("temperature_c", 36.8) or ("plate", "京A12345"). `reader_flags` are words of the reader's driver.
    """

    event_id: str
    site: str
    access_point_id: str
    agent_id: str
    at_ms: int
    identifiers: tuple[Identifier, ...] = ()
    pin_verdict: PinVerdict = PinVerdict.NONE
    tid: str | None = None
    measured: tuple[tuple[str, FactValue], ...] = ()
    reader_flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """One lockdown hold. `target_id` is the site, area or access point id the scope speaks of."""

    hold_id: str
    origin: str
    scope: HoldScope
    target_id: str


@dataclass(frozen=True, slots=True)
class ThreatLevel:
    """A threat level of an area with the areas inside it, or of the whole site where no area is named; 0 is normal."""

    level: int
    area_id: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An operator's order for an access point, in force until `until_ms`."""

    order_id: str
    origin: str
    access_point_id: str
    kind: OrderKind
    until_ms: int

    @property
    def secures(self) -> bool:
        """Whether it bars the entry."""
        return self.kind is OrderKind.SECURE


@dataclass(frozen=True, slots=True)
class Presence:
    """The presence register of a subject.

    `version` grows with every change of the register and of the subject's open reservations, so that one number
    guards both. `area_id` None says that the place is unknown (forgiven, or evacuated). `access_point_id` is the one
    the last passage led through; empty where it is not known. `area_path` are the counters it is counted by, as the
    effect that brought it there named them, innermost first: neither plan nor record says so once they have changed.
    """

    subject_id: str
    area_id: str | None
    at_ms: int
    event_id: str
    version: int
    access_point_id: str = ""
    area_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """A place kept by a grant until it is taken, not taken, or `expires_at_ms` has come.

    `area_path` are the counters it is counted by, as for a presence.
    """

    subject_id: str
    area_id: str
    access_point_id: str
    expires_at_ms: int
    area_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaCount:
    """How many subjects are in an area and the areas inside it, open reservations included."""

    area_id: str
    count: int


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything a decision reads that is neither subject nor plan.

    `holds` are the lockdown holds of the site, `orders` the orders of its operators, `threat_levels` those above
    normal, `stale_sources` the fact sources past their bound; `holds_version` is the version of all four. `released`
    says that this access point is under emergency release. `presences` holds at most one register per subject of the
    decision; a missing one has version 0. `reservations` are the open ones of those subjects; `occupancy` the areas
    with a limit. `used_ids` are the ids of single-use credentials and single-entry visits that have been used, and the
    openings of access points (`Point.opening_id`) that have taken place. `wrong_attempts` counts wrong PINs in a row at
    this access point before this presentation. `open_interlock_doors` are the doors of the access point's interlock
    that are open.
    """

    holds: tuple[Hold, ...] = ()
    holds_version: int = 0
    released: bool = False
    presences: tuple[Presence, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    occupancy: tuple[AreaCount, ...] = ()
    used_ids: frozenset[str] = frozenset()
    stale_sources: frozenset[str] = frozenset()
    wrong_attempts: int = 0
    open_interlock_doors: tuple[str, ...] = ()
    threat_levels: tuple[ThreatLevel, ...] = ()
    orders: tuple[Order, ...] = ()
