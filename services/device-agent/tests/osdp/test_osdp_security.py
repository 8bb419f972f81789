"""Who may not be spoken to, and that it is told."""

import pytest
from menshen_device_agent.protocols.osdp import (
    Alarm,
    CardRead,
    InstallEnded,
    Offline,
    OfflineCause,
    Online,
    SecurityAlarm,
    frame,
)
from menshen_device_agent.protocols.osdp.frame import Scs, SecurityBlock

WIEGAND_26 = "10110011101110001111000101"
CHALLENGE_SEQUENCE, PROOF_SEQUENCE = 3, 1


def online(line):
    line.until(lambda at: at.speaker.online, within_ms=2000)
    assert line.speaker.online
    return line.run(200)


def alarms(line):
    return [event.kind for event in line.told(SecurityAlarm)]


def replaced(code, forged):
    """A tampering that puts `forged` in place of the replies with that clear code."""

    def tamper(reply):
        found = frame.parse(reply)
        return forged(found) if isinstance(found, frame.Frame) and found.code == code else reply

    return tamper


def refused(line, kind):
    line.run(3500)
    assert alarms(line) == [kind]
    assert line.told(Online) == []
    assert [event.cause for event in line.told(Offline)] == [OfflineCause.REFUSED]


def test_capabilities_without_the_channel_are_a_downgrade(line):
    line.readers[0].offers_security = False

    refused(line, Alarm.DOWNGRADE)


def test_a_reader_that_offers_the_default_key_is_refused(line):
    def forged(found):
        block = SecurityBlock(Scs.CLIENT_CRYPTOGRAM, b"\x00")
        return frame.encode(5, found.sequence, found.code, found.data, reply=True, security=block)

    line.tamper = replaced(0x76, forged)

    refused(line, Alarm.DEFAULT_KEY)


def test_a_reader_in_factory_state_is_refused_outside_an_install_window(a_line, a_session, a_reader):
    refused(a_line(a_session(), [a_reader(key=None)]), Alarm.CHALLENGE_REFUSED)


def test_a_reader_with_another_key_is_refused(a_line, a_session, a_reader):
    refused(a_line(a_session(), [a_reader(key=bytes(range(16)))]), Alarm.WRONG_KEY)


def test_a_cryptogram_outside_a_security_block_is_refused(line):
    line.tamper = replaced(0x76, lambda found: frame.encode(5, found.sequence, found.code, found.data, reply=True))

    refused(line, Alarm.PLAINTEXT)


@pytest.mark.parametrize("status", [b"\x00", b"\x02", b"\xff", b"", b"\x01\x01"])
def test_a_confirmation_with_another_status_than_one_is_refused(line, status):
    def forged(found):
        block = SecurityBlock(Scs.INITIAL_MAC, status)
        return frame.encode(5, found.sequence, found.code, found.data, reply=True, security=block)

    line.tamper = replaced(0x78, forged)

    refused(line, Alarm.BAD_CONFIRMATION)


def test_a_confirmation_with_another_mac_is_refused(line):
    def forged(found):
        return frame.encode(5, found.sequence, found.code, bytes(16), reply=True, security=found.security)

    line.tamper = replaced(0x78, forged)

    refused(line, Alarm.BAD_CONFIRMATION)


def recorded(line):
    """The replies of a conversation in which a card was read."""
    online(line).readers[0].present_card(WIEGAND_26)
    line.run(300)
    assert len(line.told(CardRead)) == 1
    return list(line.heard)


class Parrot:
    """A reader's place taken by a recording."""

    def __init__(self, replies):
        self._replies = iter(replies)

    def hear(self, _octets):
        return next(self._replies, b"")


def test_a_recording_played_to_the_same_session_is_a_replay(line):
    recording = recorded(line)
    line.break_off()
    line.run(0).events.clear()
    line.readers = [Parrot(recording)]

    line.run(3000)

    assert alarms(line) == [Alarm.REPLAY]
    assert line.told(Online) == line.told(CardRead) == []


def test_a_recording_played_to_a_session_of_another_run_is_refused(line, a_line, a_session):
    recording = recorded(line)
    nonces = iter(bytes((7, *number.to_bytes(7, "big"))) for number in range(100))

    later = a_line(a_session(nonces=lambda: next(nonces)), [Parrot(recording)]).run(3000)

    assert alarms(later) == [Alarm.WRONG_KEY]
    assert later.told(Online) == later.told(CardRead) == []


def test_a_nonce_is_never_used_twice(a_line, a_session, a_reader):
    line = a_line(a_session(nonces=lambda: b"the same"), [a_reader()])
    online(line)

    line.readers[0].reboot()
    line.run(4000)

    assert alarms(line) == [Alarm.BAD_NONCE]
    assert not line.speaker.online


