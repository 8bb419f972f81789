"""Whom keys belong to is found by the index of keys, however many are held and however many are asked about."""

from typing import Any

import pytest
from menshen_access.postgres.replaying import Holders
from menshen_access.postgres.sites import Sites
from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries

SUBJECTS, ASKED = 20_000, 5_000
STATEMENT = load_queries("menshen_access.postgres", "replaying.sql").holders_of_keys
PUT = """
INSERT INTO subject (site, subject_id, version, position, feed_epoch, feed_version, record, record_hash, keys,
                     dropped_keys, pin_verifier, duress_verifier, photo_ref)
SELECT $1, 'c:' || n, 1, $2 - n, 1, 1, ('record ' || n)::bytea, '', ARRAY['card:' || n, 'code:' || n], '{}', '', '', ''
FROM generate_series(1, $2) AS n
"""


@pytest.mark.full
async def test_thousands_of_keys_are_looked_up_by_the_index_before_there_are_statistics_and_after(
    pool: Pool, sites: Sites
) -> None:
    for site, number in (("many", SUBJECTS), ("few", ASKED)):
        await sites.ensure(site)
        await pool.execute(PUT, site, number)
    keys = [f"{kind}:{7 * n}" for n in range(1, ASKED // 2 + 1) for kind in ("card", "code")]

    plans = [await plan_of(pool, keys)]
    await pool.execute("ANALYZE subject")
    plans += [await plan_of(pool, keys[:number]) for number in (1, 100, ASKED)]

    assert await Holders(pool).holders("many", keys) == [f"record {7 * n}".encode() for n in range(ASKED // 2, 0, -1)]
    assert all("Bitmap Index Scan on subject_by_key" in plan for plan in plans)
    assert not any("Seq Scan on subject" in plan or "subject_by_position" in plan for plan in plans)


async def plan_of(pool: Pool, keys: list[str]) -> str:
    rows: list[Any] = await pool.fetch(f"EXPLAIN {STATEMENT}", "many", keys)
    return "\n".join(row[0] for row in rows)
