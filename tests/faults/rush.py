"""A rush at several lanes: people come and go, each at a lane of their own agent, until they are told to stop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from faults.lanes import LaneAgent
from scenarios.campus import Person

PAUSE_S = 0.04
_NOBODY_WALKS_EVERY = 9


@asynccontextmanager
async def rush(agents: Sequence[LaneAgent], people: Sequence[Sequence[Person]]) -> AsyncIterator[None]:
    """Everybody keeps passing while the block runs; what is under way at its end is finished."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for agent, crowd in zip(agents, people, strict=True):
            group.create_task(_come_and_go(agent, crowd, stop))
        try:
            yield
        finally:
            stop.set()


async def _come_and_go(agent: LaneAgent, crowd: Sequence[Person], stop: asyncio.Event) -> None:
    turn = 0
    entry, leave = agent.lane_points
    outside = dict.fromkeys(range(len(crowd)), True)
    while not stop.is_set():
        place = turn % len(crowd)
        walks = turn % _NOBODY_WALKS_EVERY != 0
        shown = await agent.pass_through(entry if outside[place] else leave, crowd[place], walks=walks)
        if shown.answer.opens and walks:
            outside[place] = not outside[place]
        turn += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE_S):
                await stop.wait()


async def go_on_for(seconds: float) -> None:
    """Let the rush go on: time itself is what is under test here."""
    await asyncio.sleep(seconds)
