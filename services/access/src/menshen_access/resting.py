"""Long questions rest while decisions are made: they share processors, and one waits for the other's turn to end."""

import asyncio
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

LATELY_S: Final = 1.0
SHARE: Final = 20.0
"""How much longer than a step its rest is, at most."""
FULL_RATE: Final = 100.0
"""Decisions a second from which on rests are as long as that; at half as many they are half as long."""
LONGEST_S: Final = 0.5
"""A step that took long because the process was kept waiting is not paid for again."""


class Decided(Protocol):
    """How many decisions this process was ever asked for, and when last."""

    asked: int
    last_at: float


class Resting:
    """Rests between the steps of long questions: the more decisions this process makes, the longer."""

    def __init__(self, decided: Decided, clock: Clock) -> None:
        self._decided = decided
        self._now = clock.monotonic
        self._before = self._mark = self._now(), decided.asked

    def rest_s(self, took_s: float, share: float = SHARE) -> float:
        """How long to rest after a step that took so long; nothing where nobody presents anything."""
        return min(share * took_s, LONGEST_S) * min(self._rate() / FULL_RATE, 1.0)

    def _rate(self) -> float:
        """Decisions a second, of the last second or two; as long as that is not known, full if one was made lately."""
        now, asked = self._now(), self._decided.asked
        if now - self._decided.last_at > LATELY_S:
            return 0.0
        age = now - self._mark[0]
        if age >= LATELY_S:
            self._before = self._mark if age < 2 * LATELY_S else (now, asked)
            self._mark = now, asked
        since, before = self._before
        return (asked - before) / (now - since) if now - since >= LATELY_S else FULL_RATE

    def now(self) -> float:
        """Seconds of the monotonic clock, to take the time of a step."""
        return self._now()

    async def after(self, took_s: float, share: float = SHARE) -> None:
        """Rest after a step that took so long; what waiting for whoever asked took is no part of it."""
        await asyncio.sleep(self.rest_s(took_s, share))
