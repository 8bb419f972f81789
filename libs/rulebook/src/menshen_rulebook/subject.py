"""The versioned record of a cardholder or vehicle. It holds no names.

Instants are epoch milliseconds UTC; intervals are [from_ms, to_ms).
"""

from dataclasses import dataclass
from typing import NamedTuple

from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    CredentialState,
    IdentifierType,
    ListKind,
    PermitState,
    SubjectKind,
    VehicleClass,
    VisitState,
)

FactValue = str | int | float | bool | None
"""The value of a fact; None says that its source was asked and does not know."""


class Identifier(NamedTuple):
    """A value by which a credential is found, normalised as the reader or the enrolment normalises it."""

    type: IdentifierType
    value: str

    @property
    def key(self) -> str:
        """The look-up key, such as `card:04A1B2C3D4`."""
        return f"{self.type.name.lower()}:{self.value}"


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing to present, with every identifier it is known by.

    `tid` binds a tag to its chip (uppercase hex). `replaces` names the credential this one succeeds; its first
    granted use retires that one. `single_use` opens once.
    """

    credential_id: str
    identifiers: tuple[Identifier, ...]
    state: CredentialState = CredentialState.UNSPECIFIED
    valid_from_ms: int = 0
    valid_to_ms: int = FOREVER_MS
    tid: str | None = None
    pin_required: bool = False
    single_use: bool = False
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed, dated attribute with its source, such as `leave.state` from the student office.

    `reported_at_ms` is when the source stated it: ages count from there; 0 is unknown and older than any limit.
    """

    type: str
    value: FactValue
    source: str = ""
    valid_from_ms: int = 0
    valid_to_ms: int = FOREVER_MS
    reported_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A place on the black or white list. Every scope that is given must match; none given: everywhere."""

    kind: ListKind
    site: str = ""
    access_point_id: str = ""
    access_point_class: AccessPointClass = AccessPointClass.UNSPECIFIED
    from_ms: int = 0
    to_ms: int = FOREVER_MS
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class LevelAssignment:
    """An access level given to this subject; reason and grantor stay with the administration."""

    level_id: str
    from_ms: int = 0
    to_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class Visit:
    """An announced visit to a site; no access points means all of them.

    `host_id` is the subject id of the host, `host_groups` are the host's groups: their members may escort the visitor.
    """

    visit_id: str
    site: str
    from_ms: int
    to_ms: int
    state: VisitState = VisitState.UNSPECIFIED
    access_point_ids: tuple[str, ...] = ()
    single_entry: bool = False
    host_id: str = ""
    host_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit beside a vehicle's first one: a renewal, with or without a gap before it."""

    state: PermitState
    from_ms: int = 0
    to_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class Suspension:
    """A ban on entering, in [from_ms, to_ms); with `until_test` it lasts on until a test is passed."""

    from_ms: int = 0
    to_ms: int = FOREVER_MS
    reason_code: str = ""
    until_test: bool = False


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a vehicle is and may; `owner_id` is a subject id, `plate` is normalised.

    `renewals` are further permits in any order: of all of them one that is in force is enough. `suspensions` bar
    entries whatever the permits say. `driver_ids` are subject ids of those who may drive it beside its owner.
    """

    vehicle_class: VehicleClass
    permit_state: PermitState = PermitState.UNSPECIFIED
    permit_from_ms: int = 0
    permit_to_ms: int = FOREVER_MS
    owner_id: str = ""
    plate: str = ""
    renewals: tuple[Permit, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    driver_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A cardholder (`c:<uuid>`) or a vehicle (`v:<uuid>`) as the rulebook sees it.

    `version` grows with every change. `has_pin` says that the cardholder chose a PIN.
    """

    subject_id: str
    version: int
    kind: SubjectKind
    category: str
    home_site: str
    groups: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] = ()
    facts: tuple[Fact, ...] = ()
    list_entries: tuple[ListEntry, ...] = ()
    levels: tuple[LevelAssignment, ...] = ()
    visits: tuple[Visit, ...] = ()
    vehicle: Vehicle | None = None
    has_pin: bool = False
