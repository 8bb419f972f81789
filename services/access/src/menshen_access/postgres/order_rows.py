"""Commands and orders as rows."""

import asyncpg
from menshen_servicekit.postgres import Connection

from menshen_access.domain.commands import ORDERS, Command, GivenCommand, GivenOrder
from menshen_access.postgres.sites import QUERIES


async def orders_in_force(connection: Connection, site: str) -> tuple[GivenOrder, ...]:
    """The orders that nobody has ended."""
    return tuple(map(_order, await connection.fetch(QUERIES.orders_in_force, site)))


def command_of(row: asyncpg.Record) -> GivenCommand:
    command_id, access_point, command, *rest = row.values()
    return GivenCommand(str(command_id), access_point, Command(command), *rest)


def _order(row: asyncpg.Record) -> GivenOrder:
    command_id, access_point, command, *rest = row.values()
    return GivenOrder(str(command_id), access_point, ORDERS[Command(command)], *rest)
