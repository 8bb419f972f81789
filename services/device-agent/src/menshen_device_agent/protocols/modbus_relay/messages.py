"""Requests to a relay board and what its replies say.

Coils are relays, discrete inputs are the terminals. The pulse is the boards' own extension of write-coil: address
0x0200 + relay, value in units of 100 ms; the board times the contact by itself.
"""

from dataclasses import dataclass
from enum import IntEnum

from .frame import EXCEPTION, Frame, encode

PULSE_UNIT_MS = 100
LONGEST_PULSE_MS = 0x7FFF * PULSE_UNIT_MS
_PULSE_ADDRESS = 0x0200


class Function(IntEnum):
    READ_COILS = 0x01
    READ_INPUTS = 0x02
    WRITE_COIL = 0x05


@dataclass(frozen=True, slots=True)
class Request:
    """One request; equal requests have equal replies."""

    function: Function
    address: int
    value: int

    def encode(self, unit: int) -> bytes:
        """The frame on the wire."""
        return encode(unit, self.function, self.address.to_bytes(2, "big") + self.value.to_bytes(2, "big"))


@dataclass(frozen=True, slots=True)
class Bits:
    """Bit 0 first, exactly as many as were asked for."""

    bits: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Echoed:
    """The board received the write: not that anything moved."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The board's exception code."""

    code: int


@dataclass(frozen=True, slots=True)
class Stray:
    """Not an answer to the request."""


Reply = Bits | Echoed | Refused | Stray


def read_coils(count: int) -> Request:
    """Ask for the first `count` relays."""
    return Request(Function.READ_COILS, 0, count)


def read_inputs(count: int) -> Request:
    """Ask for the first `count` terminals."""
    return Request(Function.READ_INPUTS, 0, count)


def write_coil(relay: int, *, on: bool) -> Request:
    """Energise or release one relay until told otherwise."""
    return Request(Function.WRITE_COIL, relay, 0xFF00 if on else 0)


def pulse(relay: int, duration_ms: int) -> Request:
    """Energise one relay for `duration_ms`, rounded up to 100 ms; ValueError outside 1 to 3,276,700 ms."""
    if not 0 < duration_ms <= LONGEST_PULSE_MS:
        raise ValueError("pulse duration out of range")
    return Request(Function.WRITE_COIL, _PULSE_ADDRESS + relay, -(-duration_ms // PULSE_UNIT_MS))


def parse(frame: Frame, request: Request) -> Reply:
    """What `frame` says as an answer to `request`."""
    if frame.function == request.function | EXCEPTION:
        return Refused(frame.body[0])
    if frame.function != request.function:
        return Stray()
    if request.function is Function.WRITE_COIL:
        sent = request.address.to_bytes(2, "big") + request.value.to_bytes(2, "big")
        return Echoed() if frame.body == sent else Stray()
    if frame.body[0] != (request.value + 7) // 8:
        return Stray()
    packed = int.from_bytes(frame.body[1:], "little")
    return Bits(tuple(bool(packed >> bit & 1) for bit in range(request.value)))
