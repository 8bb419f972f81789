"""Deciding again what was decided: by the policies that were in force, or by another one.

One replay runs at a time, in a process apart that ends with it. Neither that process nor this one holds more than a
page of the history, and what was used last of plans, records and circumstances.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access import replay_work
from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.drafts import AskedPolicy, Drafts
from menshen_access.feeding import epoch_ended
from menshen_access.foreseeing import DAY_MS
from menshen_access.querying import Querying, Question, days_between
from menshen_access.replay_process import ReplayProcess, Seat
from menshen_access.replay_work import Step, Stored, Wanted

MOST_DAYS: Final = 366
PAGE: Final = 500
_WEEK: Final = 7
_THEN_IN_FORCE: Final = AskedPolicy(b"", 0)


class RecordedDecisions(Protocol):
    """The decisions of the history, and what they were made on."""

    async def page(
        self, site: str, after: int, through: int, days: tuple[date, date], window: tuple[int, int], limit: int
    ) -> Sequence[tuple[int, int, bytes, bytes | None, bytes | None, bool]]:
        """In sequence, those whose device time is in the window; each as `replay_work.Stored`."""

    async def records(self, site: str, wanted: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], bytes]:
        """Packed records by (subject id, version); what is not kept is left out."""

    async def circumstances(self, site: str, versions: Sequence[int]) -> Mapping[int, bytes]:
        """Encoded, by version; what is not kept is left out."""


class PastPlans(Protocol):
    """Plans by version."""

    async def plan_of(self, site: str, version: int) -> bytes:
        """No bytes when it is not kept."""


class HistoryEnd(Protocol):
    """Where the history ends."""

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where recorded decisions are read."""

    decisions: RecordedDecisions
    plans: PastPlans
    history: HistoryEnd


@dataclass(frozen=True, slots=True)
class ReplayedPage:
    """How far the replay is, and what came out otherwise since the page before; the last page has the totals."""

    decisions: int
    sequence: int
    at_ms: int
    differing: Sequence[Differing] = ()
    tally: ReplayTally | None = None


class Replaying:
    """Replays of all sites."""

    def __init__(
        self,
        sources: Sources,
        drafts: Drafts,
        querying: Querying,
        clock: Clock,
        process: ReplayProcess,
        page: int = PAGE,
    ) -> None:
        self._sources = sources
        self._drafts = drafts
        self._querying = querying
        self._clock = clock
        self._page = page
        self._process = process

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
        async with self._process.alone() as seat:
            await seat.run(replay_work.begin, *asked)
            reached = ReplayedPage(0, 0, 0)
            async for reached in self._pages(seat, question.site, (from_ms, to_ms)):
                yield reached
            tally = await seat.run(replay_work.tally)
            yield ReplayedPage(reached.decisions, reached.sequence, reached.at_ms, tally=tally)

    async def _pages(self, seat: Seat, site: str, window: tuple[int, int]) -> AsyncIterator[ReplayedPage]:
        epoch, through = await self._sources.history.end(site)
        days, decisions, sequence = days_between(*window), 0, 0
        while sequence < through:
            rows = await self._sources.decisions.page(site, sequence, through, days, window, self._page)
            current, _ = await self._sources.history.end(site)
            if current != epoch:
                raise epoch_ended(epoch, current)
            if not rows:
                return
            page = [Stored(*row) for row in rows]
            decisions, sequence = decisions + len(page), page[-1].sequence
            at_ms, differing = await self._judged(seat, site, page)
            yield ReplayedPage(decisions, sequence, at_ms, differing)
            if len(rows) < self._page:
                return

    async def _judged(self, seat: Seat, site: str, page: Sequence[Stored]) -> tuple[int, Sequence[Differing]]:
        wanted = await seat.run(replay_work.read, page)
        records = await self._sources.decisions.records(site, wanted.subjects)
        held = await self._sources.decisions.circumstances(site, wanted.circumstances)
        step: Step = await seat.run(replay_work.judge_page, records, held, wanted, None)
        found = [*step.differing]
        while step.plan is not None:
            plan = step.plan, await self._sources.plans.plan_of(site, step.plan)
            step = await seat.run(replay_work.judge_page, {}, {}, Wanted(), plan)
            found += step.differing
        return wanted.at_ms, found


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
