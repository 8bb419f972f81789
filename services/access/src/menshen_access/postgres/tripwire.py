"""What the tripwire reads of plans, projection and history, and the trips it writes down."""

from collections.abc import Sequence
from datetime import UTC, datetime

from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.tripwire import Change, Tally, Trip
from menshen_access.postgres.consequences import put_alarms
from menshen_access.postgres.sites import ACQUIRE_S

_QUERIES = load_queries("menshen_access.postgres", "tripwire.sql")


class Tripwires:
    """Trips of every site."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def plan_changes(self, site: str, since_ms: int) -> list[Change]:
        """The plan versions stored since an instant, of the last twenty; the first of a site is no change."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(_QUERIES.plan_changes, site, since_ms)
        versions = [(row["version"], row["stored_at_ms"]) for row in rows if row["version"] > 1]
        return [Change(f"plan:{version}", at_ms, version, version - 1) for version, at_ms in versions]

    async def policy_brought_by(self, site: str, number: int) -> tuple[str, int]:
        """(id, plan version that first carried it) of the policy of this version; empty and 0 for none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(_QUERIES.policy_brought_by, site, number)
        return (row["policy_id"], row["plan_version"]) if row else ("", 0)

    async def projection(self, site: str) -> tuple[int, int]:
        """(position, number of subjects) of the projection; zeros without one."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            row = await connection.fetchrow(_QUERIES.projection_now, site)
        return (row["position"], row["subjects"]) if row else (0, 0)

    async def last_tripped_ms(self, site: str) -> int:
        """The instant of the last trip; 0 for none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            return await connection.fetchval(_QUERIES.last_tripped, site) or 0

    async def tally(self, site: str, exits: Sequence[str], from_ms: int, to_ms: int) -> Tally:
        """The recorded decisions anywhere but at these exits about presentations in [from_ms, to_ms)."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            (row,) = await connection.fetch(_QUERIES.tally, site, *_span(from_ms, to_ms), exits)
        return Tally(row["decided"], row["refused"])

    async def most_frequent_refusal(self, site: str, exits: Sequence[str], from_ms: int, to_ms: int) -> str:
        """The reason code that most refusals carried; empty for none."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            code = await connection.fetchval(_QUERIES.most_frequent_refusal, site, *_span(from_ms, to_ms), exits)
        return code or ""

    async def listed(self, site: str) -> list[Trip]:
        """The last hundred trips, newest first."""
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection:
            rows = await connection.fetch(_QUERIES.list_trips, site)
        return [
            Trip(Change(*row[:5]), row[5], Tally(row[6], row[7]), Tally(row[8], row[9]), row[10])
            for row in map(tuple, (found.values() for found in rows))
        ]

    async def trip(self, site: str, trip: Trip, alarm: WaitingAlarm) -> bool:
        """Write a trip down and queue its alarm; False, and nothing done, when the change has tripped before."""
        change = trip.change
        async with self._pool.acquire(timeout=ACQUIRE_S) as connection, connection.transaction():
            new = await connection.fetchval(
                _QUERIES.put_trip,
                site,
                change.change_id,
                change.at_ms,
                change.plan_version,
                change.roll_back_to,
                change.policy_id,
                trip.tripped_at_ms,
                trip.before.decided,
                trip.before.refused,
                trip.after.decided,
                trip.after.refused,
                trip.reason_code,
            )
            if new is not None:
                await put_alarms(connection, [alarm])
        return new is not None


def _span(from_ms: int, to_ms: int) -> tuple[object, object, str, str]:
    """The days and the UUIDv7 bounds of [from_ms, to_ms): what the primary key of events is made of."""
    first, last = (datetime.fromtimestamp(at_ms / 1000, UTC).date() for at_ms in (from_ms, to_ms))
    return first, last, _least_id(from_ms), _least_id(to_ms)


def _least_id(at_ms: int) -> str:
    digits = f"{at_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
