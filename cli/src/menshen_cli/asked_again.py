"""Going on with a long answer that was cut short: a service renews connections that have grown old, and restarts."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import grpc
from menshen_servicekit.status import domain_error_of

_SHORT_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
WAITS_S: Final = (*_SHORT_S, *(8.0,) * 3)
BUSY_WAITS_S: Final = (*_SHORT_S, *(8.0,) * 75)
"""While another replay is under way: ten minutes, for it may have begun between two spans of this one. The service may
also hold the one that was cut short for a moment.
"""
_BUSY: Final = "REPLAY_UNDER_WAY"


def _tell_nobody() -> None:
    """Nothing is shown."""


class Patience:
    """How often in a row something is asked for again that brings nothing; what never began is not asked for again.

    `waits` is told, once in a row, when another replay has been under way for a while.
    """

    def __init__(
        self,
        waits_s: Sequence[float] = WAITS_S,
        busy_waits_s: Sequence[float] = BUSY_WAITS_S,
        waits: Callable[[], None] = _tell_nobody,
    ) -> None:
        self._waits_s, self._busy_waits_s = waits_s, busy_waits_s
        self._waits = waits
        self._left: Iterator[float] | None = None
        self._busy_left: Iterator[float] = iter(())
        self._times_busy = 0

    def begun(self) -> None:
        """Something was answered."""
        if self._left is None:
            self.advanced()

    def advanced(self) -> None:
        """What was answered need not be asked for again."""
        self._left, self._busy_left = iter(self._waits_s), iter(self._busy_waits_s)
        self._times_busy = 0

    async def after(self, refusal: grpc.aio.AioRpcError) -> bool:
        """Wait before asking again; False at once where that is of no use, or was done too often."""
        wait_s = self._next_wait_s(refusal)
        if wait_s is not None:
            await asyncio.sleep(wait_s)
        return wait_s is not None

    def _next_wait_s(self, refusal: grpc.aio.AioRpcError) -> float | None:
        if self._left is None:
            return None
        if domain_error_of(refusal).code == _BUSY:
            self._times_busy += 1
            if self._times_busy == len(_SHORT_S) + 1:
                self._waits()
            return next(self._busy_left, None)
        return next(self._left, None) if refusal.code() is grpc.StatusCode.UNAVAILABLE else None
