"""A Modbus RTU relay board: relays with a pulse timed by the board, discrete inputs, exceptions, loss of power."""

import asyncio
from collections.abc import Callable
from enum import Enum

from menshen_simulators.device_end import DeviceEnd
from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.timers import Timers

PULSE_UNIT_S = 0.1
BROADCAST_UNIT = 0
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
_FIXED_SIZE = 8
_MOST_COIL_BYTES = 32
_SILENCE_S = 0.05
_LATCHED_READINGS = 3
_MOST_OWED = 64


def modbus_crc(data: bytes) -> bytes:
    """CRC-16/MODBUS as it goes on the wire."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return bytes((value & 0xFF, value >> 8))


def _pack(bits: list[bool]) -> bytes:
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        packed[index // 8] |= bit << index % 8
    return bytes(packed)


class Drive(Enum):
    """What holds a relay: nothing, an order until the next, or the board's timer."""

    RELEASED = "released"
    HELD = "held"
    TIMED = "timed"


class _Relay:
    def __init__(self, number: int, timers: Timers, changed: Callable[[int, bool, str], None]) -> None:
        self._number = number
        self._timers = timers
        self._changed = changed
        self._cancel: Callable[[], None] = lambda: None
        self.drive = Drive.RELEASED

    @property
    def on(self) -> bool:
        return self.drive is not Drive.RELEASED

    def switch(self, drive: Drive, cause: str, duration_s: float = 0.0) -> None:
        """Begin, go on with or end being energised; a pulse begun again starts its time over."""
        was_on = self.on
        self._cancel()
        self.drive = drive
        if drive is Drive.TIMED:
            timer = self._timers.after(duration_s, lambda: self.switch(Drive.RELEASED, "timer"))
            self._cancel = lambda: self._timers.cancel(timer)
        if self.on != was_on:
            self._changed(self._number, self.on, cause)


class _Input:
    """One discrete input with a memory, as a counting input has: no pulse is lost to a reader that comes late."""

    def __init__(self) -> None:
        self.on = False
        self._owed = 0
        self._shows = False
        self._readings_left = 0

    def drive(self, *, on: bool) -> None:
        """Change the terminal. Every time it goes on is owed to whoever reads."""
        if on and not self.on:
            self._owed = min(self._owed + 1, _MOST_OWED)
        self.on = on

    def read(self) -> bool:
        """What the next reading shows: nothing goes on that was not shown off before, so that two never look as one."""
        if self._readings_left:
            self._readings_left -= 1
        elif self._shows and (self._owed or not self.on):
            self._turn(shows=False)
        elif not self._shows and self._owed:
            self._owed -= 1
            self._turn(shows=True)
        return self._shows

    def _turn(self, *, shows: bool) -> None:
        self._shows, self._readings_left = shows, _LATCHED_READINGS - 1


