"""Verifiers of short secrets typed by hand: scrypt over the secret keyed with a pepper that never lies beside them.

A verifier is 52 bytes: version (1), log2 of N, r, p (one byte each), salt (16), hash (32). It carries its own cost, so
whoever verifies needs the pepper alone. A secret of few digits can be searched by whoever has verifier and pepper: with
the pepper in a file of its own a copy of the database is not enough.

Both functions take tens of milliseconds of CPU: call them in a thread.
"""

import hashlib
import hmac
from dataclasses import dataclass

VERSION = 1
SALT_BYTES = 16
HASH_BYTES = 32
VERIFIER_BYTES = 4 + SALT_BYTES + HASH_BYTES
MIN_PEPPER_BYTES = 16

_MOST_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VerifierCost:
    """scrypt's parameters; memory is 128 * r * 2**log2_n bytes. ValueError when zero, or above 32 MiB of memory."""

    log2_n: int = 14
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        if not (1 <= self.log2_n <= 18 and 1 <= self.r <= 32 and 1 <= self.p <= 4):
            raise ValueError("scrypt cost out of range")
        if 128 * self.r << self.log2_n > _MOST_MEMORY // 2:
            raise ValueError("scrypt cost needs more than 32 MiB")


def make_verifier(secret: str, pepper: bytes, salt: bytes, cost: VerifierCost | None = None) -> bytes:
    """The verifier of `secret`. `salt` is 16 fresh random bytes; ValueError when it or the pepper is too short."""
    if len(salt) != SALT_BYTES or len(pepper) < MIN_PEPPER_BYTES:
        raise ValueError(f"expected a salt of {SALT_BYTES} bytes and a pepper of at least {MIN_PEPPER_BYTES}")
    cost = cost or VerifierCost()
    return bytes((VERSION, cost.log2_n, cost.r, cost.p)) + salt + _derive(secret, pepper, salt, cost)


def matches(verifier: bytes, secret: str, pepper: bytes) -> bool:
    """True when `verifier` was made from this secret and pepper. Constant time; False for other bytes."""
    if len(verifier) != VERIFIER_BYTES or verifier[0] != VERSION:
        return False
    try:
        cost = VerifierCost(*verifier[1:4])
    except ValueError:
        return False
    salt, wanted = verifier[4 : 4 + SALT_BYTES], verifier[4 + SALT_BYTES :]
    return hmac.compare_digest(_derive(secret, pepper, salt, cost), wanted)


def _derive(secret: str, pepper: bytes, salt: bytes, cost: VerifierCost) -> bytes:
    keyed = hmac.digest(pepper, secret.encode("utf-8"), "sha256")
    return hashlib.scrypt(
        keyed, salt=salt, n=1 << cost.log2_n, r=cost.r, p=cost.p, maxmem=_MOST_MEMORY, dklen=HASH_BYTES
    )
