"""Everybody's records at a site, read in the process apart that is asked about them."""

from contextlib import closing
from pathlib import Path

from menshen_servicekit.postgres import Pool

from menshen_access.domain.subject_records import Page
from menshen_access.foresight_work import joined
from menshen_access.postgres.foresight import pages_of
from menshen_access.wiring.connected import Connected


def read_everybody(database_url: str, password_file: Path | None, site: str, rests: bool = False) -> list[Page]:
    """ConnectionError where the database does not answer, or not in time."""
    try:
        with closing(Connected(database_url, password_file, "menshen-access-foresight")) as connected:
            return connected.run(_all_pages(connected.pool, site, rests=rests))
    except TimeoutError as slow:
        raise ConnectionError(str(slow)) from None


async def _all_pages(pool: Pool, site: str, *, rests: bool) -> list[Page]:
    return [joined(page) async for page in pages_of(pool, site, rests=rests)]
