"""What a failover of Redis costs, measured at the lanes: how long the centre was silent, and who could enter twice."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from faults.lanes import CLOCK, LaneAgent
from harness.patience import eventually
from harness.redis_nodes import Node, NodeGroup
from menshen_access.domain.events import EventPayload
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.library import COMMIT
from menshen_device_agent.events import EventKind
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.ids import Uuid7Factory
from scenarios.campus import Person

_AGAIN_S = 0.1


def instant_of(event_id: str) -> int:
    """When a UUIDv7 was made, in epoch milliseconds."""
    return int(event_id.replace("-", "")[:12], 16)


def centre_silence_ms(agents: Iterable[LaneAgent], since_ms: int) -> int:
    """The longest time, over all lanes, between two presentations that the centre decided, from an instant on."""
    longest = 0
    for agent in agents:
        instants = sorted(
            instant
            for shown in agent.shown
            if shown.answer.kind is EventKind.CENTRE and (instant := instant_of(shown.asked.event_id)) >= since_ms
        )
        longest = max(longest, *(later - earlier for earlier, later in itertools.pairwise(instants)))
    return longest


@dataclass(frozen=True)
class Exposure:
    """Second entries that nobody noticed: for how long after the first one, and who let them in."""

    wide_ms: int
    by_edge: int
    by_centre: int


async def exposure_of(agent: LaneAgent, access_point: str, person: Person, since_ms: int, bound_s: float) -> Exposure:
    """Let somebody who is inside ask for entry elsewhere until the second entry is noticed, without going through."""
    unnoticed = {EventKind.EDGE: 0, EventKind.CENTRE: 0}
    async with asyncio.timeout(bound_s):
        while True:
            shown = await agent.pass_through(access_point, person, walks=False)
            if any(why.code == "ANTI_PASSBACK_IN" for why in shown.answer.reasons):
                wide_ms = instant_of(shown.asked.event_id) - since_ms
                return Exposure(wide_ms, unnoticed[EventKind.EDGE], unnoticed[EventKind.CENTRE])
            unnoticed[shown.answer.kind] += 1
            await asyncio.sleep(_AGAIN_S)


class Pretender:
    """A primary of before that is asked to commit, as a process that still believed in it would ask.

    `tried` and `accepted` are the event ids it was asked to record, and those it said it had recorded; `callers` counts
    the connections of our own processes that were seen while it took itself for a primary.
    """

    def __init__(self, node: Node, site: str) -> None:
        self.node = node
        self.site = site
        self.tried: list[str] = []
        self.accepted: list[str] = []
        self.callers = 0
        self._head = SiteKeys(site).head
        self._generation = ""
        self._new_id = Uuid7Factory(CLOCK)

    async def learn(self) -> None:
        """Read the generation it holds; before it is cut off."""
        self._generation = str(await self.node.tell("HGET", self._head, "generation"))

    async def ask(self) -> None:
        """One commit, whose guards hold for as long as the generation does."""
        event_id, now_ms = self._new_id(), CLOCK.now_ms()
        core = {"event_id": event_id, "kind": int(EventKind.CENTRE), "site": self.site, "agent_id": "nobody"}
        payload = EventPayload({**core, "epoch": 1, "number": 1, "access_point": "w-in", "at_ms": now_ms}).encode()
        guards = (self._generation, now_ms, 0, FOREVER_MS, event_id, 1_000_000, "nobody", "1:1", payload, "", "")
        self.tried.append(event_id)
        answer = await self.node.tell("FCALL", COMMIT, 1, self._head, *guards)
        if isinstance(answer, list) and answer[0] == "OK":
            self.accepted.append(event_id)

    async def ask_until_it_follows(self) -> None:
        """Ask again and again until the node is a replica."""
        while isinstance(role := await self.node.tell("ROLE"), list) and role[0] == "master":
            await self.ask()
            self.callers += str(await self.node.tell("CLIENT", "LIST")).count("name=menshen-access")
            await asyncio.sleep(0.02)


async def forget_the_tail(group: NodeGroup, primary: Node) -> Node:
    """Keep one replica from hearing anything more of its primary, which goes on; return that replica, paused.

    The other replicas are paused with their links open: to the primary they are there for as long as their lag allows.
    """
    kept, *others = await group.replicas_of(primary)
    for node in others:
        node.pause()

    async def is_cut() -> bool:
        await kept.tell("CLIENT", "KILL", "TYPE", "master")
        kept.pause()
        if kept not in await group.replicas_of(primary):
            return True
        kept.resume()
        return False

    await eventually(is_cut, 5)
    return kept
