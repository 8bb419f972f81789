"""The access service, as safety needs it."""

import grpc
from menshen.access.v1 import administration_pb2
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub

CALL_TIMEOUT_S = 5.0


class AccessPresence:
    """Forgives presence at access."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = AdministrationServiceStub(channel)

    async def forgive(self, site: str, areas: list[str], reason: str) -> None:
        """ConnectionError while access does not do it."""
        request = administration_pb2.ForgivePresenceRequest(site=site, areas=areas, reason=reason)
        try:
            await self._stub.ForgivePresence(request, timeout=CALL_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(error.code().name) from error
