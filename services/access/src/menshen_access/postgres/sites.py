"""The rows every site needs before anything else is written, and the notices and leases around them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.history import GENESIS

QUERIES = load_queries("menshen_access.postgres")
CHANNEL = "menshen_access"
ACQUIRE_S = 5.0
SEPARATOR = "\x1f"
"""Joins the items of a list on their way into an array column; no id holds it."""


class Sites:
    """Makes the rows of a site once per process; they stay for good."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._made: set[str] = set()

    async def ensure(self, site: str) -> None:
        if site in self._made:
            return
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(QUERIES.ensure_site, site)
            await connection.execute(QUERIES.ensure_head, site, GENESIS)
            await connection.execute(QUERIES.ensure_projection, site, bytes(32))
            await connection.execute(QUERIES.ensure_plan_head, site)
            await connection.execute(QUERIES.ensure_review_head, site)
        self._made.add(site)


async def notify(connection: Connection, topic: str, site: str) -> None:
    """Tell every process, once this transaction commits, that something of `topic` changed at `site`."""
    await connection.execute(QUERIES.notify, f"{topic}:{site}")


async def listen(pool: Pool, heard: Callable[[str, str], None], missed: Callable[[], None]) -> None:
    """Call `heard(topic, site)` for every notice. `missed` is called first: what went before was not heard.

    Never returns; ConnectionError when the connection ends.
    """
    ended = asyncio.Event()
    async with pool.acquire(timeout=ACQUIRE_S) as connection:

        def take(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            topic, _, site = str(payload).partition(":")
            heard(topic, site)

        connection.add_termination_listener(lambda _: ended.set())
        await connection.execute(QUERIES.keep_connection_honest)
        await connection.add_listener(CHANNEL, take)
        missed()
        try:
            await ended.wait()
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, take)
    raise ConnectionResetError("the listening connection ended")


class Leases:
    """Duties that one process of several has at a time. A lease is a lock of one connection and ends with it."""

    def __init__(self, pool: Pool, sites: Sites, retry_s: float = 0.5) -> None:
        self._pool = pool
        self._sites = sites
        self._retry_s = retry_s

    @asynccontextmanager
    async def hold(self, duty: str) -> AsyncIterator[Connection]:
        """Wait until this process has the duty; the connection that holds it is the caller's to use.

        The duty `site.<site>` comes with the rows of the site.
        """
        if duty.startswith("site."):
            await self._sites.ensure(duty.removeprefix("site."))
        while True:
            async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
                if await connection.fetchval(QUERIES.try_lease, duty):
                    await connection.execute(QUERIES.keep_connection_honest)
                    try:
                        yield connection
                    finally:
                        await _let_go(connection, duty)
                    return
            await asyncio.sleep(self._retry_s)


async def _let_go(connection: Connection, duty: str) -> None:
    try:
        await connection.execute(QUERIES.end_lease, duty)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        # A connection that cannot unlock is broken or mid-statement; closing it ends the lock. One that the pool has
        # dropped raises at any touch.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
