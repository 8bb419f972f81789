"""Commands on their way to the agents that are connected to this process, whichever process took the command."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

from menshen_access.domain.commands import Command, GivenCommand
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import Unwatch

POLL_S: Final = 1.0
LOOK_BACK_MS: Final = 10_000
"""More than a pulse lasts: the clocks of two processes differ."""


class CommandLog(Protocol):
    """Commands in PostgreSQL."""

    async def since(self, site: str, at_ms: int) -> list[GivenCommand]:
        """Commands given after an instant, oldest first."""

    async def reached(self, site: str, command_id: str, at_ms: int) -> None:
        """The agent of the access point is connected and was told."""


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    site: str
    access_points: frozenset[str]
    tell: Callable[[GivenCommand], None]
    told: set[str] = field(default_factory=set)


class CommandRelay:
    """Implements ports.Pulses: tells each stream the pulses of its access points, each once and none too late.

    Orders reach the edges with the holds; of them only that the agent is there is written down.
    """

    def __init__(self, log: CommandLog, board: Noticeboard, clock: Clock) -> None:
        self._log = log
        self._board = board
        self._clock = clock
        self._watches: set[_Watch] = set()

    def watch(self, site: str, access_points: frozenset[str], tell: Callable[[GivenCommand], None]) -> Unwatch:
        watch = _Watch(site, access_points, tell)
        self._watches.add(watch)
        # A pulse may have been commanded while the agent was between two streams.
        self._board.post(Topic.COMMANDS, site)
        return lambda: self._watches.discard(watch)

    async def follow(self, site: str) -> None:
        """Tell what is commanded at one site, for ever. Outages of PostgreSQL end it; run it again."""
        while True:
            changed = self._board.next(Topic.COMMANDS, site)
            if any(watch.site == site for watch in self._watches):
                await self._tell_recent(site)
            await within(changed, POLL_S)

    async def _tell_recent(self, site: str) -> None:
        recent = await self._log.since(site, self._clock.now_ms() - LOOK_BACK_MS)
        for given in recent:
            if self._tell(site, given):
                await self._log.reached(site, given.command_id, self._clock.now_ms())
        for watch in self._watches:
            if watch.site == site:
                watch.told.intersection_update({given.command_id for given in recent})

    def _tell(self, site: str, given: GivenCommand) -> bool:
        """Whether a stream of this process was told just now."""
        told, is_pulse = False, given.command is Command.PULSE
        if is_pulse and self._clock.now_ms() >= given.until_ms:
            return False
        for watch in tuple(self._watches):
            if watch.site != site or given.access_point not in watch.access_points or given.command_id in watch.told:
                continue
            watch.told.add(given.command_id)
            told = True
            if is_pulse:
                watch.tell(given)
        return told
