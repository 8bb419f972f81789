"""Framing and reading of UHFReader replies, against published bytes and against hostile ones."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.protocols import uhfreader288
from menshen_device_agent.protocols.uhfreader288 import messages
from menshen_device_agent.protocols.uhfreader288.frame import LONGEST_FRAME, Framer, crc16, encode
from menshen_device_agent.protocols.uhfreader288.messages import Family, Layout, MemoryBank, Round

VECTORS = json.loads((Path(uhfreader288.__file__).parent / "vectors" / "frames.json").read_text())
GOOD = {vector["name"]: vector for vector in VECTORS["good"]}
GOOD_BYTES = [bytes.fromhex(vector["hex"]) for vector in VECTORS["good"]]
SILENCE_MS = 1_000


def frames_of(framer: Framer, *chunks: bytes) -> list[Any]:
    return [frame for chunk in chunks for frame in framer.feed(chunk, 0)]


def layout_of(vector: dict[str, Any]) -> Layout:
    return Layout(Family(vector["family"]))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def test_the_checksum_is_the_catalogue_s() -> None:
    check = VECTORS["crc_check"]

    assert crc16(check["ascii"].encode()) == int(check["crc"], 16)


@pytest.mark.parametrize("name", GOOD)
def test_a_published_frame_is_one_frame(name: str) -> None:
    framer = Framer()

    frames = frames_of(framer, bytes.fromhex(GOOD[name]["hex"]))

    assert len(frames) == 1
    assert not frames[0].resynced
    assert framer.deadline_ms() is None


@pytest.mark.parametrize("vector", VECTORS["bad"], ids=lambda vector: vector["name"])
def test_a_published_misprint_is_no_frame(vector: dict[str, Any]) -> None:
    framer = Framer()

    frames = frames_of(framer, bytes.fromhex(vector["hex"])) + framer.expire(SILENCE_MS)

    assert frames == []
    assert framer.counters.bad_checksums >= 1


@pytest.mark.parametrize("name", [name for name, vector in GOOD.items() if "tags" in vector])
def test_a_published_inventory_names_its_tags(name: str) -> None:
    vector = GOOD[name]
    (frame,) = Framer().feed(bytes.fromhex(vector["hex"]), 0)

    reply = messages.parse(frame, layout_of(vector))

    assert isinstance(reply, messages.Inventory)
    assert reply.last is vector["last"]
    assert list(reply.antenna_ports) == vector["ports"]
    seen = [(tag.epc.hex().upper(), tag.tid and tag.tid.hex().upper(), tag.rssi_raw) for tag in reply.tags]
    assert seen == [(tag["epc"], tag.get("tid"), tag.get("rssi")) for tag in vector["tags"]]


def test_a_published_reader_says_who_it_is() -> None:
    vector = GOOD["reader information"]
    (frame,) = Framer().feed(bytes.fromhex(vector["hex"]), 0)

    reply = messages.parse(frame, layout_of(vector))

    assert reply == messages.ReaderInformation(**vector["information"])


def test_commands_are_the_published_bytes() -> None:
    inventory18, information, payload, read_tid = VECTORS["commands"]
    epc = bytes.fromhex("E28068940000400A9D22A9EB")
    slow = Round(q=15, scan_time_ms=2_000)

    assert messages.inventory(0, Layout(Family.READER18), Round()).hex() == inventory18["hex"]
    assert messages.reader_information(0).hex() == information["hex"]
    assert messages.inventory(0, Layout(), slow)[3:-2].hex() == payload["payload"]
    assert messages.read_memory(0, epc, MemoryBank.TID, 0, 6).hex() == read_tid["hex"]


def test_a_payload_beyond_a_frame_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="exceeds"):
        encode(0, 1, bytes(LONGEST_FRAME - 4))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=8), st.sampled_from(list(Family)))
def test_any_bytes_never_raise(chunks: list[bytes], family: Family) -> None:
    framer = Framer()

    frames = frames_of(framer, *chunks) + framer.expire(SILENCE_MS)

    assert framer.deadline_ms() is None
    for frame in frames:
        messages.parse(frame, Layout(family))


@settings(deadline=None)
@given(st.binary(max_size=251), st.sampled_from(list(Family)), st.integers(0, 255), st.integers(0, 255))
def test_any_content_in_a_good_frame_never_raises(body: bytes, family: Family, command: int, status: int) -> None:
    (frame,) = Framer().feed(encode(0, command, bytes((status,)) + body[:250]), 0)

    messages.parse(frame, Layout(family))


@settings(deadline=None)
@given(st.lists(st.sampled_from(GOOD_BYTES), max_size=6), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_gives_the_same_frames(raws: list[bytes], places: list[int]) -> None:
    data = b"".join(raws)

    whole, cut_up = frames_of(Framer(), data), frames_of(Framer(), *cut(data, places))

    assert whole == cut_up
    assert len(whole) == len(raws)


@settings(deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_chunking_of_garbage_gives_the_same_frames(data: bytes, places: list[int]) -> None:
    whole, cut_up = Framer(), Framer()

    expected = frames_of(whole, data) + whole.expire(SILENCE_MS)
    found = frames_of(cut_up, *cut(data, places)) + cut_up.expire(SILENCE_MS)

    assert found == expected
    assert cut_up.counters == whole.counters


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40), st.sampled_from(GOOD_BYTES))
def test_a_frame_after_garbage_is_found_at_the_latest_by_silence(garbage: bytes, raw: bytes) -> None:
    framer = Framer()

    frames = frames_of(framer, garbage + raw) + framer.expire(SILENCE_MS)

    assert frames
    assert frames[-1].resynced
    assert frames[-1].payload == raw[4:-2]


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40), st.sampled_from(GOOD_BYTES))
def test_a_frame_after_garbage_and_silence_is_trusted(garbage: bytes, raw: bytes) -> None:
    framer = Framer()
    framer.feed(garbage, 0)

    frames = framer.feed(raw, SILENCE_MS)

    assert frames[-1].payload == raw[4:-2]
    assert not frames[-1].resynced


@settings(deadline=None)
@given(st.sampled_from(GOOD_BYTES), st.integers(0, 2**20), st.integers(0, 7), st.sampled_from(GOOD_BYTES))
def test_a_flipped_bit_costs_one_frame(raw: bytes, place: int, bit: int, following: bytes) -> None:
    damaged = bytearray(raw)
    damaged[place % len(raw)] ^= 1 << bit
    framer = Framer()

    frames = frames_of(framer, bytes(damaged) + following) + framer.expire(SILENCE_MS)

    assert [frame.payload for frame in frames] == [following[4:-2]]


@settings(deadline=None)
@given(st.integers(0, 255))
def test_a_single_byte_holds_nothing_for_longer_than_the_gap(start: int) -> None:
    framer = Framer(gap_ms=50)
    framer.feed(bytes((start,)), 100)

    framer.expire(150)

    assert framer.deadline_ms() is None


def test_a_frame_inside_the_epc_of_a_damaged_frame_is_marked() -> None:
    forged = bytes.fromhex(GOOD["a short EPC"]["hex"])
    carrier = bytearray(encode(0, 1, b"\x03\x01\x01" + bytes((len(forged),)) + forged + b"\x40"))
    carrier[-1] ^= 0xFF
    framer = Framer()

    frames = frames_of(framer, bytes(carrier)) + framer.expire(SILENCE_MS)

    assert [frame.resynced for frame in frames] == [True]


def test_a_frame_inside_the_epc_of_a_whole_frame_stays_content() -> None:
    forged = bytes.fromhex(GOOD["a short EPC"]["hex"])
    framer = Framer()

    frames = frames_of(framer, encode(0, 1, b"\x03\x01\x01" + bytes((len(forged),)) + forged + b"\x40"))

    assert [frame.payload[3:-1] for frame in frames] == [forged]


def test_records_that_do_not_fill_the_frame_are_malformed() -> None:
    (frame,) = Framer().feed(encode(0, 1, bytes.fromhex("03 01 02 04 00323038 6d")), 0)

    assert isinstance(messages.parse(frame, Layout()), messages.Malformed)


def test_a_fast_id_record_too_short_for_a_tid_is_malformed() -> None:
    (frame,) = Framer().feed(encode(0, 1, bytes.fromhex("03 01 01 84 00323038 6d")), 0)

    assert isinstance(messages.parse(frame, Layout()), messages.Malformed)


def test_one_record_may_come_from_several_antennas() -> None:
    (frame,) = Framer().feed(encode(0, 1, bytes.fromhex("03 05 01 04 00323038 6d")), 0)

    reply = messages.parse(frame, Layout())

    assert isinstance(reply, messages.Inventory)
    assert reply.antenna_ports == (1, 3)


def test_large_readers_name_antennas_by_index() -> None:
    (frame,) = Framer().feed(encode(0, 1, bytes.fromhex("03 0b 01 04 00323038 6d")), 0)

    reply = messages.parse(frame, Layout(antenna_coding=messages.AntennaCoding.INDEX))

    assert isinstance(reply, messages.Inventory)
    assert reply.antenna_ports == (12,)
