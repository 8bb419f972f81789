"""Watermarks: tells the agents of this process how far their spools are in PostgreSQL."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_access.domain.events import SpoolPosition
from menshen_access.domain.spools import Watermark
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import Unwatch

POLL_S: Final = 2.0
PAUSE_S: Final = 0.5
"""Acknowledgements gather for this long: each costs a query here, a message to every agent and a write to its spool."""


class WatermarkStore(Protocol):
    """Watermarks in PostgreSQL."""

    async def watermark(self, site: str, agent_id: str, epoch: int) -> int:
        """The highest number up to which all of the epoch is recorded; 0 for none."""

    async def newest(self, site: str, agent_ids: Sequence[str]) -> list[Watermark]:
        """Of each agent that has one, the watermark of its newest epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    site: str
    agent_id: str
    tell: Callable[[SpoolPosition], None]


class SpoolWatermarks:
    """Implements ports.Watermarks."""

    def __init__(self, store: WatermarkStore, board: Noticeboard) -> None:
        self._store = store
        self._board = board
        self._watches: set[_Watch] = set()
        self._told: dict[_Watch, SpoolPosition] = {}

    async def recorded(self, site: str, agent_id: str, epoch: int) -> SpoolPosition:
        return SpoolPosition(epoch, await self._store.watermark(site, agent_id, epoch))

    def watch(self, site: str, agent_id: str, tell: Callable[[SpoolPosition], None]) -> Unwatch:
        watch = _Watch(site, agent_id, tell)
        self._watches.add(watch)
        return lambda: self._end(watch)

    async def follow(self, site: str) -> None:
        """Tell the watermarks of one site as they move, for ever. Ends with an outage; run it again."""
        while True:
            changed = self._board.next(Topic.EVENTS, site)
            watches = [watch for watch in self._watches if watch.site == site]
            if watches:
                self._tell(watches, await self._store.newest(site, sorted({watch.agent_id for watch in watches})))
            await within(changed, POLL_S)
            await asyncio.sleep(PAUSE_S)

    def _tell(self, watches: Sequence[_Watch], newest: Sequence[Watermark]) -> None:
        positions = {mark.agent_id: SpoolPosition(mark.epoch, mark.number) for mark in newest}
        for watch in watches:
            position = positions.get(watch.agent_id)
            if position is not None and watch in self._watches and self._told.get(watch) != position:
                self._told[watch] = position
                watch.tell(position)

    def _end(self, watch: _Watch) -> None:
        self._watches.discard(watch)
        self._told.pop(watch, None)
