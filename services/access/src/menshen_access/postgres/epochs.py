"""The epoch of a site: it stands in every cursor and link, and changes with a restore."""

from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries

_QUERIES = load_queries("menshen_access.postgres", "epochs.sql")


async def begin_epoch(connection: Connection, site: str, now_ms: int) -> int:
    """Begin the next epoch of a site that has its rows; returns it.

    It is no lower than the time, so that it differs from epochs that were begun after what a backup knows.
    """
    epoch: int = await connection.fetchval(_QUERIES.begin_epoch, site, now_ms)
    return epoch
