"""Publishing: what PostgreSQL holds of a site, into its Redis.

The place reached in the delta log is kept in Redis itself, beside the records, so that a Redis that lost its tail is
given that tail again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, Protocol

from menshen_rulebook.types import LiveState

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.circumstances import circumstances_of
from menshen_access.domain.store import FeedCursor, RecordPut
from menshen_access.domain.subject_records import HeldSubject, Projection
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import Generations
from menshen_access.ports import Projection as Store

RECORDS: Final = "records"
PAGE: Final = 500
POLL_S: Final = 1.0
GATHER_S: Final = 0.02
"""Changes gather for this long: a bulk change is published in pages, not row by row."""


class DeltaPage(Protocol):
    """Subjects changed after a position, in order, and the projection as of the same instant."""

    @property
    def projection(self) -> Projection: ...

    @property
    def subjects(self) -> tuple[HeldSubject, ...]: ...


class SubjectLog(Protocol):
    """The delta log of projected subjects in PostgreSQL."""

    async def after(self, site: str, position: int, limit: int) -> DeltaPage:
        """The oldest changes after a position."""


class PlanShelf(Protocol):
    """Plan and holds in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def current_holds(self, site: str) -> HoldSet:
        """The holds in force."""


class Publisher:
    """Keeps one site's Redis equal to PostgreSQL."""

    def __init__(
        self, site: str, log: SubjectLog, shelf: PlanShelf, store: Store, generations: Generations, board: Noticeboard
    ) -> None:
        self._site = site
        self._log = log
        self._shelf = shelf
        self._store = store
        self._generations = generations
        self._board = board

    async def follow_records(self) -> None:
        """Publish records as they change, for ever. Outages of either store end it; run it again."""
        place: tuple[int, int] | None = None
        while True:
            changed = self._board.next(Topic.SUBJECTS, self._site)
            generation = self._generations.current(self._site)
            if generation is not None:
                known = place[1] if place is not None and place[0] == generation else None
                place = generation, (await self.records(generation, after=known))[1]
            await within(changed, POLL_S)
            await asyncio.sleep(GATHER_S)

    async def follow_documents(self) -> None:
        """Publish plan and holds as they change, for ever."""
        while True:
            plan = self._board.next(Topic.PLAN, self._site)
            holds = self._board.next(Topic.HOLDS, self._site)
            generation = self._generations.current(self._site)
            if generation is not None:
                await self.documents(generation)
            await _first_of(plan, holds)

    async def records(
        self,
        generation: int,
        told: Callable[[int, Projection], Awaitable[None]] | None = None,
        after: int | None = None,
    ) -> tuple[int, int]:
        """Put in Redis what it does not have, from `after` or the place Redis kept; (records put, place reached).

        `told(done, projection)` is awaited after each page.
        """
        position = await self._start() if after is None else after
        done = 0
        async with aclosing(self._pages(position)) as pages:
            async for page in pages:
                position = page.subjects[-1].position
                cursor = FeedCursor(RECORDS, page.projection.epoch, position)
                await self._store.put_records(self._site, generation, list(map(put_of, page.subjects)), cursor)
                done += len(page.subjects)
                if told is not None:
                    await told(done, page.projection)
        return done, position

    async def _pages(self, position: int) -> AsyncGenerator[DeltaPage, None]:
        """Pages of the log after a position. The next one is read while Redis takes the one before."""
        page = await self._log.after(self._site, position, PAGE)
        while page.subjects:
            reading = asyncio.ensure_future(self._log.after(self._site, page.subjects[-1].position, PAGE))
            try:
                yield page
                page = await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def documents(self, generation: int) -> None:
        """Plan and holds as they stand; the store keeps a higher version it has."""
        version, plan = await self._shelf.current_plan(self._site)
        if version:
            await self._store.put_plan(self._site, generation, version, plan)
        await self.holds(generation)

    async def holds(self, generation: int) -> None:
        held = await self._shelf.current_holds(self._site)
        if held.version:
            circumstances = circumstances_of(self._site, held)
            await self._store.put_circumstances(self._site, generation, held.version, circumstances.encode())

    async def at_once(self, subjects: Sequence[HeldSubject]) -> None:
        """Publish records ahead of the log; the log brings them again. Does nothing while the site is not ready."""
        generation = self._generations.current(self._site)
        if generation is not None and subjects:
            await self._store.put_records(self._site, generation, list(map(put_of, subjects)))

    async def _start(self) -> int:
        """Where to go on: the place Redis kept, or the start when it is of another epoch or ahead of the log."""
        known = (await self._store.cursors(self._site)).get(RECORDS)
        projection = (await self._log.after(self._site, 0, 0)).projection
        if known is None or known.epoch != projection.epoch or known.position > projection.position:
            return 0
        return known.position


def put_of(subject: HeldSubject) -> RecordPut:
    """The record as Redis takes it."""
    return RecordPut(
        subject.subject_id,
        subject.version,
        subject.record,
        subject.keys,
        subject.dropped_keys,
        subject.pin_verifier,
        subject.duress_verifier,
    )


def live_of(site: str, held: HoldSet) -> LiveState:
    """The holds and orders alone, for what follows from nothing else."""
    standing = circumstances_of(site, held)
    return LiveState(holds=standing.holds, holds_version=standing.version, orders=standing.orders)


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
