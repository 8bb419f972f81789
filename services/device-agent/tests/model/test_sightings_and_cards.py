"""Sightings out of many reads, and card numbers out of Wiegand bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.model.card_number import card_number
from menshen_device_agent.model.sighting import SightingFilter, SightingRules

EPC, TID = "E280116060000001", "E2003412012345678"


def test_many_reads_of_one_tag_are_one_sighting() -> None:
    sightings = SightingFilter()

    seen = [s for at_ms in range(0, 2_000, 20) for s in sightings.read(EPC, TID, 1, 80, at_ms)]

    assert [(s.epc, s.tid) for s in seen] == [(EPC, TID)]


def test_a_tag_whose_tid_never_comes_is_sighted_without_it_after_the_wait() -> None:
    sightings = SightingFilter(SightingRules(tid_wait_ms=250))
    sightings.read(EPC, None, 1, 80, 0)
    assert sightings.read(EPC, None, 1, 80, 100) == []

    assert sightings.next_deadline_ms() == 250
    assert [s.tid for s in sightings.tick(250)] == [None]
    assert sightings.tick(400) == []


def test_a_tid_that_comes_late_completes_the_sighting_at_once() -> None:
    sightings = SightingFilter()
    sightings.read(EPC, None, 1, 80, 0)

    assert [s.tid for s in sightings.read(EPC, TID, 1, 80, 60)] == [TID]


def test_the_same_epc_with_another_tid_is_another_tag() -> None:
    sightings = SightingFilter(SightingRules(least_reads=1))
    sightings.read(EPC, TID, 1, 80, 0)

    assert [s.tid for s in sightings.read(EPC, "E200FFFF", 1, 80, 50)] == ["E200FFFF"]


def test_a_tag_that_went_away_is_sighted_again() -> None:
    sightings = SightingFilter(SightingRules(least_reads=1, absence_ms=5_000))
    sightings.read(EPC, TID, 1, 80, 0)

    assert sightings.read(EPC, TID, 1, 80, 4_999) == []
    assert len(sightings.read(EPC, TID, 1, 80, 9_999)) == 1


def test_weak_reads_and_single_ghosts_are_no_sighting() -> None:
    sightings = SightingFilter(SightingRules(least_rssi_raw=50))

    assert sightings.read(EPC, TID, 1, 49, 0) == []
    assert sightings.read("AA", TID, 1, 90, 0) == []


@given(st.lists(st.text("0123456789ABCDEF", min_size=1, max_size=6), max_size=300))
def test_the_number_of_tags_held_is_bounded(epcs: list[str]) -> None:
    sightings = SightingFilter(SightingRules(most_tags=8))

    for at_ms, epc in enumerate(epcs):
        sightings.read(epc, None, 1, None, at_ms)

    assert len(sightings._tracks) <= 8


@pytest.mark.parametrize(
    ("bits", "number"),
    [
        # H10301, facility 90, card 324: published by the wiegand-encoder package (MIT).
        ("00101101000000001010001000", "5A0144"),
        # Facility 123, card 4567: proxmark3 documentation, low 26 bits of 2006f623ae.
        ("10111101100010001110101110", "7B11D7"),
        # The same card in both formats: capture of a 34-bit reader and of its 26-bit output.
        ("0000000001101000111100010010011011", "00D1E24D"),
        ("11101000111100010010011010", "D1E24D"),
    ],
)
def test_published_bits_give_their_numbers(bits: str, number: str) -> None:
    assert card_number(packed(bits), len(bits)) == number


@pytest.mark.parametrize("flipped", range(26))
def test_a_flipped_bit_is_a_misread_and_not_another_card(flipped: int) -> None:
    bits = "00101101000000001010001000"
    wrong = bits[:flipped] + ("1" if bits[flipped] == "0" else "0") + bits[flipped + 1 :]

    assert card_number(packed(wrong), 26) is None


def test_other_lengths_are_taken_whole() -> None:
    assert card_number(bytes.fromhex("04A1B2C3D4E5F6"), 56) == "04A1B2C3D4E5F6"


@given(st.binary(max_size=16), st.integers(-5, 200))
def test_any_bits_give_a_number_or_none(bits: bytes, count: int) -> None:
    number = card_number(bits, count)

    assert number is None or int(number, 16) >= 0


def packed(bits: str) -> bytes:
    return bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
