"""The simulated relay board against printed bytes and against pymodbus's client."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from menshen_simulators.fire_panel import FirePanel, LineState
from menshen_simulators.relay_board import RelayBoard
from menshen_simulators.wire import PtyPair
from pymodbus.client import AsyncModbusSerialClient


@pytest.fixture
async def board(line: PtyPair, witness: Any) -> AsyncIterator[RelayBoard]:
    simulated = RelayBoard(line.b_path, journal=witness)
    simulated.start()
    yield simulated
    simulated.close()


@pytest.mark.parametrize(
    ("request_", "relay", "on"),
    [
        ("01050000ff008c3a", 0, True),
        ("010500000000cdca", 0, False),
        ("01050001ff00ddfa", 1, True),
        ("0105020000078db0", 0, True),
    ],
)
async def test_a_printed_order_is_obeyed_and_echoed(
    board: RelayBoard, far_end: Any, request_: str, relay: int, on: bool
) -> None:
    assert await far_end.ask(request_, 8) == request_
    assert board.outputs[relay] is on


async def test_a_printed_order_with_a_wrong_checksum_is_ignored(board: RelayBoard, far_end: Any) -> None:
    far_end.end.write(bytes.fromhex("01050000ff008c3b"))

    assert await far_end.ask("01050001ff00ddfa", 8) == "01050001ff00ddfa"
    assert board.outputs[:2] == (False, True)


async def test_pymodbus_reads_and_writes_the_board(board: RelayBoard, line: PtyPair) -> None:
    client = AsyncModbusSerialClient(line.a_path, baudrate=115_200)
    assert await client.connect()
    board.set_input(4, on=True)

    await client.write_coil(2, value=True, device_id=1)
    await client.write_coils(5, [True, True, False], device_id=1)
    coils = await client.read_coils(0, count=8, device_id=1)
    inputs = await client.read_discrete_inputs(0, count=8, device_id=1)
    refused = await client.read_coils(0, count=9, device_id=1)
    client.close()

    assert coils.bits == [False, False, True, False, False, True, True, False]
    assert inputs.bits == [False] * 4 + [True] + [False] * 3
    assert refused.exception_code == 2


READ_INPUTS, ON, OFF = "01020000000879cc", "010201016048", "01020100a188"


async def readings(far_end: Any, times: int) -> list[str]:
    return [await far_end.ask(READ_INPUTS, 6) for _ in range(times)]


async def test_an_input_that_was_on_between_two_readings_shows_on_in_the_next_three(
    board: RelayBoard, far_end: Any
) -> None:
    board.set_input(0, on=True)
    board.set_input(0, on=False)

    assert await readings(far_end, 5) == [ON, ON, ON, OFF, OFF]


async def test_an_input_that_stays_on_is_shown_so_and_one_that_was_off_for_a_moment_too(
    board: RelayBoard, far_end: Any
) -> None:
    board.set_input(0, on=True)
    steady = await readings(far_end, 5)
    board.set_input(0, on=False)
    board.set_input(0, on=True)

    assert steady == [ON] * 5
    assert await readings(far_end, 8) == [OFF, OFF, OFF, ON, ON, ON, ON, ON]


@pytest.mark.parametrize("read_between", range(5))
async def test_two_pulses_show_as_two_whenever_they_are_read(
    board: RelayBoard, far_end: Any, read_between: int
) -> None:
    shown: list[str] = [OFF]
    for times in (read_between, 12):
        board.set_input(0, on=True)
        board.set_input(0, on=False)
        shown += await readings(far_end, times)

    assert list(pairwise(shown)).count((OFF, ON)) == 2
    assert shown[-1] == OFF


async def test_a_pulse_ends_by_itself_and_a_second_one_prolongs_it(
    board: RelayBoard, far_end: Any, witness: Any
) -> None:
    await far_end.ask("010502000001" + crc("010502000001"), 8)
    await far_end.ask("010502000001" + crc("010502000001"), 8)

    await witness.until(lambda: not board.outputs[0])

    assert [(kind, facts.get("on")) for kind, facts in witness.seen] == [
        ("PULSE_RECEIVED", None),
        ("RELAY", True),
        ("PULSE_RECEIVED", None),
        ("RELAY", False),
    ]


async def test_a_board_without_power_releases_its_relays_and_is_silent(board: RelayBoard, far_end: Any) -> None:
    await far_end.ask("01050001ff00ddfa", 8)

    board.power_off()
    await far_end.tell("01050000ff008c3a")
    board.power_on()

    assert not any(board.outputs)
    assert await far_end.ask("010500000000cdca", 8) == "010500000000cdca"


async def test_a_supervised_line_shows_its_damage_and_not_the_alarm_behind_it(board: RelayBoard) -> None:
    panel, shown = FirePanel(board), []

    for act in (panel.alarm, panel.break_line, panel.repair_line, panel.reset, panel.short_line):
        act()
        shown.append((panel.line, board.inputs[4], board.inputs[6]))

    assert shown == [
        (LineState.ALARM, True, False),
        (LineState.OPEN, False, True),
        (LineState.ALARM, True, False),
        (LineState.NORMAL, False, False),
        (LineState.SHORT, False, True),
    ]


def crc(body: str) -> str:
    """CRC-16/MODBUS as pymodbus computes it."""
    from pymodbus.framer.rtu import FramerRTU

    return FramerRTU.compute_CRC(bytes.fromhex(body)).to_bytes(2, "big").hex()
