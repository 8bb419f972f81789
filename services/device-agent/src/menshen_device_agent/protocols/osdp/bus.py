"""Several PDs on one line, polled in turn."""

from collections.abc import Sequence

from .events import Event
from .messages import Order
from .session import ORDER_WITHIN_MS, Session

_TURNAROUND_MS = 2


class Bus:
    """Sessions that share a line: one speaks, and the line is its own until the reply has come or is overdue.

    A silent PD costs the others its reply time only: between its retries they have their turns. ValueError when two
    sessions have one address.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        if len({session.settings.address for session in sessions}) != len(sessions):
            raise ValueError("two sessions with one address")
        self._sessions = {session.settings.address: session for session in sessions}
        self._turns = list(sessions)
        self._speaking: Session | None = None
        self._free_ms = 0
        self.unasked = 0

    def session(self, address: int) -> Session | None:
        return self._sessions.get(address)

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from the line belong to the PD that was asked last; before any was asked they are counted `unasked`."""
        if self._speaking is None:
            self.unasked += len(data)
            return
        self._speaking.feed(data, now_ms)
        if not self._speaking.awaiting(now_ms):
            self._free_ms = now_ms + _TURNAROUND_MS

    def outgoing(self, now_ms: int) -> bytes:
        """The next bytes for the line; empty while a reply is awaited or nothing is due."""
        for session in self._turns:
            session.tick(now_ms)
        if now_ms < self._free_ms or self._taken(now_ms):
            return b""
        for session in tuple(self._turns):
            sent = session.outgoing(now_ms)
            if sent:
                self._speaking = session
                self._turns.remove(session)
                self._turns.append(session)
                return sent
        return b""

    def next_deadline_ms(self) -> int | None:
        """When to call `outgoing` again at the latest; None for a line without PDs."""
        if self._speaking is not None and self._speaking.outstanding:
            watches = [session.watch_deadline_ms() for session in self._turns]
            due_ms = _earliest([*watches, self._speaking.next_deadline_ms()])
        else:
            due_ms = _earliest([session.next_deadline_ms() for session in self._turns])
        return None if due_ms is None else max(due_ms, self._free_ms)

    def events(self) -> tuple[Event, ...]:
        """What happened since the last call, PD by PD; each event names its address."""
        return tuple(event for session in self._sessions.values() for event in session.events())

    def lost(self, now_ms: int) -> None:
        """The line broke. Go on with `outgoing` when it is back."""
        self._speaking = None
        for session in self._turns:
            session.lost(now_ms)

    def submit(self, address: int, order: Order, now_ms: int, within_ms: int = ORDER_WITHIN_MS) -> bool:
        """As `Session.submit`; False for an address that is not on the line."""
        session = self._sessions.get(address)
        return session is not None and session.submit(order, now_ms, within_ms)

    def _taken(self, now_ms: int) -> bool:
        return self._speaking is not None and self._speaking.awaiting(now_ms)


def _earliest(instants: Sequence[int | None]) -> int | None:
    return min((instant for instant in instants if instant is not None), default=None)
