"""A cardholder as decisions see them: no name."""

from dataclasses import dataclass
from enum import IntEnum

from menshen_identity.domain.credentials import Credential
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry
from menshen_identity.domain.visits import Visit

VISIT_KEPT_MS = 7 * 86_400_000
"""A visit stays in the feed this long after its window: leaving late is told from never having been invited."""


class Lane(IntEnum):
    """Which changes a feed carries; numbers equal the contract's."""

    UNSPECIFIED = 0
    ALL = 1
    REVOCATIONS = 2


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """The state of a subject at the moment it was read; nothing but id and version when `is_removed`."""

    subject_id: str
    version: int
    is_removed: bool
    category: str = ""
    home_site: str = ""
    groups: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] = ()
    facts: tuple[Fact, ...] = ()
    entries: tuple[ListEntry, ...] = ()
    visits: tuple[Visit, ...] = ()
    pin_verifier: bytes = b""
    duress_verifier: bytes = b""
    photo_ref: str = ""
