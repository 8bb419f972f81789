"""Processes apart for long work, so that decisions do not wait for it."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol, TypeVar

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.giving_way import give_way, step_back

T = TypeVar("T")
MOST_S: Final = 300.0
DOCUMENT_S: Final = 60.0


class Apart(Protocol):
    """Where plans and policies are read and checked."""

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` there; whatever it raises."""


class WorkTooLongError(TimeoutError):
    """The work was ended after `most_s` seconds."""

    def __init__(self, most_s: float) -> None:
        super().__init__(most_s)
        self.most_s = most_s


class Worker:
    """One process, started with its first work, that gives way to all others; `turn` is held by whoever uses it."""

    def __init__(self, most_s: float = MOST_S, begin: Callable[[], None] = give_way) -> None:
        self.turn = asyncio.Lock()
        self._most_s = most_s
        self._begin = begin
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` there. BrokenProcessPool when the process ended meanwhile, WorkTooLongError after `most_s`."""
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=self._begin)
        try:
            async with asyncio.timeout(self._most_s):
                return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        except asyncio.CancelledError:
            # Nobody waits any more: it would work on for nobody, and the next question would wait for it.
            self.end()
            raise
        except TimeoutError:
            self.end()
            raise WorkTooLongError(self._most_s) from None

    def end(self) -> None:
        """End the process, in the middle of its work too."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Before Python 3.14 a pool has no way of its own to end work that has begun.
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


class DocumentsApart:
    """Implements Apart: one process, which whoever asks has in turn; reading a plan takes longer than a decision may
    wait. Policies are taken into force by it, so that it gives way less than what only answers questions.
    """

    def __init__(self, most_s: float = DOCUMENT_S) -> None:
        self._most_s = most_s
        self._worker = Worker(most_s, step_back)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """See the port; DomainError UNAVAILABLE when it was cut short, or took too long with what was before it."""
        try:
            async with asyncio.timeout(self._most_s), self._worker.turn:
                return await self._worker.run(work, *arguments)
        except BrokenProcessPool:
            self._worker.end()
            raise _unread() from None
        except TimeoutError:
            raise _unread() from None

    async def close(self) -> None:
        """End the process, in the middle of its work too."""
        self._worker.end()


def _unread() -> DomainError:
    return DomainError(
        Trouble.UNAVAILABLE,
        "DOCUMENT_UNREAD",
        "文档检查已中断，未作任何更改，请重试",
        "the document was not read to its end and nothing was changed; ask again",
    )


class _Here:
    """Implements Apart at once, for programs that decide nothing meanwhile."""

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        return work(*arguments)


HERE: Final[Apart] = _Here()
