"""The edge stream on a real PostgreSQL, checked by an edge of the test's own that keeps records and their digest."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from harness.patience import eventually
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.edge_sync import (
    GATHER_S,
    LEAST_GATHER_S,
    TURN_S,
    Begin,
    Digest,
    Ed25519Signer,
    EdgeSync,
    End,
    Holds,
    Place,
    Plan,
    Records,
    SharedShelf,
    gather_s_of,
)
from menshen_access.holding import Holding
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.threat_levels import ThreatLevels
from menshen_access.threat_desk import ThreatDesk
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.records import OLDEST_READER, SCHEMA
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError

SITE = "north"


def change(name: str, version: int = 1, *, category: str = "staff") -> FeedChange:
    identifier = Identifier(IdentifierType.CARD, name.upper())
    card = Credential(f"card-{name}", (identifier,), CredentialState.ACTIVE)
    subject = Subject(f"c:{name}", 0, SubjectKind.CARDHOLDER, category, SITE, credentials=(card,))
    return FeedChange(f"c:{name}", version, subject)


class Edge:
    """What an edge does with the stream, written from the contract alone."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.records: dict[str, tuple[int, bytes]] = {}
        self.place: Place | None = None
        self.snapshots = 0
        self.plan_version = 0
        self.holds: set[str] = set()
        self.threat_levels: dict[str, int] = {}
        self.level = 0
        self.building: dict[str, tuple[int, bytes]] | None = None
        self._key = key

    def take(self, step: Any) -> None:
        if isinstance(step, Begin):
            self.building = {}
        elif isinstance(step, Records):
            target = self.records if self.building is None else self.building
            assert (step.place is None) == (self.building is not None)
            for subject in step.subjects:
                if subject.version > target.get(subject.subject_id, (0, b""))[0]:
                    target[subject.subject_id] = (subject.version, subject.record)
            self.place = step.place or self.place
        elif isinstance(step, End):
            assert self.building is not None
            statement = f"menshen edge snapshot\n{SITE}\n{step.place.epoch}\n{step.place.position}\n".encode()
            self._key.public_key().verify(step.signature, statement + step.digest)
            self.records, self.building, self.place = self.building, None, step.place
            assert self.digest() == step.digest
            self.snapshots += 1
        elif isinstance(step, Plan):
            self.plan_version = step.version
        elif isinstance(step, Holds):
            self.holds = {hold.hold_id for hold in step.held.holds}
            self.threat_levels = {one.area: one.level for one in step.held.threat_levels}
        elif isinstance(step, Digest) and step.place == self.place:
            assert self.digest() == step.digest
            self.level += 1

    def digest(self) -> bytes:
        total = sum(
            int.from_bytes(hashlib.sha256(f"{name}\0{version}\0".encode() + record).digest())
            for name, (version, record) in self.records.items()
            if record
        )
        return (total % (1 << 256)).to_bytes(32)


class Centre:
    """The stream's side of it."""

    def __init__(self, pool: Pool, sites: Sites, board: Noticeboard, clock: SystemClock, new_id: Any) -> None:
        self.subjects = Subjects(pool, sites)
        self.store = Administration(pool, sites)
        self.key = Ed25519PrivateKey.generate()
        self.board = board
        self.planning = Planning(self.store, self._published, clock, new_id)
        self.holding = Holding(self.store, self._published, clock, new_id)
        self.threats = ThreatDesk(self.store, ThreatLevels(pool, sites), self._published, clock)
        shelf = SharedShelf(self.subjects, self.store, board)
        self.sync = EdgeSync(shelf, shelf, Ed25519Signer(self.key), board, clock)

    async def project(self, *changes: FeedChange) -> None:
        await self.subjects.apply_changes(SITE, changes, "identity", FeedPlace(1, 1))
        self.board.post(Topic.SUBJECTS, SITE)

    async def _published(self, site: str) -> None:
        self.board.post(Topic.PLAN, site)


@pytest.fixture
def centre(pool: Pool, sites: Sites, board: Noticeboard, clock: SystemClock, new_id: Any) -> Centre:
    return Centre(pool, sites, board, clock, new_id)


@pytest_asyncio.fixture(loop_scope="session")
async def connect(centre: Centre) -> AsyncIterator[Callable[[Edge], "asyncio.Task[None]"]]:
    """Lets an edge follow the centre until the test ends or its task is cancelled."""
    running: list[asyncio.Task[None]] = []

    async def follow(edge: Edge) -> None:
        async for step in centre.sync.follow(SITE, edge.place, SCHEMA, LANGUAGE):
            edge.take(step)

    def start(edge: Edge) -> "asyncio.Task[None]":
        running.append(asyncio.create_task(follow(edge)))
        return running[-1]

    yield start
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        assert result is None or isinstance(result, asyncio.CancelledError), result


async def test_a_new_edge_gets_a_signed_snapshot_then_every_change(centre: Centre, connect: Any) -> None:
    await centre.project(*(change(f"s{n}") for n in range(1200)))
    edge = Edge(centre.key)

    connect(edge)
    await eventually(lambda: edge.level)
    await centre.project(change("s3", 2, category="visitor"), FeedChange("c:s4", 2, None), change("newcomer"))

    await eventually(lambda: "c:newcomer" in edge.records)
    await eventually(lambda: edge.level > 1)
    assert edge.records["c:s4"] == (2, b"")
    assert edge.records["c:s3"][0] == 2
    assert edge.snapshots == 1


