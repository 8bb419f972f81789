"""Exports, replays and what-ifs rest between their steps while decisions are made, and only then."""

import asyncio
from typing import Any

from harness.apart import unhurried
from menshen_access.resting import LATELY_S, LONGEST_S, SHARE, Resting
from menshen_servicekit.clock import ManualClock


async def test_a_step_is_followed_by_a_rest_while_decisions_are_made(gate: Any) -> None:
    clock = ManualClock()
    gate.counted.last_at = clock.monotonic()
    resting = Resting(gate.counted, clock)

    assert resting.rest_s(0.01) == SHARE * 0.01
    assert resting.rest_s(0.01, share=2.0) == 0.02
    assert resting.rest_s(60.0) == LONGEST_S
    clock.advance_ms(int(LATELY_S * 1000) + 1)
    assert resting.rest_s(0.01) == 0.0


async def test_every_presentation_is_noticed(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    resting = Resting(gate.counted, gate.clock)
    before = resting.rest_s(0.01)

    await gate.present("AA")

    assert (before, resting.rest_s(0.01)) == (0.0, SHARE * 0.01)


async def test_where_nobody_presents_anything_nothing_rests() -> None:
    clock = ManualClock()

    async with asyncio.timeout(1):
        await unhurried(clock).after(60.0)
