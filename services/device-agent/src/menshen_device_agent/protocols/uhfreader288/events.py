"""What a reader session tells its driver. `at_ms` is the `now_ms` of the call that completed the event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TagRead:
    """One read of one tag on one antenna; readers repeat a tag many times a second.

    `epc` and `tid` are uppercase hexadecimal, lengths as on the tag. `tid` None means not read, never a mismatch.
    `antenna_port` counts from 1. `rssi_raw` is in the reader's own scale (not dBm), None where the model has none.
    """

    epc: str
    tid: str | None
    antenna_port: int
    rssi_raw: int | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Online:
    """The reader answers; `firmware` is empty where it only reported by itself."""

    firmware: str
    model: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Offline:
    """No good frame for the liveness time, or the line was lost."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class AntennaLost:
    """The reader says that an antenna may be disconnected; once until a round succeeds on it."""

    antenna_port: int
    at_ms: int


Event = TagRead | Online | Offline | AntennaLost
