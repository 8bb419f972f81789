"""Agents without hardware: the device agent's own spool, journal, links and rules, at lanes that are only written down.

Each lane keeps the ledger the services are held to: every presentation with the decision its lock obeyed, and every
passage. What an agent does between the wire and the lock is the agent's own code; the door is the part that is not.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from menshen_cli.local.suite import Suite
from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.edge.used_up import UsedUp
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.interlocking import DoorSide
from menshen_device_agent.journal import Entry, Journal
from menshen_device_agent.peers.centre import CentreEvents, CentreLink, Greeting
from menshen_device_agent.peers.convert import encode_event
from menshen_device_agent.peers.edge import AccessReceiver, Ed25519Check, EdgeLink
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.spool import Spool
from menshen_device_agent.uploading import Uploader
from menshen_rulebook.points import Point
from menshen_rulebook.types import Identifier, IdentifierType, Subject
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics
from menshen_servicekit.tls import TlsFiles
from scenarios.campus import Person

DEADLINE_S, PATIENCE_S = 0.3, 5.0
CLOCK = SystemClock()


@dataclass(frozen=True)
class Passage:
    """Somebody went through: by which presentation, and into which access point's area, when."""

    event_id: str
    access_point: str
    person: Person
    at_ms: int


@dataclass
class LaneAgent:
    """One agent; `present` is what a reader does. `lane_points` are its access points."""

    agent_id: str
    site: str
    spool: Spool
    presenter: Presenter
    link: CentreLink
    keeper: EdgeKeeper
    journal: Journal
    lane_points: tuple[str, ...]
    tasks: Tasks
    channels: tuple[grpc.aio.Channel, ...]
    presented: int = 0
    shown: list[Shown] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)

    async def pass_through(self, access_point: str, person: Person, *, walks: bool = True) -> Shown:
        """Present a card and wait for the answer; if it opens, go through."""
        answered: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()

        def show(shown: Shown) -> None:
            self.shown.append(shown)
            if not answered.done():
                answered.set_result(shown)

        self.presented += 1
        door = _Doorway(self, person, walks=walks)
        card = (Identifier(IdentifierType.CARD, person.card_text),)
        assert self.presenter.present(access_point, card, "reader", door, show), "too many under way"
        async with asyncio.timeout(5):
            return await answered

    def taken(self, asked: Asked, person: Person) -> None:
        """The door saw somebody pass."""
        event = self.journal.happened(EventKind.TAKEN, event_id=asked.event_id, access_point=asked.access_point)
        self.passages.append(Passage(asked.event_id, asked.access_point, person, event.at_ms))

    @property
    def is_current(self) -> bool:
        """The centre answers, and has confirmed that there is a whole edge copy to fall back on."""
        holding = self.keeper.holding
        return self.link.online and holding.plan is not None and holding.current_at_ms > 0

    @property
    def is_settled(self) -> bool:
        """PostgreSQL has everything that was spooled."""
        return self.spool.unacknowledged == 0

    async def close(self) -> None:
        await self.presenter.close()
        await self.tasks.close()
        for channel in self.channels:
            await channel.close()
        self.keeper.close()
        self.spool.close()


@dataclass
class _Doorway(DoorSide):
    """Whoever is let in goes through at once."""

    agent: LaneAgent
    person: Person
    walks: bool

    def grant(self, asked: Asked, answer: Answer) -> None:
        loop = asyncio.get_running_loop()
        if self.walks:
            loop.call_soon(self.agent.taken, asked, self.person)
        else:
            loop.call_soon(self._not_taken, asked)

    def _not_taken(self, asked: Asked) -> None:
        self.agent.journal.happened(EventKind.NOT_TAKEN, event_id=asked.event_id, access_point=asked.access_point)


async def start_lane_agent(
    suite: Suite,
    folder: Path,
    agent_id: str,
    points: tuple[str, ...],
    *,
    site: str = "north",
    target: str = "",
    tls: TlsFiles | None = None,
    deadline_s: float = DEADLINE_S,
    patience_s: float = PATIENCE_S,
    released: Callable[[str], bool] = lambda _: False,
) -> LaneAgent:
    """An agent that reaches for the centre at once; the caller closes it. A folder used before is taken over.

    With a deadline of 0 it asks the centre and decides alone all the same.
    """
    tls = tls or suite.tls(spiffe_uri(Role.AGENT, agent_id, site))
    state = folder / agent_id
    state.mkdir(parents=True, exist_ok=True)
    spool = Spool(state / "spool.db", CLOCK.now_ms)
    check = Ed25519Check(site, suite.folder / "secrets" / "snapshot.pem")
    keeper = EdgeKeeper(EdgeFile(state / "edge.db"), check, lambda _: None)
    new_id = Uuid7Factory(CLOCK)
    links: list[CentreLink] = []

    used_up = _used_up(keeper)

    def report(entry: Entry) -> None:
        if entry.event.kind is EventKind.NOT_TAKEN:
            used_up.not_taken(entry.event.event_id)
        links[0].report(entry)

    journal = Journal(spool, CLOCK, new_id, encode_event, report)
    where = target or suite.target("access")
    stream = open_channel(where, tls, server_name="access", retry=False)
    bulk = open_channel(where, tls, server_name="access")
    uploader = Uploader(spool, AccessReceiver(bulk, site), journal.settled_before, patience_s=patience_s)
    events = CentreEvents(
        recorded=spool.acknowledge,
        opened=uploader.resume,
        lost=lambda: None,
        resolved=lambda _: None,
        upload_due=uploader.hasten,
        refused=lambda *_: None,
        pulse=lambda _: None,
    )
    greeting = Greeting(site, points, (), "1")
    link = CentreLink(stream, greeting, lambda: (spool.epoch, spool.last_number), events)
    links.append(link)
    exits = frozenset(point for point in points if point.endswith("-out"))
    decider = EdgeDecider(
        site, agent_id, CLOCK, lambda: keeper.holding, released, exits.__contains__, used_up=used_up.among
    )
    presenter = Presenter(
        CLOCK, new_id, journal, link, decider.decide, lambda *_: None, deadline_s, learn=used_up.learn
    )
    tasks = Tasks(Metrics(), Backoff(first_s=0.2, most_s=3.0))
    agent = LaneAgent(agent_id, site, spool, presenter, link, keeper, journal, points, tasks, (stream, bulk))
    tasks.keep("centre", link.run)
    tasks.keep("upload", uploader.run)
    tasks.keep("edge", EdgeLink(bulk, site, keeper).run)
    return agent


def _used_up(keeper: EdgeKeeper) -> UsedUp:
    """What is used up at the lanes of one agent, in memory only."""

    def subjects(shown: Iterable[Identifier]) -> tuple[Subject, ...]:
        return keeper.holding.records.subjects(identifier.key for identifier in shown)

    def point(access_point: str, now_ms: int) -> Point | None:
        plan = keeper.holding.plan
        return plan.point(access_point, now_ms) if plan is not None else None

    return UsedUp(subjects, point)
