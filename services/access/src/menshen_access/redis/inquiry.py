"""One question to servers that may be dead, over a connection of its own that nobody waits for long."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from menshen_access.ports import StoreAwayError
from menshen_access.redis.connection import Argument, CommandRefusedError, Connection
from menshen_access.redis.locator import Place
from menshen_access.redis.troubles import why

ANSWER_S: Final = 0.5
_UNANSWERED: Final = (OSError, StoreAwayError, CommandRefusedError)
"""TimeoutError is an OSError."""


async def inquire(place: Place, *command: Argument, within_s: float = ANSWER_S) -> Any:
    """The reply of one server; OSError, StoreAwayError or CommandRefusedError when it gives none in time."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(within_s):
        build = partial(Connection, within_s, 4, lambda: None)
        _, connection = await loop.create_connection(build, place.host, place.port, ssl=place.tls)
        try:
            if place.password:
                await connection.call("AUTH", place.username or "default", place.password)
            return await connection.call(*command)
        finally:
            connection.lose("the question was answered or given up")


async def inquire_all(
    places: Iterable[Place], *command: Argument, troubles: list[str] | None = None
) -> list[tuple[Place, Any]]:
    """The replies of those that answer in time, all asked at once so that a dead one costs no turn.

    Why the others gave none is added to `troubles`.
    """
    asked = list(places)
    replies = await asyncio.gather(*(_reply_of(place, command) for place in asked))
    if troubles is not None:
        silent = ((place, reply) for place, reply in zip(asked, replies, strict=True) if isinstance(reply, Exception))
        troubles.extend(f"{place.host}:{place.port}: {why(trouble)}" for place, trouble in silent)
    return [(place, reply) for place, reply in zip(asked, replies, strict=True) if not isinstance(reply, Exception)]


async def _reply_of(place: Place, command: tuple[Argument, ...]) -> Any:
    """The reply, or what was raised in its stead."""
    try:
        return await inquire(place, *command)
    except _UNANSWERED as trouble:
        return trouble
