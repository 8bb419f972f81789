"""The postures of an agent's doors: by the rulebook, from what the gate holds and its own clock.

Needs no server: a door stays as plan, holds and orders say until their own times are over, also after a restart. A
holding older than its bound unlocks nothing, as it lets nobody in.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

import structlog
from menshen_rulebook.posture import posture
from menshen_rulebook.types import LiveState, Posture, PostureCause, PostureKind
from menshen_servicekit.clock import Clock

from menshen_device_agent.edge.holding import EdgeHolding

MOST_PAUSE_MS: Final = 60_000
"""The wall clock may be set: no boundary is missed by more."""

_log = structlog.get_logger(__name__)


class StandingDoor(Protocol):
    """What takes up a posture. Two implementations: a door on its board, and a list."""

    def stand(self, posture: Posture) -> None:
        """Take up a posture; the same again changes nothing."""


class Postures:
    """Owns the timer to the next instant at which a posture may change. `access_points` are those of each door.

    `used_ids` tells the openings an access point knows of.
    """

    def __init__(
        self,
        doors: Mapping[str, StandingDoor],
        access_points: Mapping[str, tuple[str, ...]],
        holding: Callable[[], EdgeHolding],
        used_ids: Callable[[str], frozenset[str]],
        clock: Clock,
        stale_after_ms: int,
    ) -> None:
        self._doors = doors
        self._access_points = access_points
        self._holding = holding
        self._used_ids = used_ids
        self._clock = clock
        self._stale_after_ms = stale_after_ms
        self._timer: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Let every door take up its posture, and go on from there."""
        self._running = True
        self.look()

    def close(self) -> None:
        """Stop; the doors stay as they are."""
        self._running = False
        self._stop_timer()

    def look(self) -> None:
        """What is held, or the time, has changed."""
        if not self._running:
            return
        self._stop_timer()
        now_ms, holding = self._clock.now_ms(), self._holding()
        next_ms = now_ms + MOST_PAUSE_MS
        for name, door in self._doors.items():
            found = self._judged(self._access_points[name], holding, now_ms)
            next_ms = min(next_ms, found.until_ms)
            door.stand(found)
        self._timer = asyncio.get_running_loop().call_later(max(next_ms - now_ms, 1) / 1000, self.look)

    def _judged(self, access_points: tuple[str, ...], holding: EdgeHolding, now_ms: int) -> Posture:
        """Never raises: unexpected trouble unlocks nothing, and another door is not the worse for it."""
        try:
            return self._posture(access_points, holding, now_ms)
        except Exception as error:  # noqa: BLE001  (whatever breaks here, the timer must go on)
            _log.error("posture_failed", error=type(error).__name__)
            return _nothing(now_ms)

    def _posture(self, access_points: tuple[str, ...], holding: EdgeHolding, now_ms: int) -> Posture:
        stale_at_ms = holding.current_at_ms + self._stale_after_ms + 1
        if holding.plan is None:
            return _nothing(now_ms)
        used = frozenset[str]().union(*map(self._used_ids, access_points))
        live = LiveState(
            holds=holding.holds,
            holds_version=holding.holds_version,
            used_ids=used,
            threat_levels=holding.threat_levels,
            orders=holding.orders,
        )
        found = posture(access_points, holding.plan, live, now_ms)
        if found.kind is not PostureKind.UNLOCKED:
            return found
        return replace(found, until_ms=min(found.until_ms, stale_at_ms)) if now_ms < stale_at_ms else _nothing(now_ms)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _nothing(now_ms: int) -> Posture:
    return Posture(PostureKind.LOCKED, PostureCause.NOTHING, now_ms + MOST_PAUSE_MS)
