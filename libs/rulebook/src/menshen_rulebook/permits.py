"""What the permits and suspensions of a vehicle come to at an instant."""

from dataclasses import dataclass
from typing import Final

from menshen_rulebook.subject import Permit, Suspension, Vehicle
from menshen_rulebook.vocabulary import FOREVER_MS, PermitState

_ACTIVE: Final = PermitState.ACTIVE
# Of permits that are not active the one that says most about why.
_RANK: Final = (
    PermitState.SUSPENDED,
    PermitState.AWAITING_TEST,
    PermitState.PENDING,
    PermitState.EXPIRED,
    PermitState.REVOKED,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, what ends or begins it, and why.

    ACTIVE with `opens_at_ms` stands for a permit that is to come, EXPIRED with `ended_at_ms` for one that is over.
    SUSPENDED by a ban has its `reason_code`, and `until_ms` where it ends by itself.
    """

    state: PermitState
    opens_at_ms: int | None = None
    ended_at_ms: int | None = None
    suspension: Suspension | None = None
    until_ms: int | None = None

    @property
    def word(self) -> str:
        """The value of the fact `permit.state`: ACTIVE while a permit is in force, PENDING before."""
        return self.state.name if self.opens_at_ms is None else PermitState.PENDING.name

    @property
    def admits(self) -> bool:
        """Whether a permit is in force."""
        return self.state is _ACTIVE and self.opens_at_ms is None


def standing(vehicle: Vehicle, now_ms: int) -> Standing:
    """A ban before the permits, whatever they are; of the permits one in force is enough."""
    return suspended(vehicle, now_ms) or _permitted(vehicle, now_ms)


def suspended(vehicle: Vehicle, now_ms: int) -> Standing | None:
    """The bans in force as one; AWAITING_TEST where only the test after a ban is missing; None without any."""
    begun = [one for one in vehicle.suspensions if one.from_ms <= now_ms and one.from_ms < one.to_ms]
    running = [one for one in begun if now_ms < one.to_ms]
    if running:
        last = max(running, key=lambda one: (one.to_ms, one.reason_code))
        until_ms = None if last.to_ms == FOREVER_MS or any(one.until_test for one in begun) else last.to_ms
        return Standing(PermitState.SUSPENDED, suspension=last, until_ms=until_ms)
    waiting = [one for one in begun if one.until_test]
    if waiting:
        last = max(waiting, key=lambda one: (one.to_ms, one.reason_code))
        return Standing(PermitState.AWAITING_TEST, suspension=last)
    return None


def _permitted(vehicle: Vehicle, now_ms: int) -> Standing:
    first = Permit(vehicle.permit_state, vehicle.permit_from_ms, vehicle.permit_to_ms)
    permits = (first, *vehicle.renewals)
    active = [one for one in permits if one.state is _ACTIVE]
    if any(one.from_ms <= now_ms < one.to_ms for one in active):
        return Standing(_ACTIVE)
    to_come = [one.from_ms for one in active if now_ms < one.from_ms < one.to_ms]
    if to_come:
        return Standing(_ACTIVE, opens_at_ms=min(to_come))
    others = [state for state in _RANK for one in permits if one.state is state]
    if others and not (others[0] is PermitState.REVOKED and active):
        return Standing(others[0])
    if active:
        return Standing(PermitState.EXPIRED, ended_at_ms=max(one.to_ms for one in active))
    return Standing(PermitState.UNSPECIFIED)


def boundaries(vehicle: Vehicle) -> list[int]:
    """The instants at which the standing may change."""
    found = [vehicle.permit_from_ms, vehicle.permit_to_ms]
    found += [at for permit in vehicle.renewals for at in (permit.from_ms, permit.to_ms)]
    return found + [at for one in vehicle.suspensions for at in (one.from_ms, one.to_ms)]
