"""Keeping a site: the duties that one process of several has at a time, for as long as it holds the site's lease."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Generic, Protocol, TypeVar

import structlog
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics

from menshen_access.ports import StoreAwayError

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)

Duty = tuple[str, Callable[[], Awaitable[None]]]

_REDIS_PAUSE_S = 0.2
_log = structlog.get_logger(__name__)


class LeaseDesk(Protocol[C_co]):
    """Gives a duty to one process at a time."""

    def hold(self, duty: str) -> AbstractAsyncContextManager[C_co]:
        """Wait until this process has the duty; it ends with the connection that holds it."""


class SiteKeeper(Generic[C]):
    """Runs the recorder over the lease's own connection, and the other duties beside it.

    An outage of Redis interrupts the recorder; one of PostgreSQL ends the lease, and another process may take over.
    """

    def __init__(
        self,
        site: str,
        leases: LeaseDesk[C],
        record: Callable[[C], Callable[[], Awaitable[None]]],
        duties: Sequence[Duty],
        metrics: Metrics,
        backoff: Backoff,
    ) -> None:
        self._site = site
        self._leases = leases
        self._record = record
        self._duties = tuple(duties)
        self._metrics = metrics
        self._backoff = backoff

    async def keep(self) -> None:
        """Hold the lease and do the duties until the lease ends, which raises; run it again."""
        async with self._leases.hold(f"site.{self._site}") as lease:
            _log.info("site_kept", site=self._site)
            tasks = Tasks(self._metrics, self._backoff)
            try:
                for title, duty in self._duties:
                    tasks.keep(f"{title}:{self._site}", duty)
                await _through_redis_outages(self._record(lease))
            finally:
                await tasks.close()


async def do_all(duties: Sequence[Duty], metrics: Metrics, backoff: Backoff) -> None:
    """Do every duty until cancelled; one that fails is begun again."""
    owner = Tasks(metrics, backoff)
    try:
        for title, duty in duties:
            owner.keep(title, duty)
        await asyncio.Event().wait()
    finally:
        await owner.close()


async def _through_redis_outages(record: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await record()
        except StoreAwayError:
            await asyncio.sleep(_REDIS_PAUSE_S)
