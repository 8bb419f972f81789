"""The feeds of identity and vehicles, read over gRPC and turned into subjects of the rulebook."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import grpc
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen.vehicles.v1 import vehicles_pb2
from menshen.vehicles.v1.vehicles_pb2_grpc import VehicleServiceStub

from menshen_access.domain.subject_records import FeedBatch, FeedPlace, FeedRestartError, Lane
from menshen_access.peers.subjects import cardholder_change, vehicle_change

_IDENTITY_LANES: Final = {
    Lane.ALL: identity_pb2.FEED_LANE_ALL,
    Lane.REVOCATIONS: identity_pb2.FEED_LANE_REVOCATIONS,
}
_VEHICLE_LANES: Final = {
    Lane.ALL: vehicles_pb2.FEED_LANE_ALL,
    Lane.REVOCATIONS: vehicles_pb2.FEED_LANE_REVOCATIONS,
}


class IdentityFeed:
    """Cardholders, from identity's WatchSubjects."""

    title = "identity"
    prefix = "c:"

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = IdentityServiceStub(channel)

    async def watch(self, site: str, lane: Lane, after: FeedPlace | None) -> AsyncIterator[FeedBatch]:
        request = identity_pb2.WatchSubjectsRequest(site=site, lane=_IDENTITY_LANES[lane])
        if after is not None:
            request.cursor.CopyFrom(identity_pb2.FeedCursor(epoch=after.epoch, position=after.position))
        async for batch in _batches(self._stub.WatchSubjects(request), cardholder_change):
            yield batch


class VehicleFeed:
    """Vehicles, from vehicles' WatchVehicles."""

    title = "vehicles"
    prefix = "v:"

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = VehicleServiceStub(channel)

    async def watch(self, site: str, lane: Lane, after: FeedPlace | None) -> AsyncIterator[FeedBatch]:
        request = vehicles_pb2.WatchVehiclesRequest(site=site, lane=_VEHICLE_LANES[lane])
        if after is not None:
            request.cursor.CopyFrom(vehicles_pb2.FeedCursor(epoch=after.epoch, position=after.position))
        async for batch in _batches(self._stub.WatchVehicles(request), vehicle_change):
            yield batch


async def _batches(call: Any, convert: Callable[[Any], Any]) -> AsyncIterator[FeedBatch]:
    try:
        async for response in call:
            yield FeedBatch(
                [convert(change) for change in response.changes],
                FeedPlace(response.cursor.epoch, response.cursor.position),
                response.caught_up,
            )
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.OUT_OF_RANGE:
            raise FeedRestartError from error
        raise ConnectionError(f"the feed ended: {error.code().name}") from error
    finally:
        call.cancel()
    raise ConnectionResetError("the feed was closed")
