"""The OSDP secure channel: keys, cryptograms and the MAC chain (IEC 60839-11-5 Annex D, SIA OSDP v2.2 Annex D).

Everything is AES-128. Nonces are arguments; nothing here draws random numbers.
"""

import hmac
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from . import frame

BLOCK = 16
KEY_LENGTH = 16
NONCE_LENGTH = 8
DEFAULT_KEY = bytes(range(0x30, 0x40))
_ZERO_IV = bytes(BLOCK)
_NAK = 0x41


class KeyKind(IntEnum):
    """Which base key a handshake uses: the third byte of the security blocks SCS 11 and 12."""

    DEFAULT = 0
    OWN = 1


class Refusal(Enum):
    """Why a reply was not accepted inside the channel."""

    PLAINTEXT = auto()
    BAD_MAC = auto()
    BAD_PADDING = auto()


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """S-ENC, S-MAC1 and S-MAC2 of one handshake."""

    enc: bytes
    mac1: bytes
    mac2: bytes


def _encrypt(key: bytes, iv: bytes, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def _decrypt(key: bytes, iv: bytes, blocks: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(blocks) + decryptor.finalize()


def _encrypt_block(key: bytes, block: bytes) -> bytes:
    """One block under no chaining: a zero IV leaves the first block of CBC untouched."""
    return _encrypt(key, _ZERO_IV, block)


def _pad(content: bytes) -> bytes:
    return content + b"\x80" + bytes(-(len(content) + 1) % BLOCK)


def _invert(block: bytes) -> bytes:
    return bytes(octet ^ 0xFF for octet in block)


def session_keys(scbk: bytes, acu_nonce: bytes) -> SessionKeys:
    """Keys from the base key (16 bytes) and RND.A (8 bytes, its first six used)."""
    tail = acu_nonce[:6] + bytes(8)
    return SessionKeys(
        enc=_encrypt_block(scbk, b"\x01\x82" + tail),
        mac1=_encrypt_block(scbk, b"\x01\x01" + tail),
        mac2=_encrypt_block(scbk, b"\x01\x02" + tail),
    )


def client_cryptogram(keys: SessionKeys, acu_nonce: bytes, pd_nonce: bytes) -> bytes:
    """What the PD proves its key with: both nonces, RND.A first."""
    return _encrypt_block(keys.enc, acu_nonce + pd_nonce)


def server_cryptogram(keys: SessionKeys, acu_nonce: bytes, pd_nonce: bytes) -> bytes:
    """What the ACU proves its key with: both nonces, RND.B first."""
    return _encrypt_block(keys.enc, pd_nonce + acu_nonce)


def initial_mac(keys: SessionKeys, cryptogram: bytes) -> bytes:
    """R-MAC-I, the start of the MAC chain, from the server cryptogram."""
    return _encrypt_block(keys.mac2, _encrypt_block(keys.mac1, cryptogram))


def chain_mac(keys: SessionKeys, previous: bytes, content: bytes) -> bytes:
    """The 16-byte MAC of `content` following `previous`; the wire carries its first four bytes."""
    padded = _pad(content) if len(content) % BLOCK else content
    head, last = padded[:-BLOCK], padded[-BLOCK:]
    link = _encrypt(keys.mac1, previous, head)[-BLOCK:] if head else previous
    return _encrypt(keys.mac2, link, last)


def same(left: bytes, right: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left, right)


class SecureChannel:
    """One established channel on the ACU's side.

    `seal` advances the chain, so a retry must send the bytes it gave before and must not seal again. `open` advances it
    only for a reply it accepts.
    """

    def __init__(self, keys: SessionKeys, first_mac: bytes) -> None:
        self._keys = keys
        self._command_mac = bytes(BLOCK)
        self._reply_mac = first_mac

    def seal(self, address: int, sequence: int, code: int, data: bytes = b"") -> bytes:
        """A whole command frame with MAC and CRC; data, where there is any, is encrypted."""
        kind = frame.Scs.COMMAND_ENCRYPTED if data else frame.Scs.COMMAND_MAC
        sent = _encrypt(self._keys.enc, _invert(self._reply_mac), _pad(data)) if data else b""
        content = frame.body(address, sequence, code, sent, security=frame.SecurityBlock(kind))
        self._command_mac = chain_mac(self._keys, self._reply_mac, content)
        return frame.seal(content + self._command_mac[: frame.MAC_LENGTH])

    def open(self, reply: frame.Frame) -> bytes | Refusal:
        """The clear data of an authentic reply to the last sealed command.

        SCS 16 leaves data readable on the line: only the error code of a NAK may travel so.
        """
        kind = reply.security.kind if reply.security else None
        if kind not in (frame.Scs.REPLY_MAC, frame.Scs.REPLY_ENCRYPTED):
            return Refusal.PLAINTEXT
        if kind == frame.Scs.REPLY_MAC and reply.data and reply.code != _NAK:
            return Refusal.PLAINTEXT
        mac = chain_mac(self._keys, self._command_mac, reply.body)
        if not same(mac[: frame.MAC_LENGTH], reply.mac):
            return Refusal.BAD_MAC
        clear = reply.data if kind == frame.Scs.REPLY_MAC else self._clear(reply.data)
        if clear is None:
            return Refusal.BAD_PADDING
        self._reply_mac = mac
        return clear

    def _clear(self, sent: bytes) -> bytes | None:
        if not sent or len(sent) % BLOCK:
            return None
        padded = _decrypt(self._keys.enc, _invert(self._command_mac), sent).rstrip(b"\x00")
        return padded[:-1] if padded.endswith(b"\x80") else None
