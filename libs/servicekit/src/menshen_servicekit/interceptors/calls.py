"""One interceptor for every call: who calls, may it, until when, how long it took, and what a failure is called.

One pass and not five: each interceptor costs a coroutine, a handler and a wrapped iterator per call. The wrapped
handler of a method is made once. A stream pays per message only for the comparison of `site`, and only when its
caller is bound to one.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.trace import Tracer

from menshen_servicekit.authorization import AuthorizationTable, Permit, not_allowed, not_identified
from menshen_servicekit.identity import Caller, caller_of
from menshen_servicekit.interceptors.measure import CallMetrics, MethodMetrics
from menshen_servicekit.interceptors.recover import abort_in, answer_to
from menshen_servicekit.interceptors.trace import server_span
from menshen_servicekit.status import DomainError, RpcStatus, Trouble, status_of
from menshen_servicekit.telemetry import Metrics

Handler = Any
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]
Behaviour = Callable[[Any, Any], Any]

DEFAULT_UNARY_S = 30.0
_DENIALS = frozenset({Trouble.FORBIDDEN, Trouble.UNAUTHENTICATED})
_STOPPING = DomainError(Trouble.UNAVAILABLE, "STOPPING", "服务正在停止,请重新连接", "the server is stopping; reconnect")


@dataclass(frozen=True, slots=True)
class Denial:
    """A call refused before or while it ran: `code` is NOT_IDENTIFIED, NOT_ALLOWED or FOREIGN_SITE."""

    method: str
    caller: Caller | None
    code: str


class CallInterceptor(grpc.aio.ServerInterceptor):
    """See the module. `on_denied` is told of each refusal, for an alarm; it must not block."""

    def __init__(
        self,
        table: AuthorizationTable,
        metrics: Metrics,
        *,
        unary_limit_s: float = DEFAULT_UNARY_S,
        outages: tuple[type[Exception], ...] = (ConnectionError,),
        tracer: Tracer | None = None,
        on_denied: Callable[[Denial], None] | None = None,
    ) -> None:
        self.table = table
        self.unary_limit_s = unary_limit_s
        self.outages = outages
        self.tracer = tracer
        self.on_denied = on_denied
        self._metrics = CallMetrics(metrics)
        self._wrapped: dict[str, Handler] = {}
        self._streams: set[_Stream] = set()

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
        streams = tuple(self._streams)
        if streams:
            await asyncio.wait([stream.task for stream in streams], timeout=grace_s)
        left = tuple(self._streams)
        for stream in left:
            stream.end()
        return len(left)

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def _wrap(self, method: str, handler: Handler) -> Handler:
        metrics = self._metrics.method(method)
        coders = (handler.request_deserializer, handler.response_serializer)
        if handler.unary_unary is not None:
            unary = _UnaryMethod(self, method, handler.unary_unary, metrics)
            return grpc.unary_unary_rpc_method_handler(unary.call, *coders)
        behaviour: Any = handler.unary_stream or handler.stream_unary or handler.stream_stream
        stream = _StreamMethod(self, method, behaviour, metrics, self._streams)
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(stream.from_stream, *coders)
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(stream.from_stream, *coders)
        return grpc.unary_stream_rpc_method_handler(stream.from_unary, *coders)


class _Method:
    """What unary and streaming methods share: permission, span, and the way out of a failure."""

    def __init__(self, owner: CallInterceptor, method: str, behaviour: Behaviour, metrics: MethodMetrics) -> None:
        self._owner = owner
        self._method = method
        self._behaviour = behaviour
        self._metrics = metrics

    def _permit(self, context: Any) -> Permit:
        caller = caller_of(context)
        if caller is None:
            raise not_identified()
        permit = self._owner.table.permit(self._method, caller)
        if permit is None:
            raise not_allowed()
        return permit

    def _span(self, context: Any) -> AbstractContextManager[None]:
        tracer = self._owner.tracer
        return nullcontext() if tracer is None else server_span(tracer, self._method, context)

    async def _fail(self, context: Any, error: BaseException) -> None:
        """Answer with the status of `error` unless the call was answered already. Raises what gRPC expects."""
        if isinstance(error, DomainError) and error.trouble in _DENIALS:
            self.note_denial(context, error)
        answered = abort_in(error)
        if answered is not None:
            self._metrics.count(_code_name(context))
            raise answered
        if isinstance(error, asyncio.CancelledError):
            self._metrics.count("CANCELLED")
            raise error
        await self._abort(context, answer_to(error, self._method, self._owner.outages))

    async def _abort(self, context: Any, status: RpcStatus) -> None:
        self._metrics.count(status.code.name)
        await context.abort(status.code, status.details, status.trailing_metadata)

    def note_denial(self, context: Any, error: DomainError) -> None:
        self._metrics.count_denied(error.code)
        if self._owner.on_denied is not None:
            self._owner.on_denied(Denial(self._method, caller_of(context), error.code))


class _UnaryMethod(_Method):
    async def call(self, request: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            self._permit(context).check(request)
            with self._span(context):
                response = await self._bounded(request, context)
        except BaseException as error:  # noqa: BLE001  (every outcome of a call becomes a status or is raised again)
            await self._fail(context, error)
        else:
            self._metrics.count(_code_name(context))
            return response
        finally:
            self._metrics.observe_seconds(time.perf_counter() - began)

    async def _bounded(self, request: Any, context: Any) -> Any:
        """gRPC itself ends a call at its caller's deadline; one without, or with a longer one, ends at the limit."""
        remaining_s, limit_s = context.time_remaining(), self._owner.unary_limit_s
        if remaining_s is not None and remaining_s <= limit_s:
            return await self._behaviour(request, context)
        async with asyncio.timeout(limit_s):
            return await self._behaviour(request, context)


