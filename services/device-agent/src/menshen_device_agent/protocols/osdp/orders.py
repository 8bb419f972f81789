"""Orders that wait for their turn on the line."""

from collections import deque

from .messages import Order

QUEUE_LIMIT = 16


class Orders:
    """A bounded queue; an order that waited past its time is never sent, since a late one may open a door."""

    def __init__(self) -> None:
        self._queue: deque[tuple[Order, int]] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def add(self, order: Order, until_ms: int) -> bool:
        """False when the queue is full."""
        if len(self._queue) >= QUEUE_LIMIT:
            return False
        self._queue.append((order, until_ms))
        return True

    def next(self) -> Order | None:
        return self._queue.popleft()[0] if self._queue else None

    def expired(self, now_ms: int) -> tuple[Order, ...]:
        """Take out what waited too long."""
        late = tuple(order for order, until_ms in self._queue if until_ms <= now_ms)
        self._queue = deque(entry for entry in self._queue if entry[1] > now_ms)
        return late

    def clear(self) -> tuple[Order, ...]:
        dropped = tuple(order for order, _ in self._queue)
        self._queue.clear()
        return dropped

    @property
    def first_expiry_ms(self) -> int | None:
        return min((until_ms for _, until_ms in self._queue), default=None)
