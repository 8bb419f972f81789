"""Exports, replays and what-ifs rest between their steps while decisions are made, and only then."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from harness.apart import unhurried
from menshen_access.resting import FULL_RATE, LONGEST_S, SHARE, Resting
from menshen_servicekit.clock import ManualClock


@dataclass
class Counted:
    """Decisions that were asked for."""

    asked: int = 7


@pytest.mark.parametrize(("rate", "part"), [(0, 0.0), (FULL_RATE / 4, 0.25), (FULL_RATE, 1.0), (5 * FULL_RATE, 1.0)])
def test_the_more_decisions_are_made_the_longer_a_step_is_rested_for(rate: float, part: float) -> None:
    clock, counted = ManualClock(), Counted()
    resting = Resting(counted, clock)

    for _ in range(4):
        clock.advance_ms(1_000)
        counted.asked += round(rate)
        resting.rest_s(0.001)

    assert resting.rest_s(0.001) == pytest.approx(SHARE * 0.001 * part)
    assert resting.rest_s(0.001, share=2.0) == pytest.approx(0.002 * part)
    assert resting.rest_s(60.0) == pytest.approx(LONGEST_S * part)


def test_what_was_busy_an_hour_ago_is_forgotten_within_two_seconds() -> None:
    clock, counted = ManualClock(), Counted()
    resting = Resting(counted, clock)
    counted.asked += 100_000
    clock.advance_ms(3_600_000)
    resting.rest_s(0.001)
    clock.advance_ms(1_000)
    resting.rest_s(0.001)
    clock.advance_ms(1_000)

    assert resting.rest_s(0.001) == 0.0


async def test_every_presentation_is_noticed(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    resting = Resting(gate.counted, gate.clock)
    before = resting.rest_s(0.01)

    await gate.present("AA")

    assert (before, resting.rest_s(0.01)) == (0.0, pytest.approx(SHARE * 0.01 / FULL_RATE))


async def test_where_nobody_presents_anything_nothing_rests() -> None:
    async with asyncio.timeout(1):
        await unhurried(ManualClock()).after(60.0)
