"""Deleting what is over age, class by class and day by day, and the legal holds that keep it longer."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

import structlog
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed, is_id
from menshen_access.domain.retention import (
    DAY_MS,
    WHOLE_DAYS_FIRST_MS,
    DayEnd,
    HoldsBusyError,
    LegalHold,
    RetentionClass,
    RetentionRun,
    Sorted,
    in_turn,
    ripe_days,
)
from menshen_access.known_names import KnownNames
from menshen_access.querying import Querying, Question
from menshen_access.superseding import Superseded, VersionShelf

PAGE: Final = 1_000
PAUSE_S: Final = 0.2
ROUND_S: Final = 6 * 3_600.0
RUNS_SHOWN: Final = 200
SPARED_MS: Final = DAY_MS
SLOW_DAYS: Final = 2
"""Of a round at most: a day that is judged keeps legal holds from being placed meanwhile."""

_log = structlog.get_logger(__name__)


class RetainedBytes(Protocol):
    """The bytes of the history in PostgreSQL, and what every run did."""

    async def epoch(self, site: str) -> int:
        """The epoch of a site; one that a restore began is no lower than its instant, others lie years back."""

    async def begin(self, site: str, wanted: RetentionClass, now_ms: int) -> tuple[int, int]:
        """(start, sequence) of the run under way, begun where there is none; everything up to sequence is done."""

    async def delete_page(
        self, site: str, run: RetentionRun, after: int, before_ms: int, limit: int, *, advance: bool
    ) -> Sorted:
        """Delete what is over age among the next events after a sequence; `advance` remembers how far all is done."""

    async def oldest_left(self, site: str, wanted: RetentionClass, after: int) -> int:
        """When the first event after a sequence that has bytes of the class was recorded, 0 for none."""

    async def end(self, site: str, run: RetentionRun) -> RetentionRun:
        """The run as it is remembered."""

    async def prune(self, site: str, commands_ms: int, queries_ms: int, limit: int) -> int:
        """Delete commands and queries of these instants or sooner, at most so many of each; how many were deleted."""


class DayStore(Protocol):
    """Days of the history in PostgreSQL."""

    async def days(self) -> list[date]:
        """Those that have a partition."""

    async def drop(self, day: date, before_ms: int, now_ms: int) -> DayEnd:
        """Drop a day whose events were all recorded at `before_ms` or sooner, and none of which is kept."""


class Retention:
    """Deletes what is over age at one site; whoever runs it holds the site's lease.

    `days` says for how many days each class is kept, a class without them for ever.
    """

    def __init__(
        self,
        site: str,
        store: RetainedBytes,
        whole_days: DayStore,
        versions: VersionShelf,
        days: Mapping[RetentionClass, int],
        query_days: int,
        clock: Clock,
        page: int = PAGE,
    ) -> None:
        self._site = site
        self._store = store
        self._whole_days = whole_days
        self._days = days
        self._superseded = Superseded(site, store, versions, days[RetentionClass.IDENTITY], clock, page)
        self._query_days = query_days
        self._clock = clock
        self._page = page
        self._slow_day = date.min

    async def follow(self) -> None:
        """Run after run, for ever. Outages end it; run it again, and it goes on where it was."""
        while True:
            await asyncio.sleep(await self.spared_ms() / 1000)
            await self.go_round(PAUSE_S)
            await asyncio.sleep(ROUND_S)

    async def spared_ms(self) -> int:
        """For how long nothing is deleted: a day after a restore, for it lost the legal holds placed since."""
        left_ms = await self._store.epoch(self._site) + SPARED_MS - self._clock.now_ms()
        return min(max(left_ms, 0), SPARED_MS)

    async def go_round(self, pause_s: float = 0.0) -> list[RetentionRun]:
        """Everything once: whole days before single events, versions after the events that cite them."""
        runs = [await self.run(RetentionClass.HEALTH, pause_s), await self.run(RetentionClass.IDENTITY, pause_s)]
        if RetentionClass.CORE in self._days:
            await self.drop_days(pause_s)
            runs.append(await self.run(RetentionClass.CORE, pause_s))
        runs += await self._superseded.run(runs[1], pause_s)
        await self.prune(pause_s)
        return runs

    async def drop_days(self, pause_s: float = 0.0) -> int:
        """Drop the days that are over age as a whole, until one is in use by others; how many were dropped.

        A day that takes too long to judge is passed over; its events go one by one, and then it is empty. After
        SLOW_DAYS of them the next call goes on behind the last one.
        """
        now_ms, dropped, slow = self._clock.now_ms(), 0, 0
        before_ms = now_ms - self._days[RetentionClass.CORE] * DAY_MS
        ripe = ripe_days(await self._whole_days.days(), before_ms, now_ms)
        for day in in_turn(ripe, self._slow_day):
            end = await self._whole_days.drop(day, before_ms, now_ms)
            if end is DayEnd.IN_USE:
                _log.info("retention_waits", site=self._site, day=day.isoformat())
                break
            if end is DayEnd.TOO_SLOW:
                _log.warning("retention_day_too_slow", site=self._site, day=day.isoformat())
                self._slow_day, slow = day, slow + 1
                if slow == SLOW_DAYS:
                    break
            dropped += end is DayEnd.GONE
            await asyncio.sleep(pause_s)
        return dropped

    async def run(self, wanted: RetentionClass, pause_s: float = 0.0) -> RetentionRun:
        """Delete everything of a class that is over age, page by page; what was done.

        A run that was cut short is gone on with. Events that are kept are looked at again by every run.
        """
        now_ms = self._clock.now_ms()
        started_at_ms, after = await self._store.begin(self._site, wanted, now_ms)
        run, is_end, advance = RetentionRun(wanted, started_at_ms), False, True
        before_ms = now_ms - self._days[wanted] * DAY_MS
        if wanted is RetentionClass.CORE:
            before_ms -= WHOLE_DAYS_FIRST_MS
        while not is_end:
            page = await self._store.delete_page(self._site, run, after, before_ms, self._page, advance=advance)
            run = replace(
                run,
                kept_by_holds=run.kept_by_holds + page.kept_by_holds,
                kept_in_use=run.kept_in_use + page.kept_in_use,
                oldest_left_ms=run.oldest_left_ms or page.oldest_left_ms,
            )
            after, is_end, advance = page.through, page.is_end, advance and page.done == page.through
            await asyncio.sleep(pause_s)
        left_ms = run.oldest_left_ms or await self._store.oldest_left(self._site, wanted, after)
        run = replace(run, oldest_left_ms=left_ms, ended_at_ms=self._clock.now_ms())
        ended = await self._store.end(self._site, run)
        _log.info("retention_ran", site=self._site, retention_class=wanted.name, deleted=ended.deleted)
        return ended

    async def prune(self, pause_s: float = 0.0) -> int:
        """Delete commands as old as identities that go, and queries at their own age; how many were deleted."""
        now_ms, pruned, page = self._clock.now_ms(), 0, -1
        commands_ms = now_ms - self._days[RetentionClass.IDENTITY] * DAY_MS
        queries_ms = now_ms - self._query_days * DAY_MS
        while page:
            page = await self._store.prune(self._site, commands_ms, queries_ms, self._page)
            pruned += page
            await asyncio.sleep(pause_s)
        return pruned


class HoldStore(Protocol):
    """Legal holds and runs in PostgreSQL."""

    async def place(self, site: str, hold: LegalHold, deed: Deed) -> None:
        """From its return on nothing the hold covers is deleted. HoldsBusyError."""

    async def end_hold(self, site: str, hold_id: str, deed: Deed) -> LegalHold | None:
        """The hold as ended; None when no such hold is in force. HoldsBusyError."""

    async def holds(self, site: str, *, ended_too: bool) -> list[LegalHold]:
        """Newest first."""

    async def runs(self, site: str, limit: int) -> list[RetentionRun]:
        """Newest first."""


class RetentionDesk:
    """Legal holds of all sites, and the report of what was deleted."""

    def __init__(
        self, store: HoldStore, querying: Querying, names: KnownNames, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._querying = querying
        self._names = names
        self._clock = clock
        self._new_id = new_id

    async def place(self, site: str, subject_id: str, from_ms: int, to_ms: int, reason: str, caller: str) -> LegalHold:
        """Keep records beyond their age; `to_ms` 0 is for ever.

        DomainError INVALID names what is wrong, NOT_FOUND a subject that the site never knew; CONFLICT while records
        are deleted.
        """
        until_ms = to_ms or FOREVER_MS
        _check(reason, from_ms, until_ms)
        if subject_id:
            await self._names.check_subject(site, subject_id)
        now_ms = self._clock.now_ms()
        hold = LegalHold(self._new_id(), subject_id, from_ms, until_ms, reason, caller, now_ms)
        deed = Deed(site, now_ms, caller, "PLACE_LEGAL_HOLD", hold.hold_id, reason, detail=subject_id)
        try:
            await self._store.place(site, hold, deed)
        except HoldsBusyError:
            raise _busy() from None
        return hold

    async def end(self, site: str, hold_id: str, reason: str, caller: str) -> LegalHold:
        """Let go of a hold. DomainError INVALID without a reason, NOT_FOUND when no such hold is in force,
        CONFLICT while records are deleted.
        """
        _check(reason, 0, FOREVER_MS)
        deed = Deed(site, self._clock.now_ms(), caller, "END_LEGAL_HOLD", hold_id, reason)
        try:
            ended = await self._store.end_hold(site, hold_id, deed) if is_id(hold_id) else None
        except HoldsBusyError:
            raise _busy() from None
        if ended is None:
            raise DomainError(
                Trouble.NOT_FOUND,
                "LEGAL_HOLD_UNKNOWN",
                "没有此项生效中的记录保全",
                "no such legal hold is in force",
            )
        return ended

    async def holds(self, question: Question, *, ended_too: bool) -> list[LegalHold]:
        """Newest first; the query is written down, for a hold names whom an inquiry is about."""
        await self._querying.write_down(question, {"ended_too": ended_too})
        return await self._store.holds(question.site, ended_too=ended_too)

    async def runs(self, site: str) -> list[RetentionRun]:
        """The latest runs, newest first."""
        return await self._store.runs(site, RUNS_SHOWN)


def _busy() -> DomainError:
    return DomainError(
        Trouble.CONFLICT,
        "LEGAL_HOLDS_BUSY",
        "正在删除到期记录，记录保全未变；请一分钟后再试",
        "records over age are being deleted just now, and no legal hold was changed; ask again in a minute",
    )


def _check(reason: str, from_ms: int, to_ms: int) -> None:
    wrong = []
    if not reason.strip():
        wrong.append(FieldTrouble("reason", "理由", "a reason"))
    if not 0 <= from_ms < to_ms:
        wrong.append(FieldTrouble("to_ms", "晚于 from_ms 的时刻", "an instant after from_ms"))
    if wrong:
        raise DomainError(
            Trouble.INVALID, "LEGAL_HOLD_INVALID", "记录保全的内容无效", "the legal hold is not valid", wrong
        )
