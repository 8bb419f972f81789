"""A relay board session on a real line: against pymodbus's server, and against the simulated board with faults."""

import struct
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from menshen_device_agent.protocols.modbus_relay.events import (
    InputsChanged,
    Offline,
    Online,
    OutputsRead,
    PulseConfirmed,
    PulseFailed,
)
from menshen_device_agent.protocols.modbus_relay.session import Session
from menshen_device_agent.protocols.modbus_relay.settings import Settings
from menshen_device_agent.transports.serial import SerialSettings, SerialTransport
from menshen_simulators.fire_panel import FirePanel
from menshen_simulators.relay_board import RelayBoard
from menshen_simulators.wire import LineQuality, PtyPair
from pymodbus import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

INPUTS = [True, False, False, True, False, False, False, False]
PumpMaker = Callable[..., Any]


class PulsingWriteCoil(ModbusPDU):
    """Function 5 as relay boards extend it, on the server's side: 0x0200 + relay is a pulse."""

    function_code = 5
    rtu_frame_size = 8
    value = 0
    pulses: list[tuple[int, int]]

    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        self.address, self.value = struct.unpack(">HH", data[:4])

    async def datastore_update(self, context: Any, device_id: int) -> ModbusPDU:
        if self.address >= 0x200:
            self.pulses.append((self.address - 0x200, self.value))
        else:
            await context.async_setValues(device_id, 5, self.address, [bool(self.value)])
        reply = type(self)(dev_id=self.dev_id, address=self.address)
        reply.value = self.value
        return reply


@pytest.fixture
async def line() -> AsyncIterator[PtyPair]:
    async with PtyPair(LineQuality(baud=115_200)) as pair:
        yield pair


@pytest.fixture
async def pymodbus_board(line: PtyPair) -> AsyncIterator[list[tuple[int, int]]]:
    pulses: list[tuple[int, int]] = []
    pdu = type("RecordingWriteCoil", (PulsingWriteCoil,), {"pulses": pulses})
    bits = [
        [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
        [SimData(0, values=INPUTS + [False] * 8, datatype=DataType.BITS)],
        [SimData(0, values=0, datatype=DataType.REGISTERS)],
        [SimData(0, values=0, datatype=DataType.REGISTERS)],
    ]
    server = ModbusSerialServer(
        SimDevice(1, simdata=tuple(bits)),  # type: ignore[arg-type]  # four lists
        framer=FramerType.RTU,
        port=line.b_path,
        baudrate=115_200,
        custom_pdu=[pdu],
    )
    await server.serve_forever(background=True)
    yield pulses
    await server.shutdown()


@pytest.fixture
async def board(line: PtyPair) -> AsyncIterator[RelayBoard]:
    simulated = RelayBoard(line.b_path)
    simulated.start()
    yield simulated
    simulated.close()


def transport_on(line: PtyPair) -> SerialTransport:
    settings = SerialSettings(line.a_path, baud=115_200, retry_first_ms=10, retry_cap_ms=50)
    return SerialTransport(settings, jitter=lambda: 0.0)


async def test_pymodbus_answers_inputs_outputs_and_a_pulse(
    line: PtyPair, pymodbus_board: list[tuple[int, int]], pumps: PumpMaker
) -> None:
    session = Session(Settings(outputs_poll_ms=50))
    pump = pumps(session, transport_on(line))
    await pump.until(lambda: pump.told_of(InputsChanged))
    session.set_output(1, on=True)
    session.pulse(3, 700, "a", pump.now_ms())
    pump.turn()

    await pump.until(lambda: pump.told_of(PulseConfirmed))
    await pump.until(lambda: pump.told_of(OutputsRead) and pump.told_of(OutputsRead)[-1].bits[1])

    assert pump.told_of(InputsChanged)[0].bits == tuple(INPUTS)
    assert pymodbus_board == [(3, 7)]
    assert session.framer.counters.bad_checksums == 0


async def test_a_pulse_holds_the_simulated_relay_for_its_time(
    line: PtyPair, board: RelayBoard, pumps: PumpMaker
) -> None:
    session = Session()
    switchings: list[tuple[bool, float]] = []
    pump = pumps(session, transport_on(line))
    board.watch(0, lambda on: switchings.append((on, pump.now_ms())))
    await pump.until(lambda: session.online)

    session.pulse(0, 200, "a", pump.now_ms())
    pump.turn()
    await pump.until(lambda: len(switchings) == 2)

    (on, from_ms), (off, to_ms) = switchings
    assert (on, off) == (True, False)
    assert 190 <= to_ms - from_ms <= 400


async def test_a_lost_echo_never_opens_twice(line: PtyPair, board: RelayBoard, pumps: PumpMaker) -> None:
    session = Session(Settings(reply_ms=50))
    openings: list[bool] = []
    pump = pumps(session, transport_on(line))
    board.watch(0, openings.append)
    await pump.until(lambda: session.online)

    session.pulse(0, 500, "a", pump.now_ms())
    board.mute_replies = 1
    pump.turn()
    await pump.until(lambda: pump.told_of(PulseConfirmed))
    await pump.until(lambda: len(openings) == 2)

    assert openings == [True, False]
    assert pump.told_of(PulseFailed) == []


async def test_a_cut_line_is_offline_and_wanted_outputs_return_with_it(
    line: PtyPair, board: RelayBoard, pumps: PumpMaker
) -> None:
    session = Session(Settings(offline_after_ms=200, reply_ms=40))
    session.set_output(1, on=True)
    pump = pumps(session, transport_on(line))
    await pump.until(lambda: board.outputs[1])

    line.cut()
    await pump.until(lambda: pump.told_of(Offline))
    board.power_off()
    board.power_on()
    assert not board.outputs[1]
    line.restore()
    await pump.until(lambda: board.outputs[1])

    assert len(pump.told_of(Online)) == 2


async def test_an_unplugged_adapter_is_opened_again(line: PtyPair, board: RelayBoard, pumps: PumpMaker) -> None:
    session = Session()
    pump = pumps(session, transport_on(line))
    await pump.until(lambda: session.online)

    line.unplug("a")
    await pump.until(lambda: pump.told_of(Offline))
    line.replug("a")

    await pump.until(lambda: len(pump.told_of(Online)) == 2)


async def test_a_dirty_fragmented_line_still_carries_the_fire_input(
    line: PtyPair, board: RelayBoard, pumps: PumpMaker
) -> None:
    line.set_quality(LineQuality(baud=115_200, fragment_bytes=3, corruption=0.01))
    session = Session(Settings(poll_ms=10, reply_ms=40))
    pump = pumps(session, transport_on(line))
    panel = FirePanel(board)
    await pump.until(lambda: session.online)

    for _ in range(5):
        panel.alarm()
        await pump.until(lambda: pump.told_of(InputsChanged)[-1].bits[4])
        panel.reset()
        await pump.until(lambda: not pump.told_of(InputsChanged)[-1].bits[4])

    assert line.counters("b").corrupted + line.counters("a").corrupted > 0
    assert {event.bits[6] for event in pump.told_of(InputsChanged)} == {False}
