"""One session and one reader: the table of states, what is told, how orders end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.protocols.osdp import (
    AskReaders,
    Buzzer,
    CardFormat,
    CardRead,
    Colour,
    CommunicationSet,
    Comset,
    Done,
    Failed,
    Failure,
    InputChanged,
    Keys,
    Led,
    Nak,
    NakCode,
    Offline,
    OfflineCause,
    Online,
    Output,
    OutputChanged,
    OutputControl,
    Power,
    ReaderChanged,
    ReaderState,
    Session,
    Settings,
    Tamper,
    Text,
    frame,
)
from menshen_device_agent.protocols.osdp.orders import QUEUE_LIMIT
from menshen_device_agent.protocols.osdp.states import TRANSITIONS, Signal, State

SCBK = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
WIEGAND_26 = "10110011101110001111000101"
OPENING = [State.SYNC, State.IDENTIFY, State.CAPABILITIES, State.CHALLENGE, State.CRYPTOGRAM]
# The well-formed clear replies a PD could give, by code, and the states that they lead out of.
CLEAR_REPLIES = {
    0x40: (b"", {State.SYNC}),
    0x45: (bytes(12), {State.IDENTIFY}),
    0x46: (bytes((9, 1, 1)), {State.CAPABILITIES}),
    0x48: (bytes(2), {State.SYNC}),
    0x49: (bytes(2), {State.SYNC}),
    0x4A: (bytes(2), {State.SYNC}),
    0x4B: (bytes(1), {State.SYNC}),
    0x50: (bytes((0, 1, 8, 0, 0xAA)), set()),
    0x53: (b"\x00\x011", set()),
    0x54: (bytes(5), set()),
    0x76: (bytes(32), set()),
    0x78: (bytes(16), set()),
    0x90: (b"", set()),
}


def in_state(line, state):
    """A line whose session waits for the reply to that state's command."""
    line.until(lambda at: at.speaker.state is state and at.speaker.outstanding, within_ms=2000)
    assert line.speaker.state is state
    return line


def online(line):
    line.until(lambda at: at.speaker.online, within_ms=2000)
    assert line.speaker.online
    return line.run(200)


def test_the_table_names_a_next_state_for_every_signal():
    assert set(TRANSITIONS) == set(State)
    assert all(set(row) == set(Signal) for row in TRANSITIONS.values())
    assert all(row[Signal.RESTART] is State.SYNC for row in TRANSITIONS.values())


@pytest.mark.parametrize(("state", "code"), list(itertools.product(OPENING, CLEAR_REPLIES)))
def test_only_the_reply_hoped_for_leads_on(line, state, code):
    in_state(line, state)
    data, leads_on_from = CLEAR_REPLIES[code]
    sequence = OPENING.index(state) if state is not State.CRYPTOGRAM else 1

    line.speaker.feed(frame.encode(5, sequence, code, data, reply=True), line.now_ms)

    expected = TRANSITIONS[state][Signal.ADVANCE] if state in leads_on_from else State.SYNC
    assert line.speaker.state is expected
    assert not line.speaker.online


@given(data=st.data())
def test_no_bytes_in_any_state_make_the_session_raise(data):
    session = Session(Settings(5, SCBK), lambda: data.draw(st.binary(min_size=8, max_size=8)))
    now_ms = 0

    for _ in range(data.draw(st.integers(1, 20))):
        now_ms += data.draw(st.integers(0, 300))
        session.outgoing(now_ms)
        code = data.draw(st.sampled_from([0x40, 0x41, 0x45, 0x46, 0x50, 0x76, 0x78, 0x79]))
        reply = frame.encode(5, data.draw(st.integers(0, 3)), code, data.draw(st.binary(max_size=40)), reply=True)
        session.feed(data.draw(st.one_of(st.binary(max_size=60), st.just(reply))), now_ms)

    assert not any(isinstance(event, CardRead | Online) for event in session.events())


def test_a_reader_with_the_key_comes_online_and_tells_its_state(line):
    online(line)

    first, *status = [event for _, event in line.events]
    assert first == Online(5)
    assert status == [
        Tamper(5, active=False),
        Power(5, failed=False),
        InputChanged(5, 0, active=False),
        InputChanged(5, 1, active=False),
        OutputChanged(5, 0, active=False),
        OutputChanged(5, 1, active=False),
    ]


def test_a_card_and_keys_are_told_with_their_bits_and_signs(line):
    online(line)
    line.readers[0].present_card(WIEGAND_26)
    line.readers[0].type_keys("12*0#")

    line.run(200)

    assert line.told(CardRead) == [CardRead(5, 0, bytes.fromhex("B3B8F140"), 26, CardFormat.WIEGAND)]
    assert line.told(Keys) == [Keys(5, 0, "12*0#")]


def test_only_changes_of_status_are_told(line):
    online(line).events.clear()
    line.readers[0].set_local_status(tampered=True, power_failed=False)
    line.readers[0].set_input(1, active=True)
    line.readers[0].set_input(1, active=True)

    line.run(300)

    assert [event for _, event in line.events] == [Tamper(5, active=True), InputChanged(5, 1, active=True)]


