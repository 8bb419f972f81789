"""The policy of the secure channel's handshake: who may be spoken to, and with which key.

A PD proves the key for a nonce of ours that was never used before; we prove it back; the PD confirms. What breaks the
policy is an `Alarm`, and no channel comes of it.
"""

from collections import deque
from collections.abc import Callable

from . import secure_channel
from .events import Alarm
from .frame import Frame, Scs, SecurityBlock
from .messages import Challenge, ServerCryptogram
from .replies import ClientCryptogram, InitialMac, Message
from .secure_channel import KeyKind, SecureChannel

_MEMORY = 256
_CONFIRMED = 1


class Handshake:
    """The handshakes of one PD, in the order `begin`, `prove`, `confirm`.

    `nonces` gives 8 unpredictable bytes at each call. The last 256 nonces and cryptograms are remembered: the former
    so that a poor source cannot make old recordings valid, the latter to name a replay a replay.
    """

    def __init__(self, scbk: bytes, nonces: Callable[[], bytes]) -> None:
        self.kind = KeyKind.OWN
        self._scbk = scbk
        self._nonces = nonces
        self._nonce = b""
        self._keys = secure_channel.session_keys(scbk, bytes(secure_channel.NONCE_LENGTH))
        self._cryptogram = b""
        self._used_nonces: deque[bytes] = deque(maxlen=_MEMORY)
        self._seen_cryptograms: deque[bytes] = deque(maxlen=_MEMORY)

    def begin(self) -> Challenge | Alarm:
        nonce = self._nonces()
        if len(nonce) != secure_channel.NONCE_LENGTH or nonce in self._used_nonces:
            return Alarm.BAD_NONCE
        self._used_nonces.append(nonce)
        self._nonce = nonce
        base = self._scbk if self.kind is KeyKind.OWN else secure_channel.DEFAULT_KEY
        self._keys = secure_channel.session_keys(base, nonce)
        return Challenge(nonce)

    def command_block(self, kind: Scs) -> SecurityBlock:
        """The security block of CHLNG and SCRYPT."""
        return SecurityBlock(kind, bytes((self.kind,)))

    def prove(self, reply: Frame, message: Message) -> ServerCryptogram | Alarm:
        """Judge CCRYPT; our own proof follows from it."""
        block = reply.security
        if not isinstance(message, ClientCryptogram) or block is None or block.kind != Scs.CLIENT_CRYPTOGRAM:
            return Alarm.PLAINTEXT
        if block.data != bytes((self.kind,)):
            return Alarm.DEFAULT_KEY if block.data == bytes((KeyKind.DEFAULT,)) else Alarm.WRONG_KEY
        expected = secure_channel.client_cryptogram(self._keys, self._nonce, message.nonce)
        if not secure_channel.same(expected, message.cryptogram):
            return Alarm.REPLAY if message.cryptogram in self._seen_cryptograms else Alarm.WRONG_KEY
        self._seen_cryptograms.append(message.cryptogram)
        self._cryptogram = secure_channel.server_cryptogram(self._keys, self._nonce, message.nonce)
        return ServerCryptogram(self._cryptogram)

    def confirm(self, reply: Frame, message: Message) -> SecureChannel | Alarm:
        """Judge RMAC_I: status 1, and the MAC that we compute ourselves."""
        block = reply.security
        if not isinstance(message, InitialMac) or block is None or block.kind != Scs.INITIAL_MAC:
            return Alarm.PLAINTEXT
        first_mac = secure_channel.initial_mac(self._keys, self._cryptogram)
        if block.data != bytes((_CONFIRMED,)) or not secure_channel.same(first_mac, message.mac):
            return Alarm.BAD_CONFIRMATION
        return SecureChannel(self._keys, first_mac)
