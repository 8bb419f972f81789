"""Projecting: the feeds of identity and vehicles, merged with the assignments made here, into versioned records.

Each feed is read on two lanes by two tasks. The lane of revocations publishes what it projected at once and keeps no
place: what it missed while it was away comes on the lane of all changes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Final, Protocol

import structlog
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.subject_records import FeedBatch, FeedChange, FeedPlace, FeedRestartError, HeldSubject, Lane
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.ports import NotReadyError, StoreAwayError
from menshen_access.publishing import Publisher

CHUNK: Final = 200
"""Changes projected in one transaction: small, so that a revocation never waits long behind a bulk change."""

RESTART_S: Final = 0.5

_log = structlog.get_logger(__name__)


class SubjectFeed(Protocol):
    """A feed of subjects of another service."""

    @property
    def title(self) -> str:
        """The service's name: the feed's name in cursors."""

    @property
    def prefix(self) -> str:
        """What the ids of its subjects start with: `c:` or `v:`."""

    def watch(self, site: str, lane: Lane, after: FeedPlace | None) -> AsyncIterator[FeedBatch]:
        """Everything after a place (None: everything), then changes as they come.

        Never ends: raises FeedRestartError for a place of another epoch, ConnectionError when the service is away.
        """


class SubjectStore(Protocol):
    """Projected subjects in PostgreSQL."""

    async def apply_changes(
        self, site: str, changes: Sequence[FeedChange], feed: str, place: FeedPlace, *, keep_place: bool = True
    ) -> list[HeldSubject]:
        """Project a batch in one transaction; what changed in content."""

    async def sweep(self, site: str, prefix: str, feed_epoch: int, limit: int) -> list[HeldSubject]:
        """Remove subjects that the feed's epoch did not name."""

    async def place(self, site: str, feed: str) -> FeedPlace | None:
        """How far the feed is projected."""

    async def forget_place(self, site: str, feed: str) -> None:
        """Read the feed from its start the next time."""


class Projector:
    """Projects one feed of one site; whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        feed: SubjectFeed,
        store: SubjectStore,
        publisher: Publisher,
        board: Noticeboard,
        metrics: Metrics,
    ) -> None:
        self._site = site
        self._feed = feed
        self._store = store
        self._publisher = publisher
        self._board = board
        self._count = metrics.counter("subjects_projected", "Records changed by a feed", ["site", "feed", "lane"])

    async def follow_all(self) -> None:
        """Project every change, keeping the place, for ever. An outage ends it; run it again."""
        while True:
            place = await self._store.place(self._site, self._feed.title)
            try:
                await self._project_all(place if place and place.epoch else None)
            except FeedRestartError:
                _log.warning("feed_restarts", site=self._site, feed=self._feed.title)
                await self._store.forget_place(self._site, self._feed.title)

    async def follow_revocations(self) -> None:
        """Project revocations and publish each batch at once, for ever. An outage ends it; run it again."""
        while True:
            place = await self._store.place(self._site, self._feed.title)
            try:
                await self._revoke(place if place and place.epoch else None)
            except FeedRestartError:
                # The lane of all changes finds out too, and forgets the place.
                await asyncio.sleep(RESTART_S)

    async def _project_all(self, after: FeedPlace | None) -> None:
        is_swept = False
        async for batch in self._feed.watch(self._site, Lane.ALL, after):
            await self._take(batch)
            if batch.caught_up and not is_swept:
                is_swept = True
                await self._sweep(batch.place.epoch)

    async def _revoke(self, after: FeedPlace | None) -> None:
        async for batch in self._feed.watch(self._site, Lane.REVOCATIONS, after):
            for changes in _chunks(batch.changes):
                changed = await self._store.apply_changes(
                    self._site, changes, self._feed.title, batch.place, keep_place=False
                )
                await self._publish_at_once(changed)
                self._told(changed, Lane.REVOCATIONS)

    async def _publish_at_once(self, changed: Sequence[HeldSubject]) -> None:
        # Without Redis nobody is let in on its records; the follower brings them when it is back.
        with suppress(StoreAwayError, NotReadyError):
            await self._publisher.at_once(changed)

    async def _take(self, batch: FeedBatch) -> None:
        chunks = list(_chunks(batch.changes)) or [[]]
        for number, changes in enumerate(chunks, start=1):
            changed = await self._store.apply_changes(
                self._site, changes, self._feed.title, batch.place, keep_place=number == len(chunks)
            )
            self._told(changed, Lane.ALL)

    async def _sweep(self, feed_epoch: int) -> None:
        while changed := await self._store.sweep(self._site, self._feed.prefix, feed_epoch, CHUNK):
            self._told(changed, Lane.ALL)

    def _told(self, changed: Sequence[HeldSubject], lane: Lane) -> None:
        if changed:
            self._count.labels(self._site, self._feed.title, lane.value).inc(len(changed))
            self._board.post(Topic.SUBJECTS, self._site)


def _chunks(changes: Sequence[FeedChange]) -> Iterator[Sequence[FeedChange]]:
    for start in range(0, len(changes), CHUNK):
        yield changes[start : start + CHUNK]
