"""Redis behind three sentinels and as a Cluster of six, under load: its primary is killed, cut off, emptied.

Nothing is lost, nothing is there twice, nobody is decided on twice; how long the centre was silent and for how long a
second entry went unnoticed is measured, printed and bounded. What is killed comes back before the next test.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from faults.conftest import Battlefield, lanes_of
from faults.failover import Exposure, Pretender, centre_silence_ms, exposure_of, forget_the_tail
from faults.lanes import CLOCK
from faults.rush import go_on_for, rush
from faults.test_agents_in_trouble import until_it_knows
from faults.test_killing_one_at_a_time import prove_everything, until_the_centre_decides
from harness.patience import eventually
from harness.redis_groups import SentinelTrio, SixNodes
from harness.redis_nodes import Node, NodeGroup
from menshen_access.redis.keys import SiteKeys
from menshen_cli.local.suite import Suite
from menshen_device_agent.events import EventKind
from scenarios.campus import Person

SITE = "north"
LONGEST_SILENCE_MS = 30_000
"""Detection 3 s, election, a new connection and a rebuild, on two shared cores: seen 1 to 8 s.

An election that ends in a draw is repeated after 4 s.
"""
MERGED_MS = 2_000
"""Within this time of the centre's return the passages lost with the tail of Redis are uploaded and merged."""
WATCH_S = 60.0

pytestmark = [pytest.mark.full, pytest.mark.timeout(240)]


@dataclass
class Ground:
    """A suite with lanes whose Redis is a group of nodes."""

    group: NodeGroup
    lanes: Battlefield

    async def primary(self) -> Node:
        """The node that holds the site, by the word of the others."""
        node = await eventually(lambda: self.group.primary_of(SiteKeys(SITE).head), 30)
        assert node is not None
        return node

    async def successor_of(self, old: Node) -> Node:
        async def another() -> Node | None:
            node = await self.group.primary_of(SiteKeys(SITE).head)
            return None if node is old else node

        node = await eventually(another, 30)
        assert node is not None
        return node


