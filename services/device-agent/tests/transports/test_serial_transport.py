"""The serial transport on real pseudo-terminals: outages, exclusiveness, bounds."""

import asyncio
import os
import subprocess
import sys
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from menshen_device_agent.transports.ports import LineTrouble
from menshen_device_agent.transports.serial import SerialSettings, SerialTransport, retry_delay_ms, stable_path
from menshen_simulators.device_end import DeviceEnd
from menshen_simulators.wire import LineQuality, PtyPair

Opener = Callable[..., SerialTransport]


def settings(path: str, **changes: Any) -> SerialSettings:
    return SerialSettings(path, **{"baud": 115_200, "retry_first_ms": 10, "retry_cap_ms": 40, **changes})


@pytest.fixture
async def line() -> AsyncIterator[PtyPair]:
    async with PtyPair() as pair:
        yield pair


@pytest.fixture
async def open_line(line: PtyPair, recorder: Any) -> AsyncIterator[Opener]:
    opened: list[SerialTransport] = []

    def make(listener: Any = recorder, path: str = line.a_path, **changes: Any) -> SerialTransport:
        transport = SerialTransport(settings(path, **changes), jitter=lambda: 0.0)
        transport.start(listener)
        opened.append(transport)
        return transport

    yield make
    for transport in opened:
        await transport.close()


@pytest.fixture
async def device(line: PtyPair) -> AsyncIterator[tuple[DeviceEnd, bytearray, asyncio.Event]]:
    heard, news = bytearray(), asyncio.Event()

    def received(data: bytes) -> None:
        heard.extend(data)
        news.set()

    end = DeviceEnd(line.b_path, received)
    end.start()
    yield end, heard, news
    end.close()


async def heard_by(device: tuple[DeviceEnd, bytearray, asyncio.Event], size: int) -> bytes:
    _, heard, news = device
    async with asyncio.timeout(10):
        while len(heard) < size:
            news.clear()
            await news.wait()
    return bytes(heard)


async def test_bytes_go_both_ways(open_line: Opener, device: Any, recorder: Any) -> None:
    transport = open_line()
    await recorder.until(lambda r: r.openings)

    assert transport.write(b"\x00\xff\x11\x13\r\n\x03")
    device[0].write(b"\x00\xff\x11\x13\r\n\x04")

    assert await heard_by(device, 7) == b"\x00\xff\x11\x13\r\n\x03"
    await recorder.until(lambda r: len(r.bytes) == 7)
    assert bytes(recorder.bytes) == b"\x00\xff\x11\x13\r\n\x04"


async def test_a_line_in_fragments_brings_every_byte_in_order(
    line: PtyPair, open_line: Opener, device: Any, recorder: Any
) -> None:
    line.set_quality(LineQuality(baud=460_800, fragment_bytes=5))
    open_line()
    await recorder.until(lambda r: r.openings)
    sent = os.urandom(4_000)

    device[0].write(sent)

    await recorder.until(lambda r: len(r.bytes) == len(sent))
    assert bytes(recorder.bytes) == sent
    assert recorder.chunks > 100


async def test_an_unplugged_device_is_lost_and_opened_again_when_it_is_back(
    line: PtyPair, open_line: Opener, recorder: Any
) -> None:
    transport = open_line()
    await recorder.until(lambda r: r.openings)

    line.unplug("a")
    await recorder.until(lambda r: r.outages)
    assert recorder.outages[0].trouble is LineTrouble.HUNG_UP
    assert not transport.is_open
    assert not transport.write(b"x")
    line.replug("a")
    await recorder.until(lambda r: r.openings == 2)

    assert transport.is_open
    assert transport.outage is None
    assert len(recorder.outages) == 1


async def test_a_device_that_is_not_there_is_one_outage_and_opened_when_it_comes(
    line: PtyPair, open_line: Opener, recorder: Any
) -> None:
    line.unplug("a")
    open_line()
    await recorder.until(lambda r: r.outages)

    line.replug("a")
    await recorder.until(lambda r: r.openings)

    assert [outage.trouble for outage in recorder.outages] == [LineTrouble.ABSENT]


async def test_a_second_opener_is_refused_with_a_clear_reason(line: PtyPair, open_line: Opener, recorder: Any) -> None:
    open_line()
    await recorder.until(lambda r: r.openings)
    second = type(recorder)()

    open_line(second)
    await second.until(lambda r: r.outages)

    assert second.outages[0].trouble is LineTrouble.BUSY
    assert second.outages[0].detail == f"{line.a_path}: already held by another opener"
    assert second.openings == 0


async def test_another_process_cannot_open_a_held_device(line: PtyPair, open_line: Opener, recorder: Any) -> None:
    open_line()
    await recorder.until(lambda r: r.openings)
    code = f"import serial; serial.Serial({line.a_path!r}, exclusive=True)"

    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, timeout=30, check=False
    )

    assert other.returncode == 1
    assert b"exclusively lock" in other.stderr


async def test_a_closed_transport_leaves_the_device_to_the_next(open_line: Opener, recorder: Any) -> None:
    first = open_line()
    await recorder.until(lambda r: r.openings)

    await first.close()
    open_line()
    await recorder.until(lambda r: r.openings == 2)

    assert recorder.outages == []


async def test_a_cut_line_looks_like_a_silent_peer(
    line: PtyPair, open_line: Opener, device: Any, recorder: Any
) -> None:
    transport = open_line()
    await recorder.until(lambda r: r.openings)

    line.cut()
    assert transport.write(b"into the void")
    line.restore()
    transport.write(b"again")

    assert transport.is_open
    assert recorder.outages == []
    assert await heard_by(device, 5) in {b"again", b"into the voidagain"}


async def test_the_write_buffer_is_bounded_and_a_stalled_line_is_given_up(open_line: Opener, recorder: Any) -> None:
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        transport = open_line(path=os.ttyname(slave), write_timeout_ms=50, write_buffer_bytes=8_192)
        await recorder.until(lambda r: r.openings)

        writes = 0
        while transport.write(bytes(1_024)):
            writes += 1
            assert writes < 1_000
        await recorder.until(lambda r: r.outages)

        assert recorder.outages[0].trouble is LineTrouble.STALLED
    finally:
        await transport.close()
        os.close(slave)
        os.close(master)


async def test_closing_while_the_device_is_absent_ends_at_once(line: PtyPair, open_line: Opener, recorder: Any) -> None:
    line.unplug("a")
    transport = open_line(retry_first_ms=60_000, retry_cap_ms=60_000)
    await recorder.until(lambda r: r.outages)

    async with asyncio.timeout(2):
        await transport.close()
        await transport.close()


def test_the_pause_doubles_to_its_cap_and_jitter_shortens_it_by_up_to_half() -> None:
    line_settings = SerialSettings("unused", retry_first_ms=200, retry_cap_ms=5_000)

    pauses = [retry_delay_ms(line_settings, failures, 0.0) for failures in (1, 2, 3, 5, 6, 1_000)]

    assert pauses == [200, 400, 800, 3_200, 5_000, 5_000]
    assert retry_delay_ms(line_settings, 6, 0.5) == 3_750


def test_a_device_is_named_by_its_stable_link(tmp_path: Path) -> None:
    device, links = tmp_path / "ttyUSB7", tmp_path / "by-id"
    device.touch()
    links.mkdir()
    (links / "usb-reader").symlink_to(device)

    assert stable_path(str(device), links) == str(links / "usb-reader")
    assert stable_path(str(tmp_path / "other"), links) == str(tmp_path / "other")
    assert stable_path(str(device), tmp_path / "nowhere") == str(device)
