"""Reviews: each change locks the review's row, so that exactly one guard wins, and takes the site's next position."""

from collections.abc import Callable

import asyncpg
from menshen_servicekit.postgres import Pool

from menshen_access.domain.administration import Review, ReviewState
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, Sites, notify


class Reviews:
    """Reviews of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def change(self, site: str, review_id: str, decide: Callable[[Review], Review | None]) -> Review | None:
        """Let `decide` change a review under its lock: state, operator, note and telephone record. None: there is none.

        A `decide` that gives None leaves it as it is; one that raises does too.
        """
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            row = await connection.fetchrow(QUERIES.lock_review, site, review_id)
            if row is None:
                return None
            wanted = decide(_review(row))
            if wanted is None:
                return _review(row)
            position = await connection.fetchval(QUERIES.take_review_positions, site, 1) + 1
            values = (int(wanted.state), wanted.operator, wanted.note, wanted.telephone_record)
            changed = await connection.fetchrow(QUERIES.change_review, site, review_id, position, *values)
            await notify(connection, "reviews", site)
        if changed is None:
            raise AssertionError("a locked row is changed")
        return _review(changed)

    async def listed(self, site: str, state: ReviewState, since_ms: int) -> list[Review]:
        """Newest first; of all states those opened since the instant."""
        return await self._fetch(QUERIES.list_reviews, site, int(state), since_ms)

    async def undecided(self, site: str) -> tuple[int, list[Review]]:
        """The position changes follow from, and the reviews not decided as of it."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            position = await connection.fetchval(QUERIES.review_position, site)
            rows = await connection.fetch(QUERIES.undecided_reviews, site)
        return position or 0, [_review(row) for row in rows]

    async def after(self, site: str, position: int, limit: int) -> list[Review]:
        """Changes after a position, in order."""
        return await self._fetch(QUERIES.reviews_after, site, position, limit)

    async def overdue(self, site: str, now_ms: int) -> list[str]:
        """Ids of undecided reviews whose time is over."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [row["review_id"] for row in await connection.fetch(QUERIES.overdue_reviews, site, now_ms)]

    async def next_expiry_ms(self, site: str) -> int | None:
        """When the next undecided review expires."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            at_ms: int | None = await connection.fetchval(QUERIES.next_review_expiry, site)
        return at_ms

    async def _fetch(self, query: str, *arguments: object) -> list[Review]:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return [_review(row) for row in await connection.fetch(query, *arguments)]


def _review(row: asyncpg.Record) -> Review:
    values = dict(row)
    return Review(
        **{
            **values,
            "event_id": str(row["event_id"]),
            "subject_ids": tuple(row["subject_ids"]),
            "state": ReviewState(row["state"]),
        }
    )
