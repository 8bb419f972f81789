"""Appending to the history: one transaction under the lock of the site's head row, whoever brings the events."""

import os
from collections.abc import Callable, Sequence, Set
from datetime import date

import asyncpg
from menshen_servicekit.postgres import Connection

from menshen_access.domain.consequences import alarms_of, review_of
from menshen_access.domain.door_reports import statements_of
from menshen_access.domain.history import Appended, Entry, Head, Numbered, StreamEntry, number
from menshen_access.domain.memberships import Membership
from menshen_access.domain.retirements import retires
from menshen_access.domain.spools import Recorded, Watermark
from menshen_access.postgres.consequences import put_alarms, put_reviews
from menshen_access.postgres.door_reports import put_door_reports
from menshen_access.postgres.memberships import Memberships
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.sites import QUERIES, SEPARATOR, notify
from menshen_access.postgres.statistics import Growth


class History:
    """Appends events. One object per process."""

    def __init__(self, partitions: Partitions, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._partitions = partitions
        self._random_bytes = random_bytes
        self._memberships = Memberships()
        self._growth = Growth(QUERIES.analyse_history)

    async def head(self, connection: Connection, site: str) -> Head:
        """The site's head as committed; LookupError for a site that was never ensured."""
        return _head(await connection.fetchrow(QUERIES.read_head, site))

    async def prepare(self, connection: Connection, now_ms: int) -> None:
        """Make the partitions of the coming days."""
        await self._partitions.ensure_ahead(connection, now_ms)

    async def append(
        self,
        connection: Connection,
        site: str,
        entries: Sequence[Entry],
        now_ms: int,
        *,
        position: str = "",
        unreadable: Sequence[StreamEntry] = (),
    ) -> Appended:
        """Record the entries that are not recorded yet, in order; with `position` that of the stream moves too."""
        days = {entry.day for entry in entries}
        try:
            return await self._append(connection, site, entries, now_ms, days, position, unreadable)
        except asyncpg.CheckViolationError:
            # The partition of a day that is long over was dropped since this process saw it.
            self._partitions.forget(days)
            return await self._append(connection, site, entries, now_ms, days, position, unreadable)

    async def _append(
        self,
        connection: Connection,
        site: str,
        entries: Sequence[Entry],
        now_ms: int,
        days: Set[date],
        position: str,
        unreadable: Sequence[StreamEntry],
    ) -> Appended:
        await self._partitions.ensure(connection, days)
        async with connection.transaction():
            head = _head(await connection.fetchrow(QUERIES.lock_head, site))
            fresh = await _fresh(connection, site, entries)
            numbered = number(head, fresh, self._random_bytes)
            if numbered:
                memberships = await self._memberships.of_entries(connection, head, fresh)
                await _insert(connection, head, numbered, memberships, now_ms)
                await _draw_consequences(connection, site, fresh, now_ms)
            if unreadable:
                await connection.executemany(
                    QUERIES.keep_unreadable, [(site, item.position, item.payload, now_ms) for item in unreadable]
                )
            watermarks = await _advance_watermarks(connection, site, entries)
            await _advance_head(connection, head, numbered, position or head.stream_position)
            await notify(connection, "events", site)
        await self._growth.grew(connection, len(numbered))
        return Appended(len(numbered), head.sequence + len(numbered), watermarks)


def _head(row: asyncpg.Record | None) -> Head:
    if row is None:
        raise LookupError("the site has no head row")
    return Head(*row.values())


async def _fresh(connection: Connection, site: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries not yet recorded, each once. Under the head's lock nobody else inserts for this site."""
    by_key = {entry.key: entry for entry in reversed(entries)}
    ordered = [entry for entry in entries if by_key[entry.key] is entry]
    rows = await connection.fetch(
        QUERIES.known_events,
        site,
        [entry.key[0] for entry in ordered],
        [entry.key[1] for entry in ordered],
    )
    known = {(str(row["event_id"]), row["kind"]) for row in rows}
    return [entry for entry in ordered if entry.key not in known]


async def _insert(
    connection: Connection, head: Head, numbered: Sequence[Numbered], memberships: Sequence[Membership], now_ms: int
) -> None:
    entries = [item.entry for item in numbered]
    days = [entry.day for entry in entries]
    ids = [entry.key[0] for entry in entries]
    kinds = [entry.key[1] for entry in entries]
    sequences = [item.link.sequence for item in numbered]
    await connection.execute(
        QUERIES.insert_events,
        head.site,
        now_ms,
        days,
        ids,
        kinds,
        sequences,
        [entry.at_ms for entry in entries],
        [entry.late for entry in entries],
        [str(entry.event.core.get("access_point", "")) for entry in entries],
        [entry.outcome for entry in entries],
        [SEPARATOR.join(entry.reason_codes) for entry in entries],
        [SEPARATOR.join(entry.subject_ids) for entry in entries],
        [SEPARATOR.join(each.categories) for each in memberships],
        [SEPARATOR.join(each.units) for each in memberships],
        [entry.event.agent_id for entry in entries],
        [entry.spool.epoch for entry in entries],
        [entry.spool.number for entry in entries],
        [entry.core for entry in entries],
        [item.salts.core for item in numbered],
        [entry.identity for entry in entries],
        [item.salts.identity for item in numbered],
        [entry.health for entry in entries],
        [item.salts.health for item in numbered],
    )
    commitments = [item.link.commitments for item in numbered]
    await connection.execute(
        QUERIES.insert_links,
        head.site,
        head.epoch,
        sequences,
        days,
        ids,
        kinds,
        [each.core for each in commitments],
        [each.identity for each in commitments],
        [each.health for each in commitments],
        [item.link.previous for item in numbered],
        [item.link.hash for item in numbered],
    )


async def _draw_consequences(connection: Connection, site: str, fresh: Sequence[Entry], now_ms: int) -> None:
    reviews = [review for entry in fresh if (review := review_of(entry, now_ms)) is not None]
    if reviews:
        await put_reviews(connection, site, reviews)
    alarms = [alarm for entry in fresh for alarm in alarms_of(entry)]
    if alarms:
        await put_alarms(connection, alarms)
    statements = [statement for entry in fresh for statement in statements_of(entry, now_ms)]
    if statements:
        await put_door_reports(connection, site, statements)
    if any(retires(entry.identity) for entry in fresh):
        await notify(connection, "retirements", site)


async def _advance_watermarks(connection: Connection, site: str, entries: Sequence[Entry]) -> tuple[Watermark, ...]:
    numbers: dict[tuple[str, int], list[int]] = {}
    for entry in entries:
        spool = entry.spool
        if spool.number > 0:
            numbers.setdefault((entry.event.agent_id, spool.epoch), []).append(spool.number)
    if not numbers:
        return ()
    spools = sorted(numbers)
    rows = await connection.fetch(
        QUERIES.lock_watermarks, site, [agent for agent, _ in spools], [epoch for _, epoch in spools]
    )
    known = {(row["agent_id"], row["spool_epoch"]): Recorded(row["contiguous"], tuple(row["above"])) for row in rows}
    moved = {spool: known.get(spool, Recorded()).with_numbers(numbers[spool]) for spool in spools}
    changed = [
        (site, agent, epoch, now.contiguous, list(now.above))
        for (agent, epoch), now in moved.items()
        if now != known.get((agent, epoch))
    ]
    if changed:
        await connection.executemany(QUERIES.put_watermark, changed)
    return tuple(Watermark(agent, epoch, now.contiguous) for (agent, epoch), now in moved.items())


async def _advance_head(connection: Connection, head: Head, numbered: Sequence[Numbered], position: str) -> None:
    last = numbered[-1].link if numbered else None
    await connection.execute(
        QUERIES.advance_head,
        head.site,
        last.sequence if last else head.sequence,
        last.hash if last else head.last_hash,
        position,
    )
