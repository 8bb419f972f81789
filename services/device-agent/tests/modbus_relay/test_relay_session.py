"""The session of one relay board: order of requests, one opening for one order, outputs that outlive outages."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.protocols.modbus_relay.events import (
    InputsChanged,
    Offline,
    Online,
    OutputsRead,
    PulseConfirmed,
    PulseFailed,
    PulseTrouble,
)
from menshen_device_agent.protocols.modbus_relay.frame import encode
from menshen_device_agent.protocols.modbus_relay.session import MOVES, Session, State, Step
from menshen_device_agent.protocols.modbus_relay.settings import Settings

PULSE = "05020000078db0"


@dataclass
class Board:
    """A board without a clock: answers each request at once, or not at all."""

    outputs: int = 0
    inputs: int = 0
    silent: bool = False
    refuses: bool = False
    pulses: list[int] = field(default_factory=list)

    def answer(self, request: bytes, now_ms: int) -> bytes:
        function, address, value = request[1], int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        if function == 5 and address >= 0x200:
            self.pulses.append(now_ms)
        if self.silent:
            return b""
        if function == 5 and self.refuses:
            return encode(1, 0x85, b"\x02")
        if function == 5:
            if address < 0x200:
                self.outputs = self.outputs & ~(1 << address) | (1 << address if value else 0)
            return request
        return encode(1, function, bytes((1, self.outputs if function == 1 else self.inputs)))


@dataclass
class Bench:
    """A session and a board, moved through time by the session's own deadlines."""

    board: Board = field(default_factory=Board)
    session: Session = field(default_factory=Session)
    now_ms: int = 0
    sent: list[bytes] = field(default_factory=list)
    told: list[object] = field(default_factory=list)

    def turn(self) -> None:
        request = self.session.outgoing(self.now_ms)
        if request:
            self.sent.append(request)
            self.session.feed(self.board.answer(request, self.now_ms), self.now_ms)
        self.told += self.session.events()

    def run(self, until_ms: int) -> None:
        while self.now_ms <= until_ms:
            self.turn()
            deadline_ms = self.session.next_deadline_ms()
            assert deadline_ms is not None
            self.now_ms = max(deadline_ms, self.now_ms + 1)
        self.now_ms = until_ms

    def told_of(self, kind: type) -> list[object]:
        return [event for event in self.told if isinstance(event, kind)]


def online_bench(settings: Settings | None = None, board: Board | None = None) -> Bench:
    bench = Bench(board or Board(), Session(settings))
    bench.run(50)
    assert bench.session.online
    return bench


def test_a_board_that_answers_is_online_and_tells_its_inputs_and_outputs() -> None:
    bench = online_bench(board=Board(outputs=0b10, inputs=0b1))

    assert [type(event) for event in bench.told] == [Online, InputsChanged, OutputsRead]
    assert bench.told_of(InputsChanged)[0].bits[:2] == (True, False)  # type: ignore[attr-defined]
    assert bench.told_of(OutputsRead)[0].bits[:2] == (False, True)  # type: ignore[attr-defined]


def test_inputs_are_polled_at_the_set_pace_and_told_only_when_they_change() -> None:
    bench = online_bench(Settings(poll_ms=20, outputs_poll_ms=100_000))
    bench.sent.clear()

    bench.run(1_050)
    bench.board.inputs = 0b1000
    bench.run(1_100)

    assert 48 <= sum(request[1] == 2 for request in bench.sent) <= 54
    assert [event.bits[3] for event in bench.told_of(InputsChanged)] == [False, True]  # type: ignore[attr-defined]


def test_a_pulse_is_the_board_s_own_and_is_confirmed() -> None:
    bench = online_bench()
    bench.sent.clear()

    assert bench.session.pulse(0, 700, "a", bench.now_ms)
    bench.run(100)

    assert bench.sent[0].hex() == "01" + PULSE
    (confirmed,) = bench.told_of(PulseConfirmed)
    assert (confirmed.key, confirmed.relay) == ("a", 0)  # type: ignore[attr-defined]


def test_one_key_pulses_once_within_the_memory() -> None:
    bench = online_bench(Settings(pulse_memory_ms=10_000))

    accepted = []
    for now_ms in (100, 110, 5_000, 10_099, 10_200):
        bench.run(now_ms)
        accepted.append(bench.session.pulse(0, 700, "a", now_ms))
    bench.run(11_000)

    assert accepted == [True, False, False, False, True]
    assert len(bench.board.pulses) == 2


