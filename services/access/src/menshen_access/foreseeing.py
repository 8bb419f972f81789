"""Who can pass, what a policy would change, and what ends by itself: questions about everybody known at a site.

A question names its purpose and is written down. One is worked on at a time, in a process apart from the decisions.
"""

import asyncio
import json
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from menshen_rulebook.foresight import Totals
from menshen_rulebook.plan import plan_to_json
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access import foresight_work
from menshen_access.drafts import Drafts, PolicySource
from menshen_access.planning import Planning
from menshen_access.querying import Querying, Question

T = TypeVar("T")
DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 31
MOST_S: Final = 300.0
_WEEK: Final = 7


class PassRow(NamedTuple):
    """What one subject would be told."""

    subject_id: str
    outcome: int
    code: str


class ChangeRow(NamedTuple):
    """One change for one subject; `kind` is one of `foresight_work`."""

    subject_id: str
    access_point_id: str
    kind: str
    from_ms: int
    to_ms: int
    code: str


class LossRow(NamedTuple):
    """An access point that one subject passes no more from an instant on."""

    subject_id: str
    access_point_id: str
    from_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a policy would change; `rows` are unfolded as they are read."""

    subjects: int
    totals: Totals
    rows: Iterator[ChangeRow]


class Records(Protocol):
    """The packed records of a site."""

    def pages(self, site: str) -> AsyncIterator[list[bytes]]:
        """All of them."""


class Foreseeing:
    """Foresight over all sites."""

    def __init__(
        self, records: Records, policies: PolicySource, planning: Planning, querying: Querying, clock: Clock
    ) -> None:
        self._records = records
        self._drafts = Drafts(policies, planning)
        self._querying = querying
        self._clock = clock
        self._worker = Worker()

    async def close(self) -> None:
        """End the process apart, in the middle of its work too."""
        self._worker.end()

    async def who_can_pass(self, question: Question, access_point_id: str, at_ms: int) -> Iterator[PassRow]:
        """DomainError INVALID without a purpose, or for an access point the plan does not define."""
        await self._querying.write_down(question, {"access_point": access_point_id, "at_ms": at_ms})
        at_ms, plan = at_ms or self._clock.now_ms(), await self._drafts.plan(question.site)
        if plan.point(access_point_id, at_ms) is None:
            unknown = FieldTrouble("access_point", "方案中已定义的通行点", "an access point the plan defines")
            raise DomainError(
                Trouble.INVALID, "ACCESS_POINT_UNKNOWN", "无此通行点", "there is no such access point", [unknown]
            )
        document = plan_to_json(plan)
        parts = await self._work(
            question.site, lambda pages: self._run(foresight_work.who_can_pass, pages, document, access_point_id, at_ms)
        )
        return (PassRow(name, outcome, code) for names, outcome, code in _unfolded(parts) for name in names)

    async def compared(self, question: Question, policy_id: str, text: str, window: tuple[int, int]) -> Comparison:
        """The policy, stored or as a document, over (from, to); zeros: now, and a week.

        DomainError INVALID as for a policy that is activated, with every fault or error; nothing is stored.
        """
        from_ms = window[0] or self._clock.now_ms()
        to_ms = window[1] or from_ms + _WEEK * DAY_MS
        await self._querying.write_down(question, {"policy_id": policy_id, "from_ms": from_ms, "to_ms": to_ms})
        _check_window(from_ms, to_ms)
        before, after = await self._drafts.plans(question.site, policy_id, text, from_ms)
        asked, totals, parts = await self._work(
            question.site,
            lambda pages: self._run(foresight_work.what_changes, pages, before, after, from_ms, to_ms),
        )
        rows = (ChangeRow(name, *row) for names, changes in _unfolded(parts) for name in names for row in changes)
        return Comparison(asked, totals, rows)

    async def forecast(self, question: Question, days: int) -> Iterator[LossRow]:
        """DomainError INVALID without a purpose, or for days outside 1 to 31."""
        await self._querying.write_down(question, {"days": days})
        from_ms = self._clock.now_ms()
        _check_window(from_ms, from_ms + days * DAY_MS, "days")
        document = plan_to_json(await self._drafts.plan(question.site))
        parts = await self._work(
            question.site,
            lambda pages: self._run(foresight_work.what_ends, pages, document, from_ms, from_ms + days * DAY_MS),
        )
        return (LossRow(name, *rest) for names, *rest in _unfolded(parts) for name in names)

    async def _work(self, site: str, ask: Callable[[list[bytes]], Awaitable[T]]) -> T:
        async with self._worker.turn:
            pages = [foresight_work.joined(page) async for page in self._records.pages(site)]
            try:
                return await ask(pages)
            except (BrokenProcessPool, TimeoutError):
                self._worker.end()
                raise DomainError(
                    Trouble.UNAVAILABLE,
                    "FORESIGHT_ENDED",
                    "推演进程已中断，请重试",
                    "the work was cut short; ask again",
                ) from None

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        return await self._worker.run(work, *arguments)


class Worker:
    """One process, started with its first work, that gives way to all others; `turn` is held by whoever uses it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` there. BrokenProcessPool when the process ended meanwhile, TimeoutError after MOST_S."""
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=foresight_work.give_way)
        try:
            async with asyncio.timeout(MOST_S):
                return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        except (asyncio.CancelledError, TimeoutError):
            # Nobody waits any more: it would work on for nobody, and the next question would wait for it.
            self.end()
            raise

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


def _unfolded(parts: Iterable[bytes]) -> Iterator[Any]:
    return map(json.loads, parts)


def _check_window(from_ms: int, to_ms: int, field: str = "to_ms") -> None:
    if 0 < to_ms - from_ms <= MOST_DAYS * DAY_MS:
        return
    expected = FieldTrouble(field, f"1 至 {MOST_DAYS} 天的时段", f"a window of 1 to {MOST_DAYS} days")
    raise DomainError(
        Trouble.INVALID, "WINDOW_INVALID", f"时段须在 {MOST_DAYS} 天以内", f"at most {MOST_DAYS} days", [expected]
    )
