"""After a restore of PostgreSQL: each site forgets in Redis what is newer than its history, and begins an epoch.

Redis first: should the other step fail, Redis is rebuilt from PostgreSQL all the same. What waits in the stream stays
and is recorded, for it happened; what was recorded and lost comes back from the agents, which keep it for days.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final, Generic, Protocol, TypeVar

import structlog
from menshen_servicekit.clock import Clock

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)
LEASE_S: Final = 10.0
"""A site's lease that is not had within this is a keeper's, which runs."""

_log = structlog.get_logger(__name__)


class SiteLeases(Protocol[C_co]):
    """The leases of sites; each comes with the rows of its site."""

    def hold(self, duty: str) -> AbstractAsyncContextManager[C_co]:
        """Wait until this process has the duty."""


class Remains(Protocol):
    """What Redis holds of a site."""

    async def forget(self, site: str) -> int:
        """Drop all but the events that wait; how many keys."""


class Restoring(Generic[C]):
    """Begins the epoch after a restore; access and its keepers are stopped meanwhile."""

    def __init__(
        self,
        leases: SiteLeases[C],
        remains: Remains,
        begin: Callable[[C, str, int], Awaitable[int]],
        clock: Clock,
        lease_s: float = LEASE_S,
    ) -> None:
        self._leases = leases
        self._remains = remains
        self._begin = begin
        self._clock = clock
        self._lease_s = lease_s

    async def begin_epochs(self, sites: Iterable[str]) -> None:
        """One site after the other; TimeoutError for a site that a keeper keeps. May be repeated."""
        for site in sites:
            async with AsyncExitStack() as held:
                lease = await self._lease(held, site)
                dropped = await self._remains.forget(site)
                epoch = await self._begin(lease, site, self._clock.now_ms())
                _log.info("epoch_begun", site=site, epoch=epoch, keys_dropped=dropped)

    async def _lease(self, held: AsyncExitStack, site: str) -> C:
        try:
            async with asyncio.timeout(self._lease_s):
                return await held.enter_async_context(self._leases.hold(f"site.{site}"))
        except TimeoutError:
            _log.error("site_is_kept", site=site, why="a keeper holds its lease: stop access and its keepers first")
            raise