@pytest_asyncio.fixture(
    scope="module", loop_scope="session", params=[SentinelTrio, SixNodes], ids=["sentinel", "cluster"]
)
async def ground(run_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    """Everything running over Redis in company."""
    name = request.param.__name__.lower()
    group = request.param(run_folder / f"redis-{name}")
    try:
        await group.start()
        settings = dict.fromkeys(("access", "access-keeper"), group.settings)
        folder = run_folder / f"suite-{name}"
        async with Suite(folder, sites=(SITE, "south"), settings=settings) as suite, lanes_of(suite) as lanes:
            yield Ground(group, lanes)
    finally:
        await group.close()


@dataclass
class Silence:
    """How long the centre decided nothing; known once the rush is over."""

    long_ms: int = 0


@asynccontextmanager
async def measured(ground: Ground, title: str) -> AsyncIterator[Silence]:
    """Rush while the block runs; then say how long the centre was silent, and hold everything to the proofs."""
    lanes, silence = ground.lanes, Silence()
    async with rush(lanes.agents, lanes.crowds):
        await until_the_centre_decides(lanes)
        since_ms = CLOCK.now_ms()
        yield silence
        await until_the_centre_decides(lanes)
    silence.long_ms = centre_silence_ms(lanes.agents, since_ms - 500)
    print(f"{type(ground.group).__name__}, {title}: the centre was silent for {silence.long_ms} ms")
    await eventually(ground.group.is_whole, 60)
    await prove_everything(lanes)
    assert silence.long_ms <= LONGEST_SILENCE_MS


@dataclass
class Entrant:
    """Somebody the centre let in at one lane, and who tries another one as well once `watch` is called."""

    ground: Ground
    person: Person
    title: str
    event_id: str = ""
    since_ms: int = 0

    async def enter(self) -> None:
        """Go in at the first lane, by a decision of the centre."""
        shown = await self.ground.lanes.agents[0].pass_through("w-in", self.person)
        self.event_id, self.since_ms = shown.asked.event_id, CLOCK.now_ms()
        assert shown.answer.kind is EventKind.CENTRE

    def watch(self) -> "asyncio.Task[Exposure]":
        """Ask for a second entry elsewhere until that is noticed."""
        elsewhere = self.ground.lanes.agents[1]
        return asyncio.create_task(exposure_of(elsewhere, "e-in", self.person, self.since_ms, WATCH_S))

    def prove(self, exposure: Exposure, silence: Silence) -> None:
        """A second entry goes unnoticed while the centre is silent, and hardly longer."""
        print(
            f"{type(self.ground.group).__name__}, {self.title}: a second entry unnoticed for {exposure.wide_ms} ms "
            f"({exposure.by_edge} times at the edge, {exposure.by_centre} times at the centre)"
        )
        assert exposure.wide_ms <= silence.long_ms + MERGED_MS


async def newcomer(ground: Ground, title: str) -> Entrant:
    """Somebody every lane knows and nobody has let in."""
    person = await ground.lanes.campus.enrol()
    for agent in ground.lanes.agents:
        await until_it_knows(agent, [person])
    return Entrant(ground, person, title)


async def test_a_primary_killed_under_load_is_replaced_and_nothing_is_lost_or_doubled(ground: Ground) -> None:
    entrant, old = await newcomer(ground, "killed"), await ground.primary()

    async with measured(ground, "killed") as silence:
        await entrant.enter()
        await old.kill()
        exposure = await entrant.watch()
        await ground.successor_of(old)
        await old.start()

    entrant.prove(exposure, silence)


async def test_a_primary_cut_off_and_back_accepts_nothing_that_counts(ground: Ground) -> None:
    entrant, old = await newcomer(ground, "cut off"), await ground.primary()
    pretender = Pretender(old, SITE)
    await pretender.learn()

    async with measured(ground, "cut off") as silence:
        await entrant.enter()
        old.pause()
        exposing = entrant.watch()
        successor = await ground.successor_of(old)
        await until_the_centre_decides(ground.lanes)
        waiting = [asyncio.create_task(pretender.ask()) for _ in range(8)]
        await go_on_for(0.2)
        old.resume()
        await asyncio.gather(*waiting)
        await asyncio.wait_for(pretender.ask_until_it_follows(), 60)
        known = [await successor.tell("EXISTS", SiteKeys(SITE).decision(event_id)) for event_id in pretender.tried]
        exposure = await exposing

    entrant.prove(exposure, silence)
    tried, accepted = len(pretender.tried), len(pretender.accepted)
    print(f"{type(ground.group).__name__}: the one cut off was asked {tried} times and accepted {accepted}")
    assert set(known) == {0}
    assert set(pretender.tried).isdisjoint(event.event_id for event in await ground.lanes.campus.history())
    assert pretender.callers == 0
    # A Cluster's node may take what waited in its sockets before it hears who holds its slots; that is thrown away.
    assert accepted == 0 or isinstance(ground.group, SixNodes)


async def test_a_primary_that_comes_back_empty_is_rebuilt(ground: Ground) -> None:
    entrant, old = await newcomer(ground, "restarted empty"), await ground.primary()

    async with measured(ground, "restarted empty") as silence:
        await entrant.enter()
        await old.kill()
        old.empty()
        await old.start()
        exposure = await entrant.watch()

    entrant.prove(exposure, silence)


async def test_passages_lost_with_the_tail_are_exposed_no_longer_than_the_bound(ground: Ground) -> None:
    entrant, old = await newcomer(ground, "tail lost"), await ground.primary()
    keeper = ground.lanes.suite.pid("access-keeper")

    async with measured(ground, "tail lost") as silence:
        os.kill(keeper, signal.SIGSTOP)
        kept = await forget_the_tail(ground.group, old)
        await entrant.enter()
        decision = SiteKeys(SITE).decision(entrant.event_id)
        on_old = await eventually(lambda: old.tell("EXISTS", decision), 2)
        lost = [node for node in ground.group.nodes if node is old or (node.is_paused and node is not kept)]
        await asyncio.gather(*(node.kill() for node in lost))
        kept.resume()
        on_kept = await kept.look("EXISTS", decision)
        os.kill(keeper, signal.SIGCONT)
        exposing = entrant.watch()
        await ground.successor_of(old)
        await asyncio.gather(*(node.start() for node in lost))
        exposure = await exposing

    assert (on_old, on_kept) == (1, 0)
    entrant.prove(exposure, silence)
