"""The scripted morning from the first process to the last screen.

Time: servers, services and agents start while nothing plays; everybody is loaded; then the rush runs beside all scenes
that a decision service answers; it goes on while an uplink is cut and the decision service is killed; it stops before
the fire, which kills every server; at the end the books are compared.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from menshen_servicekit.clock import Clock
from rich.console import Console

from menshen_cli.explain import explanation
from menshen_cli.local.language import pick
from menshen_cli.local.suite import Suite

from .cast import BANNED, CAST, OVERDUE, THREATENED
from .crowd import Crowd
from .expectations import Expectation, Expectations, require
from .hardware import Hardware
from .loading import Loading, Population, population_of
from .people import Person
from .preparing import Preparing
from .scenes import buildings, cards, closing, doors, fire, outages, reviews, rules, vehicles, visits
from .scenes.control_room import ControlRoom
from .scenes.lines import lines
from .scenes.office import Office
from .scenes.stage import Stage
from .summary import summarise, summary_screen
from .university import AGENTS, GATES, LONE_GATE, SITES
from .uplink import Uplink
from .view import Picture, View, view_of

ONLINE_S = 60.0
RUSH_S = 30.0
"""The rush lasts at least this long, whatever the scenes take."""
_BYSTANDERS_PER_SITE = 12
_VEHICLES_PER_PERSON = 1 / 3
_ONE_OPERATOR = {"access": {"MENSHEN_GUARDED_SHARE_PERCENT": "100"}}
"""One operator plays the whole office: there is no second person to approve what closes a gate to everybody."""

Scene = Callable[[Stage], Coroutine[Any, Any, None]]
BESIDE_THE_RUSH: tuple[Scene, ...] = (
    rules.gate_closes,
    outages.uplink_cut,
    cards.unknown_card,
    cards.lost_card,
    cards.revocation,
    cards.overdue_leave,
    cards.blacklist,
    visits.visitors,
    vehicles.e_bikes,
    buildings.soft_anti_passback,
    buildings.duress,
    doors.forced,
    doors.held,
    doors.tailgated,
    doors.unplugged,
    reviews.guard_review,
    rules.lockdown,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to play. `people` beside the cast; `keep` leaves the data in the folder."""

    folder: Path
    people: int
    seed: int
    plain: bool = False
    keep: bool = False


class Play:
    """One demonstration; `run` plays it and tells whether everything promised was kept. `seconds` are by part."""

    def __init__(self, options: Options, clock: Clock, console: Console) -> None:
        self.options = options
        self.clock = clock
        self.console = console
        self.seconds: dict[str, float] = {}
        self._began = self.clock.monotonic()
        self._expectations = Expectations(lines(), self.clock.monotonic, self._decided)
        self._picture = Picture(self._expectations, lambda: self.clock.monotonic() - self._began)
        self._view: View = view_of(self._picture, self.console, plain=self.options.plain)

    async def run(self) -> bool:
        """Everything. Raises LocalError when the suite cannot be started or loaded."""
        population = population_of(self.options.people, int(self.options.people * _VEHICLES_PER_PERSON))
        watching = asyncio.get_running_loop().create_task(self._view.run(), name="view")
        try:
            return await self._play(population, watching)
        finally:
            await _end(watching)

    async def _play(self, population: Population, watching: "asyncio.Task[None]") -> bool:
        async with AsyncExitStack() as stack:
            stage = await self._set(stack, population)
            await self._act(stage, population)
            async with self._part(pick("books", "核账")):
                books, events = await closing.books(stage)
                await closing.chain(stage, events)
                refusal = await closing.explained(stage)
                # Before the lines go, or every reader's loss would be the last thing in the history.
                await asyncio.gather(*(stage.suite.stop(f"agent-{agent_id}") for agent_id in AGENTS))
            self._expectations.close()
            await _end(watching)
            if refusal:
                self.console.print(explanation(refusal))
            summary = summarise(books, events, stage.shown, stage.told.get("revocation_ms", ""), self.seconds)
            self.console.print(summary_screen(summary, self._expectations))
        return self._expectations.all_met

    async def _set(self, stack: AsyncExitStack, population: Population) -> Stage:
        """Start and load everything."""
        async with self._part(pick("start", "启动")):
            played = Suite(self.options.folder, keep_data=self.options.keep, settings=_ONE_OPERATOR)
            suite = await stack.enter_async_context(played)
            hardware = await stack.enter_async_context(Hardware(suite.folder / "demo", self.clock))
            targets = {service: suite.target(service) for service in ("access", "safety")}
            uplink = await stack.enter_async_context(Uplink(targets))
        async with self._part(pick("load", "载入")):
            await Loading(suite, self.clock).load(population, self._loaded)
            await self._prepare(suite)
        async with self._part(pick("gates", "校门上线")):
            await hardware.start_agents(suite, {LONE_GATE.agent_id: uplink})
            await hardware.until_online(ONLINE_S)
        room = ControlRoom(suite.channel("safety"))
        stack.push_async_callback(room.close)
        for site in SITES:
            room.follow(site)
        self._picture.open_alarms = room.open_count
        office = Office(suite.channel("identity"), suite.channel("access"))
        stage = Stage(suite, hardware, office, room, self._expectations, self.clock, uplink, _bystanders(population))
        hardware.lanes.listeners += [stage.shown.append, self._picture.show]
        return stage

    async def _prepare(self, suite: Suite) -> None:
        preparing = Preparing(suite, self.clock)
        await preparing.overdue_leave(OVERDUE)
        await preparing.blacklist(BANNED)
        await preparing.set_pins(THREATENED)

    async def _act(self, stage: Stage, population: Population) -> None:
        """The morning itself."""
        crowd = Crowd(stage.hardware.lanes, population, self.options.seed)
        self._picture.tally = crowd.tally
        async with self._part(pick("rush", "早高峰")), asyncio.TaskGroup() as group:
            group.create_task(self._rush(crowd))
            rush_over = stage.clock.monotonic() + RUSH_S
            await asyncio.gather(*(scene(stage) for scene in BESIDE_THE_RUSH))
            await outages.kill_access(stage)
            await asyncio.sleep(max(rush_over - stage.clock.monotonic(), 0))
            crowd.stop()
        async with self._part(pick("fire", "火警")):
            await fire.fire(stage)

    async def _rush(self, crowd: Crowd) -> None:
        async with self._expectations.check("rush") as line:
            await crowd.run()
            tally = crowd.tally
            require(not tally.unanswered, "an answer to everybody", tally.unanswered[:3])
            silent = [gate_id for gate_id, gate in GATES.items() if gate.perimeter and not tally.passed[gate_id]]
            require(not silent, "people through every gate", silent)
            line.measured = f"{sum(tally.presented.values()):,} came, {sum(tally.passed.values()):,} passed"

    @asynccontextmanager
    async def _part(self, name: str) -> AsyncIterator[None]:
        self._view.enter(name)
        began = self.clock.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.clock.monotonic() - began

    def _decided(self, expectation: Expectation) -> None:
        self._view.decided(expectation)

    def _loaded(self, done: int, total: int, what: str) -> None:
        del what
        self._picture.loaded = done, total


def _bystanders(population: Population) -> list[Person]:
    cast = {person.cardholder_id for person in CAST}
    staff = [person for person in population.people if person.category == "staff" and person.cardholder_id not in cast]
    return [person for site in SITES for person in [one for one in staff if one.site == site][:_BYSTANDERS_PER_SITE]]


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
