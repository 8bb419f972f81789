"""Who can pass where, what a policy would change, and what ends by itself: questions about everybody known at a site.

A question names its purpose and is written down. One is worked on at a time, in a process apart from the decisions,
which reads what it needs and packs the answer as it is sent.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Final, Protocol, TypeVar

from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack
from menshen_servicekit.clock import Clock

from menshen_access import foresight_work
from menshen_access.domain.foreseen import Comparison, Foreseen, Granted, Lost, Passing, WayRow
from menshen_access.domain.subject_records import Page
from menshen_access.drafts import Drafts
from menshen_access.foresight_refusals import (
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
from menshen_access.querying import Querying, Question
from menshen_access.resting import Resting
from menshen_access.work_apart import MOST_S, Worker

T = TypeVar("T")
DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 31
MOST_KINDS: Final = 20_000
"""Kinds of subjects that are asked about over a window: more would take longer, and more memory, than there is."""
_REST_SHARE: Final = 10.0
"""Less than of an export: PostgreSQL has done its part before the first step, and people wait for the answer."""
_WEEK: Final = 7


class Records(Protocol):
    """The packed records of a site."""

    def reading(self, site: str, *, rests: bool) -> Callable[[], list[Page]]:
        """Reads all of them, for a process apart. It `rests` between pages."""

    async def of_subject(self, site: str, subject_id: str) -> bytes:
        """One of them; no bytes for a subject that is not known."""


class Packing(Protocol):
    """Makes the parts in which answers are sent, each of them small; the process apart calls it."""

    def passes(self, found: Foreseen[Passing]) -> Iterable[bytes]:
        """Of who can pass."""

    def ways(self, found: Sequence[WayRow]) -> Iterable[bytes]:
        """Of where a subject can pass."""

    def granted(self, found: Foreseen[Granted]) -> Iterable[bytes]:
        """Of who passes where."""

    def changes(self, found: Comparison) -> Iterable[bytes]:
        """Of what a policy would change."""

    def losses(self, found: Foreseen[Lost]) -> Iterable[bytes]:
        """Of what ends by itself."""


class Foreseeing:
    """Foresight over all sites; answers are parts as `Packing` makes them."""

    def __init__(
        self,
        records: Records,
        drafts: Drafts,
        packing: Packing,
        querying: Querying,
        names: KnownNames,
        clock: Clock,
        resting: Resting,
        *,
        most_s: float = MOST_S,
        most_kinds: int = MOST_KINDS,
    ) -> None:
        self._records = records
        self._drafts = drafts
        self._packing = packing
        self._querying = querying
        self._names = names
        self._clock = clock
        self._resting = resting
        self._most_s = most_s
        self._most_kinds = most_kinds
        self._worker = Worker(most_s)

    async def close(self) -> None:
        """End the process apart, in the middle of its work too."""
        self._worker.end()

    async def who_can_pass(self, question: Question, access_point_id: str, at_ms: int) -> list[bytes]:
        """DomainError INVALID without a purpose, or for an access point the plan does not define."""
        site = question.site
        await self._querying.write_down(question, {"access_point": access_point_id, "at_ms": at_ms})
        at_ms = at_ms or self._clock.now_ms()
        standing = await self._drafts.defining(site, access_point_id, at_ms)
        asked = standing, access_point_id, at_ms
        return await self._of_everybody(site, self._packing.passes, foresight_work.who_can_pass, *asked)

    async def where_can_pass(self, question: Question, subject_id: str, window: tuple[int, int]) -> list[bytes]:
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
        asked = record, await self._drafts.standing(question.site), from_ms, to_ms
        return await self._answer(self._packing.ways, foresight_work.where_can_pass, *asked)

    async def who_passes_where(self, question: Question, unit: str, at_ms: int) -> list[bytes]:
        """Everybody, or those of a unit, at every access point where they are not refused.

        DomainError INVALID without a purpose, NOT_FOUND for a unit that the site never knew.
        """
        site = question.site
        await self._querying.write_down(question, {"unit": unit, "at_ms": at_ms})
        if unit:
            await self._names.check_unit(site, unit)
        asked = await self._drafts.standing(site), unit, at_ms or self._clock.now_ms()
        return await self._of_everybody(site, self._packing.granted, foresight_work.who_passes_where, *asked)

    async def compared(self, question: Question, policy_id: str, text: str, window: tuple[int, int]) -> list[bytes]:
        """The policy, stored or as a document, over (from, to); zeros: now, and a week.

        DomainError INVALID as for a policy that is activated, with every fault or error, CONFLICT for one that is in
        the plan already; nothing is stored.
        """
        site, from_ms = question.site, window[0] or self._clock.now_ms()
        to_ms = window[1] or from_ms + _WEEK * DAY_MS
        await self._querying.write_down(question, {"policy_id": policy_id, "from_ms": from_ms, "to_ms": to_ms})
        _check_window(from_ms, to_ms)
        asked = *await self._drafts.plans(site, policy_id, text, from_ms), from_ms, to_ms, self._most_kinds
        return await self._of_everybody(site, self._packing.changes, foresight_work.what_changes, *asked)

    async def forecast(self, question: Question, days: int) -> list[bytes]:
        """DomainError INVALID without a purpose, or for days outside 1 to 31."""
        site, from_ms = question.site, self._clock.now_ms()
        await self._querying.write_down(question, {"days": days})
        if not 1 <= days <= MOST_DAYS:
            raise days_invalid(MOST_DAYS)
        asked = await self._drafts.standing(site), from_ms, from_ms + days * DAY_MS, self._most_kinds
        return await self._of_everybody(site, self._packing.losses, foresight_work.what_ends, *asked)

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

    async def _of_everybody(
        self,
        site: str,
        pack: Callable[[T], Iterable[bytes]],
        work: Callable[..., foresight_work.Work[T]],
        *asked: object,
    ) -> list[bytes]:
        """What `work` answers about everybody's records, which are read where it is called."""
        reading = self._records.reading(site, rests=self._resting.rest_s(1.0) > 0)
        return await self._answer(pack, foresight_work.of_everybody, reading, work, *asked)

    async def _answer(self, *asked: object) -> list[bytes]:
        """All parts of an answer. Between its steps decisions have their time; it holds the process apart until it is
        there, `most_s` at most.
        """
        parts: list[bytes] = []
        async with self._turn(), asyncio.timeout(self._most_s):
            began = self._resting.now()
            await self._worker.run(foresight_work.begin, *asked)
            while True:
                step = await self._worker.run(foresight_work.step)
                if not step.is_begun:
                    raise cut_short()
                parts += step.parts
                if step.is_last:
                    return parts
                await self._resting.after(self._resting.now() - began, _REST_SHARE)
                began = self._resting.now()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The process apart, for one question; what may end it in there is told to whoever asked."""
        async with self._worker.turn:
            try:
                yield
            except foresight_work.TooManyKindsError as error:
                raise too_many_kinds(error.most) from None
            except TimeoutError:
                self._worker.end()
                raise took_too_long(self._most_s) from None
            except asyncio.CancelledError:
                # Between two steps too: what was read of everybody is not kept for nobody.
                self._worker.end()
                raise
            except BrokenProcessPool:
                self._worker.end()
                raise cut_short() from None


def _check_window(from_ms: int, to_ms: int) -> None:
    if to_ms <= from_ms:
        raise window_reversed()
    if to_ms - from_ms > MOST_DAYS * DAY_MS:
        raise window_too_long(MOST_DAYS)
