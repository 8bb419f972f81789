"""Everybody's records at a site, read in the process apart that is asked about them."""

import asyncio
from pathlib import Path
from typing import Final

from menshen_servicekit.postgres import OUTAGES, SLOW, close_pool, open_pool

from menshen_access.foresight_work import Page, joined
from menshen_access.postgres.foresight import pages_of

_SCHEMA: Final = "access"
_STATEMENT_S: Final = 30.0
"""The process runs when nobody else does: it may be a while before it sees an answer."""


def read_everybody(database_url: str, password_file: Path | None, site: str) -> list[Page]:
    """ConnectionError where the database does not answer, or not in time: its own errors cross to no other process."""
    try:
        return asyncio.run(_all_pages(database_url, password_file, site))
    except (*OUTAGES, *SLOW) as trouble:
        raise ConnectionError(str(trouble)) from None


async def _all_pages(database_url: str, password_file: Path | None, site: str) -> list[Page]:
    pool = await open_pool(
        database_url,
        password_file,
        schema=_SCHEMA,
        application="menshen-access-foresight",
        statement_timeout_s=_STATEMENT_S,
        max_size=1,
    )
    try:
        return [joined(page) async for page in pages_of(pool, site)]
    finally:
        await close_pool(pool)
