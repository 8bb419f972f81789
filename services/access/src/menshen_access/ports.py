"""What the use cases of access need from the outside. Each Protocol states what its implementer owes.

A generation is a number bound to one life of a site's Redis data; commits and puts carry it, and a store that lost
its data refuses them. `asyncio.Future` results are resolved on the event loop of the caller.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from menshen_access.domain.commands import GivenCommand
from menshen_access.domain.events import EventPayload, SpoolPosition
from menshen_access.domain.store import (
    CommitAnswer,
    CommitRequest,
    EventAnswer,
    FeedCursor,
    Happening,
    LiveRead,
    PlaceAtOutset,
    ReadWish,
    RecordPut,
    Standing,
)

Unwatch = Callable[[], None]
"""Ends a watch; calling it twice is harmless."""


class StoreAwayError(Exception):
    """Redis cannot be reached, or did not answer within the time-out. The outcome of the call is unknown."""


class StoreBusyError(StoreAwayError):
    """Redis is there and has too much to do: it did not answer within the time-out, or too much waits for it."""


class NotReadyError(Exception):
    """The site's Redis data was lost or is being rebuilt, or the generation given is not the one in force."""


class DecisionStore(Protocol):
    """The live state of sites, in Redis. Futures fail with StoreAwayError, at the store's time-out at the latest."""

    def commit(
        self, site: str, request: CommitRequest, settled: Callable[[CommitAnswer | StoreAwayError], None]
    ) -> None:
        """Check the guards and, if they hold, carry out the effects and append the event: all or nothing.

        `settled` is called exactly once, on the loop; it must not raise. One call costs one round trip and no task. A
        connection lost on the way costs another round trip, as long as `request.answer_by` allows: the request is made
        again in the generation it was made in. One that had been carried out answers OK then, without what it moved.
        """

    def read(self, site: str, wish: ReadWish) -> "asyncio.Future[LiveRead]":
        """Fresh values; fails with NotReadyError while the site is rebuilt."""

    async def decisions(self, site: str, event_ids: Sequence[str]) -> Sequence[bytes]:
        """The payload of each decision of the last ten minutes; no bytes for any other. Raises StoreAwayError."""

    def append(self, site: str, happening: Happening, event: EventPayload) -> "asyncio.Future[EventAnswer]":
        """Carry out what the event says of presence and append it to the stream; only while the site is ready."""

    def apply(self, site: str, generation: int, happening: Happening) -> "asyncio.Future[EventAnswer]":
        """As `append` without the stream, for events that are in PostgreSQL already; also while it is rebuilt."""


class Projection(Protocol):
    """Writing what decisions are made on. All methods raise NotReadyError or StoreAwayError."""

    async def put_records(
        self, site: str, generation: int, puts: Sequence[RecordPut], cursor: FeedCursor | None = None
    ) -> int:
        """Apply at most 500 records and the cursor in one step; the number applied."""

    async def put_plan(self, site: str, generation: int, version: int, plan: bytes) -> bool:
        """Put the canonical JSON of the plan in force; False when an equal or higher version is there."""

    async def put_circumstances(self, site: str, generation: int, version: int, circumstances: bytes) -> bool:
        """Put encoded circumstances; False when an equal or higher version is there."""

    async def put_places(self, site: str, generation: int, places: Sequence[PlaceAtOutset]) -> int:
        """Merge at most 500 presence registers by (at_ms, event_id); the number changed."""

    async def put_uses(self, site: str, generation: int, uses: Sequence[tuple[str, str]]) -> int:
        """Merge at most 500 (used id, event_id); the first use stays. The number changed."""

    async def forgive(
        self, site: str, generation: int, at_ms: int, event_id: str, areas: frozenset[str], subject_id: str = ""
    ) -> int:
        """Make places unknown: of one subject or of everyone, in these areas or anywhere; the number changed."""

    async def cursors(self, site: str) -> Mapping[str, FeedCursor]:
        """Position of every feed."""

    async def occupancy(self, site: str, areas: Sequence[str], now_ms: int) -> Mapping[str, tuple[int, int]]:
        """(present, reserved) of the areas asked for."""


