"""Going on with a long answer that was cut short: a service renews connections that have grown old, and restarts."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import grpc
from menshen_servicekit.status import domain_error_of

WAITS_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
_BUSY: Final = "REPLAY_UNDER_WAY"
"""The service may still hold the replay that was cut short, or another one between two spans."""


class Patience:
    """How often in a row something is asked for again that brings nothing; what never began is not asked for again."""

    def __init__(self, waits_s: Sequence[float] = WAITS_S) -> None:
        self._waits_s = waits_s
        self._left: Iterator[float] | None = None

    def begun(self) -> None:
        """Something was answered."""
        if self._left is None:
            self.advanced()

    def advanced(self) -> None:
        """What was answered need not be asked for again."""
        self._left = iter(self._waits_s)

    async def after(self, refusal: grpc.aio.AioRpcError) -> bool:
        """Wait before asking again; False at once where that is of no use, or was done too often."""
        is_passing = refusal.code() is grpc.StatusCode.UNAVAILABLE or domain_error_of(refusal).code == _BUSY
        wait_s = next(self._left, None) if is_passing and self._left is not None else None
        if wait_s is not None:
            await asyncio.sleep(wait_s)
        return wait_s is not None