def test_orders_reach_the_reader_and_are_told_done(line):
    online(line)
    orders = [
        Led(Colour.GREEN, on_ms=200, off_ms=100, duration_ms=1500),
        Buzzer(on_ms=300, count=2),
        Text("Welcome"),
        Output(1, OutputControl.TEMPORARY_ON, 3000),
        AskReaders(),
    ]

    assert all(line.speaker.submit(order, line.now_ms) for order in orders)
    line.run(300)

    reader = line.readers[0]
    assert line.told(Done) == [Done(5, order) for order in orders]
    assert (reader.lamps[0].colour, reader.lamps[0].duration_ms) == (Colour.GREEN, 1500)
    assert (reader.beep.on_ms, reader.beep.count, reader.text) == (300, 2, "Welcome")
    assert (reader.relays[1].on, reader.relays[1].duration_ms) == (True, 3000)
    assert OutputChanged(5, 1, active=True) in line.told(OutputChanged)
    assert line.told(ReaderChanged) == [ReaderChanged(5, 0, ReaderState.NORMAL)]


def test_a_permanent_light_is_not_a_blink(line):
    online(line).speaker.submit(Led(Colour.RED), line.now_ms)

    line.run(100)

    lamp = line.readers[0].lamps[0]
    assert (lamp.colour, lamp.on_ms, lamp.duration_ms) == (Colour.RED, 100, 0)


def test_an_order_the_reader_refuses_is_told_and_the_session_stays(line):
    online(line).speaker.submit(Output(7, OutputControl.PERMANENT_ON), line.now_ms)

    line.run(200)

    assert line.told(Nak) == [Nak(5, NakCode.BAD_LENGTH)]
    assert [event.cause for event in line.told(Failed)] == [Failure.NAK]
    assert line.speaker.tally.restarts == 0


def test_an_order_is_not_taken_from_an_offline_reader_nor_beyond_the_queue(line):
    order = Buzzer()
    assert not line.speaker.submit(order, line.now_ms)

    online(line)

    taken = [line.speaker.submit(order, line.now_ms) for _ in range(QUEUE_LIMIT + 1)]
    assert taken == [True] * QUEUE_LIMIT + [False]


def test_an_order_that_waited_too_long_is_never_sent(line):
    online(line).cut = True
    line.run(60)
    line.speaker.submit(Output(0, OutputControl.TEMPORARY_ON, 3000), line.now_ms, within_ms=500)

    line.run(700)
    line.cut = False
    line.run(1500)

    assert [event.cause for event in line.told(Failed)] == [Failure.EXPIRED]
    assert line.speaker.online
    assert not line.readers[0].relays[0].on


def test_an_order_whose_answer_is_missing_is_uncertain_and_not_repeated_in_a_new_conversation(line):
    online(line).tamper = lambda _reply: None
    order = Output(0, OutputControl.TEMPORARY_ON, 3000)
    line.speaker.submit(order, line.now_ms)
    line.run(1200)

    line.tamper = bytes
    line.run(1500)

    assert line.told(Failed) == [Failed(5, order, Failure.UNCERTAIN)]
    assert line.speaker.online
    assert line.told(Done) == []


def test_a_retry_repeats_the_same_bytes_and_keeps_the_conversation(line):
    online(line)
    line.tamper = lambda _reply: None
    line.until(lambda at: at.speaker.tally.retries == 2, within_ms=1000)
    line.tamper = bytes
    line.run(500)

    sent = [octets for _, octets in line.sent]
    repeated = [octets for octets in sent if sent.count(octets) > 1 and octets in sent[-20:]]
    assert len(repeated) == 4
    assert len(set(repeated)) == 1
    assert line.readers[0].repeated == 3
    assert line.speaker.tally.restarts == line.speaker.tally.refusals == 0


def test_a_busy_reader_is_asked_again_with_the_same_bytes(line):
    online(line)
    line.readers[0].faults.append((0x79, b""))
    line.readers[0].present_card(WIEGAND_26)

    line.run(400)

    assert len(line.told(CardRead)) == 1
    assert line.speaker.tally.restarts == 0


def test_a_new_address_is_told_with_its_speed(line):
    online(line).speaker.submit(Comset(9, 38400), line.now_ms)

    line.run(100)

    assert line.told(CommunicationSet) == [CommunicationSet(5, 9, 38400)]
    assert line.readers[0].address == 9


def test_a_broken_line_is_told_at_once_and_orders_end(line):
    online(line).speaker.submit(Buzzer(), line.now_ms)

    line.speaker.lost(line.now_ms)

    told = line.speaker.events()
    assert Offline(5, OfflineCause.LINE) in told
    assert Failed(5, Buzzer(), Failure.OFFLINE) in told
    line.run(1000)
    assert line.speaker.online


def test_secrets_do_not_show_in_representations():
    shown = repr([Settings(5, SCBK), CardRead(5, 0, b"\x12\x34", 16, CardFormat.RAW), Keys(5, 0, "1234")])

    assert "1234" not in shown
    assert repr(SCBK) not in shown
    assert "x124" not in shown


@pytest.mark.parametrize("key", [bytes(16), b"\xff" * 16, bytes(range(0x30, 0x40)), b"short"])
def test_a_key_that_protects_nothing_is_not_taken(key):
    with pytest.raises(ValueError, match="scbk"):
        Settings(5, key)


@pytest.mark.parametrize("address", [-1, 127, 128])
def test_an_address_outside_the_line_is_not_taken(address):
    with pytest.raises(ValueError, match="address"):
        Settings(address, SCBK)
