"""A campus of its own for the tests that kill, with lanes under load."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest_asyncio
from faults.lanes import LaneAgent, start_lane_agent
from harness.patience import eventually
from menshen_cli.local.suite import Suite
from scenarios.campus import Campus, Person
from scenarios.gatehouse import Gatehouse, gatehouse

LANES = {"w-1": ("w-in", "w-out"), "e-1": ("e-in", "e-out"), "e-2": ("e-in", "e-out")}
SOONER = {"access": {"MENSHEN_POLICY_LEAD_S": "2"}, "access-keeper": {"MENSHEN_CLOSURE_APPROVAL_S": "3"}}
"""Waits that are minutes in production."""
_CROWD = 6


@dataclass
class Battlefield:
    """A suite under load: lane agents with a crowd each; `ledgers` holds every agent that ever passed somebody."""

    suite: Suite
    campus: Campus
    agents: list[LaneAgent] = field(default_factory=list)
    crowds: list[list[Person]] = field(default_factory=list)
    ledgers: list[LaneAgent] = field(default_factory=list)

    async def until_online(self) -> None:
        """Every agent has the centre and an edge copy that knows its crowd."""
        for agent, crowd in zip(self.agents, self.crowds, strict=True):
            keys = [f"card:{person.card_text}" for person in crowd]
            await eventually(lambda agent=agent, keys=keys: _is_ready(agent, keys), 30)


def _is_ready(agent: LaneAgent, keys: list[str]) -> bool:
    return agent.is_current and len(agent.keeper.holding.records.subjects(keys)) == len(keys)


@asynccontextmanager
async def lanes_of(suite: Suite) -> AsyncIterator[Battlefield]:
    """The lanes of a running suite, online."""
    async with AsyncExitStack() as exits:
        campus = Campus(suite)
        await campus.open()
        field_ = Battlefield(suite, campus)
        for agent_id, points in LANES.items():
            agent = await start_lane_agent(suite, suite.folder / "lanes", agent_id, points)
            exits.push_async_callback(agent.close)
            field_.agents.append(agent)
            field_.ledgers.append(agent)
            field_.crowds.append([await campus.enrol() for _ in range(_CROWD)])
        await field_.until_online()
        yield field_


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def field_of_lanes(run_folder: Path) -> AsyncIterator[Battlefield]:
    """Everything running, durable, online."""
    folder = run_folder / "suite-faults"
    async with Suite(folder, sites=("north", "south"), settings=SOONER) as suite, lanes_of(suite) as field_:
        yield field_


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def gate(field_of_lanes: Battlefield) -> AsyncIterator[Gatehouse]:
    """A gate with simulated hardware at a site of its own, driven by an agent process."""
    suite = field_of_lanes.suite
    await Campus(suite, "south").open()
    async with gatehouse(suite, suite.folder / "gate", "s-1", "south") as opened:
        yield opened
