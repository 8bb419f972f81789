"""Reading reply payloads (SIA OSDP v2.2 clause 7). Multi-byte numbers are little-endian.

`decode` judges any bytes: what does not fit its code is `Malformed`, what is not in the table is `Unknown`.
"""

from collections.abc import Callable, Mapping

from .replies import (
    Ack,
    Busy,
    Capability,
    Card,
    CardFormat,
    ClientCryptogram,
    Communication,
    InitialMac,
    Inputs,
    Keypad,
    LocalStatus,
    Malformed,
    Message,
    NakCode,
    NakReply,
    Outputs,
    PdCap,
    PdId,
    Readers,
    ReaderState,
    Reply,
    Unknown,
)


def decode(code: int, data: bytes) -> Message:
    """Read one reply's clear payload."""
    reader = _READERS.get(code)
    if reader is None:
        return Unknown(code)
    message = reader(data)
    return Malformed(code) if message is None else message


_NAK_CODES = {int(code): code for code in NakCode}
_READER_STATES = {int(state): state for state in ReaderState}


def _nak(data: bytes) -> Message | None:
    if not data:
        return None
    return NakReply(_NAK_CODES.get(data[0], NakCode.UNSPECIFIED))


def _pd_id(data: bytes) -> Message | None:
    if len(data) != 12:
        return None
    serial = int.from_bytes(data[5:9], "little")
    return PdId(data[:3], data[3], data[4], serial, (data[9], data[10], data[11]))


def _pd_cap(data: bytes) -> Message | None:
    if len(data) % 3:
        return None
    return PdCap(tuple(Capability(*data[at : at + 3]) for at in range(0, len(data), 3)))


def _local_status(data: bytes) -> Message | None:
    return LocalStatus(data[0] != 0, data[1] != 0) if len(data) == 2 else None


def _flags(data: bytes) -> tuple[bool, ...]:
    return tuple(octet != 0 for octet in data)


def _readers(data: bytes) -> Message | None:
    """An unheard-of state reads as tamper: it is not normal."""
    return Readers(tuple(_READER_STATES.get(octet, ReaderState.TAMPER) for octet in data))


def _raw(data: bytes) -> Message | None:
    if len(data) < 4 or data[1] > CardFormat.WIEGAND:
        return None
    count = int.from_bytes(data[2:4], "little")
    bits = data[4:]
    if not count or len(bits) != -(-count // 8):
        return None
    spare = -count % 8
    clean = bits[:-1] + bytes((bits[-1] >> spare << spare,))
    return Card(data[0], CardFormat(data[1]), count, clean)


def _formatted(data: bytes) -> Message | None:
    if len(data) < 4 or len(data) != 3 + data[2]:
        return None
    return Card(data[0], CardFormat.CHARACTERS, 8 * data[2], data[3:])


_KEYS = {ord(sign): sign for sign in "0123456789*#"} | {0x7F: "*", 0x0D: "#"}


def _keypad(data: bytes) -> Message | None:
    if len(data) < 3 or len(data) != 2 + data[1] or any(octet not in _KEYS for octet in data[2:]):
        return None
    return Keypad(data[0], "".join(_KEYS[octet] for octet in data[2:]))


def _communication(data: bytes) -> Message | None:
    return Communication(data[0], int.from_bytes(data[1:5], "little")) if len(data) == 5 else None


def _client_cryptogram(data: bytes) -> Message | None:
    return ClientCryptogram(data[:8], data[8:16], data[16:]) if len(data) == 32 else None


_READERS: Mapping[int, Callable[[bytes], Message | None]] = {
    Reply.ACK: lambda data: None if data else Ack(),
    Reply.NAK: _nak,
    Reply.PDID: _pd_id,
    Reply.PDCAP: _pd_cap,
    Reply.LSTATR: _local_status,
    Reply.ISTATR: lambda data: Inputs(_flags(data)),
    Reply.OSTATR: lambda data: Outputs(_flags(data)),
    Reply.RSTATR: _readers,
    Reply.RAW: _raw,
    Reply.FMT: _formatted,
    Reply.KEYPAD: _keypad,
    Reply.COM: _communication,
    Reply.CCRYPT: _client_cryptogram,
    Reply.RMAC_I: lambda data: InitialMac(data) if len(data) == 16 else None,
    Reply.BUSY: lambda data: None if data else Busy(),
}
