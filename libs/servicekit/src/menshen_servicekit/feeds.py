"""A compacted change feed on PostgreSQL whose cursor cannot skip a transaction that commits late.

A service that offers one has, in its schema, two tables (its migration makes them as written here):

    feed_head (epoch bigint, position bigint)                    -- one row
    feed_entries (entry_id text, site text, position bigint, urgent_position bigint, is_removed boolean,
                  PRIMARY KEY (entry_id, site))

`publish` is the last statement before the commit. It takes positions under the row lock of the head, which is held
until the commit: positions become visible in order, and whoever sees position n sees every one below it. An entry keeps
only its newest position, so a reader gets each entry once, as it stands when read. `urgent_position` numbers the
changes of the revocation lane alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.status import DomainError, Trouble

PAGE_SIZE = 500
POLL_S = 1.0
IDLE_S = 5.0
"""After this long without a change an empty batch says that the feed lives and where its head is."""

_CONNECT_S = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed: everything up to `position` of `epoch` was seen."""

    epoch: int
    position: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one read found: the changes after a position, in order, at most PAGE_SIZE.

    `position` is that of the last change. The head and the changes are of one snapshot.
    """

    epoch: int
    head: int
    changes: Sequence[T]
    position: int

    @property
    def reached(self) -> int:
        """How far a reader of this page has come: a page that is not full reaches the head."""
        return self.position if len(self.changes) >= PAGE_SIZE else self.head


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """What a watcher is sent. `caught_up` holds once everything that stood at the start was sent."""

    changes: Sequence[T]
    cursor: Cursor
    caught_up: bool


@dataclass(frozen=True, slots=True)
class Touch:
    """A changed entry and every site that knows it now; `is_urgent` puts the change on the revocation lane too.

    A site that knew it before and is not named learns that it was removed, which is always urgent.
    """

    entry_id: str
    sites: tuple[str, ...]
    is_urgent: bool = False


class Bell:
    """Rings in this process when a change was committed in any."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Set at the next ring. Take it before reading, wait for it after, and no ring is missed."""
        return self._rung

    async def listen(self, pool: Pool, channel: str) -> None:
        """Ring at every notification on `channel`. Never returns; ConnectionError when the connection ends."""
        ended = asyncio.Event()
        async with pool.acquire(timeout=_CONNECT_S) as connection:

            def heard(*_: object) -> None:
                self.ring()

            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(channel, heard)
            self.ring()
            try:
                await ended.wait()
            finally:
                if not connection.is_closed():
                    await connection.remove_listener(channel, heard)
        raise ConnectionResetError("the listening connection ended")


async def publish(connection: Connection, channel: str, touches: Sequence[Touch]) -> int:
    """Give every touched entry the next position, in the order given, and return the last one.

    Call it in the transaction of the change, after everything else: until the commit all other writers wait here.
    Each entry must be named once, and its own row locked by this transaction.
    """
    entries = [touch.entry_id for touch in touches]
    named = [(number, touch, site) for number, touch in enumerate(touches, start=1) for site in touch.sites]
    pairs = ([touch.entry_id for _, touch, _ in named], [site for *_, site in named])
    await connection.execute(_LEAVE, entries, *pairs)
    await connection.execute("SELECT pg_notify($1, '')", channel)
    numbers, urgent = [number for number, *_ in named], [touch.is_urgent for _, touch, _ in named]
    position: int = await connection.fetchval(_TAKE_POSITIONS, entries, *pairs, numbers, urgent)
    return position


async def begin_epoch(connection: Connection) -> int:
    """Start a new epoch, as after a restore: every cursor of the old one is refused. Returns it."""
    epoch: int = await connection.fetchval(
        "UPDATE feed_head SET epoch = greatest(epoch + 1, (extract(epoch FROM now()) * 1000)::bigint) RETURNING epoch"
    )
    return epoch


async def watch(
    read: Callable[[int], Awaitable[Page[T]]], bell: Bell, cursor: Cursor | None, stopping: asyncio.Event
) -> AsyncIterator[Batch[T]]:
    """Everything after `cursor` (None: everything), then every change, until `stopping`.

    `read(position)` gives the page after a position. DomainError OUT_OF_RANGE for a cursor of another epoch, also when
    the epoch changes meanwhile, and for one ahead of the head: the watcher must begin again without a cursor.
    """
    epoch, position = (cursor.epoch, cursor.position) if cursor else (None, 0)
    goal: int | None = None
    loop = asyncio.get_running_loop()
    sent_at = -IDLE_S
    while not stopping.is_set():
        rung = bell.next_ring()
        page = await read(position)
        _check(page, epoch, position)
        goal = page.head if goal is None else goal
        epoch, position = page.epoch, page.reached
        if page.changes or loop.time() - sent_at >= IDLE_S:
            sent_at = loop.time()
            yield Batch(page.changes, Cursor(epoch, position), position >= goal)
        if len(page.changes) < PAGE_SIZE:
            await rung_within(rung, POLL_S)


def _check(page: Page[T], epoch: int | None, position: int) -> None:
    if epoch is not None and page.epoch != epoch:
        raise DomainError(
            Trouble.OUT_OF_RANGE,
            "FEED_EPOCH_ENDED",
            f"游标属于纪元 {epoch},当前纪元为 {page.epoch}:请不带游标重新订阅",
            f"the cursor is of epoch {epoch}, the feed is in {page.epoch}: watch again without a cursor",
        )
    if position > page.head:
        raise DomainError(
            Trouble.OUT_OF_RANGE,
            "FEED_CURSOR_AHEAD",
            f"游标位置 {position} 超过当前位置 {page.head}:请不带游标重新订阅",
            f"the cursor is at {position}, the feed only at {page.head}: watch again without a cursor",
        )


async def rung_within(rung: asyncio.Event, seconds: float) -> None:
    """Wait for a ring, no longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()


_LEAVE = """
UPDATE feed_entries AS e SET is_removed = true, position = 0
WHERE e.entry_id = ANY ($1::text[]) AND NOT e.is_removed AND NOT EXISTS (
    SELECT FROM unnest($2::text[], $3::text[]) AS named (entry_id, site)
    WHERE named.entry_id = e.entry_id AND named.site = e.site
)
"""

_TAKE_POSITIONS = """
WITH head AS (
    UPDATE feed_head SET position = position + cardinality($1::text[])
    RETURNING position AS last, position - cardinality($1::text[]) AS base
), told AS (
    INSERT INTO feed_entries AS e (entry_id, site, position, urgent_position)
    SELECT
        named.entry_id, named.site, head.base + named.number,
        CASE WHEN named.is_urgent THEN head.base + named.number ELSE 0 END
    FROM
        head,
        unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[]) AS named (entry_id, site, number, is_urgent)
    ON CONFLICT (entry_id, site) DO UPDATE SET
        is_removed = false, position = excluded.position,
        urgent_position = greatest(e.urgent_position, excluded.urgent_position)
), left_behind AS (
    UPDATE feed_entries AS e
    SET position = head.base + touched.number, urgent_position = head.base + touched.number
    FROM head, unnest($1::text[]) WITH ORDINALITY AS touched (entry_id, number)
    WHERE e.entry_id = touched.entry_id AND e.is_removed AND e.position = 0
)
SELECT last FROM head
"""
