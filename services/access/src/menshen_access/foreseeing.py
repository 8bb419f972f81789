"""Who can pass where, what a policy would change, and what ends by itself: questions about everybody known at a site.

A question names its purpose and is written down. One is worked on at a time, in a process apart from the decisions.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeVar

from menshen_rulebook.plan import plan_to_json
from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack
from menshen_servicekit.clock import Clock

from menshen_access import foresight_work
from menshen_access.domain.foreseen import (
    AccessRow,
    ChangeRow,
    Comparison,
    Foreseen,
    LossRow,
    PassRow,
    WayRow,
    rights_from,
)
from menshen_access.drafts import Drafts, PolicySource
from menshen_access.foresight_refusals import (
    access_point_unknown,
    cut_short,
    days_invalid,
    record_unreadable,
    subject_without_record,
    too_many_kinds,
    took_too_long,
    window_too_long,
)
from menshen_access.known_names import KnownNames
from menshen_access.name_refusals import window_reversed
from menshen_access.planning import Planning
from menshen_access.querying import Querying, Question
from menshen_access.work_apart import MOST_S, Worker, WorkTooLongError

T = TypeVar("T")
DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 31
MOST_KINDS: Final = 20_000
"""Kinds of subjects that are asked about over a window: more would take longer, and more memory, than there is."""
_WEEK: Final = 7


class Records(Protocol):
    """The packed records of a site."""

    def reading(self, site: str) -> Callable[[], list[foresight_work.Page]]:
        """Reads all of them, for a process apart."""

    async def of_subject(self, site: str, subject_id: str) -> bytes:
        """One of them; no bytes for a subject that is not known."""


class Foreseeing:
    """Foresight over all sites."""

    def __init__(
        self,
        records: Records,
        policies: PolicySource,
        planning: Planning,
        querying: Querying,
        names: KnownNames,
        clock: Clock,
        *,
        most_s: float = MOST_S,
        most_kinds: int = MOST_KINDS,
    ) -> None:
        self._records = records
        self._drafts = Drafts(policies, planning)
        self._querying = querying
        self._names = names
        self._clock = clock
        self._most_kinds = most_kinds
        self._worker = Worker(most_s)

    async def close(self) -> None:
        """End the process apart, in the middle of its work too."""
        self._worker.end()

    async def who_can_pass(self, question: Question, access_point_id: str, at_ms: int) -> Foreseen[PassRow]:
        """DomainError INVALID without a purpose, or for an access point the plan does not define."""
        await self._querying.write_down(question, {"access_point": access_point_id, "at_ms": at_ms})
        at_ms, plan = at_ms or self._clock.now_ms(), await self._drafts.plan(question.site)
        if plan.point(access_point_id, at_ms) is None:
            raise access_point_unknown()
        document = plan_to_json(plan)
        parts, unread = await self._work(question.site, foresight_work.who_can_pass, document, access_point_id, at_ms)
        rows = (
            PassRow(name, outcome, code, rights_from(rights))
            for names, outcome, code, rights in _unfolded(parts)
            for name in names
        )
        return Foreseen(rows, unread)

    async def where_can_pass(self, question: Question, subject_id: str, window: tuple[int, int]) -> Iterator[WayRow]:
        """Every access point over (from, to), by access point and time; zeros: now, and a week.

        DomainError INVALID without a purpose or for another window, NOT_FOUND for a subject that is not known, or has
        no record now.
        """
        from_ms = window[0] or self._clock.now_ms()
        to_ms = window[1] or from_ms + _WEEK * DAY_MS
        filters = {"subject_id": subject_id, "from_ms": from_ms, "to_ms": to_ms}
        await self._querying.write_down(question, filters)
        _check_window(from_ms, to_ms)
        record = await self._record(question.site, subject_id)
        document = plan_to_json(await self._drafts.plan(question.site))
        async with self._turn():
            parts = await self._worker.run(foresight_work.where_can_pass, record, document, from_ms, to_ms)
        return (
            WayRow(point, start_ms, end_ms, outcome, code, rights_from(rights))
            for rows in _unfolded(parts)
            for point, start_ms, end_ms, outcome, code, rights in rows
        )

    async def who_passes_where(self, question: Question, unit: str, at_ms: int) -> Foreseen[AccessRow]:
        """Everybody, or those of a unit, at every access point where they are not refused.

        DomainError INVALID without a purpose, NOT_FOUND for a unit that the site never knew.
        """
        await self._querying.write_down(question, {"unit": unit, "at_ms": at_ms})
        if unit:
            await self._names.check_unit(question.site, unit)
        at_ms, document = at_ms or self._clock.now_ms(), plan_to_json(await self._drafts.plan(question.site))
        parts, unread = await self._work(question.site, foresight_work.who_passes_where, document, unit, at_ms)
        rows = (
            AccessRow(name, category, point, outcome, code, rights_from(rights))
            for names, category, passed in _unfolded(parts)
            for name in names
            for point, outcome, code, rights in passed
        )
        return Foreseen(rows, unread)

    async def compared(self, question: Question, policy_id: str, text: str, window: tuple[int, int]) -> Comparison:
        """The policy, stored or as a document, over (from, to); zeros: now, and a week.

        DomainError INVALID as for a policy that is activated, with every fault or error, CONFLICT for one that is in
        the plan already; nothing is stored.
        """
        from_ms = window[0] or self._clock.now_ms()
        to_ms = window[1] or from_ms + _WEEK * DAY_MS
        await self._querying.write_down(question, {"policy_id": policy_id, "from_ms": from_ms, "to_ms": to_ms})
        _check_window(from_ms, to_ms)
        before, after = await self._drafts.plans(question.site, policy_id, text, from_ms, self._clock.now_ms())
        asked, totals, parts, unread = await self._work(
            question.site, foresight_work.what_changes, before, after, from_ms, to_ms, self._most_kinds
        )
        rows = (ChangeRow(name, *row) for names, changes in _unfolded(parts) for name in names for row in changes)
        return Comparison(asked, totals, rows, unread)

    async def forecast(self, question: Question, days: int) -> Foreseen[LossRow]:
        """DomainError INVALID without a purpose, or for days outside 1 to 31."""
        await self._querying.write_down(question, {"days": days})
        from_ms = self._clock.now_ms()
        if not 1 <= days <= MOST_DAYS:
            raise days_invalid(MOST_DAYS)
        document = plan_to_json(await self._drafts.plan(question.site))
        parts, unread = await self._work(
            question.site, foresight_work.what_ends, document, from_ms, from_ms + days * DAY_MS, self._most_kinds
        )
        return Foreseen((LossRow(name, *rest) for names, *rest in _unfolded(parts) for name in names), unread)

    async def _record(self, site: str, subject_id: str) -> bytes:
        """The record of a subject that is known, and can be read."""
        record = await self._records.of_subject(site, subject_id)
        if not record:
            await self._names.check_subject(site, subject_id)
            raise subject_without_record()
        try:
            unpack(record)
        except (RecordMalformedError, RecordSchemaUnknownError):
            raise record_unreadable() from None
        return record

    async def _work(self, site: str, work: Callable[..., T], *arguments: object) -> T:
        """Call `work` with everybody's records, which are read where it is called."""
        async with self._turn():
            return await self._worker.run(foresight_work.of_everybody, self._records.reading(site), work, *arguments)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The process apart, for one question; what may end it in there is told to whoever asked."""
        async with self._worker.turn:
            try:
                yield
            except foresight_work.TooManyKindsError as error:
                raise too_many_kinds(error.most) from None
            except WorkTooLongError as error:
                raise took_too_long(error.most_s) from None
            except BrokenProcessPool:
                self._worker.end()
                raise cut_short() from None


def _unfolded(parts: Iterable[bytes]) -> Iterator[Any]:
    return map(json.loads, parts)


def _check_window(from_ms: int, to_ms: int) -> None:
    if to_ms <= from_ms:
        raise window_reversed()
    if to_ms - from_ms > MOST_DAYS * DAY_MS:
        raise window_too_long(MOST_DAYS)
