"""The session of one reader: what it asks, what it reports, when it calls the reader lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.protocols.uhfreader288.events import AntennaLost, Offline, Online, TagRead
from menshen_device_agent.protocols.uhfreader288.frame import Framer, encode
from menshen_device_agent.protocols.uhfreader288.session import EVENT_LIMIT, MOVES, Session, State, Step
from menshen_device_agent.protocols.uhfreader288.settings import Mode, Settings, TidReading

INFORMATION = bytes.fromhex("1100210000160c034e001e0a01000000e651")
ONE_TAG = bytes.fromhex("1500010301010c3039606303c74380001a055940f93e")
FAST_ID_TAG = bytes.fromhex("210001030101983039606303c74380001a0559e28068102000000000000abc40ef49")
ROUND_END = bytes.fromhex("0700010101001e4b")
EPC, TID = "3039606303C74380001A0559", "E28068102000000000000ABC"


def reply(command: int, status: int, body: str = "") -> bytes:
    return encode(0, command, bytes((status,)) + bytes.fromhex(body))


def online_session(**changes: object) -> Session:
    session = Session(Settings(**changes))  # type: ignore[arg-type]  # names of settings
    session.outgoing(0)
    session.feed(INFORMATION, 1)
    assert session.events() == [Online("0.22", 12, 1)]
    return session


def command_of(data: bytes) -> int:
    return data[2]


def test_a_new_session_asks_who_the_reader_is() -> None:
    session = Session()

    assert session.next_deadline_ms() is None
    assert session.outgoing(0).hex() == "040021d96a"
    assert session.outgoing(1) == b""


def test_a_reader_that_answers_is_online_and_asked_for_a_round() -> None:
    session = online_session(antenna_ports=(3,))

    asked = session.outgoing(1)

    assert command_of(asked) == 0x01
    assert asked[-4] == 0x82


def test_the_antennas_take_turns() -> None:
    session = online_session(antenna_ports=(1, 4), pause_ms=0)

    antennas = []
    for now_ms in range(10, 14):
        antennas.append(session.outgoing(now_ms)[-4])
        session.feed(ROUND_END, now_ms)

    assert antennas == [0x80, 0x83, 0x80, 0x83]


def test_a_tag_is_reported_with_antenna_and_raw_rssi_and_without_a_tid() -> None:
    session = online_session()
    session.outgoing(2)

    session.feed(ONE_TAG, 30)

    assert session.events() == [TagRead(EPC, None, 1, 0x40, 30)]


def test_fast_id_reports_the_tid() -> None:
    session = online_session(tid_reading=TidReading.FAST_ID)
    asked = session.outgoing(2)

    session.feed(FAST_ID_TAG, 30)

    assert asked[3] & 0x20
    assert session.events() == [TagRead(EPC, TID, 1, 0x40, 30)]


def test_a_tid_found_by_skipping_bytes_is_not_believed() -> None:
    session = online_session()
    session.outgoing(2)

    session.feed(b"\x03" + FAST_ID_TAG, 30)

    assert session.events() == [TagRead(EPC, None, 1, 0x40, 30)]


def test_the_next_round_follows_the_end_of_the_last_after_the_pause() -> None:
    session = online_session(pause_ms=20)
    session.outgoing(2)
    session.feed(ONE_TAG, 30)

    session.feed(ROUND_END, 40)

    assert session.next_deadline_ms() == 60
    assert session.outgoing(59) == b""
    assert command_of(session.outgoing(60)) == 0x01


def test_explicit_reading_asks_for_the_tid_once_the_round_is_over() -> None:
    session = online_session(tid_reading=TidReading.EXPLICIT)
    session.outgoing(2)
    session.feed(ONE_TAG + ROUND_END, 30)
    assert session.events() == [TagRead(EPC, None, 1, 0x40, 30)]

    asked = session.outgoing(30)
    session.feed(reply(0x02, 0x00, TID), 45)

    assert command_of(asked) == 0x02
    assert asked[4:16].hex().upper() == EPC
    assert session.events() == [TagRead(EPC, TID, 1, 0x40, 45)]


def test_a_tid_is_not_read_again_before_the_hold_is_over() -> None:
    session = online_session(tid_reading=TidReading.EXPLICIT, tid_hold_ms=1_000, pause_ms=0)
    commands = []

    for now_ms in range(100, 1_500, 100):
        asked = session.outgoing(now_ms)
        commands.append(command_of(asked))
        session.feed(reply(0x02, 0x00, TID) if commands[-1] == 2 else ONE_TAG + ROUND_END, now_ms + 1)

    assert commands.count(0x02) == 2
    assert commands[1] == 0x02
    assert commands[12] == 0x02


@pytest.mark.parametrize("answer", [reply(0x02, 0xFC, "03"), reply(0x02, 0xFB), reply(0x02, 0x00, "E280"), b""])
def test_an_unreadable_tid_reports_nothing_and_polling_goes_on(answer: bytes) -> None:
    session = online_session(tid_reading=TidReading.EXPLICIT, reply_ms=300)
    session.outgoing(2)
    session.feed(ONE_TAG + ROUND_END, 30)
    session.events()
    session.outgoing(30)

    session.feed(answer, 40)

    assert command_of(session.outgoing(330)) == 0x01
    assert session.events() == []


def test_an_unanswered_round_is_asked_again() -> None:
    session = online_session(scan_time_ms=300, reply_ms=200)
    session.outgoing(2)

    assert session.outgoing(501) == b""
    assert command_of(session.outgoing(502)) == 0x01


def test_a_silent_reader_is_lost_after_exactly_the_liveness_time() -> None:
    session = online_session(lost_after_ms=3_000)
    now_ms = 1
    while now_ms < 3_000:
        session.outgoing(now_ms)
        deadline_ms = session.next_deadline_ms()
        assert deadline_ms is not None
        assert deadline_ms > now_ms
        now_ms = deadline_ms
    assert now_ms == 3_001
    assert session.events() == []

    session.outgoing(now_ms)

    assert session.events() == [Offline(3_001)]
    assert not session.online


def test_a_reader_that_comes_back_is_online_again() -> None:
    session = online_session()
    asked = session.outgoing(5_000)
    assert command_of(asked) == 0x21
    session.events()

    session.feed(INFORMATION, 5_010)

    assert session.events() == [Online("0.22", 12, 5_010)]
    assert command_of(session.outgoing(5_010)) == 0x01


def test_a_lost_line_is_offline_at_once_and_starts_over() -> None:
    session = online_session()
    session.outgoing(2)
    session.feed(ONE_TAG[:7], 3)

    session.lost(4)

    assert session.events() == [Offline(4)]
    assert session.outgoing(5_000).hex() == "040021d96a"


def test_a_broken_antenna_is_told_once_until_it_works() -> None:
    session = online_session(pause_ms=0)
    fault, told = reply(0x01, 0xF8, "02"), []

    for now_ms, answer in enumerate([fault, fault, reply(0x01, 0x01, "0200"), fault], start=10):
        session.outgoing(now_ms)
        session.feed(answer, now_ms)
        told += session.events()

    assert told == [AntennaLost(2, 10), AntennaLost(2, 13)]


def test_another_reader_s_frames_on_the_line_are_not_heard() -> None:
    session = online_session(address=0)
    session.outgoing(2)

    session.feed(encode(7, 0x01, ONE_TAG[3:-2]), 30)

    assert session.events() == []


def test_a_pushing_reader_is_online_by_its_own_reports() -> None:
    session = Session(Settings(mode=Mode.PUSH))
    session.outgoing(0)

    session.feed(reply(0xEE, 0x00, f"04 0c {EPC} 40"), 10)
    session.feed(reply(0xEE, 0x28, "00" * 16), 500)

    assert session.events() == [Online("", 0, 10), TagRead(EPC, None, 3, 0x40, 10)]


def test_a_pushing_reader_is_asked_for_signs_of_life_only() -> None:
    session = online_session(mode=Mode.PUSH, probe_ms=500)

    assert session.outgoing(500) == b""
    assert command_of(session.outgoing(501)) == 0x21


def test_a_partial_report_survives_a_sign_of_life_in_push_mode() -> None:
    session = online_session(mode=Mode.PUSH, probe_ms=500)
    report = reply(0xEE, 0x00, f"01 0c {EPC} 40")

    session.feed(report[:5], 500)
    session.outgoing(501)
    session.feed(report[5:], 502)

    assert session.events() == [TagRead(EPC, None, 1, 0x40, 502)]


def test_unread_events_are_bounded() -> None:
    session = online_session()
    session.outgoing(2)

    for _ in range(EVENT_LIMIT + 10):
        session.feed(ONE_TAG, 3)

    assert len(session.events()) == EVENT_LIMIT
    assert session.dropped_reads == 10


def test_every_state_survives_a_lost_line() -> None:
    assert all(MOVES[state, Step.LOST] is State.PROBING for state in State)


STEPS = st.lists(
    st.tuples(
        st.one_of(st.binary(max_size=40), st.sampled_from([INFORMATION, ONE_TAG, FAST_ID_TAG, ROUND_END])),
        st.integers(0, 2_000),
        st.booleans(),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS, st.sampled_from(list(TidReading)), st.sampled_from(list(Mode)))
def test_any_bytes_at_any_time_never_raise(
    steps: list[tuple[bytes, int, bool]], tid_reading: TidReading, mode: Mode
) -> None:
    session = Session(Settings(tid_reading=tid_reading, mode=mode))
    now_ms, online = 0, False

    for data, later_ms, line_lost in steps:
        now_ms += later_ms
        session.feed(data, now_ms)
        if line_lost:
            session.lost(now_ms)
        else:
            session.outgoing(now_ms)
            deadline_ms = session.next_deadline_ms()
            assert deadline_ms is not None
            assert deadline_ms > now_ms
        for event in session.events():
            assert isinstance(event, Online | Offline) or online
            online = isinstance(event, Online) or (online and not isinstance(event, Offline))


@settings(deadline=None)
@given(st.lists(st.sampled_from([ONE_TAG, FAST_ID_TAG]), max_size=6), st.integers(1, 9))
def test_any_chunking_gives_the_same_reads(raws: list[bytes], size: int) -> None:
    data = b"".join(raws)
    whole, cut_up = online_session(), online_session()

    whole.feed(data, 5)
    for start in range(0, len(data), size):
        cut_up.feed(data[start : start + size], 5)

    assert cut_up.events() == whole.events()


def test_an_expired_false_start_frees_the_frame_behind_it() -> None:
    session = online_session()
    session.outgoing(2)
    session.feed(b"\xf0" + ONE_TAG, 10)
    assert session.events() == []

    session.outgoing(10 + Framer().gap_ms)

    assert session.events() == [TagRead(EPC, None, 1, 0x40, 60)]
