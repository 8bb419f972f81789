"""The byte vectors of the standard's annex and of other implementations, kept beside the protocol."""

import json
from importlib import resources

import pytest
from menshen_device_agent.protocols.osdp import frame, secure_channel
from menshen_device_agent.protocols.osdp.decoding import decode
from menshen_device_agent.protocols.osdp.messages import Buzzer, Comset, Output, OutputControl, Poll
from menshen_device_agent.protocols.osdp.replies import Ack, Card, CardFormat, PdId


def load(name: str) -> dict:
    folder = resources.files("menshen_device_agent.protocols.osdp") / "vectors"
    return json.loads((folder / f"{name}.json").read_text())


ANNEX_E = load("annex_e")
SECURE = {name: bytes.fromhex(value) for name, value in ANNEX_E["secure_channel"].items()}
FRAMES = [
    pytest.param(entry, replies, id=entry["name"])
    for name in ("osdp_net", "osdp_python")
    for replies, group in ((False, "commands"), (True, "replies"))
    for entry in load(name)[group]
]
BY_NAME = {parameter.values[0]["name"]: bytes.fromhex(parameter.values[0]["data"]) for parameter in FRAMES}


@pytest.mark.parametrize("vector", ANNEX_E["checks"], ids=lambda vector: vector["check"])
def test_the_checks_of_the_annex_come_out(vector):
    check = frame.Check.CRC if vector["kind"] == "crc" else frame.Check.CHECKSUM
    content = bytes.fromhex(vector["content"])

    sealed = frame.seal(content, check)

    assert sealed == content + bytes.fromhex(vector["check"])
    assert isinstance(frame.parse(sealed), frame.Frame)


def test_the_session_keys_of_the_annex_come_out():
    keys = secure_channel.session_keys(SECURE["scbk"], SECURE["acu_nonce"])

    assert SECURE["scbk"] == secure_channel.DEFAULT_KEY
    assert (keys.mac1, keys.mac2, keys.enc) == (SECURE["s_mac1"], SECURE["s_mac2"], SECURE["s_enc"])


def test_the_cryptograms_and_the_first_mac_of_the_annex_come_out():
    keys = secure_channel.session_keys(SECURE["scbk"], SECURE["acu_nonce"])
    nonces = SECURE["acu_nonce"], SECURE["pd_nonce"]

    server = secure_channel.server_cryptogram(keys, *nonces)

    assert server == SECURE["server_cryptogram"]
    assert secure_channel.client_cryptogram(keys, *nonces) == SECURE["client_cryptogram"]
    assert secure_channel.initial_mac(keys, server) == SECURE["initial_mac"]


@pytest.mark.parametrize(("vector", "replies"), FRAMES)
def test_frames_of_other_implementations_are_read_and_written_alike(vector, replies):
    raw = bytes.fromhex(vector["frame"])

    (found,) = frame.Framer(replies=replies).feed(frame.MARK + raw)

    assert (found.sequence, found.code, found.data) == (
        vector["sequence"],
        int(vector["code"], 16),
        bytes.fromhex(vector["data"]),
    )
    written = frame.encode(found.address, found.sequence, found.code, found.data, reply=found.reply, check=found.check)
    assert written == raw


def test_commands_have_the_payloads_of_the_vectors():
    outputs = Output(0, OutputControl.PERMANENT_OFF, 10_000), Output(1, OutputControl.TEMPORARY_OFF, 12_000)

    assert Poll().payload() == BY_NAME["poll with CRC"]
    assert outputs[0].payload() + outputs[1].payload() == BY_NAME["two outputs"]
    assert Comset(1, 9600).payload() == BY_NAME["new address and speed"]
    assert Buzzer(on_ms=200, off_ms=200).payload() == BY_NAME["buzzer"]


def test_replies_of_the_vectors_mean_what_they_should():
    identification = PdId(bytes.fromhex("000EE3"), 0x10, 0x10, 0x97740000, (0x23, 6, 6))

    assert decode(0x45, BY_NAME["identification"]) == identification
    assert decode(0x40, BY_NAME["acknowledgement"]) == Ack()
    assert decode(0x50, BY_NAME["card of 26 bits"]) == Card(0xFF, CardFormat.WIEGAND, 26, bytes.fromhex("CD22C700"))
