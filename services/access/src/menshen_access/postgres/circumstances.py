"""What holds for a site beside its plan: as it stands, and by every version it had."""

from collections.abc import Sequence

import asyncpg
from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries

from menshen_access.domain.administration import HoldSet, RaisedHold
from menshen_access.domain.circumstances import circumstances_of
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.postgres.order_rows import orders_in_force
from menshen_access.postgres.sites import QUERIES

VERSIONED = load_queries("menshen_access.postgres", "explaining.sql")


async def keep_circumstances(connection: Connection, site: str, at_ms: int) -> HoldSet:
    """Keep what holds now under the version that this transaction took; to be called once all of it is written."""
    held = await holds_of(connection, site)
    encoded = circumstances_of(site, held).encode()
    await connection.execute(VERSIONED.keep_circumstances, site, held.version, encoded, at_ms)
    return held


async def holds_of(connection: Connection, site: str) -> HoldSet:
    """Everything in force as this transaction sees it."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(QUERIES.holds_in_force, site)
    levels: Sequence[asyncpg.Record] = await connection.fetch(QUERIES.threat_levels_in_force, site)
    version = await connection.fetchval(QUERIES.holds_version, site) or 0
    stale = frozenset(row["source"] for row in await connection.fetch(QUERIES.stale_sources, site))
    levels_set = tuple(SetThreatLevel(*row.values()) for row in levels)
    return HoldSet(version, tuple(map(hold_of_row, rows)), levels_set, stale, await orders_in_force(connection, site))


def hold_of_row(row: asyncpg.Record) -> RaisedHold:
    hold_id, *rest = row.values()
    return RaisedHold(str(hold_id), *rest)
