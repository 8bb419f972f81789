"""How one PD is spoken to."""

from dataclasses import dataclass, field

from .frame import BROADCAST, FRAME_LIMIT
from .secure_channel import DEFAULT_KEY, KEY_LENGTH

BITS_PER_BYTE = 10
UNTOLD_RECEIVE_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one session; ValueError for an address outside 0..126 or a base key that protects nothing.

    `scbk` is this reader's own key, 16 random bytes. `reply_ms` is the wait for a reply after the last byte of the
    command (200 in the standard), `tries` how often the same command is sent before the session starts over.
    `ask_status` off leaves the first tamper, input and output states unasked, for a PD that cannot bear the questions.
    `lost_after_ms` is the silence after which the reader is declared offline (the standard allows 8000).
    """

    address: int
    scbk: bytes = field(repr=False)
    baud: int = 9600
    poll_ms: int = 50
    reply_ms: int = 200
    tries: int = 4
    lost_after_ms: int = 3000
    turnaround_ms: int = 2
    busy_ms: int = 100
    first_pause_ms: int = 100
    longest_pause_ms: int = 1000
    ask_status: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.address < BROADCAST:
            raise ValueError("address outside 0..126")
        if len(self.scbk) != KEY_LENGTH or self.scbk == DEFAULT_KEY or len(set(self.scbk)) == 1:
            raise ValueError("scbk must be 16 random bytes")

    def line_ms(self, length: int) -> int:
        """How long `length` bytes take on the line, rounded up."""
        return -(-length * BITS_PER_BYTE * 1000 // self.baud)

    @property
    def longest_frame_ms(self) -> int:
        return self.line_ms(FRAME_LIMIT)

    def pause_ms(self, failures: int) -> int:
        """How long to leave the line alone after so many failures in a row: none, then doubling."""
        if not failures:
            return 0
        return min(self.first_pause_ms << min(failures - 1, 16), self.longest_pause_ms)
