"""The process apart that a replay has to itself."""

from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.foreseeing import Worker
from menshen_access.replay_work import NotBegunError


class ReplayProcess:
    """At most one at a time; what a replay keeps in it goes with it."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    async def close(self) -> None:
        """End it, in the middle of its work too."""
        if self._worker is not None:
            self._worker.end()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[Worker]:
        """Have it; it ends with the block. DomainError CONFLICT while another replay has it, UNAVAILABLE when it ended
        meanwhile.
        """
        if self._worker is not None:
            raise DomainError(
                Trouble.CONFLICT,
                "REPLAY_UNDER_WAY",
                "另一回放正在进行，请待其结束后再试",
                "another replay is under way; ask again when it is over",
            )
        self._worker = worker = Worker()
        try:
            yield worker
        except (BrokenProcessPool, TimeoutError, NotBegunError):
            raise DomainError(
                Trouble.UNAVAILABLE, "REPLAY_ENDED", "回放进程已中断，请重试", "the replay was cut short; ask again"
            ) from None
        finally:
            worker.end()
            self._worker = None
