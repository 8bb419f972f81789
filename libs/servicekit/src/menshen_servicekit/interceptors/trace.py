"""W3C trace context over gRPC metadata, by the OpenTelemetry API alone: without a tracer nothing is paid."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


@contextmanager
def server_span(tracer: Tracer, method: str, context: Any) -> Iterator[None]:
    """A span of kind SERVER around one call, a child of the caller's `traceparent` when there is one."""
    carrier = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
    service, _, name = method.lstrip("/").partition("/")
    with tracer.start_as_current_span(
        method.lstrip("/"),
        context=_PROPAGATOR.extract(carrier),
        kind=SpanKind.SERVER,
        attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def trace_metadata() -> tuple[tuple[str, str], ...]:
    """Metadata that carries the current span to the server of a call: `stub.Decide(request, metadata=...)`."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return tuple(carrier.items())
