"""What one session tells its driver, in order and bounded."""

from collections import deque
from dataclasses import dataclass

from .events import (
    Alarm,
    CardRead,
    CommunicationSet,
    Done,
    Event,
    Failed,
    Failure,
    Keys,
    Nak,
    SecurityAlarm,
)
from .messages import Order
from .replies import Card, Communication, Keypad, Malformed, Message, NakReply, Unknown
from .status import StatusBoard

EVENT_LIMIT = 1024
ALARM_QUIET_MS = 60_000


@dataclass(slots=True)
class Tally:
    """What a session met since it was made. `strays` answer nothing outstanding, `refusals` are not authentic."""

    strays: int = 0
    retries: int = 0
    restarts: int = 0
    refusals: int = 0


class Journal:
    """Turns replies into events and holds them until drained, the newest 1024 at most."""

    def __init__(self, address: int) -> None:
        self._address = address
        self._events: deque[Event] = deque(maxlen=EVENT_LIMIT)
        self._board = StatusBoard(address)
        self._alarms_ms: dict[Alarm, int] = {}

    def drain(self) -> tuple[Event, ...]:
        drained = tuple(self._events)
        self._events.clear()
        return drained

    def tell(self, *events: Event) -> None:
        self._events.extend(events)

    def alarm(self, kind: Alarm, now_ms: int) -> None:
        """One per kind and minute."""
        told_ms = self._alarms_ms.get(kind)
        if told_ms is None or now_ms - told_ms >= ALARM_QUIET_MS:
            self._alarms_ms[kind] = now_ms
            self.tell(SecurityAlarm(self._address, kind))

    def conclude(self, order: Order, message: Message) -> None:
        """An order's answer came: any reply is consent that is not a NAK and can be read."""
        if isinstance(message, NakReply | Malformed | Unknown):
            self.failed(Failure.NAK, order)
        else:
            self.tell(Done(self._address, order))

    def failed(self, cause: Failure, *orders: Order) -> None:
        self.tell(*(Failed(self._address, order, cause) for order in orders))

    def forget_status(self) -> None:
        """Tell every status anew once it is known again."""
        self._board.forget()

    def report(self, message: Message) -> None:
        """What a reply says beyond answering its command."""
        match message:
            case Card(reader, card_format, count, bits):
                self.tell(CardRead(self._address, reader, bits, count, card_format))
            case Keypad(reader, digits):
                self.tell(Keys(self._address, reader, digits))
            case NakReply(code):
                self.tell(Nak(self._address, code))
            case Communication(address, baud):
                self.tell(CommunicationSet(self._address, address, baud))
            case _:
                self.tell(*self._board.changes(message))
