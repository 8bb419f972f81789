"""One interceptor for every call: who calls, may it, until when, how long it took, and what a failure is called.

One pass and not five: each interceptor costs a coroutine, a handler and a wrapped iterator per call. The wrapped
handler of a method is made once. A stream pays per message only for the comparison of `site`, and only when its
caller is bound to one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from opentelemetry.trace import Tracer

from menshen_servicekit.authorization import AuthorizationTable
from menshen_servicekit.interceptors.measure import CallMetrics
from menshen_servicekit.interceptors.methods import CallRules, RunningCalls, UnaryMethod
from menshen_servicekit.interceptors.streams import OpenStreams, StreamMethod
from menshen_servicekit.telemetry import Metrics
from menshen_servicekit.unreadable import tolerant

Handler = Any
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]

DEFAULT_UNARY_S = 30.0


class CallInterceptor(grpc.aio.ServerInterceptor):
    """See the module."""

    def __init__(
        self,
        table: AuthorizationTable,
        metrics: Metrics,
        *,
        unary_limit_s: float = DEFAULT_UNARY_S,
        outages: tuple[type[Exception], ...] = (ConnectionError,),
        tracer: Tracer | None = None,
    ) -> None:
        self._running = RunningCalls()
        self._rules = CallRules(table, unary_limit_s, outages, tracer, self._running)
        self._metrics = CallMetrics(metrics)
        self._wrapped: dict[str, Handler] = {}
        self._streams = OpenStreams()

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Handler | None:
        method = handler_call_details.method
        wrapped = self._wrapped.get(method)
        if wrapped is None:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            wrapped = self._wrapped[method] = self._wrap(method, handler)
        return wrapped

    async def drain_streams(self, grace_s: float) -> int:
        """Let open streams return for up to `grace_s`, then end the rest with UNAVAILABLE; returns how many."""
        return await self._streams.drain(grace_s)

    async def wait_idle(self) -> None:
        """Wait until no call is with its servicer."""
        await self._running.wait_none()

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def _wrap(self, method: str, handler: Handler) -> Handler:
        metrics = self._metrics.method(method)
        coders = (tolerant(handler.request_deserializer), handler.response_serializer)
        if handler.unary_unary is not None:
            unary = UnaryMethod(self._rules, method, handler.unary_unary, metrics)
            return grpc.unary_unary_rpc_method_handler(unary.call, *coders)
        behaviour: Any = handler.unary_stream or handler.stream_unary or handler.stream_stream
        stream = StreamMethod(self._rules, method, behaviour, metrics, self._streams)
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(stream.from_stream, *coders)
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(stream.from_stream, *coders)
        return grpc.unary_stream_rpc_method_handler(stream.from_unary, *coders)
