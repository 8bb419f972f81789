"""The simulated PD's half of the secure channel, written from the standard's Annex D block by block."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FACTORY_KEY = bytes.fromhex("303132333435363738393A3B3C3D3E3F")


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    # Single blocks are enciphered one at a time here; the chaining is spelled out by the callers.
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 -- the standard's own construction


def _lock(key: bytes, block: bytes) -> bytes:
    return _cipher(key).encryptor().update(block)


def _unlock(key: bytes, block: bytes) -> bytes:
    return _cipher(key).decryptor().update(block)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _complement(block: bytes) -> bytes:
    return _xor(block, b"\xff" * 16)


def _blocks(octets: bytes) -> list[bytes]:
    return [octets[at : at + 16] for at in range(0, len(octets), 16)]


class Vault:
    """One handshake and the channel that follows it, on the PD's side."""

    def __init__(self, key: bytes, acu_nonce: bytes, own_nonce: bytes) -> None:
        seed = acu_nonce[:6] + b"\0" * 8
        self._s_enc = _lock(key, bytes((1, 0x82)) + seed)
        self._s_mac1 = _lock(key, bytes((1, 1)) + seed)
        self._s_mac2 = _lock(key, bytes((1, 2)) + seed)
        self.cryptogram = _lock(self._s_enc, acu_nonce + own_nonce)
        self._wanted = _lock(self._s_enc, own_nonce + acu_nonce)
        self._c_mac = b"\0" * 16
        self._r_mac = b"\0" * 16
        self.open = False

    def accept(self, server_cryptogram: bytes) -> bytes | None:
        """R-MAC-I when the ACU proved the key."""
        if server_cryptogram != self._wanted:
            return None
        self._r_mac = _lock(self._s_mac2, _lock(self._s_mac1, server_cryptogram))
        self.open = True
        return self._r_mac

    def admit(self, covered: bytes, mac: bytes) -> bool:
        """Check a command's MAC and move the chain on."""
        full = self._chain(self._r_mac, covered)
        if full[:4] != mac:
            return False
        self._c_mac = full
        return True

    def reveal(self, payload: bytes) -> bytes:
        """A command's clear payload; to be asked after `admit`."""
        clear, before = b"", _complement(self._r_mac)
        for block in _blocks(payload):
            clear += _xor(_unlock(self._s_enc, block), before)
            before = block
        return clear[: clear.rfind(b"\x80")]

    def conceal(self, payload: bytes) -> bytes:
        """A reply's payload, padded and enciphered."""
        padded = payload + b"\x80"
        padded += b"\0" * (-len(padded) % 16)
        hidden, before = b"", _complement(self._c_mac)
        for block in _blocks(padded):
            before = _lock(self._s_enc, _xor(block, before))
            hidden += before
        return hidden

    def stamp(self, covered: bytes) -> bytes:
        """A reply's MAC, four octets; moves the chain on."""
        self._r_mac = self._chain(self._c_mac, covered)
        return self._r_mac[:4]

    def _chain(self, before: bytes, covered: bytes) -> bytes:
        if len(covered) % 16:
            covered += b"\x80"
            covered += b"\0" * (-len(covered) % 16)
        *leading, last = _blocks(covered)
        for block in leading:
            before = _lock(self._s_mac1, _xor(block, before))
        return _lock(self._s_mac2, _xor(last, before))
