"""What a restore of PostgreSQL leaves behind: cursors into a future that is gone, and a Redis that remembers it."""

import asyncio
from typing import Any

import pytest
from menshen_access.domain.history import entry_of
from menshen_access.domain.store import PlaceAtOutset, RecordPut, SiteState
from menshen_access.feeding import EventPlace, Feeding
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.epochs import begin_epoch
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Leases, Sites
from menshen_access.recording import Recorder
from menshen_access.redis.remains import RedisRemains
from menshen_access.restoring import Restoring
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.status import DomainError
from menshen_servicekit.telemetry import Metrics

SITE = "north"


@pytest.fixture
def restoring(pool: Pool, sites: Sites, live: Any, clock: SystemClock) -> Restoring[Connection]:
    return Restoring(Leases(pool, sites, retry_s=0.05), RedisRemains(live.clients), begin_epoch, clock, lease_s=0.2)


async def test_a_cursor_of_before_is_refused_and_the_sequence_goes_on(
    restoring: Restoring[Connection], ledger: PooledLedger, reader: HistoryReader, event: Any, board: Noticeboard
) -> None:
    await ledger.append(SITE, [entry_of(event(), late=False)], 1)
    old, end = await reader.end(SITE)

    await restoring.begin_epochs([SITE])

    assert await reader.end(SITE) > (old, end)
    with pytest.raises(DomainError) as refused:
        await anext(Feeding(reader, board).watch(SITE, EventPlace(old, end), until_now=True))
    assert refused.value.code == "EPOCH_ENDED"
    await ledger.append(SITE, [entry_of(event(), late=True)], 2)
    assert (await reader.end(SITE))[1] == end + 1


async def test_an_epoch_differs_from_those_begun_after_what_a_backup_knows(pool: Pool, sites: Sites) -> None:
    await sites.ensure(SITE)
    async with pool.acquire() as connection:
        begun = await begin_epoch(connection, SITE, SystemClock().now_ms())
        # The backup of before is restored once more.
        await connection.execute("UPDATE site SET epoch = $2 WHERE site = $1", SITE, 7)
        again = await begin_epoch(connection, SITE, SystemClock().now_ms() + 1)
        behind = await begin_epoch(connection, SITE, 0)

    assert again > begun
    assert behind == again + 1


async def test_redis_forgets_all_of_a_site_but_events_that_wait_and_those_are_recorded(
    restoring: Restoring[Connection], live: Any, ledger: PooledLedger, reader: HistoryReader, event: Any
) -> None:
    generation = await live.make_ready()
    await live.projection.put_records(SITE, generation, [RecordPut("c:1", 9, b"newer", ("card:1",))])
    await live.projection.put_places(SITE, generation, [PlaceAtOutset("c:1", ("campus",), 5, "e", "n-in")])
    await live.present([event()])
    await live.client.call("SET", "m:{south}:head", "of another site")
    before = (await reader.end(SITE))[1]

    await restoring.begin_epochs([SITE])

    assert await live.client.call("KEYS", "m:{north}:*") == [b"m:{north}:events"]
    assert await live.client.call("EXISTS", "m:{south}:head") == 1
    standing = await live.generations.inspect(SITE)
    assert (standing.state, standing.usable) == (SiteState.EMPTY, False)
    recorder = Recorder(SITE, live.stream, ledger, ManualClock(), Noticeboard(), Metrics())
    assert await recorder.step(wait_ms=1) == 1
    assert (await reader.end(SITE))[1] == before + 1


async def test_a_site_that_a_keeper_keeps_is_left_as_it_is(
    restoring: Restoring[Connection], pool: Pool, sites: Sites, reader: HistoryReader, live: Any
) -> None:
    await live.make_ready()
    before = await reader.end(SITE)

    async with Leases(pool, sites).hold(f"site.{SITE}"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(restoring.begin_epochs([SITE]), 10)

    assert await reader.end(SITE) == before
    assert (await live.generations.inspect(SITE)).state is SiteState.READY
