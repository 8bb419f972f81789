"""Keeping edges current: a signed snapshot or the deltas since a cursor, then changes, plan, holds and digests.

A snapshot is the delta log read from its start, between a beginning and a signed end. A digest is sent each second with
the cursor it belongs to. A slow agent only holds one page in memory.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.records import OLDEST_READER
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, Trouble

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.subject_records import HeldSubject, Projection
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.publishing import DeltaPage, PlanShelf, SubjectLog

PAGE: Final = 500
BEAT_S: Final = 1.0
GATHER_S: Final = 0.1
"""Changes gather for at most this long, and agents that ask for the same page within it share one reading."""
LEAST_GATHER_S: Final = 0.005
TURN_S: Final = 0.000_3
"""What each agent adds to the time changes gather, so that a few hundred cost a process no more than a few."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an edge stands in the delta log of a site's epoch."""

    epoch: int
    position: int


@dataclass(frozen=True, slots=True)
class Begin:
    """A snapshot begins; so many subjects were held when it did."""

    subjects: int


@dataclass(frozen=True, slots=True)
class Records:
    """Records in the order of the log. `place` is absent inside a snapshot."""

    subjects: tuple[HeldSubject, ...]
    place: Place | None


@dataclass(frozen=True, slots=True)
class End:
    """The snapshot is complete."""

    place: Place
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan with all policies known."""

    version: int
    document: bytes


@dataclass(frozen=True, slots=True)
class Holds:
    """All holds and orders in force."""

    held: HoldSet


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest at a place, and the centre's clock."""

    place: Place
    digest: bytes
    now_ms: int


Step = Begin | Records | End | Plan | Holds | Digest


class Signer(Protocol):
    """Signs snapshots. Two implementations: a key from a file, and one made for a test."""

    def sign(self, site: str, place: Place, digest: bytes) -> bytes:
        """The signature of `statement_of`."""


