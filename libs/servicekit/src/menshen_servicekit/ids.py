"""Event identifiers: UUID version 7 (RFC 9562), canonical lowercase text."""

import os
import re
from collections.abc import Callable

from menshen_servicekit.clock import Clock

MAX_HOLD_MS = 60_000
"""A clock set back by less than this is ridden out; one set back further is followed."""

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_SEQUENCE_BITS = 74


class Uuid7Factory:
    """Makes UUIDv7 strings that strictly increase within this object.

    The 74 bits after the timestamp start at random with their top bit clear and count up within one millisecond
    (RFC 9562, 6.2, method 2), also while a clock that was set back a little catches up. A clock set back by more than
    MAX_HOLD_MS was wrong before: it is followed, and the order starts afresh there.
    """

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self._at_ms = 0
        self._sequence = 0

    def __call__(self) -> str:
        now_ms = self._clock.now_ms()
        if now_ms > self._at_ms or self._at_ms - now_ms > MAX_HOLD_MS:
            self._at_ms = now_ms
            self._sequence = int.from_bytes(self._random_bytes(10)) >> 7
        else:
            self._sequence += 1 + (self._random_bytes(1)[0])
            if self._sequence >> _SEQUENCE_BITS:
                self._at_ms += 1
                self._sequence = 0
        return _text(self._at_ms, self._sequence)


def is_uuid7(text: str) -> bool:
    """True for the canonical lowercase text of a version 7 UUID, and for nothing else."""
    return _UUID7.match(text) is not None


def uuid7_at_ms(event_id: str) -> int:
    """The epoch milliseconds inside a UUIDv7; ValueError when `event_id` is not one."""
    if not is_uuid7(event_id):
        raise ValueError("not a canonical UUIDv7")
    return int(event_id[:8] + event_id[9:13], 16)


def _text(at_ms: int, sequence: int) -> str:
    value = (at_ms << 80) | ((sequence >> 62) << 64) | (sequence & ((1 << 62) - 1)) | _VERSION_AND_VARIANT
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
