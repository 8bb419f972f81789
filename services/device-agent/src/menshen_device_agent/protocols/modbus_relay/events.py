"""What a relay board session tells its driver. `at_ms` is the `now_ms` of the call that completed the event."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Online:
    """The board answers; InputsChanged and OutputsRead with its present state follow."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Offline:
    """No good reply for the liveness time, or the line was lost. Inputs and outputs are unknown until Online."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class InputsChanged:
    """All terminals, input 0 first: the first reading after Online, then each that differs from the one before."""

    bits: tuple[bool, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class OutputsRead:
    """All relays as the board reports them, relay 0 first: after Online, then each reading that differs."""

    bits: tuple[bool, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class PulseConfirmed:
    """The board received the pulse: not that the door opened."""

    key: str
    relay: int
    at_ms: int


class PulseTrouble(Enum):
    """Why a pulse failed."""

    OFFLINE = "offline"
    """The board did not answer before it was sent."""
    EXPIRED = "expired"
    """It could not be sent soon enough to be worth opening."""
    FULL = "full"
    """Too many pulses wait."""
    REFUSED = "refused"
    """The board answered with an exception."""
    UNANSWERED = "unanswered"
    """Sent, perhaps twice within one opening, and not confirmed: it may have opened."""


@dataclass(frozen=True, slots=True)
class PulseFailed:
    """Nothing is known to have opened; only UNANSWERED may have."""

    key: str
    relay: int
    trouble: PulseTrouble
    at_ms: int

    @property
    def may_have_opened(self) -> bool:
        return self.trouble is PulseTrouble.UNANSWERED


Event = Online | Offline | InputsChanged | OutputsRead | PulseConfirmed | PulseFailed
