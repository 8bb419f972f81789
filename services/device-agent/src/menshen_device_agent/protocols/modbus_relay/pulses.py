"""Pulses that wait, and the memory that keeps one order from opening twice."""

from collections import deque
from dataclasses import dataclass, field

from .messages import Request, pulse
from .settings import Settings

WAITING_LIMIT = 16
KEY_LIMIT = 1024


@dataclass(slots=True)
class Pulse:
    """One ordered opening; `first_sent_ms` None until it is on the wire."""

    key: str
    relay: int
    duration_ms: int
    ordered_ms: int
    first_sent_ms: int | None = None
    sent: int = 0

    def request(self) -> Request:
        return pulse(self.relay, self.duration_ms)


@dataclass(slots=True)
class Pulses:
    """The queue of orders, oldest first, and the keys of the orders of late."""

    settings: Settings
    waiting: deque[Pulse] = field(default_factory=deque)
    _ordered_ms: dict[str, int] = field(default_factory=dict)

    def remember(self, key: str, now_ms: int) -> bool:
        """Note an order; False if the same key was ordered within the memory."""
        while self._ordered_ms:
            oldest = next(iter(self._ordered_ms))
            if now_ms - self._ordered_ms[oldest] < self.settings.pulse_memory_ms and len(self._ordered_ms) < KEY_LIMIT:
                break
            del self._ordered_ms[oldest]
        if key in self._ordered_ms:
            return False
        self._ordered_ms[key] = now_ms
        return True

    def is_full(self) -> bool:
        return len(self.waiting) >= WAITING_LIMIT

    def take_stale(self, now_ms: int) -> list[Pulse]:
        """Remove the orders that waited too long; one already sent is not stale, its retry has a rule of its own."""
        stale = [
            order
            for order in self.waiting
            if order.first_sent_ms is None and now_ms - order.ordered_ms >= self.settings.pulse_fresh_ms
        ]
        for order in stale:
            self.waiting.remove(order)
        return stale

    def may_retry(self, order: Pulse, now_ms: int) -> bool:
        """Whether sending `order` again now surely falls within the opening that the first sending may have begun."""
        if order.sent != 1 or order.first_sent_ms is None:
            return False
        return now_ms - order.first_sent_ms <= order.duration_ms - self.settings.retry_margin_ms
