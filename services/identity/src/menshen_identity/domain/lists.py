"""Black and white lists."""

from dataclasses import dataclass, replace
from enum import IntEnum

from menshen_identity.domain.words import Fault, code_fault, line_fault, present, site_fault, window_fault


class ListKind(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    BLACK = 1
    WHITE = 2


class AccessPointClass(IntEnum):
    """What an access point is built for; UNSPECIFIED is any. Numbers equal the contract's."""

    UNSPECIFIED = 0
    PEDESTRIAN = 1
    NON_MOTOR = 2
    MOTOR = 3
    GOODS = 4


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A cardholder's place on a list in [from_ms, to_ms), `to_ms` zero for no end; empty scopes mean everywhere."""

    entry_id: str
    cardholder_id: str
    kind: ListKind
    access_point: str
    scope_site: str
    from_ms: int
    to_ms: int
    reason_code: str
    source: str
    access_point_class: AccessPointClass = AccessPointClass.UNSPECIFIED


def entry_faults(entry: ListEntry, known_sites: frozenset[str]) -> tuple[Fault, ...]:
    """Every field that is wrong in an entry to be added."""
    return present(
        (
            None if entry.kind is not ListKind.UNSPECIFIED else Fault("kind", "BLACK 或 WHITE", "BLACK or WHITE"),
            code_fault("access_point", entry.access_point) if entry.access_point else None,
            site_fault("scope_site", entry.scope_site, known_sites) if entry.scope_site else None,
            window_fault("to_ms", entry.from_ms, entry.to_ms),
            code_fault("reason_code", entry.reason_code),
            line_fault("source", entry.source, 200),
        )
    )


def is_over(entry: ListEntry, now_ms: int) -> bool:
    return entry.to_ms != 0 and entry.to_ms <= now_ms


def ended(entry: ListEntry, now_ms: int) -> ListEntry:
    """The entry out of force from now on; one that had not begun was never in force."""
    to_ms = max(now_ms, 1)
    return replace(entry, from_ms=min(entry.from_ms, to_ms), to_ms=to_ms)
