"""The only place that reads the wall clock. Everyone else takes a Clock or a time as an argument."""

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ClockReading:
    """An instant with its bound: the true time lies within `at_ms` ± `error_ms`."""

    at_ms: int
    error_ms: int


class Clock(Protocol):
    """Corrected UTC time in epoch milliseconds, and a monotonic clock in seconds for intervals.

    Two implementations: the machine's clock and one that a test moves by hand.
    """

    def now_ms(self) -> int: ...

    def monotonic(self) -> float: ...

    def reading(self) -> ClockReading: ...


class SystemClock:
    """The machine's clock plus a correction learnt from a better one.

    Until `correct` is called the correction is zero and the bound is `error_ms`. After it the bound widens with the
    assumed drift of the oscillator, because a correction says less the older it is.
    """

    def __init__(self, error_ms: int = 100, drift_ppm: int = 50) -> None:
        self._offset_ms = 0
        self._error_ms = error_ms
        self._drift_ppm = drift_ppm
        self._corrected_at = time.monotonic()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._offset_ms

    def monotonic(self) -> float:
        return time.monotonic()

    def reading(self) -> ClockReading:
        age_s = time.monotonic() - self._corrected_at
        return ClockReading(self.now_ms(), self._error_ms + int(age_s * self._drift_ppm / 1000) + 1)

    def correct(self, offset_ms: int, error_ms: int) -> None:
        """Add `offset_ms` to the machine's clock from now on; it was true within `error_ms` when measured."""
        self._offset_ms = offset_ms
        self._error_ms = error_ms
        self._corrected_at = time.monotonic()


class ManualClock:
    """A clock that stands still until it is moved. Moving the wall clock by `set_ms` leaves `monotonic` alone."""

    def __init__(self, at_ms: int = 1_767_225_600_000, error_ms: int = 0) -> None:
        self._at_ms = at_ms
        self._error_ms = error_ms
        self._monotonic = 0.0

    def now_ms(self) -> int:
        return self._at_ms

    def monotonic(self) -> float:
        return self._monotonic

    def reading(self) -> ClockReading:
        return ClockReading(self._at_ms, self._error_ms)

    def advance_ms(self, milliseconds: int) -> None:
        """Let time pass: both clocks move."""
        if milliseconds < 0:
            raise ValueError("time does not pass backwards; use set_ms to set the wall clock back")
        self._at_ms += milliseconds
        self._monotonic += milliseconds / 1000

    def set_ms(self, at_ms: int) -> None:
        """Set the wall clock, as an operator or a time server would; no time passes."""
        self._at_ms = at_ms
