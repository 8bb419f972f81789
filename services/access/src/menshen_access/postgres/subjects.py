"""Projected subjects: written under the lock of the site's projection row, read as the delta log they are."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from menshen_rulebook.types import LevelAssignment
from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.subject_records import (
    FeedChange,
    FeedPlace,
    HeldSubject,
    Projection,
    digest_after,
    project,
    with_levels,
)
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, SEPARATOR, Sites, notify
from menshen_access.postgres.source_reports import hear
from menshen_access.postgres.statistics import Growth

Held = Mapping[str, HeldSubject]
Levels = Mapping[str, Sequence[LevelAssignment]]


@dataclass(frozen=True, slots=True)
class DeltaPage:
    """Subjects changed after a position, in order, and the projection as of the same instant."""

    projection: Projection
    subjects: tuple[HeldSubject, ...]


class Subjects:
    """Projected subjects of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites
        self._growth = Growth(QUERIES.analyse_subjects)

    async def apply_changes(
        self, site: str, changes: Sequence[FeedChange], feed: str, place: FeedPlace, *, keep_place: bool = True
    ) -> list[HeldSubject]:
        """Project a batch of a feed in one transaction and return what changed in content."""
        ids = [change.subject_id for change in changes]

        def decide(held: Held, levels: Levels) -> list[HeldSubject]:
            found = [project(c, held.get(c.subject_id), place.epoch, levels.get(c.subject_id, ())) for c in changes]
            return [subject for subject in found if subject is not None]

        async with self._transaction(site) as connection:
            changed = await write_subjects(connection, site, ids, decide)
            await hear(connection, site, changes)
            if keep_place:
                await connection.execute(QUERIES.put_cursor, site, feed, place.epoch, place.position)
        if changed:
            await self._growth.grew(self._pool, len(changed))
        return changed

    async def sweep(self, site: str, prefix: str, feed_epoch: int, limit: int) -> list[HeldSubject]:
        """Remove subjects the new epoch of a feed did not name; at most `limit` at a time."""

        async with self._transaction(site) as connection:
            rows = await connection.fetch(QUERIES.subjects_of_other_epochs, site, prefix, feed_epoch, limit)
            gone = [FeedChange(row["subject_id"], 0, None) for row in rows]

            def decide(held: Held, _levels: Levels) -> list[HeldSubject]:
                found = [project(change, held.get(change.subject_id), feed_epoch, ()) for change in gone]
                return [subject for subject in found if subject is not None]

            return await write_subjects(connection, site, [change.subject_id for change in gone], decide)

    async def place(self, site: str, feed: str) -> FeedPlace | None:
        """How far a feed is projected."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(QUERIES.read_cursor, site, feed)
        return FeedPlace(row["epoch"], row["position"]) if row else None

    async def forget_place(self, site: str, feed: str) -> None:
        """Read the feed from its start the next time."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.put_cursor, site, feed, 0, 0)

    async def projection(self, site: str) -> Projection:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return _projection(await connection.fetchrow(QUERIES.read_projection, site))

    async def after(self, site: str, position: int, limit: int) -> DeltaPage:
        """A page of the delta log and the projection, of one snapshot."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.subjects_after, site, position, limit)
        if not rows:
            raise LookupError("the site has no projection row")
        projection = Projection(*rows[0][:4])
        return DeltaPage(projection, tuple(_held(row[4:]) for row in rows if row["subject_id"] is not None))

    async def of_ids(self, site: str, subject_ids: Iterable[str]) -> Held:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await _held_of(connection, site, list(subject_ids))

    async def photo_of(self, site: str, subject_ids: Sequence[str]) -> str:
        """The photo reference of the first of these subjects that has one, empty for none."""
        held = await self.of_ids(site, subject_ids) if subject_ids else {}
        return next((held[name].photo_ref for name in subject_ids if name in held and held[name].photo_ref), "")

    @asynccontextmanager
    async def _transaction(self, site: str) -> AsyncIterator[Connection]:
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            yield connection


async def write_subjects(
    connection: Connection, site: str, subject_ids: Sequence[str], decide: Callable[[Held, Levels], list[HeldSubject]]
) -> list[HeldSubject]:
    """Inside a transaction: read the subjects under the lock, let `decide` say what becomes of them, write that.

    Returns those whose version grew, each with its new position.
    """
    projection = _projection(await connection.fetchrow(QUERIES.lock_projection, site))
    held = await _held_of(connection, site, subject_ids)
    decided = decide(held, await _levels_of(connection, site, subject_ids))
    latest = {subject.subject_id: subject for subject in decided}
    placed, grown = _placed(latest.values(), held, projection.position)
    if placed:
        await _put(connection, site, placed)
    if grown:
        await _advance(connection, site, projection, held, grown)
    return grown


async def reassign(connection: Connection, site: str, subject_id: str) -> HeldSubject | None:
    """Give a subject the levels assigned as of this transaction; None when it is not held or nothing changed."""

    def decide(held: Held, levels: Levels) -> list[HeldSubject]:
        if subject_id not in held:
            return []
        changed = with_levels(held[subject_id], levels.get(subject_id, ()))
        return [changed] if changed else []

    grown = await write_subjects(connection, site, [subject_id], decide)
    return grown[0] if grown else None


def _placed(decided: Iterable[HeldSubject], held: Held, position: int) -> tuple[list[HeldSubject], list[HeldSubject]]:
    """All of them, those whose version grew moved to the end of the log; and those alone."""
    placed: list[HeldSubject] = []
    grown: list[HeldSubject] = []
    for subject in decided:
        before = held.get(subject.subject_id)
        if before is not None and before.version == subject.version:
            placed.append(subject)
            continue
        position += 1
        grown.append(replace(subject, position=position))
    return placed + grown, grown


async def _put(connection: Connection, site: str, subjects: Sequence[HeldSubject]) -> None:
    await connection.execute(
        QUERIES.put_subjects,
        site,
        [subject.subject_id for subject in subjects],
        [subject.version for subject in subjects],
        [subject.position for subject in subjects],
        [subject.feed_epoch for subject in subjects],
        [subject.feed_version for subject in subjects],
        [subject.record for subject in subjects],
        [subject.record_hash for subject in subjects],
        [SEPARATOR.join(subject.keys) for subject in subjects],
        [SEPARATOR.join(subject.dropped_keys) for subject in subjects],
        [subject.pin_verifier for subject in subjects],
        [subject.duress_verifier for subject in subjects],
        [subject.photo_ref for subject in subjects],
    )


async def _advance(
    connection: Connection, site: str, projection: Projection, held: Held, grown: Sequence[HeldSubject]
) -> None:
    await connection.execute(
        QUERIES.put_subject_versions,
        site,
        [subject.subject_id for subject in grown],
        [subject.version for subject in grown],
        [subject.record for subject in grown],
    )
    before = [held[subject.subject_id].record_hash for subject in grown if subject.subject_id in held]
    after = [subject.record_hash for subject in grown]
    count = projection.subjects + sum(map(bool, after)) - sum(map(bool, before))
    digest = digest_after(projection.digest, before, after)
    await connection.execute(QUERIES.advance_projection, site, grown[-1].position, count, digest)
    await notify(connection, "subjects", site)


async def _held_of(connection: Connection, site: str, subject_ids: Sequence[str]) -> dict[str, HeldSubject]:
    rows = await connection.fetch(QUERIES.held_subjects, site, subject_ids)
    return {row["subject_id"]: _held(row) for row in rows}


async def _levels_of(connection: Connection, site: str, subject_ids: Sequence[str]) -> dict[str, list[LevelAssignment]]:
    levels: dict[str, list[LevelAssignment]] = {}
    for row in await connection.fetch(QUERIES.levels_of, site, subject_ids):
        level = LevelAssignment(row["access_level"], row["from_ms"], row["to_ms"])
        levels.setdefault(row["subject_id"], []).append(level)
    return levels


def _held(row: Any) -> HeldSubject:
    name, version, epoch, told, record, share, keys, dropped_keys, pin, duress, photo_ref, position = row
    return HeldSubject(
        name, version, epoch, told, record, share, tuple(keys), tuple(dropped_keys), pin, duress, photo_ref, position
    )


def _projection(row: asyncpg.Record | None) -> Projection:
    if row is None:
        raise LookupError("the site has no projection row")
    return Projection(*row.values())
