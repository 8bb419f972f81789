"""Fixtures of access: its schema in a fresh database, an emptied Redis with its functions, builders of events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
import pytest_asyncio
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.store import SiteState, Standing
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.records import RedisDocuments, RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_access.redis.stream import RedisEventStream
from menshen_cli.local.provision import Database
from menshen_cli.local.servers import Server
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"
AGENT = "north-1"

Event = Callable[..., EventPayload]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(database: Database) -> AsyncIterator[Pool]:
    """The schema of access, migrated, as the service's role reaches it."""
    login = database.logins["access"]
    await migrate_database(login.url, login.password_file, "menshen_access", schema="access")
    opened = await open_pool(
        login.url, login.password_file, schema="access", application="access-tests", statement_timeout_s=20, max_size=24
    )
    yield opened
    await close_pool(opened)


@pytest.fixture(scope="module")
def sites(pool: Pool) -> Sites:
    return Sites(pool)


@pytest.fixture(scope="module")
def ledger(pool: Pool, sites: Sites) -> PooledLedger:
    return PooledLedger(History(Partitions()), pool, sites)


@pytest.fixture(scope="module")
def reader(pool: Pool, sites: Sites) -> HistoryReader:
    return HistoryReader(pool, sites)


@pytest.fixture
def board() -> Noticeboard:
    return Noticeboard()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest_asyncio.fixture(loop_scope="session")
async def tasks(metrics: Metrics) -> AsyncIterator[Tasks]:
    """Whatever a test runs beside itself; ended with the test."""
    owner = Tasks(metrics)
    yield owner
    await owner.close()


class LiveStore:
    """A connected, emptied Redis: what the background of access sees of it."""

    def __init__(self, client: RespClient, generations: SiteGenerations, stream: RedisEventStream) -> None:
        self.client = client
        self.generations = generations
        self.stream = stream
        self.clients = {SITE: client}
        self.projection = RedisProjection(self.clients, generations)
        self.documents = RedisDocuments(self.clients, generations)

    async def make_ready(self, site: str = SITE) -> int:
        """Start a generation without a rebuild."""
        generation = await self.generations.begin(site, Standing(0, SiteState.EMPTY, bound=False))
        assert generation is not None
        assert await self.generations.ready(site, generation)
        return generation

    async def present(self, events: Iterable[EventPayload], site: str = SITE) -> None:
        """Put events in the stream, as a commit does."""
        key = SiteKeys(site).events
        await asyncio.gather(*(self.client.call("XADD", key, "*", "e", event.encode()) for event in events))


@pytest_asyncio.fixture(loop_scope="session")
async def live(valkey: Server, redis_url: str) -> AsyncIterator[LiveStore]:
    """An emptied Redis, connected; a site in it is EMPTY until `make_ready`."""
    generations = SiteGenerations((SITE,))
    locator = SingleNode(place_of(valkey.url, valkey.password_file))
    client = RespClient(locator, None, generations.prepare, generations.forget_all)
    generations.attach({SITE: client})
    reader = RespClient(locator, RespLimits(timeout_s=5.0))
    runs = [asyncio.create_task(client.run()), asyncio.create_task(reader.run())]
    await asyncio.wait_for(asyncio.gather(client.wait_connected(), reader.wait_connected()), 10)
    await client.call("FLUSHALL")
    yield LiveStore(client, generations, RedisEventStream({SITE: reader}))
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)


@pytest.fixture(scope="session")
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture(scope="session")
def new_id(clock: SystemClock) -> Uuid7Factory:
    return Uuid7Factory(clock)


@pytest.fixture(scope="session")
def event(clock: SystemClock, new_id: Uuid7Factory) -> Event:
    """Builds an event with safe defaults; keywords replace or add core fields, `identity` and `health` whole parts."""

    def build(
        kind: EventKind = EventKind.CENTRE,
        *,
        identity: dict[str, Any] | None = None,
        health: dict[str, Any] | None = None,
        **core: Any,
    ) -> EventPayload:
        given: dict[str, Any] = {
            "event_id": core.get("event_id") or new_id(),
            "kind": int(kind),
            "site": SITE,
            "agent_id": AGENT,
            "epoch": 1,
            "number": 0,
            "access_point": "n-in",
            "door": "n-door",
            "at_ms": clock.now_ms(),
            "clock_error_ms": 5,
        }
        if kind in {EventKind.CENTRE, EventKind.EDGE}:
            given |= {"outcome": 1, "reasons": [], "decided_at_ms": clock.now_ms(), "plan_version": 1}
            identity = {"subject_ids": ["c:1"], "subject_versions": [1], "effects": [], **(identity or {})}
        return EventPayload({**given, **core}, identity or {}, health or {})

    return build
