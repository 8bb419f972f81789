"""Doors, barriers and the ledger: what physically happens, and only that."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from menshen_simulators.barriers import Barrier, Boom
from menshen_simulators.doors import Door, Wiring
from menshen_simulators.ledger import Ledger, count, read_ledger
from menshen_simulators.relay_board import RelayBoard, modbus_crc
from menshen_simulators.wire import PtyPair

Order = Callable[[str], Any]
SHUT, FREE, GRANT = "01050001ff00", "010500010000", "010502000002"


@pytest.fixture
async def board(line: PtyPair, witness: Any) -> AsyncIterator[RelayBoard]:
    simulated = RelayBoard(line.b_path, journal=witness)
    simulated.start()
    yield simulated
    simulated.close()


@pytest.fixture
def order(board: RelayBoard, far_end: Any) -> Order:
    async def send(body: str) -> None:
        await far_end.ask(body + modbus_crc(bytes.fromhex(body)).hex(), 8)

    return send


@pytest.fixture
async def door(board: RelayBoard, order: Order, witness: Any) -> AsyncIterator[Door]:
    simulated = Door(board, passage_pulse_s=0.01, journal=witness)
    await order(SHUT)
    witness.seen.clear()
    yield simulated
    simulated.close()


def physical(witness: Any) -> list[str]:
    return [kind for kind in witness.kinds if kind not in ("RELAY", "PULSE_RECEIVED")]


async def test_a_door_is_free_until_its_release_relay_is_energised(board: RelayBoard, order: Order) -> None:
    door = Door(board)
    assert door.is_unlocked

    await order(SHUT)
    assert not door.is_unlocked
    await order(FREE)

    assert door.is_unlocked
    door.close()


async def test_a_granted_person_passes_once_and_the_leaf_closes(door: Door, order: Order, witness: Any) -> None:
    walking = asyncio.create_task(door.walk(passage_s=0.02))
    await order(GRANT)

    assert await walking == 1
    await witness.until(lambda: not door.is_unlocked)
    assert physical(witness) == ["UNLOCKED", "OPENED", "PASSED", "CLOSED", "LOCKED"]


async def test_two_people_on_one_grant_are_two_passage_pulses(door: Door, order: Order, witness: Any) -> None:
    walking = asyncio.create_task(door.walk(passage_s=0.02, persons=2))
    await order(GRANT)

    assert await walking == 2
    assert physical(witness).count("PASSED") == 2
    assert physical(witness).count("OPENED") == 1


async def test_nobody_passes_a_door_that_stays_locked(door: Door, board: RelayBoard, witness: Any) -> None:
    assert await door.walk(patience_s=0.02) == 0

    assert physical(witness) == ["NOT_TAKEN"]
    assert not board.inputs[2]


async def test_a_stuck_door_does_not_open_though_it_is_free(door: Door, order: Order, witness: Any) -> None:
    door.stuck = True
    walking = asyncio.create_task(door.walk())

    await order(GRANT)

    assert await walking == 0
    assert not door.is_open


async def test_a_forced_leaf_shows_on_the_contact_while_the_lock_is_shut(door: Door, board: RelayBoard) -> None:
    door.force()

    assert board.inputs[0]
    assert not door.is_unlocked
    door.let_close()
    assert not board.inputs[0]


async def test_a_wedged_leaf_stays_open_after_its_person(door: Door, order: Order) -> None:
    door.hold_open()
    walking = asyncio.create_task(door.walk(passage_s=0.02))
    await order(GRANT)
    await walking

    assert door.is_open
    door.let_close()
    assert not door.is_open


async def test_the_exit_button_frees_the_lock_without_the_board(door: Door, board: RelayBoard, witness: Any) -> None:
    door.press_rex(0.02)

    assert door.is_unlocked
    assert board.inputs[1]
    await witness.until(lambda: not door.is_unlocked)
    assert not board.inputs[1]


@pytest.mark.parametrize("fail_safe", [True, False])
async def test_a_lock_without_power_fails_as_it_was_built(board: RelayBoard, order: Order, fail_safe: bool) -> None:
    door = Door(board, fail_safe=fail_safe)
    await order(SHUT)

    door.set_lock_power(on=False)

    assert door.is_unlocked is fail_safe
    door.close()


async def test_a_board_without_power_frees_a_door_that_releases_by_dropping(door: Door, board: RelayBoard) -> None:
    board.power_off()

    assert door.is_unlocked


async def test_other_terminals_serve_another_gate(board: RelayBoard, order: Order) -> None:
    door = Door(board, Wiring(lock_relay=4, release_relay=None, contact_input=7))
    assert not door.is_unlocked

    door.force()

    assert board.inputs[7]
    door.close()


@pytest.fixture
async def barrier(board: RelayBoard, order: Order, witness: Any) -> AsyncIterator[Barrier]:
    await order(SHUT)
    simulated = Barrier(board, travel_s=0.05, dwell_s=0.02, passage_pulse_s=0.01, journal=witness)
    yield simulated
    simulated.close()


def booms(witness: Any) -> list[str]:
    return [facts["state"] for kind, facts in witness.seen if kind == "BOOM"]


async def test_a_granted_vehicle_passes_and_the_boom_goes_down(barrier: Barrier, order: Order, witness: Any) -> None:
    driving = asyncio.create_task(barrier.drive(passage_s=0.01))
    await order(GRANT)

    assert await driving
    await witness.until(lambda: barrier.boom is Boom.DOWN)
    assert booms(witness) == ["RISING", "UP", "LOWERING", "DOWN"]


async def test_a_lowering_boom_turns_round_for_a_vehicle(barrier: Barrier, order: Order, witness: Any) -> None:
    await order(GRANT)
    await witness.until(lambda: barrier.boom is Boom.LOWERING)

    barrier.set_loop(taken=True)
    await witness.until(lambda: barrier.boom is Boom.UP)
    barrier.set_loop(taken=False)
    await witness.until(lambda: barrier.boom is Boom.DOWN)

    assert booms(witness) == ["RISING", "UP", "LOWERING", "RISING", "UP", "LOWERING", "DOWN"]
    assert witness.kinds.count("CRUSH_AVOIDED") == 1


async def test_a_released_boom_rises_and_stays_up(barrier: Barrier, order: Order, witness: Any) -> None:
    await order(FREE)
    await witness.until(lambda: barrier.boom is Boom.UP)
    await order(GRANT)
    await order(SHUT)
    await order(FREE)

    assert barrier.boom is Boom.UP
    assert "LOWERING" not in booms(witness)


async def test_a_vehicle_nobody_grants_does_not_pass(barrier: Barrier, board: RelayBoard) -> None:
    assert not await barrier.drive(patience_s=0.02)

    assert barrier.boom is Boom.DOWN
    assert not board.inputs[2]


def test_the_ledger_keeps_order_instants_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path, now_ms=lambda: 1_700_000_000_000, monotonic=lambda: 12.5)

    ledger.write("PASSED", "door", subject="x")
    ledger.write("PASSED", "other")
    ledger.write("FORCED", "door")
    ledger.close()
    ledger.close()

    entries = list(read_ledger(path))
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert (entries[0].at_ms, entries[0].monotonic_ms) == (1_700_000_000_000, 12_500)
    assert (count(path, "PASSED"), count(path, "PASSED", "door"), count(path, "PASSED", subject="x")) == (2, 1, 1)
    assert count(path, "PASSED", subject="y") == 0


def test_the_ledger_goes_on_after_a_crash_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    whole = {"number": 1, "kind": "PASSED", "device": "door", "at_ms": 1, "monotonic_ms": 1, "facts": {}}
    path.write_text(json.dumps(whole) + "\n" + '{"number": 2, "ki')

    assert count(path, "PASSED") == 1


def test_a_closed_ledger_refuses(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", now_ms=lambda: 1, monotonic=lambda: 1.0)
    ledger.close()

    with pytest.raises(ValueError, match="closed"):
        ledger.write("PASSED", "door")
