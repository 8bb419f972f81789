"""Metrics: one registry a process, passed to whoever counts; and the HTTP endpoint Prometheus reads."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.registry import Collector

from menshen_servicekit.addresses import split_address

PREFIX = "menshen_"

C = TypeVar("C", bound=Collector)

LATENCY_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)


class Metrics:
    """Makes and remembers the instruments of one process. Every name is prefixed with `menshen_`.

    Asking twice for one name gives the same instrument; labels must be few and bounded, never a person or a number
    that identifies one.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self._made: dict[str, Collector] = {}

    def counter(self, name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
        """A count that only grows; `_total` is appended by Prometheus."""
        return self._remember(name, Counter, lambda: Counter(PREFIX + name, doc, labels, registry=self.registry))

    def gauge(self, name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
        return self._remember(name, Gauge, lambda: Gauge(PREFIX + name, doc, labels, registry=self.registry))

    def histogram(
        self, name: str, doc: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS_S
    ) -> Histogram:
        """A distribution; by default of seconds, with buckets made for latencies."""
        return self._remember(
            name, Histogram, lambda: Histogram(PREFIX + name, doc, labels, registry=self.registry, buckets=buckets)
        )

    def _remember(self, name: str, kind: type[C], make: Callable[[], C]) -> C:
        found = self._made.get(name)
        if found is None:
            made = make()
            self._made[name] = made
            return made
        if not isinstance(found, kind):
            raise TypeError(f"{PREFIX}{name} is already a {type(found).__name__}")
        return found


class MetricsEndpoint:
    """The HTTP page of one registry, served by a thread of its own."""

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server = server
        self._thread = thread

    @classmethod
    def open(cls, registry: CollectorRegistry, listen: str) -> "MetricsEndpoint":
        """Listen on `host:port`; OSError when that is taken."""
        host, port = split_address(listen)
        return cls(*start_http_server(port, addr=host, registry=registry))

    @property
    def port(self) -> int:
        return self._server.server_port

    async def close(self) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
