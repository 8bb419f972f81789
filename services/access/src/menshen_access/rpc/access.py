"""The AccessService: each call is answered by an object of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from menshen.access.v1 import access_pb2, access_pb2_grpc


class AccessServicer(access_pb2_grpc.AccessServiceServicer):
    """Passes each RPC on."""

    def __init__(
        self,
        authorize: Callable[[Any, Any], Awaitable[None]],
        decide: Callable[[access_pb2.DecideRequest, Any], Awaitable[access_pb2.DecideResponse]],
        upload: Callable[[access_pb2.UploadEventsRequest, Any], Awaitable[access_pb2.UploadEventsResponse]],
        sync_edge: Callable[[access_pb2.SyncEdgeRequest, Any], AsyncIterator[access_pb2.SyncEdgeResponse]],
    ) -> None:
        self._authorize = authorize
        self._decide = decide
        self._upload = upload
        self._sync_edge = sync_edge

    def Authorize(self, request_iterator: Any, context: Any) -> Any:
        return self._authorize(request_iterator, context)

    def Decide(self, request: access_pb2.DecideRequest, context: Any) -> Any:
        return self._decide(request, context)

    def UploadEvents(self, request: access_pb2.UploadEventsRequest, context: Any) -> Any:
        return self._upload(request, context)

    def SyncEdge(self, request: access_pb2.SyncEdgeRequest, context: Any) -> Any:
        return self._sync_edge(request, context)
