"""A day that takes too long to judge holds no other day up, and comes to its end all the same."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from harness.kept_history import DAYS, Archive
from menshen_access.domain.history import day_of
from menshen_access.domain.retention import DAY_MS, DayEnd, RetentionClass
from menshen_access.postgres.versions import Versions
from menshen_access.postgres.whole_days import WholeDays
from menshen_access.retaining import Retention
from menshen_cli.local.provision import Database
from menshen_servicekit.postgres import Pool, close_pool, open_pool

CORE = DAYS[RetentionClass.CORE] * DAY_MS
SHORT_S = 0.4
EVENTS, HOLDS = 1_500, 1_500
"""Each event of the slow day is held against each hold: some two million look-ups."""


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(database: Database, pool: Pool) -> AsyncIterator[Pool]:
    """A pool whose statements may take no longer than SHORT_S."""
    login = database.logins["access"]
    opened = await open_pool(
        login.url, login.password_file, schema="access", application="hasty", statement_timeout_s=SHORT_S, max_size=2
    )
    yield opened
    await close_pool(opened)


@pytest.mark.full
async def test_the_days_behind_a_slow_one_go_and_it_goes_once_its_events_did(
    archive: Archive, dated: Any, hasty: Pool
) -> None:
    slow, quick = [dated() for _ in range(EVENTS)], dated(days=1)
    await archive.record(*slow, quick)
    await archive.pool.execute(
        "INSERT INTO legal_hold (site, hold_id, subject_id, from_ms, to_ms, reason, origin, placed_at_ms)"
        " SELECT $1, gen_random_uuid(), 'c:absent-' || n, 0, $2, '', '', 0 FROM generate_series(1, $3) AS n",
        *(archive.site, 2**62, HOLDS),
    )
    archive.clock.advance_ms(CORE + 3 * DAY_MS)
    days, now_ms = WholeDays(hasty, [archive.site]), archive.clock.now_ms()
    retention = Retention(archive.site, archive.store, days, Versions(archive.pool), DAYS, 1096, archive.clock)
    first, second = day_of(slow[0].event_id), day_of(quick.event_id)

    judged = await days.drop(first, now_ms - CORE, now_ms)
    dropped, left = await retention.drop_days(), await days.days()
    archive.clock.advance_ms(DAY_MS)
    await retention.run(RetentionClass.CORE)
    later = await retention.drop_days()

    assert judged is DayEnd.TOO_SLOW
    assert (dropped, first in left, second in left) == (1, True, False)
    assert (later, first in await days.days(), await archive.rows()) == (1, False, {})
