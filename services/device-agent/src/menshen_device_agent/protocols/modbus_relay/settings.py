"""How one relay board is driven."""

from dataclasses import dataclass

from .frame import GAP_MS


@dataclass(frozen=True, slots=True)
class Settings:
    """One board.

    Inputs are read every `poll_ms`, relays every `outputs_poll_ms` and after each write. A request waits `reply_ms` for
    its answer and follows the answer before by `quiet_ms`. The board is offline after `offline_after_ms` without a good
    reply. A pulse not sent within `pulse_fresh_ms` of its order is not sent at all; its key is remembered for
    `pulse_memory_ms`; an unanswered one is sent once more only if that falls at least `retry_margin_ms` before the end
    of the first, so that both make one opening.
    """

    unit: int = 1
    relay_count: int = 8
    input_count: int = 8
    poll_ms: int = 30
    outputs_poll_ms: int = 500
    reply_ms: int = 100
    quiet_ms: int = 4
    gap_ms: int = GAP_MS
    offline_after_ms: int = 1_000
    pulse_fresh_ms: int = 500
    pulse_memory_ms: int = 10_000
    retry_margin_ms: int = 100