def test_a_pulse_whose_echo_was_lost_is_sent_once_more_within_the_same_opening() -> None:
    bench = online_bench()
    bench.session.pulse(0, 700, "a", bench.now_ms)
    bench.board.silent = True
    bench.turn()
    bench.board.silent = False

    bench.run(400)

    first_ms, second_ms = bench.board.pulses
    assert second_ms - first_ms <= 700 - bench.session.settings.retry_margin_ms
    assert [event.key for event in bench.told_of(PulseConfirmed)] == ["a"]  # type: ignore[attr-defined]


def test_an_unanswered_pulse_is_sent_at_most_twice_and_said_to_be_uncertain() -> None:
    bench = online_bench(Settings(offline_after_ms=60_000))
    bench.board.silent = True

    bench.session.pulse(0, 700, "a", bench.now_ms)
    bench.run(5_000)

    (failed,) = bench.told_of(PulseFailed)
    assert len(bench.board.pulses) == 2
    assert failed.may_have_opened  # type: ignore[attr-defined]


def test_a_short_pulse_is_never_sent_again() -> None:
    bench = online_bench(Settings(offline_after_ms=60_000, reply_ms=100, retry_margin_ms=100))
    bench.board.silent = True

    bench.session.pulse(0, 100, "a", bench.now_ms)
    bench.run(5_000)

    assert len(bench.board.pulses) == 1
    assert [event.trouble for event in bench.told_of(PulseFailed)] == [PulseTrouble.UNANSWERED]  # type: ignore[attr-defined]


@settings(deadline=None)
@given(
    duration_ms=st.integers(1, 5_000),
    reply_ms=st.integers(5, 1_500),
    silences=st.lists(st.booleans(), max_size=30),
    poll_ms=st.integers(5, 200),
)
def test_two_sendings_are_always_one_opening(
    duration_ms: int, reply_ms: int, silences: list[bool], poll_ms: int
) -> None:
    bench = online_bench(Settings(reply_ms=reply_ms, poll_ms=poll_ms, offline_after_ms=60_000))
    bench.session.pulse(0, duration_ms, "a", bench.now_ms)

    for silent in silences:
        bench.board.silent = silent
        bench.turn()
        bench.now_ms = max(bench.session.next_deadline_ms() or 0, bench.now_ms)
    bench.board.silent = False
    bench.run(bench.now_ms + 5_000)

    first_ms = bench.board.pulses[0]
    assert len(bench.board.pulses) <= 2
    assert all(sent_ms < first_ms + duration_ms for sent_ms in bench.board.pulses)
    assert len(bench.told_of(PulseConfirmed)) + len(bench.told_of(PulseFailed)) == 1


def test_a_refused_pulse_did_not_open() -> None:
    bench = online_bench(board=Board(refuses=True))

    bench.session.pulse(0, 700, "a", bench.now_ms)
    bench.run(200)

    (failed,) = bench.told_of(PulseFailed)
    assert failed.trouble is PulseTrouble.REFUSED  # type: ignore[attr-defined]
    assert not failed.may_have_opened  # type: ignore[attr-defined]


def test_a_pulse_for_a_board_that_is_offline_fails_at_once() -> None:
    session = Session()

    session.pulse(0, 700, "a", 5)

    assert session.events() == [PulseFailed("a", 0, PulseTrouble.OFFLINE, 5)]


def test_a_pulse_that_waited_too_long_is_not_sent() -> None:
    bench = online_bench(Settings(pulse_fresh_ms=500, reply_ms=800, offline_after_ms=60_000))
    bench.board.silent = True
    bench.run(60)
    bench.board.silent = False
    bench.session.pulse(0, 700, "late", bench.now_ms)

    bench.run(2_000)

    assert bench.board.pulses == []
    assert [event.trouble for event in bench.told_of(PulseFailed)] == [PulseTrouble.EXPIRED]  # type: ignore[attr-defined]


def test_waiting_pulses_are_bounded() -> None:
    bench = online_bench()

    for number in range(20):
        bench.session.pulse(0, 700, f"k{number}", bench.now_ms)

    troubles = [event.trouble for event in bench.session.events() if isinstance(event, PulseFailed)]
    assert troubles == [PulseTrouble.FULL] * 4


def test_a_wanted_output_goes_before_a_pulse() -> None:
    bench = online_bench(board=Board(outputs=0b10))
    bench.sent.clear()
    bench.session.pulse(0, 700, "a", bench.now_ms)

    bench.session.set_output(1, on=False)
    bench.run(100)

    assert [request.hex() for request in bench.sent[:2]] == ["0105000100009c0a", "01" + PULSE]


def test_a_wanted_output_is_written_again_when_the_board_forgot_it() -> None:
    bench = online_bench()
    bench.session.set_output(1, on=True)
    bench.run(100)
    assert bench.board.outputs == 0b10

    bench.board.outputs = 0
    bench.run(700)

    assert bench.board.outputs == 0b10


