"""How one reader is driven."""

from dataclasses import dataclass, field
from enum import Enum

from .messages import Layout


class Mode(Enum):
    """POLL: the session asks for rounds. PUSH: the reader reports by itself and is only asked for signs of life."""

    POLL = "poll"
    PUSH = "push"


class TidReading(Enum):
    """NONE: never. FAST_ID: within the round, on tags that support it. EXPLICIT: one read command per new tag."""

    NONE = "none"
    FAST_ID = "fast-id"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True)
class Settings:
    """One reader; 0xFF as `address` speaks to and hears any.

    Rounds run over `antenna_ports` in turn, `pause_ms` apart. A round must end within its scan time and `reply_ms`.
    The reader is lost after `lost_after_ms` without a good frame; a quiet reader in PUSH mode is asked for a sign of
    life every `probe_ms`. With EXPLICIT a tag's TID is read again no sooner than `tid_hold_ms` after the last try.
    """

    address: int = 0
    layout: Layout = field(default_factory=Layout)
    mode: Mode = Mode.POLL
    tid_reading: TidReading = TidReading.FAST_ID
    antenna_ports: tuple[int, ...] = (1,)
    q: int = 4
    gen2_session: int = 0
    scan_time_ms: int = 300
    pause_ms: int = 20
    reply_ms: int = 300
    probe_ms: int = 500
    lost_after_ms: int = 3_000
    tid_hold_ms: int = 10_000
