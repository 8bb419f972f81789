"""Superseded versions in PostgreSQL: what the events kept beyond their age cite of them, and removing the others."""

from typing import Final

from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.citations import Cited, cited_by
from menshen_access.domain.retention import (
    PrunedVersions,
    RetentionClass,
    RetentionRun,
    Sorted,
    VersionPlace,
)
from menshen_access.postgres.reading import payload_of
from menshen_access.postgres.retention_rows import RETENTION, by_day, lock_of
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES

_QUERIES = load_queries("menshen_access.postgres", "versions.sql")
_STATEMENTS: Final = {
    RetentionClass.SUBJECT_VERSIONS: _QUERIES.prune_subject_versions,
    RetentionClass.PLAN_VERSIONS: _QUERIES.prune_plan_versions,
    RetentionClass.CIRCUMSTANCES_VERSIONS: _QUERIES.prune_circumstances_versions,
}


class Versions:
    """Implements superseding.VersionShelf for every site."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget_citations(self, site: str, before_run_ms: int) -> None:
        """What no run of identities since found kept is cited no more."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(_QUERIES.forget_cited, site, before_run_ms)

    async def prune(
        self, site: str, run: RetentionRun, after: VersionPlace, before_ms: int, uncited_ms: int, limit: int
    ) -> PrunedVersions | None:
        """Of the next versions after a place remove what was superseded by then and nothing names. None: no more.

        A hold of the whole site that stood at `uncited_ms` or since keeps all of them.
        """
        wanted = run.retention_class
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(RETENTION.wait_briefly)
            await connection.execute(QUERIES.lock_duty, lock_of(site))
            row = await connection.fetchrow(
                _STATEMENTS[wanted], site, after.subject_id, after.version, limit, before_ms, uncited_ms
            )
            if row is None:
                return None
            if row["deleted"]:
                await connection.execute(RETENTION.add_deleted, site, wanted, run.started_at_ms, row["deleted"])
        return PrunedVersions(VersionPlace(row["subject_id"], row["version"]), row["held"], row["named"])


async def cite(connection: Connection, site: str, run_ms: int, found: Sorted) -> None:
    """Remember which versions the events cite that are kept beyond their age."""
    cited: set[Cited] = set()
    for events, is_used in ((found.held, False), (found.used, True)):
        for day, keys in by_day(events).items():
            ids, kinds = [name for name, _ in keys], [kind for _, kind in keys]
            for row in await connection.fetch(_QUERIES.parts_of_events, site, day, ids, kinds):
                cited |= cited_by(payload_of(row), is_used=is_used)
    if cited:
        rows = sorted(cited)
        await connection.execute(
            _QUERIES.put_cited,
            site,
            run_ms,
            [int(one.kind) for one in rows],
            [one.subject_id for one in rows],
            [one.version for one in rows],
        )
