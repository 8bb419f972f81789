"""The change feed by itself: no reader is ever past a change it has not seen, whatever order transactions commit in."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from menshen_cli.local.servers import OwnServer
from menshen_servicekit.feeds import PAGE_SIZE, Bell, Cursor, Page, Touch, begin_epoch, publish, watch
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.settings import read_secret
from menshen_servicekit.status import DomainError, Trouble

CHANNEL = "kit_feed"
SITE = "north"
WRITERS, ROUNDS = 6, 25
_TABLES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.feed_head (epoch bigint, position bigint);
INSERT INTO {schema}.feed_head VALUES (1, 0);
CREATE TABLE {schema}.feed_entries (
    entry_id text, site text, position bigint DEFAULT 0, urgent_position bigint DEFAULT 0,
    is_removed boolean DEFAULT false, PRIMARY KEY (entry_id, site)
)
"""
_PAGE = """
SELECT head.epoch, head.position AS head, e.entry_id, e.position
FROM feed_head AS head
LEFT JOIN (SELECT * FROM feed_entries WHERE site = $1 AND position > $2 ORDER BY position LIMIT $3) AS e ON true
ORDER BY e.position
"""


@pytest_asyncio.fixture
async def feed_pool(kit_postgres: OwnServer) -> AsyncIterator[Pool]:
    """A pool on a schema with the tables of a feed."""
    schema = f"kit_{secrets.token_hex(4)}"
    maker = await asyncpg.connect(kit_postgres.url, password=read_secret(kit_postgres.password_file), timeout=10)
    await maker.execute(_TABLES.format(schema=schema))
    await maker.close(timeout=5)
    pool = await open_pool(kit_postgres.url, kit_postgres.password_file, schema=schema, application="test")
    yield pool
    await close_pool(pool)


class Reader:
    """Reads pages as a service does."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, position: int) -> Page[tuple[str, int]]:
        rows = await self._pool.fetch(_PAGE, SITE, position, PAGE_SIZE)
        found = [(row["entry_id"], row["position"]) for row in rows if row["entry_id"] is not None]
        return Page(rows[0]["epoch"], rows[0]["head"], found, found[-1][1] if found else position)


async def write(pool: Pool, writer: int, chance: random.Random) -> None:
    """One entry after another; every transaction dawdles before or after it takes its position, some give up."""
    for number in range(ROUNDS):
        async with pool.acquire(timeout=5) as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SELECT pg_sleep($1)", chance.random() / 200)
            await publish(connection, CHANNEL, [Touch(f"{writer}-{number}", (SITE,))])
            await connection.execute("SELECT pg_sleep($1)", chance.random() / 500)
            await (transaction.rollback if number % 7 == 3 else transaction.commit)()


async def test_a_watcher_beside_many_writers_sees_every_entry_in_order_and_none_twice(feed_pool: Pool) -> None:
    seen: list[tuple[str, int]] = []
    stopping, bell, cursor = asyncio.Event(), Bell(), Cursor(1, 0)
    wanted = {f"{writer}-{number}" for writer in range(WRITERS) for number in range(ROUNDS) if number % 7 != 3}

    async def follow() -> None:
        async for batch in watch(Reader(feed_pool), bell, cursor, stopping):
            seen.extend(batch.changes)
            if len(seen) >= len(wanted):
                return

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        listening = group.create_task(bell.listen(feed_pool, CHANNEL))
        following = group.create_task(follow())
        await asyncio.gather(*(write(feed_pool, writer, random.Random(writer)) for writer in range(WRITERS)))
        await following
        listening.cancel()

    assert [position for _, position in seen] == sorted(position for _, position in seen)
    assert sorted(entry for entry, _ in seen) == sorted(wanted)


async def test_a_later_transaction_waits_for_the_position_of_an_earlier_one(feed_pool: Pool) -> None:
    async with feed_pool.acquire(timeout=5) as first, feed_pool.acquire(timeout=5) as second:
        slow = first.transaction()
        await slow.start()
        assert await publish(first, CHANNEL, [Touch("slow", (SITE,))]) == 1
        quick = asyncio.create_task(publish(second, CHANNEL, [Touch("quick", (SITE,))]))
        waiting, _ = await asyncio.wait([quick], timeout=0.2)
        before = await Reader(feed_pool)(0)
        await slow.commit()

        assert not waiting
        assert (before.head, before.changes) == (0, [])
        assert await asyncio.wait_for(quick, 5) == 2
    assert (await Reader(feed_pool)(0)).changes == [("slow", 1), ("quick", 2)]


@pytest.mark.parametrize(("epoch", "position"), [(0, 0), (1, 99)])
async def test_a_cursor_that_cannot_be_followed_is_refused(feed_pool: Pool, epoch: int, position: int) -> None:
    batches = watch(Reader(feed_pool), Bell(), Cursor(epoch, position), asyncio.Event())

    with pytest.raises(DomainError) as refused:
        await asyncio.wait_for(anext(aiter(batches)), 5)

    assert refused.value.trouble is Trouble.OUT_OF_RANGE


async def test_a_new_epoch_is_later_than_any_before(feed_pool: Pool) -> None:
    async with feed_pool.acquire(timeout=5) as connection:
        first = await begin_epoch(connection)
        second = await begin_epoch(connection)

    assert 1 < first < second


async def test_an_entry_that_leaves_a_site_is_left_behind_urgently(feed_pool: Pool) -> None:
    async with feed_pool.acquire(timeout=5) as connection:
        await publish(connection, CHANNEL, [Touch("mover", ("north", "east"))])
        await publish(connection, CHANNEL, [Touch("mover", ("east",))])

        rows = await connection.fetch(
            "SELECT site, position, urgent_position, is_removed FROM feed_entries ORDER BY site"
        )

    assert [tuple(row) for row in rows] == [("east", 2, 0, False), ("north", 2, 2, True)]
