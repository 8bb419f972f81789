"""PostgreSQL pools: opened without a connection, time-outs everywhere, whole again when the server returns."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import asyncpg

from menshen_servicekit.settings import read_secret

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"

CONNECT_TIMEOUT_S = 5.0
OUTAGES: tuple[type[Exception], ...] = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
)
"""What a call raises while the server is away, restarting or full. A time-out is not among them: it says less.

The client's internal error is what a connection raises whose server was killed between two statements.
"""

UNFIT: tuple[type[Exception], ...] = (asyncpg.DataError,)
"""What a value raises that its column cannot hold: NUL in a text, a number too large, a text that is no UUID."""

SLOW: tuple[type[Exception], ...] = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
"""What a statement raises that ran, or waited for a lock, longer than the server lets it."""


async def open_pool(
    database_url: str,
    password_file: Path | None,
    *,
    schema: str,
    application: str,
    statement_timeout_s: float = 10.0,
    max_size: int = 8,
) -> Pool:
    """A pool that connects when first used and again after an outage; the caller closes it.

    The password file is read at every connect, so a rotated password needs no restart. `schema` becomes the search
    path. The server cancels a statement after `statement_timeout_s`; the client gives up a little later.
    """
    return await asyncpg.create_pool(
        database_url,
        password=(lambda: read_secret(password_file)) if password_file is not None else None,
        min_size=0,
        max_size=max_size,
        max_inactive_connection_lifetime=300.0,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=statement_timeout_s + 1.0,
        server_settings={
            "application_name": application,
            "search_path": schema,
            "timezone": "UTC",
            "statement_timeout": str(int(statement_timeout_s * 1000)),
            "lock_timeout": str(int(statement_timeout_s * 500)),
            "idle_in_transaction_session_timeout": "30000",
            # A plan kept from when a table was empty would scan it whole once it has grown.
            "plan_cache_mode": "force_custom_plan",
        },
    )


async def answers(pool: Pool, timeout_s: float = 2.0) -> bool:
    """True when the server answers a trivial query in time."""
    try:
        async with asyncio.timeout(timeout_s):
            return bool(await pool.fetchval("SELECT true"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return False


async def watch_pool(pool: Pool, report: Callable[[bool], None], interval_s: float = 1.0) -> None:
    """Report for ever whether the server answers; `report` is a readiness condition's `set`."""
    while True:
        report(await answers(pool))
        await asyncio.sleep(interval_s)


async def close_pool(pool: Pool, timeout_s: float = 5.0) -> None:
    """Close gently; what still runs after `timeout_s` is cut off."""
    try:
        async with asyncio.timeout(timeout_s):
            await pool.close()
    except TimeoutError:
        pool.terminate()
