"""Our Redis client: one connection, kept alive by relocation. It sends nothing twice."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from menshen_servicekit.faults import fault_fields

from menshen_access.ports import StoreAwayError
from menshen_access.redis.connection import Argument, CommandRefusedError, Connection, Settle
from menshen_access.redis.library import source
from menshen_access.redis.locator import Locator, Place
from menshen_access.redis.troubles import why

Prepare = Callable[[Connection], Awaitable[None]]
"""Runs on every new connection before it takes commands; what it raises ends the connection."""

CONNECT_S = 1.0
ALIVE_S = 1.0
"""How often an open connection asks whether its server still is a primary: a dead one closes nothing by itself."""
_PRIMARY = {b"master", b"primary"}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RespLimits:
    """Time-out of a call in seconds, commands under way at once, and pauses between attempts to connect.

    `silence_s` is how long nothing is heard of a server that owes answers before another one is looked for; never less
    than the time-out.
    """

    timeout_s: float = 0.5
    silence_s: float = 1.0
    max_waiting: int = 10_000
    first_pause_s: float = 0.05
    most_pause_s: float = 0.5


class RespClient:
    """Sends commands to the primary a Locator names. `run` connects and reconnects until it is cancelled."""

    def __init__(
        self,
        locator: Locator,
        limits: RespLimits | None = None,
        prepare: Prepare | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self._locator = locator
        self._limits = limits or RespLimits()
        self._prepare = prepare
        self._on_lost = on_lost
        self._connection: Connection | None = None
        self._changed = asyncio.Event()
        self._retry = asyncio.Event()
        self._greeted: Connection | None = None
        self._tells: list[Callable[[], None]] = []
        self._lost_at = float("-inf")

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and self._connection.is_open

    @property
    def lost_at(self) -> float:
        """When the last connection was lost, on the loop's clock; now, when that is only about to be noticed."""
        if self._connection is not None and not self._connection.is_open:
            return asyncio.get_running_loop().time()
        return self._lost_at

    def tell_connected(self, tell: Callable[[], None]) -> None:
        """Call `tell` on the loop whenever commands are taken again, for as long as this client lives."""
        self._tells.append(tell)

    def send(self, arguments: "tuple[Argument, ...]", settle: Settle) -> None:
        """One command; `settle` gets the reply, CommandRefusedError or StoreAwayError, exactly once, on the loop."""
        if self._connection is None:
            settle(StoreAwayError("not connected to Redis"))
        else:
            self._connection.send(arguments, settle)

    def call(self, *arguments: Argument) -> "asyncio.Future[Any]":
        """The reply to one command; fails with CommandRefusedError or StoreAwayError."""
        if self._connection is not None:
            return self._connection.call(*arguments)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_exception(StoreAwayError("not connected to Redis"))
        return future

    async def wait_connected(self) -> None:
        """Return once commands are taken."""
        while not self.is_connected:
            await self._changed.wait()

    def relocate(self, because: str) -> None:
        """Give the connection up and find the primary again."""
        if self._connection is not None:
            self._connection.lose(because)

    def retry(self) -> None:
        """Begin another attempt to connect, unless this client is connected: others have found the primary."""
        self._retry.set()
        if self._greeted is not None:
            self._greeted.lose("the primary was found elsewhere")

    async def run(self) -> None:
        """Stay connected; ends only by cancellation, and closes the connection then."""
        pause_s = self._limits.first_pause_s
        while True:
            lost = asyncio.Event()
            self._retry.clear()
            try:
                connection = await self._connect(lost.set)
            except (OSError, TimeoutError, StoreAwayError, CommandRefusedError) as trouble:
                _log.warning("redis_not_reached", why=why(trouble), retry_in_s=pause_s, **fault_fields(trouble))
                await _is_set_within(self._retry, pause_s)
                pause_s = min(pause_s * 2, self._limits.most_pause_s)
                continue
            pause_s = self._limits.first_pause_s
            await self._serve(connection, lost)

    async def _serve(self, connection: Connection, lost: asyncio.Event) -> None:
        self._connection = connection
        self._announce()
        try:
            while not await _is_set_within(lost, ALIVE_S):
                connection.send(("ROLE",), functools.partial(_leave_replica, connection))
        finally:
            self._connection = None
            self._lost_at = asyncio.get_running_loop().time()
            connection.lose("closed")
            if self._on_lost is not None:
                self._on_lost()

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        for tell in self._tells:
            tell()

    async def _connect(self, on_lost: Callable[[], None]) -> Connection:
        place, limits = await self._locator.locate(), self._limits
        build = functools.partial(Connection, limits.timeout_s, limits.max_waiting, on_lost, limits.silence_s)
        async with asyncio.timeout(CONNECT_S):
            _, connection = await asyncio.get_running_loop().create_connection(
                build, place.host, place.port, ssl=place.tls
            )
            self._greeted = connection
            try:
                await _log_in(connection, place)
                if self._prepare is not None:
                    await self._prepare(connection)
            except BaseException:
                connection.lose("the connection could not be prepared")
                raise
            finally:
                self._greeted = None
        return connection


SiteClients = Mapping[str, RespClient]
"""The client of each site: one for all of them, or in a Cluster one each."""


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def _leave_replica(connection: Connection, reply: Any) -> None:
    """Settles ROLE; a connection that fails to answer it ends by itself."""
    if isinstance(reply, list) and reply[0] not in _PRIMARY:
        connection.lose("the server is a replica")


async def _log_in(connection: Connection, place: Place) -> None:
    """Greet, authenticate and choose the database. StoreAwayError when the server is not the primary."""
    login = ("AUTH", place.username or "default", place.password) if place.password else ()
    greeting = await connection.call("HELLO", 2, *login, "SETNAME", "menshen-access")
    facts = dict(zip(greeting[::2], greeting[1::2], strict=True))
    if facts.get(b"role") not in _PRIMARY:
        raise StoreAwayError("the server found is not the primary")
    if place.database:
        await connection.call("SELECT", place.database)


async def load_functions(connection: Connection) -> None:
    """Put our function library, replacing one of the same version."""
    await connection.call("FUNCTION", "LOAD", "REPLACE", source())