class _StreamMethod(_Method):
    def __init__(
        self,
        owner: CallInterceptor,
        method: str,
        behaviour: Behaviour,
        metrics: MethodMetrics,
        streams: "set[_Stream]",
    ) -> None:
        super().__init__(owner, method, behaviour, metrics)
        self._streams = streams

    async def from_unary(self, request: Any, context: Any) -> Any:
        return await self._run(context, lambda permit: (_checked(permit, request), context))

    async def from_stream(self, requests: Any, context: Any) -> Any:
        def arguments(permit: Permit) -> tuple[Any, Any]:
            if permit.site is None:
                return requests, context
            guarded = _SiteBoundContext(context, permit, self)
            return guarded.requests(), guarded

        return await self._run(context, arguments)

    async def _run(self, context: Any, arguments: Callable[[Permit], tuple[Any, Any]]) -> Any:
        stream = _Stream(_current_task())
        self._streams.add(stream)
        self._metrics.open_streams.inc()
        try:
            chosen = arguments(self._permit(context))
            with self._span(context):
                response = await _drive(self._behaviour(*chosen), context)
        except asyncio.CancelledError as error:
            if not stream.is_ending:
                await self._fail(context, error)
            stream.survive()
            await self._abort(context, status_of(_STOPPING))
        except BaseException as error:  # noqa: BLE001  (every outcome of a call becomes a status or is raised again)
            await self._fail(context, error)
        else:
            self._metrics.count(_code_name(context))
            return response
        finally:
            self._metrics.open_streams.dec()
            self._streams.discard(stream)


class _Stream:
    """One open stream's task, so that the server can end it."""

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.task = task
        self.is_ending = False

    def end(self) -> None:
        if not self.is_ending:
            self.is_ending = True
            self.task.cancel()

    def survive(self) -> None:
        """Take back the cancellation, so that the last status can still be written."""
        self.task.uncancel()


class _SiteBoundContext:
    """A servicer context whose incoming messages are held to one site; everything else is the real context's."""

    def __init__(self, context: Any, permit: Permit, method: _StreamMethod) -> None:
        self._context = context
        self._permit = permit
        self._noted = method
        self.write = context.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def read(self) -> Any:
        message = await self._context.read()
        if getattr(message, "site", self._permit.site) != self._permit.site:
            await self._refuse(message)
        return message

    async def requests(self) -> AsyncIterator[Any]:
        read, site = self._context.read, self._permit.site
        while (message := await read()) is not grpc.aio.EOF:
            if getattr(message, "site", site) != site:
                await self._refuse(message)
            yield message

    async def _refuse(self, message: Any) -> None:
        """Answer at once: the servicer may hold this failure in a task group or swallow it."""
        try:
            self._permit.check(message)
        except DomainError as error:
            self._noted.note_denial(self._context, error)
            status = status_of(error)
            await self._context.abort(status.code, status.details, status.trailing_metadata)


async def _drive(running: Any, context: Any) -> Any:
    """Run a servicer of either style: an async generator of responses, or a coroutine that writes or returns."""
    if not inspect.isasyncgen(running):
        return await running
    write = context.write
    try:
        async for response in running:
            await write(response)
    finally:
        await running.aclose()
    return None


def _current_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a servicer runs in a task")
    return task


def _checked(permit: Permit, request: Any) -> Any:
    permit.check(request)
    return request


def _code_name(context: Any) -> str:
    """The name of the status that was or will be sent; a servicer may have set one without aborting."""
    code = context.code()
    if isinstance(code, grpc.StatusCode):
        return code.name
    return _CODE_NAMES.get(code, "OK")


_CODE_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
