"""Long questions rest while decisions are made: they share processors, and one waits for the other's turn to end."""

import asyncio
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

LATELY_S: Final = 1.0
SHARE: Final = 8.0
"""How much longer than a step its rest is."""
LONGEST_S: Final = 0.5
"""A step that took long because the process was kept waiting is not paid for again."""


class Decided(Protocol):
    """When this process was last asked for a decision."""

    last_at: float


class Resting:
    """Rests between the steps of exports, replays and what-ifs, if this process has decided lately."""

    def __init__(self, decided: Decided, clock: Clock) -> None:
        self._decided = decided
        self._now = clock.monotonic

    def rest_s(self, took_s: float, share: float = SHARE) -> float:
        """How long to rest after a step that took so long; nothing where nobody presents anything."""
        if self._now() - self._decided.last_at > LATELY_S:
            return 0.0
        return min(share * took_s, LONGEST_S)

    def now(self) -> float:
        """Seconds of the monotonic clock, to take the time of a step."""
        return self._now()

    async def after(self, took_s: float, share: float = SHARE) -> None:
        """Rest after a step that took so long; what waiting for whoever asked took is no part of it."""
        await asyncio.sleep(self.rest_s(took_s, share))
