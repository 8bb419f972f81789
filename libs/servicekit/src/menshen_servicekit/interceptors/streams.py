"""Streams behind the interceptor: any servicer style, messages held to one site, ended when the server stops."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc

from menshen_servicekit.authorization import Permit
from menshen_servicekit.interceptors.measure import MethodMetrics
from menshen_servicekit.interceptors.methods import Behaviour, CallRules, Method, code_name
from menshen_servicekit.status import DomainError, Trouble, status_of
from menshen_servicekit.unreadable import UNREADABLE

SEND_AWAY_S = 1.0
"""How long a client may take to receive the status that ends its stream."""


class OpenStreams:
    """The streams a server has open."""

    def __init__(self) -> None:
        self._open: set[_Stream] = set()
        self._is_draining = False

    def __len__(self) -> int:
        return len(self._open)

    def enter(self) -> "_Stream":
        """Note the stream of the current task. A stopping server takes none: a client it sent away may come back."""
        if self._is_draining:
            raise stopping()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a servicer runs in a task")
        stream = _Stream(task)
        self._open.add(stream)
        return stream

    def leave(self, stream: "_Stream") -> None:
        self._open.discard(stream)

    async def drain(self, grace_s: float) -> int:
        """Let streams return for up to `grace_s`, then end the rest with UNAVAILABLE; returns how many."""
        self._is_draining = True
        if self._open:
            await asyncio.wait([stream.task for stream in self._open], timeout=grace_s)
        left = tuple(self._open)
        for stream in left:
            stream.end()
        return len(left)


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


class StreamMethod(Method):
    """A method with a stream at one end or both; `from_unary` and `from_stream` are its wrapped behaviours."""

    def __init__(
        self,
        rules: CallRules,
        method: str,
        behaviour: Behaviour,
        metrics: MethodMetrics,
        streams: OpenStreams,
    ) -> None:
        super().__init__(rules, method, behaviour, metrics)
        self._streams = streams

    async def from_unary(self, request: Any, context: Any) -> Any:
        return await self._run(context, lambda permit: (_checked(permit, request), context))

    async def from_stream(self, _requests: Any, context: Any) -> Any:
        def arguments(permit: Permit) -> tuple[Any, Any]:
            guarded = _GuardedContext(context, permit, self)
            return guarded.requests(), guarded

        return await self._run(context, arguments)

    async def _run(self, context: Any, arguments: Callable[[Permit], tuple[Any, Any]]) -> Any:
        stream: _Stream | None = None
        self._rules.running.begin()
        self._metrics.open_streams.inc()
        try:
            chosen = arguments(self.permit(context))
            stream = self._streams.enter()
            with self.span(context):
                response = await _drive(self._behaviour(*chosen), context)
        except BaseException as error:  # noqa: BLE001  (every outcome of a call becomes a status or is raised again)
            if stream is not None and stream.is_ending and isinstance(error, asyncio.CancelledError):
                await self._send_away(context, stream)
            await self.fail(context, error)
        else:
            self._metrics.count(code_name(context))
            return response
        finally:
            self._rules.running.end()
            self._metrics.open_streams.dec()
            if stream is not None:
                self._streams.leave(stream)

    async def _send_away(self, context: Any, stream: _Stream) -> None:
        """Answer UNAVAILABLE. Cancel when gRPC cannot: a first response is under way, or the client does not read."""
        stream.survive()
        try:
            async with asyncio.timeout(SEND_AWAY_S):
                await self.abort(context, status_of(stopping()))
        except (TimeoutError, grpc.aio.InternalError) as error:
            raise asyncio.CancelledError from error


class _GuardedContext:
    """A servicer context whose incoming messages are readable and held to one site; all else is the real context's.

    Where the caller is bound to no site, the servicer says which message has to name one: a long upload may name its
    site once.
    """

    def __init__(self, context: Any, permit: Permit, method: StreamMethod) -> None:
        self._context = context
        self._permit = permit
        self._noted = method
        self.write = context.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def read(self) -> Any:
        message = await self._context.read()
        site = self._permit.site
        if message is UNREADABLE or (site is not None and getattr(message, "site", site) != site):
            await self._refuse(message)
        return message

    async def requests(self) -> AsyncIterator[Any]:
        read, site = self._context.read, self._permit.site
        while (message := await read()) is not grpc.aio.EOF:
            if message is UNREADABLE or (site is not None and getattr(message, "site", site) != site):
                await self._refuse(message)
            yield message

    async def _refuse(self, message: Any) -> None:
        """Answer at once: the servicer may hold this failure in a task group or swallow it."""
        try:
            self._permit.check(message)
        except DomainError as error:
            if error.trouble is Trouble.FORBIDDEN:
                self._noted.note_denial(error)
            status = status_of(error)
            await self._context.abort(status.code, status.details, status.trailing_metadata)


def stopping() -> DomainError:
    return DomainError(Trouble.UNAVAILABLE, "STOPPING", "服务正在停止,请重新连接", "the server is stopping; reconnect")


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


def _checked(permit: Permit, request: Any) -> Any:
    permit.check(request)
    return request
