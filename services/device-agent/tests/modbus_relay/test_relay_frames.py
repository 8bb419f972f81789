"""Framing and reading of relay board replies, against printed bytes and against hostile ones."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.protocols import modbus_relay
from menshen_device_agent.protocols.modbus_relay import messages
from menshen_device_agent.protocols.modbus_relay.frame import Frame, Framer, crc16, encode
from menshen_device_agent.protocols.modbus_relay.messages import Bits, Echoed, Refused, Request, Stray

VECTORS = json.loads((Path(modbus_relay.__file__).parent / "vectors" / "frames.json").read_text())
SILENCE_MS = 1_000
REPLIES = [
    encode(1, 0x02, b"\x01\x51"),
    encode(1, 0x01, b"\x02\x02\x01"),
    encode(1, 0x05, bytes.fromhex("02000007")),
    encode(1, 0x85, b"\x02"),
]


def ordered(order: dict[str, Any]) -> Request:
    match order:
        case {"write_coil": relay, "on": on}:
            return messages.write_coil(relay, on=on)
        case {"pulse": relay, "duration_ms": duration_ms}:
            return messages.pulse(relay, duration_ms)
        case {"read_coils": count}:
            return messages.read_coils(count)
    return messages.read_inputs(order["read_inputs"])


def frames_of(framer: Framer, *chunks: bytes) -> list[Frame]:
    return [frame for chunk in chunks for frame in framer.feed(chunk, 0)]


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["name"])
def test_a_request_is_the_printed_bytes(vector: dict[str, Any]) -> None:
    order = vector["order"]

    assert ordered(order).encode(order.get("unit", 1)).hex() == vector["hex"]


def test_the_checksum_is_the_catalogue_s_and_the_makers() -> None:
    check, (jog,) = VECTORS["crc_check"], VECTORS["not_ours"]

    assert crc16(check["ascii"].encode()) == int(check["crc"], 16)
    assert crc16(bytes.fromhex(jog["hex"])).to_bytes(2, "little").hex() == jog["crc"]


@pytest.mark.parametrize("vector", [v for v in VECTORS["requests"] if v["hex"][2:4] == "05"], ids=lambda v: v["name"])
def test_the_printed_bytes_are_their_own_echo(vector: dict[str, Any]) -> None:
    order = vector["order"]

    (frame,) = Framer(order.get("unit", 1)).feed(bytes.fromhex(vector["hex"]), 0)

    assert messages.parse(frame, ordered(order)) == Echoed()


@pytest.mark.parametrize("vector", VECTORS["bad"], ids=lambda vector: vector["name"])
def test_a_misprint_is_no_frame(vector: dict[str, Any]) -> None:
    framer = Framer(1)

    assert frames_of(framer, bytes.fromhex(vector["hex"])) + framer.expire(SILENCE_MS) == []


@pytest.mark.parametrize(
    ("frame", "request_", "expected"),
    [
        (
            Frame(0x02, b"\x01\x51"),
            messages.read_inputs(8),
            Bits((True, False, False, False, True, False, True, False)),
        ),
        (Frame(0x02, b"\x01\x51"), messages.read_inputs(3), Bits((True, False, False))),
        (Frame(0x02, b"\x01\x51"), messages.read_inputs(9), Stray()),
        (Frame(0x02, b"\x01\x51"), messages.read_coils(8), Stray()),
        (Frame(0x05, bytes.fromhex("02000007")), messages.pulse(0, 700), Echoed()),
        (Frame(0x05, bytes.fromhex("02000007")), messages.pulse(1, 700), Stray()),
        (Frame(0x85, b"\x02"), messages.pulse(0, 700), Refused(2)),
        (Frame(0x85, b"\x02"), messages.read_inputs(8), Stray()),
    ],
)
def test_a_reply_answers_only_its_own_request(frame: Frame, request_: Request, expected: object) -> None:
    assert messages.parse(frame, request_) == expected


@pytest.mark.parametrize(("duration_ms", "units"), [(1, 1), (100, 1), (101, 2), (700, 7), (3_276_700, 0x7FFF)])
def test_a_pulse_is_counted_in_hundreds_rounded_up(duration_ms: int, units: int) -> None:
    assert messages.pulse(0, duration_ms).value == units


@pytest.mark.parametrize("duration_ms", [0, -1, 3_276_701])
def test_a_pulse_the_board_cannot_count_is_an_error_of_the_caller(duration_ms: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        messages.pulse(0, duration_ms)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=8), st.integers(0, 255))
def test_any_bytes_never_raise(chunks: list[bytes], unit: int) -> None:
    framer = Framer(unit)

    frames = frames_of(framer, *chunks) + framer.expire(SILENCE_MS)

    assert framer.deadline_ms() is None
    for frame in frames:
        messages.parse(frame, messages.read_inputs(8))


@settings(deadline=None)
@given(st.lists(st.sampled_from(REPLIES), max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_gives_the_same_frames(raws: list[bytes], places: list[int]) -> None:
    data = b"".join(raws)
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]

    frames = frames_of(Framer(1), *(data[start:end] for start, end in itertools.pairwise(edges)))

    assert frames == frames_of(Framer(1), data)
    assert len(frames) == len(raws)


@settings(deadline=None)
@given(st.binary(max_size=40), st.sampled_from(REPLIES))
def test_a_reply_after_garbage_is_found_at_the_latest_by_silence(garbage: bytes, raw: bytes) -> None:
    framer = Framer(1)

    frames = frames_of(framer, garbage + raw) + framer.expire(SILENCE_MS)

    assert frames[-1] == Frame(raw[1], raw[2:-2])


@settings(deadline=None)
@given(st.sampled_from(REPLIES), st.integers(0, 2**20), st.integers(0, 7), st.sampled_from(REPLIES))
def test_a_flipped_bit_costs_one_reply(raw: bytes, place: int, bit: int, following: bytes) -> None:
    damaged = bytearray(raw)
    damaged[place % len(raw)] ^= 1 << bit
    framer = Framer(1)

    frames = frames_of(framer, bytes(damaged) + following) + framer.expire(SILENCE_MS)

    assert frames == [Frame(following[1], following[2:-2])]
