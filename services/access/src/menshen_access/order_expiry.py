"""Orders end by themselves: everybody who decides looks at the clock, and this takes them out of what is sent."""

from typing import Final, Protocol

from menshen_servicekit.clock import Clock

from menshen_access.noticeboard import Noticeboard, Topic, within

POLL_S: Final = 5.0


class OrderStore(Protocol):
    """Orders in PostgreSQL."""

    async def end_overdue(self, site: str, now_ms: int) -> int | None:
        """End the orders whose time is over; when the next one ends, None for none."""


class OrderExpiry:
    """Ends the orders of one site. A keeper's duty."""

    def __init__(self, site: str, store: OrderStore, board: Noticeboard, clock: Clock) -> None:
        self._site = site
        self._store = store
        self._board = board
        self._clock = clock

    async def follow(self) -> None:
        """For ever. Outages end it; run it again."""
        while True:
            changed = self._board.next(Topic.HOLDS, self._site)
            next_ms = await self._store.end_overdue(self._site, self._clock.now_ms())
            wait_s = POLL_S if next_ms is None else (next_ms - self._clock.now_ms()) / 1000
            await within(changed, min(max(wait_s, 0.02), POLL_S))
