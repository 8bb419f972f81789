"""Replays as a client has them: they outlive the connection, and end with whoever gives them up."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import grpc
import pytest
from harness.apart import unhurried
from harness.patience import eventually
from harness.recorded_day import SITE, Day
from menshen.access.v1 import replay_pb2 as pb
from menshen.access.v1.replay_pb2_grpc import ReplayServiceStub, add_ReplayServiceServicer_to_server
from menshen_access.domain.events import EventPayload
from menshen_access.domain.replayed import ReplayTally
from menshen_access.drafts import Drafts
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.replaying import RecordedDecisions
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying
from menshen_access.replay_pages import JudgedPage, ReplayPages, Sources, Span
from menshen_access.replay_process import ReplayProcess, Seat
from menshen_access.replay_work import judging_by
from menshen_access.replaying import JudgedApart, Replaying
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.wiring.recorded_work import RecordedWork
from menshen_access.work_apart import HERE
from menshen_cli.asked_again import Patience
from menshen_cli.local.pki import Pki
from menshen_cli.local.provision import Database
from menshen_cli.replay_spans import Pace, Spans
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.postgres import Pool
from menshen_servicekit.server import ServerLimits, Service, build_server
from menshen_servicekit.telemetry import Metrics

REPLAY = "/menshen.access.v1.ReplayService/ReplayHistory"
SHORT = ServerLimits(max_connection_age_s=1, max_connection_age_grace_s=1)
ENOUGH_S = 60
DRAFT = """
version: 9
language: 1
site: north
from: 2030-01-01T00:00:00+08:00
closures: [{access_point: n-in}]
"""

Serve = Callable[[JudgedApart, ServerLimits], AsyncIterator[ReplayServiceStub]]


class Held:
    """Reads and judges here. Every other replay gives a page, and waits then until its connection is cut off."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._pages: ReplayPages | None = None
        self._given = 0
        self.begun = 0
        self.cuts = 0

    async def begin(self, seat: Seat, plan: bytes, policy_version: int, span: Span) -> None:
        self.begun += 1
        self._given = 0
        self._pages = ReplayPages(self._sources, judging_by(plan, policy_version), span)

    async def page(self, seat: Seat) -> JudgedPage:
        await self._wait()
        assert self._pages is not None
        return await self._pages.next()

    async def tally(self, seat: Seat) -> ReplayTally:
        await self._wait()
        assert self._pages is not None
        return self._pages.tally

    async def _wait(self) -> None:
        self._given += 1
        if self.begun % 2 and self._given > 1:
            self.cuts += 1
            await asyncio.wait_for(asyncio.Event().wait(), ENOUGH_S)


@pytest.fixture
def serve(day: Day, pool: Pool, sites: Sites, reader: HistoryReader, pki: Pki) -> Serve:
    """A server that replays by these means, and a stub of it, within `async with`; pages are of five."""
    querying, drafts = Querying(reader, day.store, day.gate.clock), Drafts(Policies(pool, sites), HERE, day.gate.clock)

    async def served(recorded: JudgedApart, limits: ServerLimits) -> AsyncIterator[ReplayServiceStub]:
        process = ReplayProcess()
        replaying = Replaying(
            recorded, reader, drafts, querying, day.gate.clock, process, unhurried(day.gate.clock), page=5
        )
        servicer = ReplayServicer(ServedSites((SITE,)), replaying, presentations=None)  # type: ignore[arg-type]
        server = build_server(
            listen="127.0.0.1:0",
            tls=pki.tls("spiffe://menshen/service/access"),
            services=[
                Service("menshen.access.v1.ReplayService", partial(add_ReplayServiceServicer_to_server, servicer))
            ],
            table=AuthorizationTable({REPLAY: (Allow(Role.OPERATOR),)}),
            metrics=Metrics(),
            limits=limits,
        )
        await server.start()
        channel = open_channel(server.address, pki.tls(spiffe_uri(Role.OPERATOR, "li")), server_name="access")
        try:
            yield ReplayServiceStub(channel)
        finally:
            await channel.close()
            await server.stop(1)
            await process.close()

    return served


async def come_in(day: Day, times: int) -> Sequence[EventPayload]:
    await day.tell(day.gate.staff("c:AA", "AA"))
    return [await day.present("AA") for _ in range(times)]


def spans_of(stub: ReplayServiceStub, taken: list[int]) -> Spans:
    def ask(from_ms: int, to_ms: int) -> AsyncIterable[pb.ReplayHistoryResponse]:
        request = pb.ReplayHistoryRequest(site=SITE, purpose="exercise", document=DRAFT, from_ms=from_ms, to_ms=to_ms)
        answers: AsyncIterable[pb.ReplayHistoryResponse] = stub.ReplayHistory(request)
        return answers

    return Spans(ask, lambda found: taken.extend(one.sequence for one in found), lambda count: None, SystemClock())


@pytest.mark.full
async def test_a_replay_that_is_cut_off_in_every_span_comes_to_what_one_that_is_not_does(
    day: Day, pool: Pool, reader: HistoryReader, serve: Serve
) -> None:
    events = await come_in(day, 40)
    from_ms, to_ms = events[0].core["at_ms"], events[-1].core["at_ms"] + 1
    length_ms = (to_ms - from_ms) // 2 + 1
    held = Held(Sources(RecordedDecisions(pool), day.store, reader))
    in_spans: list[int] = []
    at_once: list[int] = []

    async with asyncio.timeout(ENOUGH_S), asynccontextmanager(serve)(held, SHORT) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as cut:
            await spans_of(stub, []).replayed(from_ms, to_ms, Patience(()))
        held.begun = 0
        found = await spans_of(stub, in_spans).replayed(
            from_ms, to_ms, pace=Pace(length_ms, least_ms=length_ms, most_ms=length_ms)
        )
        asked = held.begun
        held.begun = 1
        whole = await spans_of(stub, at_once).replayed(from_ms, to_ms)

    assert cut.value.code() is grpc.StatusCode.UNAVAILABLE
    assert (asked, held.cuts) == (4, 3)
    assert found == whole
    assert whole.decisions == len(events)
    assert in_spans == at_once
    assert len(at_once) == whole.differing > 0


async def test_a_client_that_goes_away_ends_the_process_and_its_connection(
    day: Day, serve: Serve, database: Database
) -> None:
    await come_in(day, 11)
    login = database.logins["access"]
    request = pb.ReplayHistoryRequest(site=SITE, purpose="exercise", document=DRAFT)
    before = set(multiprocessing.active_children())

    async def is_free() -> bool:
        return not await day.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'menshen-access-replay' AND datname = current_database()"
        )

    recorded = RecordedWork(login.url, login.password_file)
    async with asyncio.timeout(ENOUGH_S), asynccontextmanager(serve)(recorded, ServerLimits()) as stub:
        call = stub.ReplayHistory(request)
        first = await anext(aiter(call))
        was_free, own = await is_free(), set(multiprocessing.active_children()) - before
        call.cancel()
        await asyncio.to_thread(lambda: [one.join() for one in own])
        await eventually(is_free, ENOUGH_S)

    assert (first.progress.decisions, len(first.differences)) == (5, 5)
    assert (was_free, len(own)) == (False, 1)
