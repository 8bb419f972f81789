"""One method behind the interceptor: permission, span, the way out of a failure; and a unary call end to end."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.trace import Tracer

from menshen_servicekit.authorization import AuthorizationTable, Permit, not_allowed, not_identified
from menshen_servicekit.identity import caller_of
from menshen_servicekit.interceptors.measure import MethodMetrics
from menshen_servicekit.interceptors.recover import abort_in, answer_to
from menshen_servicekit.interceptors.trace import server_span
from menshen_servicekit.status import DomainError, RpcStatus, Trouble

Behaviour = Callable[[Any, Any], Any]

_DENIALS = frozenset({Trouble.FORBIDDEN, Trouble.UNAUTHENTICATED})


class RunningCalls:
    """How many calls are with their servicers."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        self._count += 1
        self._idle.clear()

    def end(self) -> None:
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def wait_none(self) -> None:
        await self._idle.wait()


@dataclass(frozen=True, slots=True)
class CallRules:
    """What holds for every call of a server."""

    table: AuthorizationTable
    unary_limit_s: float
    outages: tuple[type[Exception], ...]
    tracer: Tracer | None
    running: RunningCalls


class Method:
    """What unary and streaming methods share: permission, span, and the way out of a failure."""

    def __init__(self, rules: CallRules, method: str, behaviour: Behaviour, metrics: MethodMetrics) -> None:
        self._rules = rules
        self._method = method
        self._behaviour = behaviour
        self._metrics = metrics

    def permit(self, context: Any) -> Permit:
        caller = caller_of(context)
        if caller is None:
            raise not_identified()
        permit = self._rules.table.permit(self._method, caller)
        if permit is None:
            raise not_allowed()
        return permit

    def span(self, context: Any) -> AbstractContextManager[None]:
        tracer = self._rules.tracer
        return nullcontext() if tracer is None else server_span(tracer, self._method, context)

    async def fail(self, context: Any, error: BaseException) -> None:
        """Answer with the status of `error` unless the call was answered already. Raises what gRPC expects."""
        if isinstance(error, DomainError) and error.trouble in _DENIALS:
            self.note_denial(error)
        answered = abort_in(error)
        if answered is not None:
            self._metrics.count(code_name(context))
            raise answered
        if isinstance(error, asyncio.CancelledError):
            self._metrics.count("CANCELLED")
            raise error
        await self.abort(context, answer_to(error, self._method, self._rules.outages))

    async def abort(self, context: Any, status: RpcStatus) -> None:
        self._metrics.count(status.code.name)
        await context.abort(status.code, status.details, status.trailing_metadata)

    def note_denial(self, error: DomainError) -> None:
        """Count a refusal by its code: NOT_IDENTIFIED, NOT_ALLOWED, FOREIGN_SITE, or a servicer's own FORBIDDEN."""
        self._metrics.count_denied(error.code)


class UnaryMethod(Method):
    """A unary-unary method; `call` is its wrapped behaviour."""

    async def call(self, request: Any, context: Any) -> Any:
        began = time.perf_counter()
        self._rules.running.begin()
        try:
            self.permit(context).check(request)
            with self.span(context):
                response = await self._bounded(request, context)
        except BaseException as error:  # noqa: BLE001  (every outcome of a call becomes a status or is raised again)
            await self.fail(context, error)
        else:
            self._metrics.count(code_name(context))
            return response
        finally:
            self._rules.running.end()
            self._metrics.observe_seconds(time.perf_counter() - began)

    async def _bounded(self, request: Any, context: Any) -> Any:
        """gRPC itself ends a call at its caller's deadline; one without, or with a longer one, ends at the limit."""
        remaining_s, limit_s = context.time_remaining(), self._rules.unary_limit_s
        if remaining_s is not None and remaining_s <= limit_s:
            return await self._behaviour(request, context)
        async with asyncio.timeout(limit_s):
            return await self._behaviour(request, context)


def code_name(context: Any) -> str:
    """The name of the status that was or will be sent; a servicer may have set one without aborting."""
    code = context.code()
    if isinstance(code, grpc.StatusCode):
        return code.name
    return _CODE_NAMES.get(code, "OK")


_CODE_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}
