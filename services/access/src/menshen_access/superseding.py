"""Removing versions of subject records, plans and circumstances that are long superseded and that nothing names."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock

from menshen_access.domain.retention import (
    DAY_MS,
    VERSION_MARGIN_MS,
    PrunedVersions,
    RetentionClass,
    RetentionRun,
    VersionPlace,
)

VERSIONS: Final = (
    RetentionClass.SUBJECT_VERSIONS,
    RetentionClass.PLAN_VERSIONS,
    RetentionClass.CIRCUMSTANCES_VERSIONS,
)
_CLOCKS_MS: Final = 60_000
"""Whoever ends a hold may have a clock that is so far behind."""

_log = structlog.get_logger(__name__)


class RunBook(Protocol):
    """What runs did, in PostgreSQL."""

    async def begin(self, site: str, wanted: RetentionClass, now_ms: int) -> tuple[int, int]:
        """(start, ...) of the run under way, begun where there is none."""

    async def end(self, site: str, run: RetentionRun) -> RetentionRun:
        """The run as it is remembered."""


class VersionShelf(Protocol):
    """Versions in PostgreSQL, and what cites them."""

    async def forget_citations(self, site: str, before_run_ms: int) -> None:
        """What no run of identities since found kept is cited no more."""

    async def prune(
        self, site: str, run: RetentionRun, after: VersionPlace, before_ms: int, uncited_ms: int, limit: int
    ) -> PrunedVersions | None:
        """Of the next versions after a place remove what was superseded by then and nothing names. None: no more.

        A hold of the whole site that stood at `uncited_ms` or since keeps all of them.
        """


class Superseded:
    """Removes superseded versions of one site; whoever runs it holds the site's lease.

    To be run after a whole run of identities, which says what the events cite that it kept.
    """

    def __init__(
        self, site: str, book: RunBook, shelf: VersionShelf, identity_days: int, clock: Clock, page: int
    ) -> None:
        self._site = site
        self._book = book
        self._shelf = shelf
        self._age_ms = identity_days * DAY_MS + VERSION_MARGIN_MS
        self._clock = clock
        self._page = page

    async def run(self, identities: RetentionRun, pause_s: float = 0.0) -> Sequence[RetentionRun]:
        """Remove what is to be removed, page by page; what was done, by kind."""
        await self._shelf.forget_citations(self._site, identities.started_at_ms)
        uncited_ms = identities.started_at_ms - _CLOCKS_MS
        return [await self._run(kind, uncited_ms, pause_s) for kind in VERSIONS]

    async def _run(self, kind: RetentionClass, uncited_ms: int, pause_s: float) -> RetentionRun:
        now_ms = self._clock.now_ms()
        started_at_ms, _ = await self._book.begin(self._site, kind, now_ms)
        run, place, before_ms = RetentionRun(kind, started_at_ms), VersionPlace("", 0), now_ms - self._age_ms
        while (page := await self._shelf.prune(self._site, run, place, before_ms, uncited_ms, self._page)) is not None:
            run = replace(run, kept_by_holds=run.kept_by_holds + page.held, kept_in_use=run.kept_in_use + page.named)
            place = page.through
            await asyncio.sleep(pause_s)
        ended = await self._book.end(self._site, replace(run, ended_at_ms=self._clock.now_ms()))
        _log.info("versions_removed", site=self._site, kind=kind.name, deleted=ended.deleted)
        return ended
