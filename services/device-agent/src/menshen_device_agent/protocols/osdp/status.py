"""From whole status reports to the changes in them."""

from collections.abc import Iterator

from .events import Event, InputChanged, OutputChanged, Power, ReaderChanged, Tamper
from .replies import Inputs, LocalStatus, Message, Outputs, Readers


class StatusBoard:
    """What is known of one PD's tamper, power, inputs, outputs and reader heads; forgotten when it goes offline."""

    def __init__(self, address: int) -> None:
        self._address = address
        self._known: dict[tuple[type[Event], int], Event] = {}

    def forget(self) -> None:
        self._known.clear()

    def changes(self, message: Message) -> tuple[Event, ...]:
        """Events for what the report says and was not known so."""
        changed = []
        for number, event in enumerate(self._read(message)):
            if self._known.get((type(event), number)) != event:
                self._known[type(event), number] = event
                changed.append(event)
        return tuple(changed)

    def _read(self, message: Message) -> Iterator[Event]:
        match message:
            case LocalStatus(tamper, power_failed):
                yield Tamper(self._address, tamper)
                yield Power(self._address, power_failed)
            case Inputs(active):
                yield from (InputChanged(self._address, number, state) for number, state in enumerate(active))
            case Outputs(active):
                yield from (OutputChanged(self._address, number, state) for number, state in enumerate(active))
            case Readers(states):
                yield from (ReaderChanged(self._address, number, state) for number, state in enumerate(states))
