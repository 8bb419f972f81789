"""What the board says of one door: its inputs and relays as read last, and what they tell of the door."""

from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.standing import Obstacle

Bits = tuple[bool, ...] | None


class Terminals:
    """Inputs and relays of a door; None while the board does not answer and nothing is known."""

    def __init__(self, binding: DoorBinding) -> None:
        self._binding = binding
        self._before: Bits = None
        self._inputs: Bits = None
        self._relays: Bits = None

    @property
    def answers(self) -> bool:
        """Whether the board answers."""
        return self._inputs is not None

    @property
    def contact(self) -> bool | None:
        """Whether the contact shows open; None while unknown or where there is none."""
        return _bit(self._inputs, self._binding.contact_input)

    @property
    def present(self) -> bool | None:
        """Whether something stands in the lane; None while unknown or where nothing senses it."""
        return _bit(self._inputs, self._binding.presence_input)

    @property
    def is_held_open(self) -> bool | None:
        """Whether the lock relay unlocks the door now."""
        return _bit(self._relays, self._binding.lock_relay)

    def take_inputs(self, bits: Bits) -> bool:
        """Inputs as read; True when they were unknown before."""
        self._before, self._inputs = self._inputs, bits
        if bits is None:
            self._relays = None
        return self._before is None

    def take_relays(self, bits: tuple[bool, ...]) -> None:
        """Relays as read."""
        self._relays = bits

    def rose(self, number: int | None) -> bool:
        """Whether an input went on with the last reading; not while it was unknown before."""
        return _bit(self._before, number) is False and _bit(self._inputs, number) is True

    def obstacle(self, *, released: bool) -> Obstacle:
        """What keeps the door from being known to be shut and locked."""
        binding = self._binding
        if released:
            return Obstacle.RELEASED
        if binding.contact_input is None:
            return Obstacle.NO_CONTACT
        if self.contact is None or self._relays is None:
            return Obstacle.UNKNOWN
        if self.contact:
            return Obstacle.OPEN
        holds = binding.release_relay is None or _bit(self._relays, binding.release_relay) is True
        return Obstacle.NONE if holds and self.is_held_open is False else Obstacle.LOCK_HELD


def _bit(bits: Bits, number: int | None) -> bool | None:
    if number is None or bits is None or number >= len(bits):
        return None
    return bits[number]
