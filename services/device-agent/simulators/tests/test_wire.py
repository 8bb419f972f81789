"""The null modem: pace, faults by seed, cuts, hang-ups, bounds, nothing left behind."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from menshen_simulators.device_end import DeviceEnd
from menshen_simulators.wire import LineQuality, PtyPair


async def carried(quality: LineQuality, data: bytes, *, seed: int = 1) -> tuple[bytes, float]:
    """What arrives of `data` within its time, and after how many seconds the last of it."""
    heard, loop = bytearray(), asyncio.get_running_loop()
    done = asyncio.Event()
    async with PtyPair(quality, seed=seed) as line:

        def received(chunk: bytes) -> None:
            heard.extend(chunk)
            counters = line.counters("a")
            if counters.taken == len(data) and counters.delivered == len(heard) == len(data) - counters.lost:
                done.set()

        writer, reader = DeviceEnd(line.a_path, lambda _: None), DeviceEnd(line.b_path, received)
        writer.start()
        reader.start()
        began_s = loop.time()
        writer.write(data)
        await asyncio.wait_for(done.wait(), 10)
        took_s = loop.time() - began_s
        writer.close()
        reader.close()
    return bytes(heard), took_s


async def test_a_clean_line_carries_every_byte() -> None:
    data = bytes(range(256)) * 8

    heard, _ = await carried(LineQuality(), data)

    assert heard == data


@pytest.mark.parametrize("fragment_bytes", [0, 4])
async def test_a_paced_line_takes_ten_bits_a_byte(fragment_bytes: int) -> None:
    heard, took_s = await carried(LineQuality(baud=57_600, fragment_bytes=fragment_bytes), os.urandom(576))

    assert len(heard) == 576
    assert 0.095 <= took_s <= 0.4


async def test_the_same_seed_spoils_the_same_bytes() -> None:
    data, quality = bytes(2_000), LineQuality(fragment_bytes=1, corruption=0.02, loss=0.01)

    first, _ = await carried(quality, data, seed=7)
    second, _ = await carried(quality, data, seed=7)
    third, _ = await carried(quality, data, seed=8)

    assert first == second != third
    assert len(first) < len(data)
    assert all(byte.bit_count() <= 1 for byte in first)
    assert any(first)


async def test_a_cut_line_loses_bytes_until_it_is_restored(line: PtyPair, far_end: Any) -> None:
    device = DeviceEnd(line.b_path, lambda _: None)
    device.start()
    line.cut()
    device.write(b"lost")
    async with asyncio.timeout(5):
        while line.counters("b").taken < 4:
            await asyncio.to_thread(os.stat, line.b_path)

    line.restore()
    device.write(b"kept")

    assert await far_end.hear(4) == b"kept"
    assert line.counters("b").lost == 4
    device.close()


async def test_an_unplugged_end_hangs_up_and_returns_under_its_path(line: PtyPair, far_end: Any) -> None:
    hung_up = asyncio.Event()
    device = DeviceEnd(line.b_path, lambda _: None, lost=hung_up.set)
    device.start()

    line.unplug("b")
    await asyncio.wait_for(hung_up.wait(), 5)
    assert not os.path.lexists(line.b_path)
    line.replug("b")
    device.start()
    device.write(b"back")

    assert await far_end.hear(4) == b"back"
    device.close()


async def test_a_line_nobody_reads_drops_what_exceeds_its_buffer() -> None:
    async with PtyPair(LineQuality(buffer_bytes=1_000)) as line:
        end = DeviceEnd(line.a_path, lambda _: None, buffer_bytes=1 << 20)
        end.start()
        counters = line.counters("a")
        async with asyncio.timeout(10):
            while not counters.overflowed:
                end.write(bytes(4_096))
                await asyncio.to_thread(os.stat, line.a_path)
        assert counters.taken - counters.delivered - counters.overflowed <= 1_000 + 4_096
        end.close()


async def test_closing_leaves_no_descriptor_and_no_path() -> None:
    before = len(os.listdir("/dev/fd"))
    line = PtyPair()
    line.start()
    path = Path(line.a_path)

    line.close()
    line.close()

    assert len(os.listdir("/dev/fd")) == before
    assert not path.parent.exists()
