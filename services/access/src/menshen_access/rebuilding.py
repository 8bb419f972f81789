"""Rebuilding a site's Redis from PostgreSQL after it came back empty or behind: a new generation, then READY.

Pages bound the memory. Agents decide and spool meanwhile; the tails they upload are waited for, within a bound, because
those that come later are merged anyway.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock

from menshen_access.domain.events import EventPayload
from menshen_access.domain.presence_history import Use, happening_of
from menshen_access.domain.store import EventAnswer, Happening, PlaceAtOutset, Standing
from menshen_access.domain.subject_records import Projection as Projected
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import Generations, Projection
from menshen_access.publishing import Publisher

PAGE: Final = 500
QUIET_S: Final = 0.3
MOST_WAIT_S: Final = 3.0

_log = structlog.get_logger(__name__)


class PresenceStore(Protocol):
    """Presence as the history remembers it."""

    async def derive(self, site: str, limit: int) -> int:
        """Derive what the next recorded events leave behind; how many events were read."""

    async def places(self, site: str, after: str, limit: int) -> list[PlaceAtOutset]:
        """Where each subject last came to, by subject id after the given one."""

    async def uses(self, site: str, after: str, limit: int) -> list[Use]:
        """What has been used, by id after the given one."""

    async def events_of(self, site: str, presentations: Sequence[str]) -> dict[str, list[EventPayload]]:
        """Every recorded event of the presentations, in sequence."""

    async def prune(self, site: str, now_ms: int) -> None:
        """Forget transitions that are long overtaken."""

    async def recorded(self, site: str) -> int:
        """How many events of the site are recorded."""


class Rebuilder:
    """Keeps one site's Redis usable; whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        generations: Generations,
        publisher: Publisher,
        store: Projection,
        presence: PresenceStore,
        apply: Callable[[str, int, Happening], Awaitable[EventAnswer]],
        clock: Clock,
    ) -> None:
        self._site = site
        self._generations = generations
        self._publisher = publisher
        self._store = store
        self._presence = presence
        self._apply = apply
        self._clock = clock
        self._logged_at = 0.0

    async def run(self) -> None:
        """Rebuild whenever Redis shows the site unusable, for ever. Outages end it; run it again."""
        while True:
            await self.rebuild(await self._generations.lost(self._site))

    async def rebuild(self, seen: Standing) -> bool:
        """Rebuild once; False when another process was faster or the server changed meanwhile."""
        generation = await self._generations.begin(self._site, seen)
        if generation is None:
            return False
        began = self._clock.monotonic()
        await self._tell(0.0)
        _log.info("rebuild_began", site=self._site, state=seen.state.value)
        records, _ = await self._publisher.records(generation, self._told)
        await self._publisher.documents(generation)
        await self._derive_all()
        places = await self._put_places(generation)
        await self._put_uses(generation)
        await self._await_tails()
        done = await self._generations.ready(self._site, generation)
        seconds = round(self._clock.monotonic() - began, 3)
        _log.info("rebuild_ended", site=self._site, ready=done, records=records, places=places, seconds=seconds)
        return done

    async def _told(self, done: int, projected: Projected) -> None:
        await self._tell(0.8 * min(done / max(projected.subjects, 1), 1.0))
        if self._clock.monotonic() - self._logged_at >= 1.0:
            self._logged_at = self._clock.monotonic()
            _log.info("rebuild_goes_on", site=self._site, records=done, of=projected.subjects)

    async def _derive_all(self) -> None:
        while await self._presence.derive(self._site, PAGE):
            await self._tell(0.85)

    async def _put_places(self, generation: int) -> int:
        after, done = "", 0
        while page := await self._presence.places(self._site, after, PAGE):
            await self._store.put_places(self._site, generation, page)
            after, done = page[-1].subject_id, done + len(page)
        await self._tell(0.95)
        return done

    async def _put_uses(self, generation: int) -> None:
        after = ""
        while page := await self._presence.uses(self._site, after, PAGE):
            for events in (await self._presence.events_of(self._site, [use.event_id for use in page])).values():
                for event in events:
                    await self._apply(self._site, generation, happening_of(event))
            after = page[-1].used_id

    async def _await_tails(self) -> None:
        """Until nothing was recorded for a moment, at most MOST_WAIT_S."""
        began, seen = self._clock.monotonic(), -1
        while seen != (recorded := await self._presence.recorded(self._site)):
            if self._clock.monotonic() - began >= MOST_WAIT_S:
                return
            seen = recorded
            await asyncio.sleep(QUIET_S)

    async def _tell(self, share: float) -> None:
        await self._generations.tell_progress(self._site, share)


class RegisterKeeper:
    """Derives presence from events as they are recorded, so that a rebuild finds little left to do."""

    def __init__(self, site: str, presence: PresenceStore, board: Noticeboard, clock: Clock) -> None:
        self._site = site
        self._presence = presence
        self._board = board
        self._clock = clock

    async def follow(self, pause_s: float = 1.0) -> None:
        """Derive for ever, a moment behind the recorder. Outages end it; run it again."""
        await self._presence.prune(self._site, self._clock.now_ms())
        while True:
            recorded = self._board.next(Topic.EVENTS, self._site)
            while await self._presence.derive(self._site, PAGE):
                pass
            await within(recorded, 10.0)
            await asyncio.sleep(pause_s)
