"""Presence as the history remembers it: transitions derived from recorded events, kept ready for a rebuild."""

import asyncio
from collections.abc import Sequence

from menshen_servicekit.postgres import Connection, Pool

from menshen_access.domain.events import DECISIONS, EventPayload
from menshen_access.domain.history import day_of
from menshen_access.domain.presence_history import Mustered, Outset, Use, outset_of, presentation_of
from menshen_access.domain.store import PlaceAtOutset
from menshen_access.postgres.reading import payload_of
from menshen_access.postgres.retention import ids_without_identity
from menshen_access.postgres.sites import ACQUIRE_S, QUERIES, SEPARATOR, Sites
from menshen_access.postgres.spans import span_after

_REGISTERS = "registers"
_KEPT_MS = 7 * 86_400_000
_TURN = 16
"""Events looked at before decisions get their turn of the loop."""


class PresenceHistory:
    """Transitions and uses of every site."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        self._pool = pool
        self._sites = sites

    async def derive(self, site: str, limit: int) -> int:
        """Derive what the next recorded events leave behind, in one transaction; how many events were read."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            await connection.execute(QUERIES.lock_duty, f"{_REGISTERS}:{site}")
            done = await connection.fetchrow(QUERIES.read_cursor, site, _REGISTERS)
            rows = await connection.fetch(QUERIES.ids_after, site, done["position"] if done else 0, limit)
            if not rows:
                return 0
            by_id = await _events_of(connection, site, [str(row["event_id"]) for row in rows if row["kind"] <= 5])
            reviews = [str(row["event_id"]) for row in rows if row["kind"] == 18]
            by_id |= await _reviewed(connection, site, reviews)
            await _replace(connection, site, by_id)
            await connection.execute(QUERIES.put_cursor, site, _REGISTERS, 1, rows[-1]["sequence"])
        return len(rows)

    async def places(self, site: str, after: str, limit: int) -> list[PlaceAtOutset]:
        """Where each subject last came to, by subject id after the given one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.places_after, site, after, limit)
        return [
            PlaceAtOutset(
                row["subject_id"], tuple(row["areas"]), row["at_ms"], str(row["event_id"]), row["access_point"]
            )
            for row in rows
        ]

    async def muster(self, site: str, area: str, after: str, limit: int) -> list[Mustered]:
        """Who is in the area or was last seen there, by subject id after the given one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.muster_after, site, after, area, limit)
        return [
            Mustered(row["subject_id"], row["areas"][0], row["at_ms"], str(row["event_id"]), row["is_unknown"])
            for row in rows
        ]

    async def uses(self, site: str, after: str, limit: int) -> list[Use]:
        """What has been used, by id after the given one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(QUERIES.used_after, site, after, limit)
        return [Use(row["used_id"], str(row["event_id"]), row["at_ms"]) for row in rows]

    async def records_of_uses(self, site: str, uses: Sequence[Use]) -> dict[str, list[bytes]]:
        """By used id, every record of those it let in that names it."""
        ids = [use.event_id for use in uses]
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(
                QUERIES.records_of_uses, site, [use.used_id for use in uses], list(map(day_of, ids)), ids
            )
        found: dict[str, list[bytes]] = {}
        for row in rows:
            found.setdefault(row["used_id"], []).append(row["record"])
        return found

    async def forget_uses(self, site: str, used_ids: Sequence[str]) -> None:
        """Forget that these were used."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.forget_uses, site, list(used_ids))

    async def forgive(self, site: str, at_ms: int, event_id: str, areas: Sequence[str], subject_id: str) -> None:
        """Remember that places became unknown, so that a rebuild does not bring them back."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.forgive_transitions, site, at_ms, event_id, sorted(areas), subject_id)

    async def prune(self, site: str, now_ms: int) -> None:
        """Forget transitions that a later one of the same subject has long overtaken."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.prune_transitions, site, now_ms - _KEPT_MS)

    async def recorded(self, site: str) -> int:
        """How many events of the site are recorded."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            head = await connection.fetchrow(QUERIES.read_head, site)
        return head["sequence"] if head else 0

    async def late_after(self, site: str, sequence: int, limit: int) -> tuple[int, list[str]]:
        """The last sequence looked at, and the presentations that late events after `sequence` belong to."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            span = await span_after(connection, site, sequence, limit)
            rows = await connection.fetch(QUERIES.late_between, site, sequence, span.last, span.days)
        found = [presentation_of(payload_of(row)) for row in rows]
        return span.last, [name for name in dict.fromkeys(found) if name]

    async def events_of(self, site: str, presentations: Sequence[str]) -> dict[str, list[EventPayload]]:
        """Every recorded event of the presentations, in sequence."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await _events_of(connection, site, presentations)

    async def merged(self, site: str) -> int:
        """The sequence up to which late events are merged into Redis."""
        await self._sites.ensure(site)
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(QUERIES.read_cursor, site, "merged")
        return row["position"] if row else 0

    async def set_merged(self, site: str, sequence: int) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            await connection.execute(QUERIES.put_cursor, site, "merged", 1, sequence)


async def _events_of(connection: Connection, site: str, ids: Sequence[str]) -> dict[str, list[EventPayload]]:
    wanted = list(dict.fromkeys(ids))
    rows = await connection.fetch(QUERIES.presentations_of_ids, site, list(map(day_of, wanted)), wanted)
    found: dict[str, list[EventPayload]] = {}
    for place, row in enumerate(rows):
        if place % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        found.setdefault(str(row["event_id"]), []).append(payload_of(row))
    return found


async def _reviewed(connection: Connection, site: str, operated_ids: Sequence[str]) -> dict[str, list[EventPayload]]:
    """The presentations whose reviews these OPERATED events carried out."""
    operated = await _events_of(connection, site, operated_ids)
    reviews = {presentation_of(event) for events in operated.values() for event in events}
    return await _events_of(connection, site, sorted(reviews - {""}))


async def _replace(connection: Connection, site: str, found: dict[str, list[EventPayload]]) -> None:
    # What was derived before the bytes were deleted stands: the events could not say it again.
    bare = [name for name, events in found.items() if not _is_whole(events)]
    deleted = await ids_without_identity(connection, site, bare) if bare else set()
    by_id = {name: events for name, events in found.items() if name not in deleted}
    passed = {row["review_id"] for row in await connection.fetch(QUERIES.passed_reviews, site, list(by_id))}
    outsets: list[Outset] = []
    for place, (name, events) in enumerate(by_id.items()):
        if place % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        outsets.append(outset_of(events, passed=name in passed))
    transitions = [transition for outset in outsets for transition in outset.transitions]
    await connection.execute(QUERIES.drop_transitions, site, list(by_id))
    await connection.execute(
        QUERIES.put_transitions,
        site,
        [transition.subject_id for transition in transitions],
        [transition.at_ms for transition in transitions],
        [transition.event_id for transition in transitions],
        [transition.kind for transition in transitions],
        [SEPARATOR.join(transition.areas) for transition in transitions],
        [transition.access_point for transition in transitions],
    )
    uses = [use for outset in outsets for use in outset.uses]
    await connection.execute(
        QUERIES.put_used,
        site,
        [use.used_id for use in uses],
        [use.event_id for use in uses],
        [use.at_ms for use in uses],
    )


def _is_whole(events: list[EventPayload]) -> bool:
    """Whether there is a decision, and every decision has its identity part."""
    decisions = [event for event in events if event.kind in DECISIONS]
    return bool(decisions) and all(event.identity for event in decisions)
