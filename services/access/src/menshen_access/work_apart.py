"""A process apart for long work, so that decisions do not wait for it."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Final, TypeVar

from menshen_access import foresight_work

T = TypeVar("T")
MOST_S: Final = 300.0


class WorkTooLongError(TimeoutError):
    """The work was ended after `most_s` seconds."""

    def __init__(self, most_s: float) -> None:
        super().__init__(most_s)
        self.most_s = most_s


class Worker:
    """One process, started with its first work, that gives way to all others; `turn` is held by whoever uses it."""

    def __init__(self, most_s: float = MOST_S) -> None:
        self.turn = asyncio.Lock()
        self._most_s = most_s
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` there. BrokenProcessPool when the process ended meanwhile, WorkTooLongError after `most_s`."""
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=foresight_work.give_way)
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
