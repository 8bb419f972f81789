"""The rush: staff, students and vehicles through every gate, each lane one after the other, until it is stopped."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

from menshen_simulators.uhf_reader import SimulatedTag

from .cast import CAST, CAST_VEHICLES, tag_of
from .lanes import Lanes, Passage
from .loading import Population
from .people import Person
from .plans import RESIDENTS_GROUP
from .traffic import Vehicle
from .university import DORMITORY, E_BIKES, GATES, GOODS, HALL, LABORATORY, LANES, MOTOR, PEOPLE, STUCK_DOOR, Gate, Lane

PACE_S = (0.1, 0.5)
"""Pause between two at a lane; walking through takes about three quarters of a second besides."""
DWELL_S = 4.0
RESERVED = frozenset({"n3-p1", "l1-p1", "nd-p1", "eh-m1", STUCK_DOOR})
"""Lanes the scenes want for themselves."""
_NOBODY_S = 1.0
_CLASSES = {E_BIKES: ("E_BIKE",), MOTOR: ("CAR",), GOODS: ("GOODS",)}

Traveller = int | SimulatedTag
"""A card number, or the tag of a vehicle."""


@dataclass(slots=True)
class Pool:
    """Travellers before and behind the gates of one kind: who went in comes out later, who came out may go in again."""

    outside: deque[Traveller]
    inside: deque[tuple[float, Traveller]] = field(default_factory=deque)

    def take(self, now_s: float, *, inwards: bool) -> Traveller | None:
        """The next who wants through, or nobody."""
        if inwards:
            return self.outside.popleft() if self.outside else None
        if self.inside and self.inside[0][0] <= now_s:
            return self.inside.popleft()[1]
        return None

    def put(self, traveller: Traveller, now_s: float, *, inside: bool) -> None:
        """Say where somebody is."""
        if inside:
            self.inside.append((now_s + DWELL_S, traveller))
        else:
            self.outside.append(traveller)


@dataclass(slots=True)
class Tally:
    """What the crowd met, by gate."""

    presented: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)


class Crowd:
    """`run` plays the rush until `stop`; everybody on the way is let through first."""

    def __init__(self, lanes: Lanes, population: Population, seed: int) -> None:
        self._lanes = lanes
        self._chance = random.Random(seed)  # noqa: S311 -- who comes next, not a secret
        self._pools = _pools(population, self._chance)
        self._stopping = asyncio.Event()
        self.tally = Tally()

    async def run(self) -> None:
        """One worker a lane."""
        async with asyncio.TaskGroup() as group:
            for lane in LANES.values():
                if lane.lane_id not in RESERVED and GATES[lane.gate_id] is not LABORATORY:
                    group.create_task(self._work(lane))
            try:
                await self._stopping.wait()
            finally:
                # A worker whose wait ended as it was cancelled goes on: it looks here before the next one comes.
                self._stopping.set()

    def stop(self) -> None:
        """Nobody else comes."""
        self._stopping.set()

    async def _work(self, lane: Lane) -> None:
        pool, clock = self._pools[_pool_of(lane)], asyncio.get_running_loop().time
        await self._pause(self._chance.uniform(0, PACE_S[1]))
        for point in cycle(lane.access_points):
            if self._stopping.is_set():
                return
            inwards = point == lane.entry
            traveller = pool.take(clock(), inwards=inwards)
            if traveller is None:
                await self._pause(_NOBODY_S)
                continue
            passage = await self._go(point, traveller)
            self._count(lane, point, passage)
            if passage.shown and passage.shown.reason_code == "ACCESS_POINT_CLOSED":
                return
            pool.put(traveller, clock(), inside=inwards is bool(passage.passed))
            await self._pause(self._chance.uniform(*PACE_S))

    async def _go(self, point: str, traveller: Traveller) -> Passage:
        if isinstance(traveller, SimulatedTag):
            return await self._lanes.drive(point, traveller)
        return await self._lanes.walk(point, traveller)

    def _count(self, lane: Lane, point: str, passage: Passage) -> None:
        self.tally.presented[lane.gate_id] += 1
        self.tally.passed[lane.gate_id] += passage.passed
        if passage.shown is None:
            self.tally.unanswered.append(f"{point} (ledger presentation {passage.presentation})")

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _pool_of(lane: Lane) -> str:
    gate = GATES[lane.gate_id]
    return f"{gate.site} {lane.traffic.name}" if gate.perimeter else gate.gate_id


def _pools(population: Population, chance: random.Random) -> dict[str, Pool]:
    cast = {person.cardholder_id for person in CAST} | {vehicle.vehicle_id for vehicle in CAST_VEHICLES}
    people = [person for person in population.people if person.cardholder_id not in cast]
    vehicles = [vehicle for vehicle in population.vehicles if vehicle.vehicle_id not in cast]
    pools: dict[str, Pool] = {}
    for gate in GATES.values():
        for lane in gate.lanes:
            if _pool_of(lane) not in pools:
                found = list(_travellers(gate, lane, people, vehicles))
                chance.shuffle(found)
                pools[_pool_of(lane)] = Pool(deque(found))
    return pools


def _travellers(gate: Gate, lane: Lane, people: Iterable[Person], vehicles: Iterable[Vehicle]) -> Iterator[Traveller]:
    if lane.traffic is PEOPLE:
        yield from (person.card for person in people if gate.site in person.sites and _may_enter(gate, person))
        return
    for vehicle in vehicles:
        if gate.site in vehicle.sites and vehicle.vehicle_class in _CLASSES[lane.traffic]:
            yield tag_of(vehicle)


def _may_enter(gate: Gate, person: Person) -> bool:
    if gate is DORMITORY:
        return RESIDENTS_GROUP in person.groups
    return gate is not HALL or person.category in ("staff", "student")
