"""Permits to enter, and their life cycle as a table."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from menshen_vehicles.domain.words import Fault, line_fault, present, window_fault


class PermitState(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


LIFE_CYCLE: Final[dict[PermitState, frozenset[PermitState]]] = {
    PermitState.UNSPECIFIED: frozenset(),
    PermitState.ACTIVE: frozenset({PermitState.SUSPENDED, PermitState.REVOKED}),
    PermitState.SUSPENDED: frozenset({PermitState.ACTIVE, PermitState.REVOKED}),
    PermitState.REVOKED: frozenset(),
}
"""Which state may follow which."""


@dataclass(frozen=True, slots=True)
class Permit:
    """In force in [valid_from_ms, valid_to_ms), zero for an open end, while ACTIVE."""

    permit_id: str
    vehicle_id: str
    state: PermitState
    valid_from_ms: int
    valid_to_ms: int
    external_ref: str


def may_follow(now: PermitState, then: PermitState) -> bool:
    """True when the table has the step; staying where it is is no step."""
    return then in LIFE_CYCLE[now]


def permit_faults(permit: Permit) -> tuple[Fault, ...]:
    """Every field that is wrong in a permit to be granted."""
    return present(
        (
            window_fault("valid_to_ms", permit.valid_from_ms, permit.valid_to_ms),
            line_fault("external_ref", permit.external_ref, 200),
        )
    )
