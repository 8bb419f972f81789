"""Fills the history of a site with the decisions of half a year, by the shortest way: no chain, no recorder."""

from datetime import date, timedelta
from typing import Final

from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.sites import Sites
from menshen_servicekit.postgres import Pool

FIRST: Final = date(2026, 1, 1)
DAYS: Final = 180
SUBJECTS: Final = 60_000
GATES: Final = 40
REFUSED: Final = 50
"""One decision of so many is refused."""
UNITS: Final = 200
_PAGE_S: Final = 300

# Every event carries about the bytes that a decision at a gate of the demo carries.
_DAY: Final = """
INSERT INTO event (site, day, event_id, kind, sequence, at_ms, recorded_at_ms, late, access_point, outcome,
                   reason_codes, subject_ids, categories, units, agent_id, spool_epoch, spool_number, core, core_salt,
                   identity, identity_salt)
SELECT $1::text, $2::date, id, 1, $3::bigint + i, at_ms, at_ms + 40, false, point, outcome, codes,
       ARRAY['c:' || number],
       ARRAY[CASE WHEN number % 97 = 0 THEN 'visitor' WHEN number % 5 = 0 THEN 'staff' ELSE 'student' END],
       ARRAY['u-' || number % $8::int], 'bench-1', 1, $3::bigint + i,
       convert_to(jsonb_build_object(
           'event_id', id, 'kind', 1, 'site', $1::text, 'agent_id', 'bench-1', 'epoch', 1, 'number', $3::bigint + i,
           'access_point', point, 'door', '', 'at_ms', at_ms, 'clock_error_ms', 5, 'outcome', outcome,
           'unclamped', outcome, 'reasons', '[]'::jsonb, 'decided_at_ms', at_ms, 'plan_version', 1,
           'policy_version', 1, 'language_version', 1, 'holds_version', 1, 'grant_expires_at_ms', 0)::text, 'UTF8'),
       decode(md5(i::text), 'hex'),
       convert_to(jsonb_build_object(
           'subject_ids', ARRAY['c:' || number], 'subject_versions', ARRAY[1],
           'identifiers', '[[1, "04A1B2C3D4"]]'::jsonb,
           'arguments', '[]'::jsonb, 'effects', '[]'::jsonb, 'live', '{}'::jsonb, 'pin_verdict', 0)::text, 'UTF8'),
       decode(md5((-i)::text), 'hex')
FROM (
    SELECT i, gen_random_uuid() AS id, 'p-' || (i % $5::int) AS point,
           (extract(epoch FROM $2::date) * 1000)::bigint + i * (86400000 / $4::bigint) AS at_ms,
           CASE WHEN i % $7::int = 0 THEN 4 ELSE 1 END AS outcome,
           CASE WHEN i % $7::int = 0 THEN ARRAY['CREDENTIAL_LOST'] ELSE '{}'::text[] END AS codes,
           (i * 7919 + $3::bigint) % $6::int AS number
    FROM generate_series(1, $4::bigint) AS i
) AS happened
"""


async def seed_history(pool: Pool, site: str, events: int) -> None:
    """So many events of a site, the same number each day."""
    await Sites(pool).ensure(site)
    a_day = events // DAYS
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        await Partitions().ensure(connection, set(days))
        for number, day in enumerate(days):
            shape = (site, day, number * a_day, a_day, GATES, SUBJECTS, REFUSED, UNITS)
            await connection.execute(_DAY, *shape, timeout=_PAGE_S)
        await connection.execute("ANALYZE event", timeout=_PAGE_S)
        await connection.execute("RESET statement_timeout")
