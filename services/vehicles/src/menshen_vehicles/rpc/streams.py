"""The two streams: a file coming in, and the feed going out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Bell, Page, watch
from menshen_servicekit.identity import Caller
from menshen_servicekit.imports import Importer, ImportOrder

from menshen_vehicles.domain.subjects import Lane, VehicleChange
from menshen_vehicles.domain.words import Fault
from menshen_vehicles.rpc import convert
from menshen_vehicles.troubles import refuse

Reader = Callable[[int], Awaitable[Page[VehicleChange]]]


class Streams:
    """`reader_of` gives the reader of one site and lane; streams end soon after `stopping` is set."""

    def __init__(
        self,
        importer: Importer,
        reader_of: Callable[[str, Lane], Reader],
        bell: Bell,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._importer = importer
        self._reader_of = reader_of
        self._bell = bell
        self._clock = clock
        self._stopping = stopping

    async def import_vehicles(
        self, caller: Caller, requests: AsyncIterator[pb.ImportVehiclesRequest]
    ) -> pb.ImportVehiclesResponse:
        """The first message names the site and whether it is a dry run."""
        stream = aiter(requests)
        first = await anext(stream, None)
        if first is None:
            refuse((Fault("site", "含校区的第一条消息", "a first message that names the site"),))
            return pb.ImportVehiclesResponse()
        order = ImportOrder(convert.site(first.site), caller.uri, caller.site, first.dry_run, self._clock.now_ms())
        return convert.report_to(await self._importer.run(order, _chunks(first, stream)))

    async def watch(self, request: pb.WatchVehiclesRequest) -> AsyncIterator[pb.WatchVehiclesResponse]:
        lane = convert.member(Lane, request.lane, "lane")
        if lane is Lane.UNSPECIFIED:
            refuse((Fault("lane", "ALL 或 REVOCATIONS", "ALL or REVOCATIONS"),))
        reader = self._reader_of(convert.site(request.site), lane)
        async for batch in watch(reader, self._bell, convert.cursor_from(request), self._stopping):
            yield convert.batch_to(batch)


async def _chunks(
    first: pb.ImportVehiclesRequest, stream: AsyncIterator[pb.ImportVehiclesRequest]
) -> AsyncIterator[bytes]:
    yield first.chunk
    async for request in stream:
        yield request.chunk
