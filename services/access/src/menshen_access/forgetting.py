"""Forgetting what was used once and can be presented no more: in Redis, and in PostgreSQL, from which Redis is rebuilt.

A page at a time, so that no run is long whatever a year has left behind.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog
from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack
from menshen_rulebook.types import Subject
from menshen_servicekit.clock import Clock

from menshen_access.domain.presence_history import Use
from menshen_access.domain.used_once import MARGIN_MS, is_forgettable
from menshen_access.ports import Generations

PAGE: Final = 100
PAUSE_S: Final = 5.0
ROUND_S: Final = 3_600.0

_log = structlog.get_logger(__name__)


class UsesInHistory(Protocol):
    """What was used, in PostgreSQL."""

    async def uses(self, site: str, after: str, limit: int) -> list[Use]:
        """What has been used, by id after the given one."""

    async def records_of_uses(self, site: str, uses: Sequence[Use]) -> Mapping[str, Sequence[bytes]]:
        """By used id, every record of those it let in that names it."""

    async def forget_uses(self, site: str, used_ids: Sequence[str]) -> None:
        """Forget the uses. Redis has forgotten them before."""


class UsesInRedis(Protocol):
    """What was used, in Redis. Raises StoreAwayError."""

    async def forget_uses(self, site: str, used_ids: Sequence[str]) -> int:
        """Forget the uses; how many were there."""


class Forgetting:
    """Goes round the uses of one site; whoever runs it holds the site's lease."""

    def __init__(
        self, site: str, history: UsesInHistory, live: UsesInRedis, generations: Generations, clock: Clock
    ) -> None:
        self._site = site
        self._history = history
        self._live = live
        self._generations = generations
        self._clock = clock

    async def follow(self) -> None:
        """Round after round, for ever. Outages of either store end it; run it again."""
        while True:
            after = await self.step("")
            while after:
                await asyncio.sleep(PAUSE_S)
                after = await self.step(after)
            await asyncio.sleep(ROUND_S)

    async def step(self, after: str) -> str:
        """One page of the round; the id to go on after, empty at its end.

        Redis forgets first: whatever happens in between, PostgreSQL still knows and the next round ends it. While
        Redis is rebuilt from PostgreSQL nothing is forgotten.
        """
        if self._generations.current(self._site) is None:
            return after
        page = await self._history.uses(self._site, after, PAGE)
        now_ms = self._clock.now_ms()
        old = [use for use in page if use.at_ms <= now_ms - MARGIN_MS]
        dead = await self._forgettable(old, now_ms) if old else []
        if dead:
            await self._live.forget_uses(self._site, dead)
            await self._history.forget_uses(self._site, dead)
            _log.info("uses_forgotten", site=self._site, count=len(dead))
        return page[-1].used_id if len(page) == PAGE else ""

    async def _forgettable(self, uses: Sequence[Use], now_ms: int) -> list[str]:
        records = await self._history.records_of_uses(self._site, uses)
        dead = []
        for use in uses:
            holders = [_subject(record) for record in records.get(use.used_id, ())]
            known = [subject for subject in holders if subject is not None]
            # A record that cannot be read may say that it is valid still.
            if len(known) == len(holders) and is_forgettable(use.used_id, known, now_ms):
                dead.append(use.used_id)
        return dead


def _subject(record: bytes) -> Subject | None:
    try:
        return unpack(record)
    except (RecordMalformedError, RecordSchemaUnknownError):
        return None
