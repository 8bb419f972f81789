"""Deciding again what was decided: by the policies that were in force, or by another one.

One replay runs at a time, in a process apart that reads the history and ends with the replay. It holds no more than a
page, and what was used last of plans, records and circumstances; this process what came out otherwise in one.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.draft_work import AskedPolicy
from menshen_access.drafts import Drafts
from menshen_access.feeding import epoch_ended
from menshen_access.foreseeing import DAY_MS
from menshen_access.querying import Querying, Question, days_between
from menshen_access.replay_pages import HistoryEnd, JudgedPage, Span
from menshen_access.replay_process import ReplayProcess, Seat
from menshen_access.resting import Resting

MOST_DAYS: Final = 366
PAGE: Final = 250
_WEEK: Final = 7
_THEN_IN_FORCE: Final = AskedPolicy(b"", 0)


class JudgedApart(Protocol):
    """Recorded decisions, read and judged in the process of a replay."""

    async def begin(self, seat: Seat, plan: bytes, policy_version: int, span: Span) -> None:
        """Begin by the policies that were in force; with a version by that policy, which the plan given holds."""

    async def page(self, seat: Seat) -> JudgedPage:
        """The next page. ConnectionError while PostgreSQL is away."""

    async def tally(self, seat: Seat) -> ReplayTally:
        """What all pages came to."""


@dataclass(frozen=True, slots=True)
class ReplayedPage:
    """How far the replay is, in which epoch of the history, and what came out otherwise since the page before; the last
    page has the totals.
    """

    epoch: int
    decisions: int
    sequence: int
    at_ms: int
    differing: Sequence[Differing] = ()
    tally: ReplayTally | None = None


class Replaying:
    """Replays of all sites."""

    def __init__(
        self,
        recorded: JudgedApart,
        history: HistoryEnd,
        drafts: Drafts,
        querying: Querying,
        clock: Clock,
        process: ReplayProcess,
        resting: Resting,
        page: int = PAGE,
    ) -> None:
        self._recorded = recorded
        self._end = history.end
        self._drafts = drafts
        self._querying = querying
        self._clock = clock
        self._page = page
        self._process = process
        self._resting = resting

    async def history(
        self, question: Question, policy_id: str, text: str, window: tuple[int, int]
    ) -> AsyncGenerator[ReplayedPage, None]:
        """Every decision of (from, to), zeros: a week, until now; by a policy, stored or as a document, or with
        neither by those that were in force.

        DomainError INVALID for a window, a purpose or a policy as `Drafts.asked` has it; OUT_OF_RANGE when the epoch of
        the history ends meanwhile; CONFLICT and UNAVAILABLE as `ReplayProcess` has them.
        """
        to_ms = window[1] or self._clock.now_ms()
        from_ms = window[0] or to_ms - _WEEK * DAY_MS
        _check_window(from_ms, to_ms)
        written = {"policy_id": policy_id, "document": len(text), "from_ms": from_ms, "to_ms": to_ms}
        await self._querying.write_down(question, written)
        asked = _THEN_IN_FORCE
        if policy_id or text:
            asked = await self._drafts.asked(question.site, policy_id, text)
        epoch, through = await self._end(question.site)
        async with self._process.alone() as seat:
            span = Span(question.site, (from_ms, to_ms), days_between(from_ms, to_ms), through, self._page)
            await self._recorded.begin(seat, *asked, span)
            reached = ReplayedPage(epoch, 0, 0, 0)
            async for reached in self._pages(seat, epoch):
                yield reached
            tally = await self._recorded.tally(seat)
            yield replace(reached, differing=(), tally=tally)

    async def _pages(self, seat: Seat, epoch: int) -> AsyncIterator[ReplayedPage]:
        """The next page is read when the one before was taken, and decisions have had their time."""
        decisions, is_last = 0, False
        while not is_last:
            began = self._resting.now()
            page = await self._recorded.page(seat)
            took_s = self._resting.now() - began
            if page.epoch != epoch:
                raise epoch_ended(epoch, page.epoch)
            decisions, is_last = decisions + page.decisions, page.is_last
            if page.decisions:
                yield ReplayedPage(epoch, decisions, page.sequence, page.at_ms, page.differing)
            await self._resting.after(took_s)


def _check_window(from_ms: int, to_ms: int) -> None:
    if 0 < to_ms - from_ms <= MOST_DAYS * DAY_MS:
        return
    expected = FieldTrouble("to_ms", f"晚于起始、至多 {MOST_DAYS} 天", f"after the start, by {MOST_DAYS} days at most")
    raise DomainError(
        Trouble.INVALID,
        "WINDOW_INVALID",
        f"时段的截止须晚于起始，且不超过 {MOST_DAYS} 天",
        f"the window has to end after it begins, by {MOST_DAYS} days at most",
        [expected],
    )
