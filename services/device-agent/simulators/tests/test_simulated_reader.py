"""The simulated tag reader says exactly the bytes that real readers were seen to say."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from menshen_simulators.uhf_reader import SimulatedTag, UhfReader, reader_crc
from menshen_simulators.wire import PtyPair

ROUND_END = "0700010101001e4b"
TAG = SimulatedTag("3039606303C74380001A0559", "E28068102000000000000ABC", rssi=0x40)


def request(body: str) -> str:
    return body + reader_crc(bytes.fromhex(body)).hex()


def inventory(q_value: int = 4, antenna: int = 0x80) -> str:
    return request(f"0d0001{q_value:02x}000100000000{antenna:02x}03")


@pytest.fixture
async def reader(line: PtyPair) -> AsyncIterator[UhfReader]:
    simulated = UhfReader(line.b_path, round_s=0.001)
    simulated.start()
    yield simulated
    simulated.close()


async def test_it_says_who_it_is(reader: UhfReader, far_end: Any) -> None:
    assert await far_end.ask("040021d96a", 18) == "1100210000160c034e001e0a01000000e651"


async def test_a_round_without_tags_ends_at_once(reader: UhfReader, far_end: Any) -> None:
    assert await far_end.ask("040001db4b", 8) == ROUND_END


@pytest.mark.parametrize(
    ("tag", "antenna_port", "expected"),
    [
        (TAG, 1, "1500010301010c3039606303c74380001a055940f93e"),
        (SimulatedTag("49440000000000000A000334", rssi=0x64), 3, "1500010304010c49440000000000000a0003346425c0"),
        (SimulatedTag("00323038", rssi=0x6D), 1, "0d000103010104003230386da3d2"),
    ],
)
async def test_a_tag_is_reported_in_the_captured_bytes(
    reader: UhfReader, far_end: Any, tag: SimulatedTag, antenna_port: int, expected: str
) -> None:
    reader.enter(tag, antenna_port)

    heard = await far_end.ask(inventory(antenna=0x7F + antenna_port), len(expected) // 2 + 8)

    assert heard.startswith(expected)


async def test_fast_id_adds_the_tid_only_where_it_can_be_read(reader: UhfReader, far_end: Any) -> None:
    reader.enter(TAG)
    with_tid = await far_end.ask(inventory(q_value=0x24), 34 + 8)
    reader.leave(TAG.epc)
    reader.enter(SimulatedTag(TAG.epc, TAG.tid, tid_readable=False, rssi=0x40))

    without_tid = await far_end.ask(inventory(q_value=0x24), 22 + 8)

    assert with_tid.startswith("210001030101983039606303c74380001a0559e28068102000000000000abc40")
    assert without_tid.startswith("1500010301010c3039606303c74380001a055940f93e")


async def test_the_tid_is_read_by_the_whole_epc(reader: UhfReader, far_end: Any) -> None:
    reader.enter(TAG)
    ask = request(f"180002 06 {TAG.epc} 02 00 06 00000000".replace(" ", "").lower())

    assert (await far_end.ask(ask, 18)).startswith("11000200" + TAG.tid.lower() if TAG.tid else "")
    reader.leave(TAG.epc)
    assert (await far_end.ask(ask, 6)).startswith("050002fb")


async def test_a_broken_antenna_is_reported(reader: UhfReader, far_end: Any) -> None:
    reader.broken_antennas.add(1)

    assert (await far_end.ask(inventory(), 7)).startswith("060001f801")


async def test_a_reader_without_power_is_silent(reader: UhfReader, far_end: Any) -> None:
    reader.power_off()
    await far_end.tell("040021d96a")
    reader.power_on()
    reader.enter(TAG)

    assert (await far_end.ask(inventory(), 30)).startswith("1500010301010c3039")
