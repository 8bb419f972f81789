"""Commands, each under the lock of the site's plan row, audited; orders share the version of the holds."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.administration import Deed
from menshen_access.domain.commands import (
    ORDERS,
    Command,
    CommandRefusal,
    CommandRefusedError,
    GivenCommand,
    check_sent_again,
)
from menshen_access.postgres.administration import put_audit
from menshen_access.postgres.circumstances import keep_circumstances
from menshen_access.postgres.order_rows import command_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify


class Orders:
    """Commands and orders of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def give(self, site: str, given: GivenCommand, deed: Deed) -> GivenCommand:
        """Store a command, with the end of the order whose place it takes; the command of the same request if there is
        one. CommandRefusedError for a RESTORE of nothing.
        """
        async with self._transaction(site) as connection:
            await connection.fetchrow(QUERIES.lock_plan_head, site)
            earlier = await _of_request(connection, site, given)
            if earlier is not None:
                return earlier
            if given.command is not Command.PULSE:
                given = await _end_order(connection, site, given)
                await connection.fetchval(QUERIES.take_holds_version, site)
                await notify(connection, "holds", site)
            await _put(connection, site, given)
            if given.command is not Command.PULSE:
                await keep_circumstances(connection, site, given.given_at_ms)
            detail = {"access_point": given.access_point, "until_ms": given.until_ms, "ended": given.ended_id}
            await put_audit(connection, replace(deed, detail=json.dumps(detail)))
            await notify(connection, "commands", site)
            return given

    async def of_request(self, site: str, origin: str, request_id: str) -> GivenCommand | None:
        """The command of an earlier request of the same caller."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(QUERIES.command_of_request, site, origin, request_id)
        return None if row is None else command_of(row)

    async def since(self, site: str, at_ms: int) -> list[GivenCommand]:
        """Commands given after an instant, oldest first."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [command_of(row) for row in await connection.fetch(QUERIES.commands_since, site, at_ms)]

    async def reached(self, site: str, command_id: str, at_ms: int) -> None:
        """The agent of the access point is connected and was told."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.command_reached, site, command_id, at_ms)

    async def has_reached(self, site: str, command_id: str) -> bool:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return bool(await connection.fetchval(QUERIES.has_reached, site, command_id))

    async def end_overdue(self, site: str, now_ms: int) -> int | None:
        """End the orders whose time is over; when the next one ends, None for none."""
        async with self._transaction(site) as connection:
            next_ms: int | None = await connection.fetchval(QUERIES.next_order_end, site)
            if next_ms is None or next_ms > now_ms:
                return next_ms
            await connection.fetchval(QUERIES.take_holds_version, site)
            await connection.execute(QUERIES.end_overdue_orders, site, now_ms)
            await keep_circumstances(connection, site, now_ms)
            await notify(connection, "holds", site)
            following_ms: int | None = await connection.fetchval(QUERIES.next_order_end, site)
        return following_ms

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection


async def _of_request(connection: Connection, site: str, given: GivenCommand) -> GivenCommand | None:
    """The command of the same request of the same caller."""
    if not given.request_id:
        return None
    row = await connection.fetchrow(QUERIES.command_of_request, site, given.origin, given.request_id)
    if row is None:
        return None
    earlier = command_of(row)
    check_sent_again(given, earlier)
    return earlier


async def _end_order(connection: Connection, site: str, given: GivenCommand) -> GivenCommand:
    """End the order in force at the access point, if its time has not."""
    ended = await connection.fetchrow(QUERIES.end_order, site, given.access_point, given.given_at_ms)
    if given.command in ORDERS:
        return given
    if ended is None or ended["until_ms"] <= given.given_at_ms:
        raise CommandRefusedError(CommandRefusal.NOTHING_ORDERED)
    return replace(given, ended_id=str(ended["command_id"]))


async def _put(connection: Connection, site: str, given: GivenCommand) -> None:
    await connection.execute(
        QUERIES.put_command,
        site,
        given.command_id,
        given.access_point,
        int(given.command),
        given.origin,
        given.reason,
        given.given_at_ms,
        given.until_ms,
        given.request_id,
        given.ended_id,
    )
