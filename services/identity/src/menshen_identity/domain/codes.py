"""Codes for a window: shown on a telephone, once or as often as the window lasts."""

from dataclasses import dataclass

from menshen_identity.domain.words import Fault, present

USUAL_WINDOW_MS = 15 * 60_000
MAX_WINDOW_MS = 24 * 3_600_000
KEPT_MS = 24 * 3_600_000
"""A code stays in the feed this long after its window: one shown too late is told from one never made."""
FORGOTTEN_MS = 7 * 86_400_000
"""A code is deleted this long after its window, when its holder is given another."""
MAX_CODES = 32
"""How many codes one holder may have that are in the feed: what gates hold of a person stays small."""


@dataclass(frozen=True, slots=True)
class CodeOrder:
    """What is asked for. Zero for a begin at once, and for the usual window."""

    cardholder_id: str
    valid_from_ms: int = 0
    valid_to_ms: int = 0
    is_reusable: bool = False
    pin_required: bool = False


def window_of(order: CodeOrder, now_ms: int) -> tuple[int, int]:
    """The window [from, to); the begin stays open for a code that begins at once, whatever the clocks of gates show."""
    begins_ms = order.valid_from_ms or now_ms
    return order.valid_from_ms, order.valid_to_ms or begins_ms + USUAL_WINDOW_MS


def code_faults(order: CodeOrder, now_ms: int) -> tuple[Fault, ...]:
    """Every field that is wrong in a code to be issued now."""
    begins_ms, (_, ends_ms) = order.valid_from_ms or now_ms, window_of(order, now_ms)
    return present(
        (
            None if order.valid_from_ms >= 0 else Fault("valid_from_ms", "毫秒时间戳,或 0", "epoch milliseconds, or 0"),
            None
            if max(begins_ms, now_ms) < ends_ms <= begins_ms + MAX_WINDOW_MS
            else Fault(
                "valid_to_ms",
                "晚于开始和现在、距开始不超过 24 小时的时间,或 0",
                "a time after the begin and now, at most 24 hours after the begin, or 0",
            ),
        )
    )
