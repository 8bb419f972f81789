"""Sources of facts that say they are alive, from identity's WatchSources."""

from collections.abc import AsyncIterator

import grpc
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub


class IdentitySources:
    """How far each source has reported, as identity tells."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = IdentityServiceStub(channel)

    async def watch(self, site: str) -> AsyncIterator[dict[str, int]]:
        call = self._stub.WatchSources(identity_pb2.WatchSourcesRequest(site=site))
        try:
            async for response in call:
                yield {told.source: told.complete_to_ms for told in response.sources}
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(f"the sources ended: {error.code().name}") from error
        finally:
            call.cancel()
        raise ConnectionResetError("the sources were closed")
