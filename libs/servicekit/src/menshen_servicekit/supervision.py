"""An owner for tasks: whatever runs beside the servers is started here, restarted here and ended here."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from menshen_servicekit.faults import fault_fields
from menshen_servicekit.telemetry import Metrics

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between restarts: doubling from `first_s` to `most_s`, each shortened at random by up to a half."""

    first_s: float = 0.1
    most_s: float = 10.0

    def pause_s(self, failures: int, jitter: float) -> float:
        """The pause after so many failures in a row; `jitter` is in [0, 1)."""
        return min(self.first_s * 2.0 ** min(failures - 1, 32), self.most_s) * (1.0 - jitter / 2)


class Tasks:
    """Owns tasks until `close`, which cancels and awaits every one. Failures are logged without content and counted."""

    def __init__(self, metrics: Metrics, backoff: Backoff | None = None) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._backoff = backoff or Backoff()
        self._jitter = random.SystemRandom().random
        self._failures = metrics.counter("task_failures", "Failures of long-running tasks", ["task"])

    def keep(self, task_name: str, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        """Run `work` and run it again, after a growing pause, whenever it fails. It ends when it returns.

        A run that lasted longer than the longest pause starts the pauses afresh.
        """
        return self._own(task_name, self._restart(task_name, work))

    def once(self, task_name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run `work` once; a failure is logged and counted, and seen by whoever awaits the task."""
        return self._own(task_name, self._report(task_name, work))

    async def close(self) -> None:
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _own(self, task_name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work, name=task_name)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def _restart(self, task_name: str, work: Callable[[], Awaitable[None]]) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                await work()
            except Exception as error:  # noqa: BLE001  (a supervisor outlives any failure of what it supervises)
                failures = 1 if loop.time() - began > self._backoff.most_s else failures + 1
                pause_s = self._backoff.pause_s(failures, self._jitter())
                self._count(task_name, error, retry_in_s=round(pause_s, 3))
                _end_if_cancelled(error)
                await asyncio.sleep(pause_s)
            else:
                return

    async def _report(self, task_name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._count(task_name, error)
            raise

    def _count(self, task_name: str, error: Exception, **fields: object) -> None:
        self._failures.labels(task_name).inc()
        _log.error("task_failed", task=task_name, **fault_fields(error), **fields)


def _end_if_cancelled(error: Exception) -> None:
    """Work whose way out failed while it was being cancelled has lost its cancellation in that failure: end it here."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error
