"""The two streams: a file coming in, and the feed going out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from menshen.identity.v1 import identity_pb2 as pb
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import POLL_S, Bell, Page, rung_within, watch
from menshen_servicekit.identity import Caller
from menshen_servicekit.imports import Importer, ImportOrder

from menshen_identity.domain.subjects import Lane, SubjectChange
from menshen_identity.domain.words import Fault
from menshen_identity.ports import Sources
from menshen_identity.rpc import convert
from menshen_identity.troubles import refuse

Reader = Callable[[int], Awaitable[Page[SubjectChange]]]


class Streams:
    """`reader_of` gives the reader of one site and lane; streams end soon after `stopping` is set."""

    def __init__(
        self,
        importer: Importer,
        reader_of: Callable[[str, Lane], Reader],
        sources: Sources,
        bell: Bell,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._importer = importer
        self._reader_of = reader_of
        self._sources = sources
        self._bell = bell
        self._clock = clock
        self._stopping = stopping

    async def import_cardholders(
        self, caller: Caller, requests: AsyncIterator[pb.ImportCardholdersRequest]
    ) -> pb.ImportCardholdersResponse:
        """The first message names the site and whether it is a dry run."""
        stream = aiter(requests)
        first = await anext(stream, None)
        if first is None:
            refuse((Fault("site", "含校区的第一条消息", "a first message that names the site"),))
            return pb.ImportCardholdersResponse()
        order = ImportOrder(convert.site(first.site), caller.uri, caller.site, first.dry_run, self._clock.now_ms())
        return convert.report_to(await self._importer.run(order, _chunks(first, stream)))

    async def watch(self, request: pb.WatchSubjectsRequest) -> AsyncIterator[pb.WatchSubjectsResponse]:
        lane = convert.member(Lane, request.lane, "lane")
        if lane is Lane.UNSPECIFIED:
            refuse((Fault("lane", "ALL 或 REVOCATIONS", "ALL or REVOCATIONS"),))
        reader = self._reader_of(convert.site(request.site), lane)
        async for batch in watch(reader, self._bell, convert.cursor_from(request), self._stopping):
            yield convert.batch_to(batch)

    async def watch_sources(self, request: pb.WatchSourcesRequest) -> AsyncIterator[pb.WatchSourcesResponse]:
        site, told = convert.site(request.site), None
        while not self._stopping.is_set():
            rung = self._bell.next_ring()
            found = await self._sources.of(site)
            if found != told:
                told = found
                yield pb.WatchSourcesResponse(sources=map(convert.source_to, found))
            await rung_within(rung, POLL_S)


async def _chunks(
    first: pb.ImportCardholdersRequest, stream: AsyncIterator[pb.ImportCardholdersRequest]
) -> AsyncIterator[bytes]:
    yield first.chunk
    async for request in stream:
        yield request.chunk
