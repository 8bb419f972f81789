"""Metrics of calls. Labels are method names the server knows and gRPC codes, so their number is bounded."""

from menshen_servicekit.telemetry import Metrics


class CallMetrics:
    """Counts and times calls; the instruments of a method are looked up once and kept."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.counter("rpc", "Finished calls", ["method", "code"])
        self._seconds = metrics.histogram("rpc_seconds", "Time in a unary call's servicer", ["method"])
        self._open = metrics.gauge("rpc_open_streams", "Streams open now", ["method"])
        self._denied = metrics.counter("rpc_denied", "Calls refused by identity, table or site", ["method", "reason"])

    def method(self, method: str) -> "MethodMetrics":
        return MethodMetrics(self, method)


class MethodMetrics:
    """The instruments of one method."""

    def __init__(self, calls: CallMetrics, method: str) -> None:
        self._calls = calls._calls
        self._denied = calls._denied
        self._method = method
        self._codes = {"OK": self._calls.labels(method, "OK")}
        self.observe_seconds = calls._seconds.labels(method).observe
        self.open_streams = calls._open.labels(method)

    def count(self, code: str) -> None:
        counter = self._codes.get(code)
        if counter is None:
            counter = self._codes[code] = self._calls.labels(self._method, code)
        counter.inc()

    def count_denied(self, reason: str) -> None:
        self._denied.labels(self._method, reason).inc()
