"""Back within three seconds after anything, in protocol time; gone is told well within ten."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from menshen_device_agent.protocols.osdp import (
    CardRead,
    Offline,
    OfflineCause,
    Online,
    RestartCause,
    Restarted,
    Session,
    Settings,
)
from menshen_simulators.osdp_pd_machine import Reader

WIEGAND_26 = "10110011101110001111000101"
BACK_WITHIN_MS = 3000
SCBK = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")


def online(line):
    line.until(lambda at: at.speaker.online, within_ms=2000)
    assert line.speaker.online
    return line.run(300)


def back_after_ms(line):
    """How long until a card held to the reader from now on is read."""
    begun_ms, before = line.now_ms, len(line.told(CardRead))
    line.readers[0].present_card(WIEGAND_26)
    line.until(lambda at: len(at.told(CardRead)) > before, within_ms=2 * BACK_WITHIN_MS)
    assert len(line.told(CardRead)) > before
    return line.now_ms - begun_ms


def spoil(replies):
    """A tampering that breaks the check of that many replies."""
    left = replies

    def tamper(reply):
        nonlocal left
        left -= 1
        return reply if left < 0 else reply[:-1] + bytes((reply[-1] ^ 0x10,))

    return tamper


@pytest.mark.parametrize("code", range(11))
def test_back_after_any_nak_in_the_clear(line, code):
    online(line).readers[0].faults.append((0x41, bytes((code,))))
    line.until(lambda at: not at.readers[0].faults, within_ms=200)

    assert back_after_ms(line) < BACK_WITHIN_MS
    assert line.told(Offline) == []


@pytest.mark.parametrize("replies", [1, 2, 3, 4, 5, 9])
def test_back_after_check_errors(line, replies):
    online(line).tamper = spoil(replies)
    line.run(replies * 250)

    assert back_after_ms(line) < BACK_WITHIN_MS


def test_one_check_error_costs_one_retry(line):
    online(line).tamper = spoil(1)

    line.run(400)

    assert line.speaker.counters.check_faults == 1
    assert line.speaker.tally.retries == 1
    assert line.told(Restarted) == []


def test_back_after_a_power_blip_without_going_offline(line):
    online(line).readers[0].reboot()

    assert back_after_ms(line) < 500
    assert line.told(Restarted) == [Restarted(5, RestartCause.NAK)]
    assert line.told(Offline) == []


@pytest.mark.parametrize("cut_ms", [100, 500, 900, 2000, 3100, 8000, 60_000, 400_000])
@pytest.mark.parametrize("blip", [False, True], ids=["cable", "power"])
def test_back_after_a_cut_of_any_length(line, cut_ms, blip):
    online(line).cut = True
    line.run(cut_ms)
    if blip:
        line.readers[0].reboot()

    line.cut = False

    assert back_after_ms(line) < BACK_WITHIN_MS
    assert len(line.told(Offline)) == (cut_ms > 3000)


@pytest.mark.parametrize("baud", [9600, 38_400, 115_200])
def test_a_reader_gone_silent_is_told_within_the_threshold(a_line, a_session, a_reader, baud):
    line = online(a_line(a_session(baud=baud), [a_reader()]))
    line.cut = True
    begun_ms = line.now_ms

    line.run(10_000)

    (told_ms,) = line.told_ms(Offline)
    assert told_ms - begun_ms <= 3000
    assert [event.cause for event in line.told(Offline)] == [OfflineCause.SILENT]


def test_the_threshold_is_a_setting(a_line, a_session, a_reader):
    line = online(a_line(a_session(lost_after_ms=8000), [a_reader()]))
    line.cut = True

    line.run(7900)
    early = line.told(Offline)
    line.run(200)

    assert early == []
    assert len(line.told(Offline)) == 1


def test_a_reader_that_was_never_there_is_told_once(a_line, a_session):
    line = a_line(a_session(), []).run(60_000)

    assert [event.cause for event in line.told(Offline)] == [OfflineCause.SILENT]
    assert len(line.sent) < 80


def test_a_reader_silent_for_long_is_still_asked_every_second(line):
    online(line).cut = True
    line.run(3_600_000)

    gaps = [later - earlier for (earlier, _), (later, _) in zip(line.sent[-50:], line.sent[-49:], strict=False)]

    assert max(gaps) <= 1300


def test_a_reader_that_refuses_every_command_is_not_asked_without_pause(line):
    online(line).readers[0].faults.extend([(0x41, b"\x06")] * 10_000)
    before = len(line.sent)

    line.run(20_000)

    assert len(line.sent) - before < 60
    assert [event.cause for event in line.told(Offline)] in ([OfflineCause.REFUSED], [OfflineCause.SILENT])


faults = st.sampled_from(["cut", "nak", "busy", "spoil", "reboot", "lost"])


@hypothesis_settings(max_examples=40)
@given(st.lists(st.tuples(faults, st.integers(1, 1500)), min_size=1, max_size=8), st.integers(1, 60))
def test_back_after_any_run_of_faults(a_line, program, delay_ms):
    nonces = iter(number.to_bytes(8, "big") for number in range(100_000))
    reader = Reader(5, SCBK, lambda: b"\xaa" * 8)
    line = online(a_line(Session(Settings(5, SCBK), lambda: next(nonces)), [reader], delay_ms=delay_ms))

    for fault, duration_ms in program:
        match fault:
            case "cut":
                line.cut = True
            case "nak":
                reader.faults.append((0x41, bytes((duration_ms % 8,))))
            case "busy":
                reader.faults.append((0x79, b""))
            case "spoil":
                line.tamper = spoil(3)
            case "reboot":
                reader.reboot()
            case "lost":
                line.break_off()
        line.run(duration_ms)
        line.cut = False
    reader.faults.clear()
    line.tamper = bytes

    assert back_after_ms(line) < BACK_WITHIN_MS
    assert line.told(Online)
