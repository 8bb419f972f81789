"""The recorded decisions of a window, read and judged by the page: day by day, and of a day in sequence.

A page is of one day, by which the history is partitioned, so that few of its tables are locked at once.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.replay_work import Judging, Stored, Wanted


class RecordedDecisions(Protocol):
    """The decisions of the history, and what they were made on."""

    async def days(self, first: date, last: date) -> Sequence[date]:
        """The days from first to last of which there may be events, in order."""

    async def page(
        self, site: str, day: date, after: int, through: int, window: tuple[int, int], limit: int
    ) -> Sequence[tuple[int, int, bytes, bytes | None, bytes | None, bool, int]]:
        """Those of a day in sequence whose device time is in the window; each as `replay_work.Stored`."""

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


class Span(NamedTuple):
    """What is replayed: device times from, and before, and the days of the events that may have them, first and last;
    nothing recorded after `through`; so many decisions a page.
    """

    site: str
    window: tuple[int, int]
    days: tuple[date, date]
    through: int
    page: int


class JudgedPage(NamedTuple):
    """How many decisions were judged, sequence and device time of the last, and those that came out otherwise; the
    epoch that the history is in after they were read. `is_last` where no other page follows.
    """

    epoch: int
    decisions: int
    sequence: int
    at_ms: int
    differing: Sequence[Differing]
    is_last: bool


class ReplayPages:
    """One replay; holds a page, and what `Judging` keeps."""

    def __init__(self, sources: Sources, judging: Judging, span: Span) -> None:
        self._sources = sources
        self._judging = judging
        self._span = span
        self._days: deque[date] | None = None
        self._sequence = 0

    @property
    def tally(self) -> ReplayTally:
        """What it has come to so far."""
        return self._judging.tally

    async def next(self) -> JudgedPage:
        """Read and judge the next page; the last one may be empty."""
        page = [Stored(*row) for row in await self._rows()]
        epoch, _ = await self._sources.history.end(self._span.site)
        at_ms, differing = await self._judged(page) if page else (0, [])
        return JudgedPage(epoch, len(page), page[-1].sequence if page else 0, at_ms, differing, not self._days)

    async def _rows(self) -> Sequence[tuple[int, int, bytes, bytes | None, bytes | None, bool, int]]:
        site, window, days, through, limit = self._span
        decisions = self._sources.decisions
        if self._days is None:
            self._days = deque(await decisions.days(*days))
        while self._days:
            rows = await decisions.page(site, self._days[0], self._sequence, through, window, limit)
            self._sequence = rows[-1][0] if rows else 0
            if len(rows) < limit:
                self._days.popleft()
                self._sequence = 0
            if rows:
                return rows
        return ()

    async def _judged(self, page: Sequence[Stored]) -> tuple[int, Sequence[Differing]]:
        site, decisions, judging = self._span.site, self._sources.decisions, self._judging
        wanted = judging.read(page)
        records = await decisions.records(site, wanted.subjects)
        held = await decisions.circumstances(site, wanted.circumstances)
        step = judging.judge(records, held, wanted, None)
        found = [*step.differing]
        while step.plan is not None:
            plan = step.plan, await self._sources.plans.plan_of(site, step.plan)
            step = judging.judge({}, {}, Wanted(), plan)
            found += step.differing
        return wanted.at_ms, found
