"""The simulated reader against the standard's own numbers, by frames written out by hand."""

import asyncio
import os
import tty

from menshen_simulators.osdp_pd import OsdpPd
from menshen_simulators.osdp_pd_line import checked, crc
from menshen_simulators.osdp_pd_machine import Reader
from menshen_simulators.osdp_pd_vault import FACTORY_KEY, Vault
from menshen_simulators.wire import PtyPair

ACU_NONCE = bytes.fromhex("B0B1B2B3B4B5B6B7")
PD_NONCE = bytes.fromhex("A0A1A2A3A4A5A6A7")
CLIENT_CRYPTOGRAM = bytes.fromhex("FDE5D2F428EC16312471EA3C02BD7796")
SERVER_CRYPTOGRAM = bytes.fromhex("26D3356E07762D262801FC8E6665A891")
FIRST_MAC = bytes.fromhex("B2A30057EB98BA2229EC1F875662B524")


def framed(text: str) -> bytes:
    return checked(bytes.fromhex(text))


def a_reader(key: bytes | None = None) -> Reader:
    return Reader(5, key, lambda: PD_NONCE)


def test_the_crc_of_the_annex_comes_out():
    assert crc(bytes.fromhex("537F0D00046E0080250000")).to_bytes(2, "little").hex() == "6e38"
    assert checked(bytes.fromhex("53000800006100"), uses_crc=False)[-1] == 0x44


def test_the_cryptograms_of_the_annex_come_out():
    vault = Vault(FACTORY_KEY, ACU_NONCE, PD_NONCE)

    assert vault.cryptogram == CLIENT_CRYPTOGRAM
    assert vault.accept(SERVER_CRYPTOGRAM) == FIRST_MAC
    assert vault.open


def test_the_handshake_of_the_annex_is_answered_in_full():
    reader = a_reader()
    assert reader.hear(framed("530508000460")) == framed("538508000440")
    challenged = reader.hear(framed("530513000D03110076" + ACU_NONCE.hex()))
    confirmed = reader.hear(framed("53051B000E03130077" + SERVER_CRYPTOGRAM.hex()))

    assert challenged[:9].hex() == "53852b000d03120076"
    assert challenged[17:-2] == PD_NONCE + CLIENT_CRYPTOGRAM
    assert confirmed == framed("53851B000E03140178" + FIRST_MAC.hex())
    assert reader.secure


def test_a_wrong_server_cryptogram_is_confirmed_with_ff():
    reader = a_reader()
    reader.hear(framed("530508000460"))
    reader.hear(framed("530513000D03110076" + ACU_NONCE.hex()))

    confirmed = reader.hear(framed("53051B000E03130077" + bytes(16).hex()))

    assert confirmed[:9].hex() == "53851b000e0314ff78"
    assert not reader.secure


def test_a_card_is_never_told_in_the_clear():
    reader = a_reader()
    reader.present_card("1" * 26)

    greeted = reader.hear(framed("530508000460"))
    polled = reader.hear(framed("530508000560"))

    assert greeted == framed("538508000440")
    assert polled == framed("538508000540")


class Acu:
    """The other side of the secure channel, by the same vault as the reader's."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.vault = Vault(FACTORY_KEY, ACU_NONCE, PD_NONCE)
        reader.hear(framed("530508000460"))
        reader.hear(framed("530513000D03110076" + ACU_NONCE.hex()))
        reader.hear(framed("53051B000E03130077" + SERVER_CRYPTOGRAM.hex()))
        self.vault.accept(SERVER_CRYPTOGRAM)
        self._sequence = 2

    def poll(self) -> bytes:
        """A poll that the reader hears and whose reply arrives; the reply's code."""
        return self.read(self.poll_unheard())

    def poll_unheard(self) -> bytes:
        """A poll that the reader hears; its reply as it goes on the line."""
        self._sequence = self._sequence % 3 + 1
        begun = bytes((0x53, 5, 14, 0, 0x0C | self._sequence, 2, 0x15, 0x60))
        mac = self.vault._chain(self.vault._r_mac, begun)[:4]
        assert self.vault.admit(begun, mac)
        return self.reader.hear(checked(begun + mac))

    def read(self, reply: bytes) -> bytes:
        assert self.vault.stamp(reply[:-6]) == reply[-6:-2]
        return reply[7:8]


def test_a_card_whose_reply_nobody_took_is_told_again_when_the_acu_begins_anew():
    reader = a_reader()
    acu = Acu(reader)
    reader.present_card("1" * 26)
    lost = acu.poll_unheard()
    assert lost[7] == 0x50

    again = Acu(reader)

    assert [again.poll(), again.poll()] == [b"\x50", b"\x40"]


def test_a_card_whose_reply_was_taken_is_told_once():
    reader = a_reader()
    acu = Acu(reader)
    reader.present_card("1" * 26)
    assert [acu.poll(), acu.poll()] == [b"\x50", b"\x40"]

    assert Acu(reader).poll() == b"\x40"


def test_a_reader_that_lost_power_does_not_remember_what_it_was_about_to_tell():
    reader = a_reader()
    acu = Acu(reader)
    reader.present_card("1" * 26)
    acu.poll_unheard()

    reader.reboot()

    assert Acu(reader).poll() == b"\x40"


def test_a_sequence_out_of_turn_is_refused():
    reader = a_reader()
    reader.hear(framed("530508000460"))

    assert reader.hear(framed("530508000660")) == framed("53850900064104")


def test_octets_for_another_address_and_broken_ones_get_no_answer():
    reader = a_reader()

    assert reader.hear(framed("530608000460")) == b""
    assert reader.hear(framed("530508000460")[:-1] + b"\x00") == b""


async def test_the_reader_speaks_on_a_line_falls_silent_and_returns():
    poll, ack = framed("530508000460"), b"\xff" + framed("538508000440")
    async with PtyPair() as line, OsdpPd(line.b_path, address=5) as reader:
        terminal = os.open(line.a_path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(terminal)
        received = asyncio.Queue()
        asyncio.get_running_loop().add_reader(terminal, lambda: received.put_nowait(os.read(terminal, 100)))
        try:
            os.write(terminal, poll)
            assert await exactly(received, len(ack)) == ack

            reader.go_silent()
            os.write(terminal, poll)
            await reader.until(lambda _: reader.unheard == len(poll))
            reader.come_back()
            reader.spoil_next()
            os.write(terminal, poll)
            spoiled = await exactly(received, len(ack))
            assert spoiled[:-1] == ack[:-1]
            assert spoiled[-1] != ack[-1]
            assert reader.reader.heard == 2
        finally:
            asyncio.get_running_loop().remove_reader(terminal)
            os.close(terminal)


async def exactly(received: asyncio.Queue, size: int) -> bytes:
    octets = b""
    async with asyncio.timeout(5):
        while len(octets) < size:
            octets += await received.get()
    return octets