async def test_an_edge_that_comes_back_gets_only_what_changed(centre: Centre, connect: Any) -> None:
    await centre.project(change("before"))
    edge = Edge(centre.key)
    following = connect(edge)
    await eventually(lambda: edge.level)
    following.cancel()
    await centre.project(change("meanwhile"))

    connect(edge)

    await eventually(lambda: "c:meanwhile" in edge.records)
    assert edge.snapshots == 1


async def test_an_edge_of_another_epoch_or_ahead_of_the_log_gets_a_snapshot(centre: Centre, connect: Any) -> None:
    await centre.project(change("anybody"))
    for place in (Place(99, 1), Place(1, 1 << 40)):
        edge = Edge(centre.key)
        edge.place = place

        connect(edge)

        await eventually(lambda: edge.snapshots == 1)  # noqa: B023


async def test_changes_under_a_snapshot_still_end_in_its_digest(centre: Centre, connect: Any) -> None:
    await centre.project(*(change(f"busy{n}") for n in range(600)))
    edges = [Edge(centre.key) for _ in range(3)]

    for edge in edges:
        connect(edge)
    for version in range(2, 12):
        await centre.project(*(change(f"busy{n}", version, category=f"k{version}") for n in range(0, 600, 7)))
        await centre.project(FeedChange(f"c:busy{version}", 99, None))

    projection = await centre.subjects.projection(SITE)
    for edge in edges:
        await eventually(lambda: edge.digest() == projection.digest, 20)  # noqa: B023


async def test_plan_and_holds_come_as_they_change(centre: Centre, connect: Any) -> None:
    version = await centre.planning.put_plan(SITE, "areas: [{id: campus}]", 0, "first", "operator/li")
    edge = Edge(centre.key)
    connect(edge)
    await eventually(lambda: edge.plan_version == version)

    hold = await centre.holding.raise_hold(SITE, "", "", "search", "operator/li")
    await eventually(lambda: edge.holds == {hold.hold_id})
    await centre.holding.release_hold(SITE, hold.hold_id, "over", "operator/li")

    await eventually(lambda: edge.holds == set())


async def test_threat_levels_come_as_they_change(centre: Centre, connect: Any) -> None:
    await centre.planning.put_plan(SITE, "areas: [{id: campus}]", 0, "first", "operator/li")
    edge = Edge(centre.key)
    connect(edge)

    await centre.threats.set_level(SITE, "campus", 3, "a stranger was seen", "operator/li")
    await eventually(lambda: edge.threat_levels == {"campus": 3})
    await centre.threats.set_level(SITE, "campus", 0, "all clear", "operator/li")

    await eventually(lambda: edge.threat_levels == {})


async def test_an_edge_of_the_release_before_is_told_of_everything(centre: Centre) -> None:
    steps = centre.sync.follow(SITE, None, OLDEST_READER, LANGUAGE)

    first = await anext(steps)
    await steps.aclose()

    assert OLDEST_READER < SCHEMA
    assert type(first).__name__ == "Begin"


async def test_an_edge_too_old_to_read_the_records_is_refused(centre: Centre) -> None:
    stream = centre.sync.follow(SITE, None, OLDEST_READER - 1, LANGUAGE)

    with pytest.raises(DomainError):
        await anext(stream)


async def test_a_reading_that_a_notice_has_overtaken_is_not_shared(centre: Centre) -> None:
    shelf = SharedShelf(centre.subjects, centre.store, centre.board, keep_s=60)
    before = await shelf.current_holds(SITE)

    await centre.holding.raise_hold(SITE, "", "", "search", "operator/li")
    shared = await shelf.current_holds(SITE)
    centre.board.post(Topic.HOLDS, SITE)
    after = await shelf.current_holds(SITE)

    assert shared is before
    assert after.version == before.version + 1


async def test_changes_close_to_each_other_reach_few_edges_without_gathering_long(
    centre: Centre, connect: Callable[[Edge], "asyncio.Task[None]"]
) -> None:
    edge, loop = Edge(centre.key), asyncio.get_running_loop()
    connect(edge)
    await centre.project(change("hurried", 1))
    await eventually(lambda: "c:hurried" in edge.records)
    waited: list[float] = []

    for version in range(2, 12):
        before = edge.records["c:hurried"]
        await centre.project(change("hurried", version, category=f"group-{version}"))
        began = loop.time()
        await eventually(lambda before=before: edge.records["c:hurried"] != before)
        waited.append(loop.time() - began)

    assert median(waited) < GATHER_S / 2


def test_many_edges_let_changes_gather_and_never_for_longer_than_the_bound() -> None:
    waits = [gather_s_of(followers) for followers in (1, 3, 100, 300, 1_000, 100_000)]

    assert waits == sorted(waits)
    assert waits[0] == LEAST_GATHER_S
    assert waits[-1] == GATHER_S
    assert 100 / gather_s_of(100) <= 1 / TURN_S + 1