def test_a_wanted_output_is_written_when_the_board_comes_back() -> None:
    bench = online_bench()
    bench.board.silent = True
    bench.session.set_output(1, on=True)
    bench.run(3_000)
    assert not bench.session.online

    bench.board.silent = False
    bench.run(3_300)

    assert bench.board.outputs == 0b10


def test_inputs_are_read_although_a_wanted_output_is_always_refused() -> None:
    bench = online_bench(board=Board(refuses=True))
    bench.session.set_output(1, on=True)
    bench.sent.clear()

    bench.run(2_050)

    assert sum(request[1] == 2 for request in bench.sent) > 10


def test_a_silent_board_is_offline_after_the_liveness_time() -> None:
    bench = online_bench(Settings(offline_after_ms=1_000))
    heard_ms = bench.now_ms
    bench.board.silent = True

    bench.run(heard_ms + 2_000)

    (offline,) = bench.told_of(Offline)
    assert heard_ms + 900 < offline.at_ms <= heard_ms + 1_000  # type: ignore[attr-defined]


def test_a_board_that_comes_back_tells_its_inputs_again() -> None:
    bench = online_bench()
    bench.session.lost(60)
    bench.told.clear()

    bench.run(1_000)

    assert [type(event) for event in bench.told] == [Offline, Online, InputsChanged, OutputsRead]


def test_a_lost_line_leaves_a_pulse_under_way_uncertain_and_a_waiting_one_unsent() -> None:
    bench = online_bench()
    bench.board.silent = True
    bench.session.pulse(0, 700, "sent", bench.now_ms)
    bench.session.pulse(0, 700, "waiting", bench.now_ms)
    bench.turn()

    bench.session.lost(bench.now_ms)
    bench.told += bench.session.events()

    assert {event.key: event.may_have_opened for event in bench.told_of(PulseFailed)} == {  # type: ignore[attr-defined]
        "sent": True,
        "waiting": False,
    }


def test_a_late_answer_to_another_request_changes_nothing() -> None:
    bench = online_bench()
    bench.session.feed(encode(1, 0x02, b"\x01\xff"), 60)

    assert bench.session.events() == []
    assert bench.session.stray_replies == 1


def test_every_state_survives_a_lost_line() -> None:
    assert all(MOVES[state, Step.LOST] is State.SEARCHING for state in State)


STEPS = st.lists(
    st.tuples(
        st.one_of(st.binary(max_size=20), st.just(b"answer")),
        st.integers(0, 800),
        st.sampled_from(["", "pulse", "lost", "output"]),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_any_bytes_at_any_time_never_raise_and_every_pulse_has_one_end(steps: list[tuple[bytes, int, str]]) -> None:
    bench, ordered = Bench(), []
    for number, (data, later_ms, act) in enumerate(steps):
        bench.now_ms += later_ms
        request = bench.session.outgoing(bench.now_ms)
        bench.session.feed(
            bench.board.answer(request, bench.now_ms) if data == b"answer" and request else data, bench.now_ms
        )
        if act == "pulse":
            ordered.append(f"k{number}")
            bench.session.pulse(number % 8, 700, ordered[-1], bench.now_ms)
        elif act == "output":
            bench.session.set_output(number % 8, on=bool(number % 2))
        elif act == "lost":
            bench.session.lost(bench.now_ms)
        bench.told += bench.session.events()

    bench.run(bench.now_ms + 5_000)

    ends = [event.key for event in bench.told if isinstance(event, PulseConfirmed | PulseFailed)]
    assert sorted(ends) == sorted(ordered)


@pytest.mark.parametrize("poll_ms", [20, 200])
def test_an_idle_session_never_spins(poll_ms: int) -> None:
    bench = Bench(Board(silent=True), Session(Settings(poll_ms=poll_ms, reply_ms=100)))
    bench.session.set_output(1, on=True)
    turns = 0

    while bench.now_ms < 2_000:
        bench.turn()
        turns += 1
        bench.now_ms = bench.session.next_deadline_ms() or bench.now_ms

    assert turns <= 45


def test_a_relay_that_is_to_stay_released_may_be_pulsed_and_is_written_off_when_it_stays_on_after_that() -> None:
    bench = online_bench(Settings(outputs_poll_ms=50))
    bench.session.set_output(0, on=False)
    bench.run(100)
    bench.session.pulse(0, 700, "a", bench.now_ms)
    bench.run(110)
    bench.board.outputs |= 1

    bench.run(1_200)
    during = bench.board.outputs & 1
    bench.run(1_500)

    assert (during, bench.board.outputs & 1) == (1, 0)
