"""What projected facts say of their sources."""

from collections.abc import Iterable

from menshen_servicekit.postgres import Connection

from menshen_access.domain.fact_sources import last_reports
from menshen_access.domain.subject_records import FeedChange
from menshen_access.postgres.sites import QUERIES


async def hear(connection: Connection, site: str, changes: Iterable[FeedChange]) -> None:
    """Inside the transaction that projects them: who reported last, by the facts of these changes."""
    reports = sorted(last_reports(changes).items())
    if reports:
        sources, instants = zip(*reports, strict=True)
        await connection.execute(QUERIES.hear_sources, site, sources, instants)
