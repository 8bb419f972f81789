"""Shadows as the keeper of a site leads them on: pages of the history, what they were made on, and what they add."""

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.policy_life import PolicyState
from menshen_access.domain.shadows import (
    MOST_KEPT,
    KeptVersions,
    PageRow,
    RunningShadow,
    Shadow,
    ShadowState,
    Stride,
    Versions,
)
from menshen_access.postgres.circumstances import VERSIONED
from menshen_access.postgres.shadows import SHADOWS, shadow_of
from menshen_access.postgres.sites import ACQUIRE_S
from menshen_access.postgres.spans import span_after


class ShadowPages:
    """The running shadows of every site."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def running(self, site: str) -> list[RunningShadow]:
        """Those that run, with their policies as they are now."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(SHADOWS.shadows_running, site)
        return [
            RunningShadow(
                shadow_of(row),
                row["document"],
                row["number"],
                PolicyState(row["policy_state"]),
                row["from_ms"],
                row["epoch"],
            )
            for row in rows
        ]

    async def after(self, site: str, sequence: int, limit: int) -> list[PageRow]:
        """What is recorded after a sequence, in sequence."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            span = await span_after(connection, site, sequence, limit)
            rows = await connection.fetch(SHADOWS.history_after, site, sequence, span.last, span.days)
        return [PageRow(*row.values()) for row in rows]

    async def kept(self, site: str, versions: Versions) -> KeptVersions:
        """What is kept of these versions."""
        subject_ids, numbers = [one[0] for one in versions.records], [one[1] for one in versions.records]
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            plans = await connection.fetch(SHADOWS.plans_of_versions, site, versions.plans)
            circumstances = await connection.fetch(VERSIONED.circumstances_of_versions, site, versions.circumstances)
            records = await connection.fetch(VERSIONED.records_of_versions, site, subject_ids, numbers)
        return KeptVersions(
            {row["version"]: row["document"] for row in plans},
            {row["version"]: row["encoded"] for row in circumstances},
            {(row["subject_id"], row["version"]): row["record"] for row in records},
        )

    async def advance(self, site: str, running: RunningShadow, made: Stride, at_ms: int) -> bool:
        """Count a stride and move the shadow, all or nothing; False, and nothing done, where it stands elsewhere."""
        shadow = running.shadow
        kept = made.differing[: max(0, MOST_KEPT - shadow.kept)]
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            moved = await connection.fetchval(
                SHADOWS.advance_shadow,
                site,
                shadow.shadow_id,
                shadow.through_sequence,
                made.through_sequence,
                len(kept),
                running.epoch,
            )
            if moved is None:
                return False
            await _add_counts(connection, site, shadow, made)
            await connection.executemany(SHADOWS.put_difference, [(site, shadow.shadow_id, *one) for one in kept])
            if made.state is not ShadowState.RUNNING:
                await connection.execute(SHADOWS.end_shadow, site, shadow.shadow_id, int(made.state), at_ms, "", "")
        return True


async def _add_counts(connection: Connection, site: str, shadow: Shadow, made: Stride) -> None:
    if not made.counts:
        return
    keys, counts = zip(*made.counts.items(), strict=True)
    columns = [list(column) for column in (*zip(*keys, strict=True), *zip(*counts, strict=True))]
    await connection.execute(SHADOWS.add_counts, site, shadow.shadow_id, *columns)