class RelayBoard:
    """One board on one terminal path.

    Inputs latch: what they show stays for three readings at least, so that a pulse between readings is not missed, nor
    one whose reply came too late for whoever asked; of two pulses each is shown, with off between them.
    `outputs` and `inputs` are its terminals; `watch(relay, call)` tells of every switching. The ledger gets `RELAY`
    entries with relay, on and cause, and `PULSE_RECEIVED` for each pulse request. `mute_replies` swallows that many
    replies after obeying the request; `power_off()` releases every relay and falls silent.
    """

    def __init__(
        self,
        path: str,
        *,
        name: str = "board",
        unit: int = 1,
        relay_count: int = 8,
        input_count: int = 8,
        journal: Journal = no_journal,
    ) -> None:
        self.name = name
        self.mute_replies = 0
        self.pulses_received = 0
        self.requests = 0
        self._unit = unit
        self._journal = journal
        self._timers = Timers()
        self._relays = [_Relay(number, self._timers, self._switched) for number in range(relay_count)]
        self._inputs = [_Input() for _ in range(input_count)]
        self._watchers: dict[int, list[Callable[[bool], None]]] = {}
        self._buffer = bytearray()
        self._heard_s = 0.0
        self._powered = True
        self._end = DeviceEnd(path, self._received)

    def start(self) -> None:
        """Open the line and answer."""
        self._end.start()

    def close(self) -> None:
        """Leave the line; timers end."""
        self._end.close()
        self._timers.close()

    @property
    def outputs(self) -> tuple[bool, ...]:
        return tuple(relay.on for relay in self._relays)

    @property
    def inputs(self) -> tuple[bool, ...]:
        return tuple(one.on for one in self._inputs)

    def set_input(self, number: int, *, on: bool) -> None:
        """Drive one discrete input from outside."""
        self._inputs[number].drive(on=on)

    def watch(self, relay: int, call: Callable[[bool], None]) -> None:
        """Call `call(on)` at every change of one relay."""
        self._watchers.setdefault(relay, []).append(call)

    def power_off(self) -> None:
        """Release every relay and answer nothing."""
        self._powered = False
        self._buffer.clear()
        for relay in self._relays:
            relay.switch(Drive.RELEASED, "power")

    def power_on(self) -> None:
        """Answer again; relays stay released until ordered."""
        self._powered = True

    def _switched(self, number: int, on: bool, cause: str) -> None:
        self._journal("RELAY", self.name, relay=number, on=on, cause=cause)
        for call in self._watchers.get(number, ()):
            call(on)

    def _received(self, data: bytes) -> None:
        if not self._powered:
            return
        heard_s, self._heard_s = self._heard_s, asyncio.get_running_loop().time()
        if self._heard_s - heard_s > _SILENCE_S:
            self._buffer.clear()
        self._buffer += data
        while len(self._buffer) >= _FIXED_SIZE and len(self._buffer) >= self._request_size():
            request = bytes(self._buffer[: self._request_size()])
            if modbus_crc(request[:-2]) == request[-2:]:
                del self._buffer[: len(request)]
                self._answer(request[0], request[1], request[2:-2])
            else:
                del self._buffer[0]

    def _request_size(self) -> int:
        writes_many = self._buffer[1] in (0x0F, 0x10) and self._buffer[6] <= _MOST_COIL_BYTES
        return 9 + self._buffer[6] if writes_many else _FIXED_SIZE

    def _answer(self, unit: int, function: int, body: bytes) -> None:
        if unit not in (self._unit, BROADCAST_UNIT):
            return
        self.requests += 1
        outcome = self._obey(function, body)
        reply = bytes((function | 0x80, outcome)) if isinstance(outcome, int) else bytes((function,)) + outcome
        if unit == BROADCAST_UNIT:
            return
        if self.mute_replies:
            self.mute_replies -= 1
            return
        frame = bytes((self._unit,)) + reply
        self._end.write(frame + modbus_crc(frame))

    def _obey(self, function: int, body: bytes) -> bytes | int:
        """The body of the reply, or an exception code."""
        address, value = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        match function:
            case 0x01:
                return self._read([relay.on for relay in self._relays], address, value)
            case 0x02:
                return self._read_inputs(address, value)
            case 0x05:
                return self._write(address, value) or body
            case 0x0F:
                return self._write_many(address, value, body[5:]) or body[:4]
            case _:
                return ILLEGAL_FUNCTION

    def _read(self, bits: list[bool], first: int, number: int) -> bytes | int:
        if not number or first + number > len(bits):
            return ILLEGAL_ADDRESS
        packed = _pack(bits[first : first + number])
        return bytes((len(packed),)) + packed

    def _read_inputs(self, first: int, number: int) -> bytes | int:
        if not number or first + number > len(self._inputs):
            return ILLEGAL_ADDRESS
        shown = [one.read() for one in self._inputs[first : first + number]]
        return self._read(shown, 0, number)

    def _write(self, address: int, value: int) -> int:
        if 0x0200 <= address < 0x0200 + len(self._relays):
            return self._pulse(address - 0x0200, value)
        if address >= len(self._relays):
            return ILLEGAL_ADDRESS
        if value not in (0xFF00, 0):
            return ILLEGAL_VALUE
        self._relays[address].switch(Drive.HELD if value else Drive.RELEASED, "order")
        return 0

    def _pulse(self, relay: int, units: int) -> int:
        if not 0 < units <= 0x7FFF:
            return ILLEGAL_VALUE
        self.pulses_received += 1
        self._journal("PULSE_RECEIVED", self.name, relay=relay, units=units)
        self._relays[relay].switch(Drive.TIMED, "pulse", units * PULSE_UNIT_S)
        return 0

    def _write_many(self, first: int, number: int, packed: bytes) -> int:
        if first + number > len(self._relays) or len(packed) * 8 < number:
            return ILLEGAL_ADDRESS
        for index in range(number):
            on = packed[index // 8] >> index % 8 & 1
            self._relays[first + index].switch(Drive.HELD if on else Drive.RELEASED, "order")
        return 0
