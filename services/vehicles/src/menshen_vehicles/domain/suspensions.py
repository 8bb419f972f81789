"""Suspensions: a ban on entering for a time, with its reason; some last until a test is passed."""

from dataclasses import dataclass

from menshen_vehicles.domain.words import Fault, code_fault, present, window_fault


@dataclass(frozen=True, slots=True)
class Suspension:
    """In force in [from_ms, to_ms), zero for no end, and with `until_test` beyond it. `lifted_at_ms` is zero, or when
    it was taken back.
    """

    suspension_id: str
    vehicle_id: str
    from_ms: int
    to_ms: int
    reason_code: str
    until_test: bool
    lifted_at_ms: int = 0


def suspension_faults(suspension: Suspension) -> tuple[Fault, ...]:
    """Every field that is wrong in a suspension to be laid on a vehicle."""
    return present(
        (
            window_fault("to_ms", suspension.from_ms, suspension.to_ms),
            code_fault("reason_code", suspension.reason_code),
        )
    )