class Generations(Protocol):
    """The life cycle of a site's Redis data. The rebuilder drives it; decisions only read `current`."""

    def current(self, site: str) -> int | None:
        """The generation commits carry, or None while the site is not ready or Redis is away."""

    def watch_turns(self, site: str, tell: Callable[[], None]) -> Unwatch:
        """Call `tell` on the loop whenever `current` changes, for better or worse. `tell` never blocks or raises."""

    async def inspect(self, site: str) -> Standing:
        """Read the head and compare its run id with the server's. Raises StoreAwayError."""

    async def begin(self, site: str, seen: Standing) -> int | None:
        """Start a new generation in state REBUILDING if the head still is as `seen`; None when another was faster.

        The event stream stays: the recorder drains it. Presence and records stay and are merged into.
        """

    async def ready(self, site: str, generation: int) -> bool:
        """Commits are accepted from now on. False when the generation is not the one being rebuilt."""

    async def tell_progress(self, site: str, share: float) -> None:
        """Say how far the rebuild of a site is, 0 to 1. Raises StoreAwayError."""

    async def progress(self, site: str) -> float:
        """How far the rebuild of a site is, whoever does it; 1 for a site that is ready. Raises StoreAwayError."""

    async def has_plan(self, site: str) -> bool:
        """Whether a plan of the site is in Redis. Raises StoreAwayError."""

    async def lost(self, site: str) -> Standing:
        """Wait until a connected Redis shows this site unusable; returns at once when it does."""


class Documents(Protocol):
    """What all decisions of a site share. All methods raise StoreAwayError."""

    async def plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON) of the plan in force; version 0 for none."""

    async def circumstances(self, site: str) -> tuple[int, bytes]:
        """(version, encoded circumstances); version 0 for none."""

    async def pins(self, site: str, subject_id: str) -> tuple[bytes, bytes]:
        """(verifier, duress verifier) of a subject, empty for none."""


class Watermarks(Protocol):
    """How far the spool of an agent is in PostgreSQL. Supplied by the recorder."""

    async def recorded(self, site: str, agent_id: str, epoch: int) -> SpoolPosition:
        """Highest number up to which all of the epoch is recorded; number 0 for none. Raises StoreAwayError."""

    def watch(self, site: str, agent_id: str, tell: Callable[[SpoolPosition], None]) -> Unwatch:
        """Call `tell` on the loop when the watermark has moved, a few times a second at most.

        `tell` never blocks and never raises.
        """


@dataclass(frozen=True, slots=True)
class ReviewEnd:
    """A review ended; `opens` says whether the access point is to open."""

    review_id: str
    event_id: str
    access_point: str
    opens: bool


class ReviewOutcomes(Protocol):
    """Ends of reviews, for the agents that wait at the lane. A review's id is the event_id of its presentation."""

    def watch(self, site: str, access_points: frozenset[str], tell: Callable[[ReviewEnd], None]) -> Unwatch:
        """Call `tell` for every review that ends at these access points from now on. `tell` never blocks."""


class Pulses(Protocol):
    """Pulses that operators and guards command, for the agents that drive the doors."""

    def watch(self, site: str, access_points: frozenset[str], tell: Callable[[GivenCommand], None]) -> Unwatch:
        """Call `tell` once for every pulse at these access points that is not too late. `tell` never blocks."""


class GateAlarms(Protocol):
    """Alarms that wait for no recorded event. Alarms of decisions travel in the event's `core.alarms`."""

    def duress(self, site: str, access_point: str, event_id: str, at_ms: int) -> None:
        """A duress PIN was typed: the alarm its decision raises, whatever becomes of that. Never blocks."""

    def foreign_access_point(self, site: str, agent_id: str, access_point: str) -> None:
        """An agent used an access point that is not its own. Never blocks; the queue behind it is bounded."""