def test_a_nonce_of_the_wrong_length_opens_nothing(a_line, a_session, a_reader):
    refused(a_line(a_session(nonces=lambda: b"short"), [a_reader()]), Alarm.BAD_NONCE)


def clear_card(sequence):
    return frame.encode(5, sequence, 0x50, bytes((0, 1, 26, 0, 1, 2, 3, 0)), reply=True)


def test_a_card_in_the_clear_is_not_read_and_the_channel_stays(line):
    online(line)
    line.until(lambda at: at.speaker.outstanding, within_ms=200)
    sequence = line.sent[-1][1][5] & 3

    line.speaker.feed(clear_card(sequence), line.now_ms)
    line.run(500)

    assert alarms(line) == [Alarm.PLAINTEXT]
    assert line.told(CardRead) == []
    assert line.speaker.tally.restarts == 0


def test_a_card_in_the_clear_before_the_channel_is_a_breach(line):
    line.tamper = replaced(0x40, lambda found: clear_card(found.sequence))

    refused(line, Alarm.PLAINTEXT)


def test_a_reader_that_only_speaks_in_the_clear_goes_offline(line):
    online(line)
    line.tamper = lambda reply: frame.encode(5, reply[4] & 3, 0x40, reply=True)
    begun_ms = line.now_ms

    line.run(4000)

    assert not line.speaker.online
    assert 3000 <= line.told_ms(Offline)[0] - begun_ms + 60 <= 3120


def test_a_wrong_mac_is_told_and_the_retry_gets_through(line):
    online(line)
    spoiled = []

    def tamper(reply):
        if spoiled:
            return reply
        spoiled.append(reply)
        return frame.seal(reply[:-3] + bytes((reply[-3] ^ 1,)))

    line.tamper = tamper
    line.readers[0].present_card(WIEGAND_26)
    line.run(600)

    assert alarms(line) == [Alarm.BAD_MAC]
    assert len(line.told(CardRead)) == 1
    assert line.speaker.tally.restarts == 0


def test_a_lasting_breach_is_told_once_a_minute(line):
    line.readers[0].offers_security = False

    line.run(150_000)

    assert alarms(line) == [Alarm.DOWNGRADE] * 3


def test_an_install_window_gives_a_factory_reader_its_key(a_line, a_session, a_reader):
    reader = a_reader(key=None)
    line = a_line(a_session(), [reader])
    line.speaker.install(line.now_ms, line.now_ms + 10_000)

    line.run(2000)

    assert reader.key == line.speaker.settings.scbk
    assert [type(event) for _, event in line.events][:2] == [Online, InstallEnded]
    assert line.told(InstallEnded) == [InstallEnded(5, installed=True)]
    assert alarms(line) == []


def test_a_lost_acknowledgement_of_the_key_does_not_lose_the_reader(a_line, a_session, a_reader):
    reader = a_reader(key=None)
    line = a_line(a_session(), [reader])
    line.tamper = lambda reply: reply if reader.key is None else None
    line.speaker.install(line.now_ms, line.now_ms + 10_000)
    line.until(lambda _: reader.key is not None, within_ms=2000)
    line.run(900)

    line.tamper = bytes
    line.run(3000)

    assert line.speaker.online
    assert line.told(InstallEnded) == [InstallEnded(5, installed=True)]


def test_the_install_window_closes_by_time(a_line, a_session, a_reader):
    line = a_line(a_session(), [])
    line.speaker.install(line.now_ms, line.now_ms + 2000)
    line.run(2500)

    line.readers = [a_reader(key=None)]
    line.run(3000)

    assert line.told(InstallEnded) == [InstallEnded(5, installed=False)]
    assert line.readers[0].key is None
    assert alarms(line) == [Alarm.CHALLENGE_REFUSED]


def test_cards_are_not_read_under_the_default_key(a_line, a_session, a_reader):
    line = a_line(a_session(), [a_reader(key=None)])
    line.readers[0].present_card(WIEGAND_26)
    line.tamper = lambda reply: reply if line.readers[0].key is None else None
    line.speaker.install(line.now_ms, line.now_ms + 1500)

    line.run(1500)

    assert line.told(CardRead) == line.told(Online) == []


def test_an_install_on_a_reader_that_has_its_key_is_over_at_once(line):
    online(line)

    line.speaker.install(line.now_ms, line.now_ms + 5000)
    line.run(10)

    assert line.told(InstallEnded) == [InstallEnded(5, installed=True)]
