"""Metrics and the page that shows them."""

import asyncio
import socket
import urllib.request

import pytest
from menshen_servicekit.addresses import split_address, with_port
from menshen_servicekit.telemetry import Metrics, MetricsEndpoint


def test_asking_twice_gives_the_same_instrument() -> None:
    metrics = Metrics()

    metrics.counter("grants", "Grants", ["site"]).labels("north").inc()
    metrics.counter("grants", "Grants", ["site"]).labels("north").inc()

    assert metrics.registry.get_sample_value("menshen_grants_total", {"site": "north"}) == 2


def test_one_name_has_one_kind() -> None:
    metrics = Metrics()
    metrics.gauge("level", "Level")

    with pytest.raises(TypeError, match="menshen_level is already a Gauge"):
        metrics.histogram("level", "Level")


async def test_the_page_is_served_until_closed() -> None:
    metrics = Metrics()
    metrics.gauge("level", "Level").set(4)
    endpoint = MetricsEndpoint.open(metrics.registry, "127.0.0.1:0")
    url = f"http://127.0.0.1:{endpoint.port}/metrics"

    page = await asyncio.to_thread(_get, url)
    await endpoint.close()

    assert "menshen_level 4.0" in page
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(_get, url)


def test_a_taken_port_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            MetricsEndpoint.open(Metrics().registry, f"127.0.0.1:{taken.getsockname()[1]}")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("address", ["", "8080", "host", "host:", ":80", "host:x", "host:70000", "host:-1"])
def test_what_is_not_host_and_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_address(address)


def test_addresses_are_split_and_joined() -> None:
    assert split_address("[::1]:50051") == ("::1", 50051)
    assert with_port("[::1]:0", 7) == "[::1]:7"
