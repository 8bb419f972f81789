"""Days that are slow to judge, one after another: legal holds are placed beside them, and no day is left for ever."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from harness.kept_history import DAYS, LI, Archive
from menshen_access.domain.retention import DayEnd
from menshen_access.known_names import KnownNames
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.retention import Retained
from menshen_access.postgres.retention_rows import lock_of
from menshen_access.postgres.sites import QUERIES
from menshen_access.postgres.versions import Versions
from menshen_access.retaining import Retention, RetentionDesk
from menshen_cli.local.provision import Database
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.status import DomainError, Trouble

SHORT_S = 0.2


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(database: Database, pool: Pool) -> AsyncIterator[Pool]:
    """A pool whose statements wait for no lock longer than half of SHORT_S."""
    login = database.logins["access"]
    opened = await open_pool(
        login.url, login.password_file, schema="access", application="hasty", statement_timeout_s=SHORT_S, max_size=2
    )
    yield opened
    await close_pool(opened)


@pytest.fixture
def desk(archive: Archive, hasty: Pool, new_id: Any) -> RetentionDesk:
    names = KnownNames(NamesInStore(archive.pool))
    return RetentionDesk(Retained(hasty, archive.sites), archive.querying, names, archive.clock, new_id)


async def test_a_hold_that_waits_for_a_day_that_is_judged_is_asked_for_again(
    archive: Archive, desk: RetentionDesk
) -> None:
    held = await desk.place(archive.site, "", 0, 0, "a court asks", LI)

    async with archive.pool.acquire() as connection, connection.transaction():
        await connection.execute(QUERIES.lock_duty, lock_of(archive.site))
        with pytest.raises(DomainError) as placing:
            await desk.place(archive.site, "", 0, 0, "another court asks", LI)
        with pytest.raises(DomainError) as ending:
            await desk.end(archive.site, held.hold_id, "ruled", LI)

    for refused in (placing.value, ending.value):
        assert (refused.trouble, refused.code) == (Trouble.CONFLICT, "LEGAL_HOLDS_BUSY")
        assert "ask again" in refused.message_en
        assert "再试" in refused.message_zh
    assert await desk.holds(archive.question(), ended_too=True) == [held]
    assert (await desk.end(archive.site, held.hold_id, "ruled", LI)).hold_id == held.hold_id


class SlowDays:
    """Days in order, the first of which take too long to judge; remembers which were judged."""

    def __init__(self, first: date, slow: int, quick: int) -> None:
        self.left = [first + timedelta(days=number) for number in range(slow + quick)]
        self.slow = self.left[:slow]
        self.judged: list[date] = []

    async def days(self) -> list[date]:
        return [*self.left]

    async def drop(self, day: date, before_ms: int, now_ms: int) -> DayEnd:
        self.judged.append(day)
        if day in self.slow:
            return DayEnd.TOO_SLOW
        self.left.remove(day)
        return DayEnd.GONE


async def test_a_round_ends_with_its_second_slow_day_and_the_next_one_goes_on_behind(archive: Archive) -> None:
    today = datetime.fromtimestamp(archive.clock.now_ms() / 1000, UTC).date()
    days = SlowDays(today - timedelta(days=2_000), slow=3, quick=2)
    one, two, three, four, five = days.left
    retention = Retention(archive.site, archive.store, days, Versions(archive.pool), DAYS, 1096, archive.clock)
    rounds = []

    for _ in range(3):
        days.judged = []
        dropped = await retention.drop_days()
        rounds.append((dropped, days.judged))

    assert rounds == [(0, [one, two]), (2, [three, four, five, one]), (0, [two, three])]
