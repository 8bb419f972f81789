"""A tag reader session on a real line against the simulated reader."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from menshen_device_agent.protocols.uhfreader288.events import Offline, Online, TagRead
from menshen_device_agent.protocols.uhfreader288.session import Session
from menshen_device_agent.protocols.uhfreader288.settings import Mode, Settings, TidReading
from menshen_device_agent.transports.serial import SerialSettings, SerialTransport
from menshen_simulators.uhf_reader import SimulatedTag, UhfReader
from menshen_simulators.wire import LineQuality, PtyPair

TAG = SimulatedTag("3039606303C74380001A0559", "E28068102000000000000ABC")
HIDDEN = SimulatedTag("E28068940000400A9D22A9EB", "E28068102000000000000DEF", tid_readable=False)
PumpMaker = Callable[..., Any]


@pytest.fixture
async def line() -> AsyncIterator[PtyPair]:
    async with PtyPair(LineQuality(baud=57_600)) as pair:
        yield pair


@pytest.fixture
async def reader(line: PtyPair) -> AsyncIterator[UhfReader]:
    simulated = UhfReader(line.b_path, round_s=0.01)
    simulated.start()
    yield simulated
    simulated.close()


def transport_on(line: PtyPair) -> SerialTransport:
    return SerialTransport(SerialSettings(line.a_path, baud=57_600, retry_first_ms=10), jitter=lambda: 0.0)


def tids_of(pump: Any, tag: SimulatedTag) -> set[str | None]:
    return {read.tid for read in pump.told_of(TagRead) if read.epc == tag.epc}


@pytest.mark.parametrize("tid_reading", [TidReading.FAST_ID, TidReading.EXPLICIT])
async def test_a_tag_brings_its_tid_and_a_tag_that_hides_it_brings_none(
    line: PtyPair, reader: UhfReader, pumps: PumpMaker, tid_reading: TidReading
) -> None:
    pump = pumps(Session(Settings(tid_reading=tid_reading)), transport_on(line))
    reader.enter(TAG)
    reader.enter(HIDDEN)

    await pump.until(lambda: TAG.tid in tids_of(pump, TAG) and len(pump.told_of(TagRead)) > 10)

    assert tids_of(pump, HIDDEN) == {None}
    assert {read.rssi_raw for read in pump.told_of(TagRead)} == {0x6B}


async def test_tags_are_told_with_their_antenna_many_times_a_second(
    line: PtyPair, reader: UhfReader, pumps: PumpMaker
) -> None:
    pump = pumps(Session(Settings(antenna_ports=(1, 2), pause_ms=0)), transport_on(line))
    reader.enter(TAG, antenna_port=2)
    await pump.until(lambda: len(pump.told_of(TagRead)) >= 20)

    reads = pump.told_of(TagRead)

    assert {read.antenna_port for read in reads} == {2}
    assert reads[19].at_ms - reads[0].at_ms < 2_000


async def test_a_reader_without_power_is_lost_and_found_again(
    line: PtyPair, reader: UhfReader, pumps: PumpMaker
) -> None:
    pump = pumps(Session(Settings(lost_after_ms=200, reply_ms=60, scan_time_ms=100)), transport_on(line))
    await pump.until(lambda: pump.told_of(Online))

    reader.power_off()
    await pump.until(lambda: pump.told_of(Offline))
    reader.power_on()

    await pump.until(lambda: len(pump.told_of(Online)) == 2)


async def test_a_dirty_line_never_invents_a_tag(line: PtyPair, reader: UhfReader, pumps: PumpMaker) -> None:
    line.set_quality(LineQuality(baud=115_200, fragment_bytes=7, corruption=0.003, loss=0.001))
    session = Session(Settings(pause_ms=0, scan_time_ms=100, reply_ms=60, lost_after_ms=5_000))
    pump = pumps(session, transport_on(line))
    reader.enter(TAG)
    reader.enter(HIDDEN)

    await pump.until(lambda: len(pump.told_of(TagRead)) >= 40 and session.framer.counters.bad_checksums > 0)

    assert {read.epc for read in pump.told_of(TagRead)} == {TAG.epc, HIDDEN.epc}
    assert tids_of(pump, TAG) <= {TAG.tid, None}


async def test_a_reader_in_real_time_mode_is_heard_without_asking(
    line: PtyPair, reader: UhfReader, pumps: PumpMaker
) -> None:
    pump = pumps(Session(Settings(mode=Mode.PUSH)), transport_on(line))
    reader.enter(TAG, antenna_port=3)
    reader.real_time(on=True)

    await pump.until(lambda: len(pump.told_of(TagRead)) >= 5)

    assert {read.antenna_port for read in pump.told_of(TagRead)} == {3}
    assert reader.rounds == 0
