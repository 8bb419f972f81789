"""Whatever is asked of a history of many days locks few of its partitions: a server does not hold locks for all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any, cast

import pytest
from harness.kept_history import Archive
from menshen_access.domain.history import EventFilter
from menshen_access.domain.retention import RetentionClass, RetentionRun
from menshen_access.domain.retirements import Source
from menshen_access.foreseeing import DAY_MS
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.replaying import RecordedDecisions
from menshen_access.postgres.retention import Retained
from menshen_access.postgres.retirements import Retirements
from menshen_access.postgres.spans import attached_days
from menshen_access.querying import NEWEST, days_between
from menshen_access.replay_pages import ReplayPages, Sources, Span
from menshen_access.replay_work import Judging
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.postgres import Connection, Pool

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(400)]
OF_ONE_DAY = 9
"""Relations: the table and its six indexes."""
LOCKED = """
SELECT count(DISTINCT l.relation) FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND c.relname LIKE 'event%'
"""


class Counting:
    """A pool each of whose uses is one transaction; `most` is how many relations of the history one had locked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.most = 0

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator[Connection]:
        async with self._pool.acquire(timeout=timeout) as connection, connection.transaction():
            yield connection
            self.most = max(self.most, await connection.fetchval(LOCKED))

    def taken(self) -> int:
        """The most since it was asked last."""
        most, self.most = self.most, 0
        return most


@pytest.fixture
async def many_days(archive: Archive) -> None:
    async with archive.pool.acquire() as connection:
        there = set(await attached_days(connection))
        for day in (one for one in DAYS if one not in there):
            await connection.execute(
                f"CREATE TABLE event_{day:%Y%m%d} (LIKE event INCLUDING ALL);"
                f"ALTER TABLE event ATTACH PARTITION event_{day:%Y%m%d}"
                f" FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )


@pytest.mark.full
@pytest.mark.usefixtures("many_days")
async def test_few_partitions_are_locked_at_once(archive: Archive, dated: Any) -> None:
    told = [dated(), dated(days=-300), dated(days=-1)]
    await archive.record(*told)
    counting = Counting(archive.pool)
    pool, site, sites = cast("Pool", counting), archive.site, archive.sites
    await sites.ensure(site)
    reader, presence, retained = HistoryReader(pool, sites), PresenceHistory(pool, sites), Retained(pool, sites)
    everything = EventFilter(NEWEST, "", "", days_between(0, FOREVER_MS), 0, FOREVER_MS, 0, 0, "")
    taken: dict[str, int] = {}

    listed = await reader.listed(site, everything, 10)
    taken["list"] = counting.taken()
    await reader.after(site, 0, 10)
    taken["feed"] = counting.taken()
    await reader.links(site, 0, 10, 10)
    taken["export"] = counting.taken()
    window = archive.clock.now_ms() - 365 * DAY_MS, archive.clock.now_ms() + 1
    span = Span(site, window, days_between(*window), 10, 1)
    pages = ReplayPages(Sources(RecordedDecisions(pool), Administration(pool, sites), reader), Judging(None), span)
    replayed = [await pages.next() for _ in range(3)]
    taken["replay"] = counting.taken()
    await presence.late_after(site, 0, 10)
    taken["late"] = counting.taken()
    await presence.events_of(site, [one.event_id for one in told])
    taken["presentations"] = counting.taken()
    await Retirements(pool, sites).after(site, Source.GRANTS, 0)
    taken["retirements"] = counting.taken()
    await PastInputs(pool).is_health_deleted(site, days_between(archive.clock.now_ms(), 1)[0], told[0].event_id, 1)
    taken["explain"] = counting.taken()
    run = RetentionRun(RetentionClass.IDENTITY, (await retained.begin(site, RetentionClass.IDENTITY, 0))[0])
    await retained.delete_page(site, run, 0, archive.clock.now_ms(), 10, advance=True)
    taken["retention"] = counting.taken()

    names = NamesInStore(pool)
    lookups = (names.subject, names.access_point, names.category, names.unit, names.reason)
    known = [await ask(site, "nobody") for ask in lookups]
    taken["names"] = counting.taken()

    assert [one.sequence for one in listed] == [3, 2, 1]
    assert known == [False] * 5
    assert [one.sequence for one in replayed] == [2, 3, 1]
    assert 100 * OF_ONE_DAY < taken.pop("list") < 143 * OF_ONE_DAY
    assert 100 * OF_ONE_DAY < taken.pop("names") < 143 * OF_ONE_DAY
    assert {what: locks for what, locks in taken.items() if locks > 5 * OF_ONE_DAY} == {}