class Ed25519Signer:
    """Signs with the site key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, site: str, place: Place, digest: bytes) -> bytes:
        return self._key.sign(statement_of(site, place, digest))


def statement_of(site: str, place: Place, digest: bytes) -> bytes:
    """The bytes that are signed."""
    return f"menshen edge snapshot\n{site}\n{place.epoch}\n{place.position}\n".encode() + digest


class EdgeSync:
    """Streams for the agents of all sites."""

    def __init__(self, log: SubjectLog, shelf: PlanShelf, signer: Signer, board: Noticeboard, clock: Clock) -> None:
        self._log = log
        self._shelf = shelf
        self._signer = signer
        self._board = board
        self._clock = clock
        self._followers = 0

    async def follow(self, site: str, after: Place | None, schema: int, language: int) -> AsyncGenerator[Step, None]:
        """What the edge lacks, then every change, for ever. DomainError CONFLICT for an edge too old to read it."""
        _check(schema, language)
        projection = (await self._log.after(site, 0, 0)).projection
        place = after if after is not None and _stands(after, projection) else None
        if place is None:
            async for step in self._snapshot(site, projection):
                yield step
                place = step.place if isinstance(step, End) else place
        if place is None:
            raise AssertionError("a snapshot has an end")
        self._followers += 1
        try:
            async for step in self._changes(site, place):
                yield step
        finally:
            self._followers -= 1

    async def _snapshot(self, site: str, start: Projection) -> AsyncIterator[Step]:
        yield Begin(start.subjects)
        position = 0
        while True:
            page = await self._log.after(site, position, PAGE)
            if not page.subjects:
                place = Place(page.projection.epoch, position)
                digest = page.projection.digest
                yield End(place, digest, self._signer.sign(site, place, digest))
                return
            position = page.subjects[-1].position
            # A subject removed before the snapshot began was never part of it.
            needed = tuple(s for s in page.subjects if s.record or s.position > start.position)
            if needed:
                yield Records(needed, None)

    async def _changes(self, site: str, place: Place) -> AsyncIterator[Step]:
        plan, holds, beat_at = -1, -1, -BEAT_S
        while True:
            changed = self._board.next(Topic.EDGE, site)
            async for step in self._documents(site, plan, holds):
                plan = step.version if isinstance(step, Plan) else plan
                holds = step.held.version if isinstance(step, Holds) else holds
                yield step
            page = await self._log.after(site, place.position, PAGE)
            if page.projection.epoch != place.epoch:
                return
            if page.subjects:
                place = Place(place.epoch, page.subjects[-1].position)
                yield Records(page.subjects, place)
            is_level = place.position == page.projection.position
            if is_level and self._clock.monotonic() - beat_at >= BEAT_S:
                beat_at = self._clock.monotonic()
                yield Digest(place, page.projection.digest, self._clock.now_ms())
            if len(page.subjects) < PAGE:
                gather_s = gather_s_of(self._followers)
                await asyncio.sleep(gather_s)
                await within(changed, BEAT_S - gather_s)

    async def _documents(self, site: str, plan_sent: int, holds_sent: int) -> AsyncIterator[Step]:
        """Plan and holds, unless these versions were sent."""
        version, document = await self._shelf.current_plan(site)
        if version and version != plan_sent:
            yield Plan(version, document)
        held = await self._shelf.current_holds(site)
        if held.version != holds_sent:
            yield Holds(held)


class SharedShelf:
    """Plan, holds and pages of the log read once for all agents that want the same at the same moment.

    A page that is a moment old is as good as one read a moment ago: it carries the projection it belongs to. What was
    read before a notice of its topic is not given after it: whoever it woke would wait a beat for the change.
    """

    def __init__(self, log: SubjectLog, shelf: PlanShelf, board: Noticeboard, keep_s: float = GATHER_S) -> None:
        self._log = log
        self._shelf = shelf
        self._board = board
        self._keep_s = keep_s
        self._readings: dict[tuple[object, ...], tuple[asyncio.Event, asyncio.Task[Any]]] = {}

    async def after(self, site: str, position: int, limit: int) -> DeltaPage:
        page: DeltaPage = await self._once(
            (Topic.SUBJECTS, site, position, limit), lambda: self._log.after(site, position, limit)
        )
        return page

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        plan: tuple[int, bytes] = await self._once((Topic.PLAN, site), lambda: self._shelf.current_plan(site))
        return plan

    async def current_holds(self, site: str) -> HoldSet:
        held: HoldSet = await self._once((Topic.HOLDS, site), lambda: self._shelf.current_holds(site))
        return held

    async def _once(self, key: tuple[Any, ...], read: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        overtaken, reading = self._readings.get(key, (None, None))
        if reading is None or overtaken is None or overtaken.is_set():
            overtaken = self._board.next(key[0], key[1])
            reading = asyncio.get_running_loop().create_task(read())
            self._readings[key] = overtaken, reading
            reading.add_done_callback(lambda done: self._forget_later(key, done))
        # A watcher that leaves must not take the reading away from the others.
        return await asyncio.shield(reading)

    def _forget_later(self, key: tuple[Any, ...], reading: "asyncio.Task[Any]") -> None:
        def forget() -> None:
            if self._readings.get(key, (None, None))[1] is reading:
                del self._readings[key]

        asyncio.get_running_loop().call_later(self._keep_s, forget)


def gather_s_of(followers: int) -> float:
    """How long changes gather while so many agents follow."""
    return min(GATHER_S, max(LEAST_GATHER_S, followers * TURN_S))


def _stands(place: Place, projection: Projection) -> bool:
    return place.epoch == projection.epoch and place.position <= projection.position


def _check(schema: int, language: int) -> None:
    if schema < OLDEST_READER or language < LANGUAGE:
        raise DomainError(
            Trouble.CONFLICT,
            "EDGE_TOO_OLD",
            f"需要记录格式 {OLDEST_READER} 与策略语言 {LANGUAGE}",
            f"record schema {OLDEST_READER} and policy language {LANGUAGE} are needed",
        )
