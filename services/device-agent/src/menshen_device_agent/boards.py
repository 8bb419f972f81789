"""A relay board in use: orders down, input edges up, and whether it answers."""

from collections.abc import Callable
from typing import Protocol

from menshen_device_agent.protocols.modbus_relay.events import (
    Event,
    InputsChanged,
    Offline,
    Online,
    OutputsRead,
    PulseFailed,
)
from menshen_device_agent.protocols.modbus_relay.session import Session


class BoardUser(Protocol):
    """Whoever is wired to a board: doors and fire lines. Calls come on the event loop."""

    def inputs(self, bits: tuple[bool, ...] | None, now_ms: int) -> None:
        """The inputs as read; None while the board does not answer and nothing is known."""

    def outputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        """The relays as the board reports them."""


class Board:
    """One board shared by its users. `on_line` gets its name and why it is offline, empty when it answers."""

    def __init__(
        self,
        name: str,
        session: Session,
        monotonic_ms: Callable[[], int],
        on_line: Callable[[str, str], None],
        on_pulse_failed: Callable[[PulseFailed], None],
    ) -> None:
        self.name = name
        self._session = session
        self._now_ms = monotonic_ms
        self._on_line = on_line
        self._on_pulse_failed = on_pulse_failed
        self._users: list[BoardUser] = []
        self._wake: Callable[[], None] = lambda: None

    def attach(self, user: BoardUser) -> None:
        """Tell `user` of every change from now on."""
        self._users.append(user)

    def drive_with(self, wake: Callable[[], None]) -> None:
        """Set what writes an order at once."""
        self._wake = wake

    def pulse(self, relay: int, duration_ms: int, key: str) -> None:
        """Open once; the same key never opens twice."""
        self._session.pulse(relay, duration_ms, key, self._now_ms())
        self._wake()

    def hold(self, relay: int, *, energised: bool) -> None:
        """Keep a maintained output so from now on, through outages of the board."""
        self._session.set_output(relay, on=energised)
        self._wake()

    def take(self, event: Event) -> None:
        """One event of the session."""
        match event:
            case InputsChanged(bits, at_ms):
                for user in self._users:
                    user.inputs(bits, at_ms)
            case OutputsRead(bits, at_ms):
                for user in self._users:
                    user.outputs(bits, at_ms)
            case Offline(at_ms):
                self._on_line(self.name, "silent")
                for user in self._users:
                    user.inputs(None, at_ms)
            case Online():
                self._on_line(self.name, "")
            case PulseFailed():
                self._on_pulse_failed(event)
            case _:
                pass
