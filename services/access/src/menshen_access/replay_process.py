"""The process apart that a replay has to itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.foreseeing import Worker
from menshen_access.replay_work import NotBegunError

T = TypeVar("T")
PATIENCE_S: Final = 60.0
"""How long a replay may do nothing, as nobody takes its answers or sends it more, before it gives way to another."""


class Seat:
    """The process of one replay, for as long as that has it."""

    def __init__(self) -> None:
        self._worker = Worker()
        self._is_lost = False
        self._idle_since_s: float | None = None

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` there. What the process ends with is told by `ReplayProcess.alone`."""
        if self._is_lost:
            raise NotBegunError
        self._idle_since_s = None
        try:
            return await self._worker.run(work, *arguments)
        finally:
            self._idle_since_s = asyncio.get_running_loop().time()

    def lose(self) -> None:
        """End the process, in the middle of its work too."""
        self._is_lost = True
        self._worker.end()

    def is_idle(self, patience_s: float) -> bool:
        """Whether nothing was asked of it for so long."""
        since_s = self._idle_since_s
        return since_s is not None and asyncio.get_running_loop().time() - since_s >= patience_s


class ReplayProcess:
    """At most one at a time; what a replay keeps in it goes with it."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._seat: Seat | None = None

    async def close(self) -> None:
        """End it, in the middle of its work too."""
        if self._seat is not None:
            self._seat.lose()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Seat]:
        """Have it; it ends with the block. DomainError CONFLICT while another replay is at work in it, UNAVAILABLE when
        it ended meanwhile, or went to another replay because this one did nothing.
        """
        if self._seat is not None:
            if not self._seat.is_idle(self._patience_s):
                raise _under_way()
            self._seat.lose()
        self._seat = seat = Seat()
        try:
            yield seat
        except (BrokenProcessPool, TimeoutError, NotBegunError):
            raise DomainError(
                Trouble.UNAVAILABLE, "REPLAY_ENDED", "回放进程已中断，请重试", "the replay was cut short; ask again"
            ) from None
        finally:
            seat.lose()
            if self._seat is seat:
                self._seat = None


def _under_way() -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "REPLAY_UNDER_WAY",
        "另一回放正在进行，请待其结束后再试",
        "another replay is under way; ask again when it is over",
    )
