"""Nothing but the PD's own reply to the last command is accepted inside the channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.protocols.osdp import frame, secure_channel
from menshen_device_agent.protocols.osdp.secure_channel import Refusal, SecureChannel
from menshen_simulators.osdp_pd_line import checked, dissect, opening_octets
from menshen_simulators.osdp_pd_vault import Vault

KEY = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
ACU_NONCE, PD_NONCE = bytes(range(8)), bytes(range(8, 16))


def opened() -> tuple[SecureChannel, Vault]:
    """Both ends of a channel just opened, the PD's written independently."""
    keys = secure_channel.session_keys(KEY, ACU_NONCE)
    vault = Vault(KEY, ACU_NONCE, PD_NONCE)
    first_mac = vault.accept(secure_channel.server_cryptogram(keys, ACU_NONCE, PD_NONCE))
    assert first_mac == secure_channel.initial_mac(keys, secure_channel.server_cryptogram(keys, ACU_NONCE, PD_NONCE))
    return SecureChannel(keys, first_mac), vault


def understood(vault: Vault, command: bytes) -> bytes:
    """What the PD reads in a command, which it answers next."""
    packet = dissect(command)
    assert packet is not None
    assert vault.admit(packet.covered, packet.mac)
    return vault.reveal(packet.payload) if packet.payload else b""


def answer(vault: Vault, command: bytes, code: int, data: bytes, *, kind: bytes = b"\x18") -> bytes:
    """The PD's authentic reply to a command it has understood."""
    packet = dissect(command)
    assert packet is not None
    hidden = vault.conceal(data) if kind == b"\x18" else data
    octets = opening_octets(packet.address, packet.sequence, code, hidden, block=kind)
    return checked(octets + vault.stamp(octets))


def read(raw: bytes) -> frame.Frame:
    verdict = frame.parse(raw)
    assert isinstance(verdict, frame.Frame)
    return verdict


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(min_size=1, max_size=60)), max_size=6))
def test_a_conversation_is_understood_at_both_ends(turns):
    channel, vault = opened()

    for number, (order, reply) in enumerate(turns):
        command = channel.seal(9, number % 3 + 1, 0x80, order)
        read_order = understood(vault, command)
        read_reply = channel.open(read(answer(vault, command, 0x90, reply)))

        assert (read_order, read_reply) == (order, reply)


@given(st.binary(min_size=1, max_size=40), st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True))
def test_no_flipped_bits_get_through_even_with_a_right_check(data, positions):
    channel, vault = opened()
    command = channel.seal(9, 1, 0x60)
    understood(vault, command)
    raw = answer(vault, command, 0x50, data)
    spoiled = bytearray(raw[:-2])
    for position in {at % (8 * len(spoiled)) for at in positions}:
        spoiled[position // 8] ^= 1 << position % 8

    verdict = frame.parse(frame.seal(bytes(spoiled)))

    assert isinstance(verdict, frame.Fault) or bytes(spoiled) == raw[:-2] or channel.open(verdict) in Refusal
    assert channel.open(read(raw)) == data


def test_an_accepted_reply_is_not_accepted_again():
    channel, vault = opened()
    command = channel.seal(9, 1, 0x60)
    understood(vault, command)
    raw = answer(vault, command, 0x50, b"card")
    assert channel.open(read(raw)) == b"card"

    channel.seal(9, 2, 0x60)

    assert channel.open(read(raw)) is Refusal.BAD_MAC


def test_a_reply_without_a_mac_is_refused():
    channel, _ = opened()
    channel.seal(9, 1, 0x60)

    assert channel.open(read(frame.encode(9, 1, 0x40, reply=True))) is Refusal.PLAINTEXT


@pytest.mark.parametrize(("code", "verdict"), [(0x50, Refusal.PLAINTEXT), (0x41, b"\x03")])
def test_readable_data_under_a_mac_is_refused_except_in_a_nak(code, verdict):
    channel, vault = opened()
    command = channel.seal(9, 1, 0x60)
    understood(vault, command)

    assert channel.open(read(answer(vault, command, code, b"\x03", kind=b"\x16"))) == verdict


def test_keys_do_not_show_in_a_representation():
    keys = secure_channel.session_keys(KEY, ACU_NONCE)

    assert keys.enc.hex() not in repr(keys)
    assert repr(keys.enc) not in repr(keys)
