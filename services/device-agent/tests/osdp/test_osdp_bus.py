"""Several readers on one line: turns, a dead neighbour, one line's end for all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.protocols.osdp import (
    Bus,
    Buzzer,
    CardRead,
    Done,
    Offline,
    OfflineCause,
    Online,
    Session,
    Settings,
)

WIEGAND_26 = "10110011101110001111000101"
ADDRESSES = (1, 2, 3, 4)


@pytest.fixture
def bus_line(a_line, a_session, a_reader):
    """Four sessions, four readers."""
    return a_line(Bus([a_session(address) for address in ADDRESSES]), [a_reader(address) for address in ADDRESSES])


def told_by(line, kind):
    return {event.address for event in line.told(kind)}


def test_every_reader_comes_online_on_one_line(bus_line):
    bus_line.run(1500)

    assert told_by(bus_line, Online) == set(ADDRESSES)


def test_turns_are_even(bus_line):
    bus_line.run(1500).sent.clear()

    bus_line.run(2000)

    counts = [sum(sent[2] == address for _, sent in bus_line.sent) for address in ADDRESSES]
    assert max(counts) - min(counts) <= 1
    assert min(counts) >= 30


def test_cards_and_orders_find_their_reader(bus_line):
    bus_line.run(1500)
    for reader in bus_line.readers:
        reader.present_card(WIEGAND_26)
    assert bus_line.speaker.submit(3, Buzzer(count=7), bus_line.now_ms)

    bus_line.run(300)

    assert told_by(bus_line, CardRead) == set(ADDRESSES)
    assert bus_line.told(Done) == [Done(3, Buzzer(count=7))]
    assert [reader.beep.count for reader in bus_line.readers] == [0, 0, 7, 0]


def test_an_order_for_nobody_is_not_taken(bus_line):
    bus_line.run(1500)

    assert not bus_line.speaker.submit(9, Buzzer(), bus_line.now_ms)


def test_a_dead_neighbour_costs_the_others_little_and_is_told(bus_line):
    bus_line.run(1500)
    dead = bus_line.readers.pop()
    begun_ms = bus_line.now_ms
    bus_line.run(5000)

    for _ in range(20):
        bus_line.readers[0].present_card(WIEGAND_26)
        before, asked_ms = len(bus_line.told(CardRead)), bus_line.now_ms
        bus_line.until(lambda at, before=before: len(at.told(CardRead)) > before, within_ms=2000)
        assert bus_line.now_ms - asked_ms < 320
        bus_line.run(37)

    assert told_by(bus_line, Offline) == {4}
    assert bus_line.told_ms(Offline)[0] - begun_ms <= 3000 + bus_line.delay_ms
    bus_line.readers.append(dead)
    bus_line.run(3000)
    assert len([event for event in bus_line.told(Online) if event.address == 4]) == 2


def test_a_busy_reader_does_not_hold_the_line(bus_line):
    bus_line.run(1500)
    bus_line.readers[0].faults.extend([(0x79, b"")] * 5)
    bus_line.sent.clear()

    bus_line.run(600)

    assert sum(sent[2] == 2 for _, sent in bus_line.sent) >= 8
    assert told_by(bus_line, Offline) == set()


def test_a_broken_line_takes_all_offline_and_gives_all_back(bus_line):
    bus_line.run(1500)
    bus_line.break_off()

    bus_line.run(2000)

    assert [event.cause for event in bus_line.told(Offline)] == [OfflineCause.LINE] * 4
    assert [event.address for event in bus_line.told(Online)].count(2) == 2


def test_bytes_before_any_question_are_counted():
    bus = Bus([Session(Settings(1, bytes(range(16))), lambda: bytes(8))])

    bus.feed(b"noise", 0)

    assert bus.unasked == 5


def test_a_line_without_readers_is_quiet():
    bus = Bus([])

    assert bus.outgoing(0) == b""
    assert bus.next_deadline_ms() is None


def test_two_sessions_with_one_address_are_not_taken(a_session):
    with pytest.raises(ValueError, match="address"):
        Bus([a_session(1), a_session(1)])


@given(st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=40)), max_size=30))
def test_no_bytes_make_a_bus_raise(steps):
    bus = Bus([Session(Settings(address, bytes(range(16))), lambda: bytes(8)) for address in ADDRESSES])
    now_ms = 0

    for pause_ms, data in steps:
        now_ms += pause_ms
        bus.outgoing(now_ms)
        bus.feed(data, now_ms)

    assert not any(isinstance(event, CardRead | Online) for event in bus.events())
