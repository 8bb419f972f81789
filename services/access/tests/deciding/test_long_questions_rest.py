"""Exports, replays and what-ifs rest between their steps while decisions are made, and only then."""

import asyncio
from typing import Any

import pytest
from harness.apart import unhurried
from menshen_access.resting import FULL_RATE, LONGEST_S, SHARE, Resting
from menshen_servicekit.clock import ManualClock


class Gates:
    """Present so many a second, evenly, and say when."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.asked = 7
        self.last_at = float("-inf")

    def go_on(self, seconds: int, rate: float) -> None:
        for _ in range(10 * seconds):
            self.clock.advance_ms(100)
            self.asked += round(rate / 10)
            self.last_at = self.clock.monotonic() if rate else self.last_at


@pytest.mark.parametrize(("rate", "part"), [(0, 0.0), (FULL_RATE / 5, 0.2), (FULL_RATE, 1.0), (5 * FULL_RATE, 1.0)])
def test_the_more_decisions_are_made_the_longer_a_step_is_rested_for(rate: float, part: float) -> None:
    gates = Gates()
    resting = Resting(gates, gates.clock)

    for _ in range(4):
        gates.go_on(1, rate)
        resting.rest_s(0.001)

    assert resting.rest_s(0.001) == pytest.approx(SHARE * 0.001 * part)
    assert resting.rest_s(0.001, share=2.0) == pytest.approx(0.002 * part)
    assert resting.rest_s(60.0) == pytest.approx(LONGEST_S * part)


def test_the_first_step_of_a_question_in_a_busy_hour_after_a_quiet_night_is_rested_for_in_full() -> None:
    gates = Gates()
    resting = Resting(gates, gates.clock)
    gates.go_on(3_600, 0)
    gates.go_on(10, FULL_RATE)

    assert resting.rest_s(0.001) == pytest.approx(SHARE * 0.001)


def test_after_a_busy_hour_nothing_rests_once_nobody_has_presented_anything_for_a_while() -> None:
    gates = Gates()
    resting = Resting(gates, gates.clock)
    gates.go_on(3_600, FULL_RATE)
    gates.go_on(2, 0)

    assert resting.rest_s(0.001) == 0.0


async def test_every_presentation_is_noticed(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    resting = Resting(gate.counted, gate.clock)
    before = resting.rest_s(0.01)

    await gate.present("AA")

    assert (before, resting.rest_s(0.01)) == (0.0, SHARE * 0.01)


async def test_where_nobody_presents_anything_nothing_rests() -> None:
    async with asyncio.timeout(1):
        await unhurried(ManualClock()).after(60.0)
