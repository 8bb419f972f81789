"""The rows of changes: from an import, or one changed card, to every connected gate of a running suite."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from faults.lanes import LaneAgent, start_lane_agent
from hot_path.report import Row, sample
from menshen.identity.v1 import identity_pb2
from menshen_cli.importing import CHUNK_BYTES
from menshen_cli.local.suite import Suite
from menshen_rulebook.types import CredentialState
from menshen_servicekit.clock import SystemClock
from scenarios.campus import Campus, Person

SITE, GATES, PEOPLE = "north", ("w", "e", "s"), 10
IMPORTED, CHANGES = 50_000, 200
LOOK_S = 0.002
"""How often a gate is looked at: what this adds counts against us."""

GIVE_UP_S = 300.0
_SUSPENDED, _ACTIVE = identity_pb2.CREDENTIAL_STATE_SUSPENDED, identity_pb2.CREDENTIAL_STATE_ACTIVE
CLOCK = SystemClock()


async def measure_changes(folder: Path) -> list[Row]:
    """Both rows; the changes come first, while the site is small, and again once everybody is there."""
    async with AsyncExitStack() as exits:
        suite = await exits.enter_async_context(Suite(folder, sites=(SITE,)))
        campus = Campus(suite)
        await campus.open()
        agents: list[LaneAgent] = []
        for gate in GATES:
            points = (f"{gate}-in", f"{gate}-out")
            agents.append(await start_lane_agent(suite, suite.folder / "lanes", f"{gate}-1", points))
            exits.push_async_callback(agents[-1].close)
        people = [await campus.enrol() for _ in range(PEOPLE)]
        await _until(lambda: all(_holds(agent, person) for agent in agents for person in people))
        few = await changes(campus, agents, people)
        imported = await bulk_import(campus, agents)
        many = await changes(campus, agents, people)
    return [
        imported,
        _change_row(f"change to {len(GATES)} gates, few subjects", few),
        _change_row(f"change to {len(GATES)} gates, {IMPORTED:,} subjects", many),
    ]


def _change_row(title: str, latencies: Sequence[float]) -> Row:
    found = sample(latencies, 0.0)
    return Row(title, found.p50_us, found.p99_us, bar="p99 <= 1 s", met=found.p99_us <= 1_000_000)


async def changes(campus: Campus, agents: Sequence[LaneAgent], people: Sequence[Person]) -> list[float]:
    """Microseconds from the answer that a card's state is stored to the last gate that has it."""
    latencies = []
    for number in range(CHANGES):
        person = people[number % len(people)]
        before = _version(agents[0], person)
        state = _SUSPENDED if _is_active(agents[0], person) else _ACTIVE
        await campus.change_card(person, state)
        began = CLOCK.monotonic()
        await _until(lambda: all(_version(agent, person) > before for agent in agents))  # noqa: B023  (awaited here)
        latencies.append((CLOCK.monotonic() - began) * 1e6)
    return latencies


async def bulk_import(campus: Campus, agents: Sequence[LaneAgent]) -> Row:
    """Seconds from the file to the last record at every gate, and to a decision at the centre."""
    file = _file().encode()
    expected = len(agents[0].keeper.holding.records) + IMPORTED
    began = CLOCK.monotonic()

    async def requests() -> AsyncIterator[identity_pb2.ImportCardholdersRequest]:
        for start in range(0, len(file), CHUNK_BYTES):
            yield identity_pb2.ImportCardholdersRequest(site=SITE, chunk=file[start : start + CHUNK_BYTES])

    answer = await campus.identity.ImportCardholders(requests(), timeout=GIVE_UP_S)
    if answer.created != IMPORTED:
        raise RuntimeError(f"imported {answer.created} with {len(answer.faults)} faults")
    stored_s = CLOCK.monotonic() - began
    await _until(lambda: all(len(agent.keeper.holding.records) >= expected for agent in agents))
    # Gates and centre are told side by side: either may be first.
    async with asyncio.timeout(GIVE_UP_S):
        while not (await campus.ask(campus.presentation("w-in", [_card(IMPORTED - 1)]))).subject_ids:
            await asyncio.sleep(LOOK_S)
    seconds = CLOCK.monotonic() - began
    figure = f"{seconds:.1f} s, stored {stored_s:.1f} s"
    return Row(f"import of {IMPORTED:,} to every gate", figure=figure, bar="<= 60 s", met=seconds <= 60)


def _file() -> str:
    rows = (f"\nB{number},{SITE},staff,class-{number % 100},某人,{_card(number)}" for number in range(IMPORTED))
    return "external_ref,site,category,groups,name,card" + "".join(rows)


def _card(number: int) -> str:
    return f"{0x5000_0000 + number:08X}"


def _holds(agent: LaneAgent, person: Person) -> bool:
    return bool(agent.is_current and agent.keeper.holding.records.subjects([f"card:{person.card_text}"]))


def _version(agent: LaneAgent, person: Person) -> int:
    return agent.keeper.holding.records.subjects([f"card:{person.card_text}"])[0].version


def _is_active(agent: LaneAgent, person: Person) -> bool:
    [held] = agent.keeper.holding.records.subjects([f"card:{person.card_text}"])
    return held.credentials[0].state is CredentialState.ACTIVE


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(GIVE_UP_S):
        while not condition():
            await asyncio.sleep(LOOK_S)
