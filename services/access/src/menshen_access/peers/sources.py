"""Sources of facts, from identity's WatchSources."""

from collections.abc import AsyncIterator

import grpc
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub

from menshen_access.domain.sources import HeardSource


class IdentitySources:
    """Sources as identity tells of them."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = IdentityServiceStub(channel)

    async def watch(self, site: str) -> AsyncIterator[tuple[HeardSource, ...]]:
        call = self._stub.WatchSources(identity_pb2.WatchSourcesRequest(site=site))
        try:
            async for response in call:
                yield tuple(HeardSource(told.source, told.complete_to_ms) for told in response.sources)
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(f"the sources ended: {error.code().name}") from error
        finally:
            call.cancel()
        raise ConnectionResetError("the sources were closed")
