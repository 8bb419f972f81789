"""Card numbers as they are enrolled: the Wiegand bits of a reader without parity, as uppercase hexadecimal.

Formats with parity: 26 bits (H10301: even parity over the first 12 data bits, odd over the last 12) and 34 bits (even
over the first 16, odd over the last 16). Any other length has no parity known here and is taken whole.
"""

_PARITY_LENGTHS = (26, 34)


def card_number(bits: bytes, count: int) -> str | None:
    """The number of `count` bits, first bit first in `bits`; None when a parity is wrong: a misread, not a card."""
    if count <= 0 or len(bits) * 8 < count:
        return None
    value = int.from_bytes(bits) >> (len(bits) * 8 - count)
    if count in _PARITY_LENGTHS:
        if not _parity_holds(value, count):
            return None
        value, count = (value >> 1) & ((1 << (count - 2)) - 1), count - 2
    return f"{value:0{-(-count // 4)}X}"


def _parity_holds(value: int, count: int) -> bool:
    half = count // 2
    leading, trailing = value >> half, value & ((1 << half) - 1)
    return leading.bit_count() % 2 == 0 and trailing.bit_count() % 2 == 1
