"""Projection on real stores: versions, lanes, sweeps, assignments, rebuilds. The feed is one in memory."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from harness.patience import eventually
from hypothesis import given
from hypothesis import strategies as st
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import entry_of
from menshen_access.domain.store import EventAnswer, ReadWish, Stored
from menshen_access.domain.subject_records import (
    FeedBatch,
    FeedChange,
    FeedPlace,
    FeedRestartError,
    Lane,
    Projection,
    digest_after,
    project,
    record_hash,
)
from menshen_access.noticeboard import Noticeboard
from menshen_access.ports import NotReadyError
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.projecting import Projector
from menshen_access.publishing import PAGE, Publisher
from menshen_access.rebuilding import Rebuilder
from menshen_rulebook.records import unpack
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"


def change(
    name: str, version: int = 1, *, card: str = "", state: CredentialState = CredentialState.ACTIVE
) -> FeedChange:
    """A staff member with one card."""
    identifier = Identifier(IdentifierType.CARD, card or name.upper())
    subject = Subject(
        subject_id=f"c:{name}",
        version=0,
        kind=SubjectKind.CARDHOLDER,
        category="staff",
        home_site=SITE,
        groups=("library", "physics"),
        credentials=(Credential(f"card-{name}", (identifier,), state),),
    )
    return FeedChange(f"c:{name}", version, subject)


class MemoryFeed:
    """A feed that gives what it is told, on both lanes."""

    title = "identity"
    prefix = "c:"

    def __init__(self, epoch: int = 1) -> None:
        self.epoch = epoch
        self._lanes: dict[Lane, asyncio.Queue[FeedBatch]] = {lane: asyncio.Queue() for lane in Lane}
        self._position = 0

    def give(self, *changes: FeedChange, lane: Lane = Lane.ALL, caught_up: bool = True) -> None:
        self._position += len(changes)
        self._lanes[lane].put_nowait(FeedBatch(changes, FeedPlace(self.epoch, self._position), caught_up))

    async def watch(self, site: str, lane: Lane, after: FeedPlace | None) -> AsyncIterator[FeedBatch]:
        if after is not None and after.epoch != self.epoch:
            raise FeedRestartError
        while True:
            yield await self._lanes[lane].get()


class House:
    """The parts of a projection, wired as the service wires them."""

    def __init__(self, pool: Pool, sites: Sites, live: Any, board: Noticeboard, clock: SystemClock) -> None:
        self.subjects = Subjects(pool, sites)
        self.administration = Administration(pool, sites)
        self.presence = PresenceHistory(pool, sites)
        self.live = live
        self.board = board
        self.publisher = Publisher(SITE, self.subjects, self.administration, live.projection, live.generations, board)
        self.rebuilder = Rebuilder(
            SITE,
            live.generations,
            self.publisher,
            live.projection,
            self.presence,
            self._apply,
            clock,
        )

    def projector(self, feed: MemoryFeed) -> Projector:
        return Projector(SITE, feed, self.subjects, self.publisher, self.board, Metrics())

    async def in_redis(self, *names: str, key: str = "") -> Any:
        wish = ReadWish(subject_ids=tuple(f"c:{name}" for name in names), keys=(key,) if key else ())
        return await read(self.live, wish)

    async def _apply(self, site: str, generation: int, happening: Any) -> EventAnswer:
        return EventAnswer(Stored.OK)


async def read(live: Any, wish: ReadWish) -> dict[str, tuple[int, bytes]]:
    found = {}
    for name in wish.subject_ids:
        value = await live.client.call("GET", f"m:{{{SITE}}}:r:{name}")
        if value:
            version, _, record = value.partition(b"|")
            found[name] = (int(version), record)
    return found


async def holder_of(live: Any, key: str) -> str:
    return (await live.client.call("GET", f"m:{{{SITE}}}:k:{key}") or b"").decode()  # type: ignore[no-any-return]


@pytest.fixture
def house(pool: Pool, sites: Sites, live: Any, board: Noticeboard, clock: SystemClock) -> House:
    return House(pool, sites, live, board, clock)


async def test_a_change_reaches_redis_with_its_keys(house: House, live: Any, tasks: Tasks) -> None:
    await live.make_ready()
    feed = MemoryFeed()
    tasks.keep("project", house.projector(feed).follow_all)
    tasks.keep("publish", house.publisher.follow_records)

    feed.give(change("ada", card="AA01"))

    version, record = (await eventually(lambda: house.in_redis("ada")))["c:ada"]
    assert (version, unpack(record).category) == (1, "staff")
    assert await holder_of(live, "card:AA01") == "c:ada"


async def test_an_older_version_of_the_feed_changes_nothing(house: House, sites: Sites) -> None:
    place = FeedPlace(1, 1)
    await house.subjects.apply_changes(SITE, [change("old", 5)], "identity", place)

    changed = await house.subjects.apply_changes(SITE, [change("old", 4, card="ZZ")], "identity", place)

    assert changed == []
    held = (await house.subjects.of_ids(SITE, ["c:old"]))["c:old"]
    assert held.keys == ("card:OLD",)


async def test_a_feed_read_again_from_its_start_moves_no_version(house: House) -> None:
    await house.subjects.apply_changes(SITE, [change("same", 3)], "identity", FeedPlace(1, 1))
    before = await house.subjects.projection(SITE)

    changed = await house.subjects.apply_changes(SITE, [change("same", 3)], "identity", FeedPlace(2, 1))

    assert changed == []
    assert await house.subjects.projection(SITE) == before


async def test_a_card_that_changes_hands_is_found_at_its_new_holder(house: House, live: Any) -> None:
    generation = await live.make_ready()
    await house.subjects.apply_changes(SITE, [change("first", 1, card="5A")], "identity", FeedPlace(1, 1))
    await house.publisher.records(generation)

    await house.subjects.apply_changes(
        SITE, [change("first", 2, card="5B"), change("second", 1, card="5A")], "identity", FeedPlace(1, 3)
    )
    await house.publisher.records(generation)

    assert await holder_of(live, "card:5A") == "c:second"
    assert await holder_of(live, "card:5B") == "c:first"


async def test_a_removed_subject_leaves_redis_and_the_digest_but_keeps_its_version(house: House, live: Any) -> None:
    generation = await live.make_ready()
    before = await house.subjects.projection(SITE)
    await house.subjects.apply_changes(SITE, [change("gone", 1)], "identity", FeedPlace(1, 1))

    await house.subjects.apply_changes(SITE, [FeedChange("c:gone", 2, None)], "identity", FeedPlace(1, 2))
    await house.publisher.records(generation)

    after = await house.subjects.projection(SITE)
    assert (after.digest, after.subjects) == (before.digest, before.subjects)
    assert (await house.in_redis("gone"))["c:gone"] == (2, b"")
    assert await holder_of(live, "card:GONE") == ""


async def test_a_new_epoch_of_the_feed_removes_whom_it_does_not_name(house: House, live: Any, tasks: Tasks) -> None:
    await live.make_ready()
    await house.subjects.apply_changes(SITE, [change("kept"), change("swept")], "identity", FeedPlace(1, 2))
    feed = MemoryFeed(epoch=2)
    tasks.keep("project", house.projector(feed).follow_all)

    feed.give(change("kept"))
    feed.give(change("kept"))

    async def is_swept() -> bool:
        return (await house.subjects.of_ids(SITE, ["c:swept"]))["c:swept"].record == b""

    await eventually(is_swept)
    assert (await house.subjects.of_ids(SITE, ["c:kept"]))["c:kept"].record


async def test_a_revocation_overtakes_a_bulk_change(house: House, live: Any, tasks: Tasks, clock: SystemClock) -> None:
    await live.make_ready()
    await house.subjects.apply_changes(SITE, [change("thief")], "identity", FeedPlace(3, 1))
    feed = MemoryFeed(epoch=3)
    projector = house.projector(feed)
    tasks.keep("bulk", projector.follow_all)
    tasks.keep("revoke", projector.follow_revocations)
    tasks.keep("publish", house.publisher.follow_records)
    bulk = [change(f"bulk{n:05d}") for n in range(4000)]
    for start in range(0, len(bulk), 500):
        feed.give(*bulk[start : start + 500], caught_up=False)
    await eventually(lambda: house.in_redis("bulk00000"))

    began = clock.monotonic()
    feed.give(change("thief", 2, state=CredentialState.LOST), lane=Lane.REVOCATIONS)

    async def is_refused() -> bool:
        found = await house.in_redis("thief")
        return "c:thief" in found and unpack(found["c:thief"][1]).credentials[0].state is CredentialState.LOST

    await eventually(is_refused)
    took_ms = (clock.monotonic() - began) * 1000
    still_coming = "c:bulk03999" not in await house.in_redis("bulk03999")
    print(f"revocation {took_ms:.0f} ms, bulk under way: {still_coming}")
    assert still_coming
    assert took_ms < 1000
    await eventually(lambda: house.in_redis("bulk03999"), 60)


async def test_an_empty_redis_is_rebuilt_from_postgresql(
    house: House, live: Any, ledger: Any, event: Any, clock: SystemClock
) -> None:
    await house.subjects.apply_changes(SITE, [change("rebuilt", card="7E")], "identity", FeedPlace(1, 1))
    moves = {"subject_ids": ["c:rebuilt"], "effects": [["R", "c:rebuilt", ["lab", "campus"], "n-in", 1]]}
    decision = event(identity=moves)
    taken = event(EventKind.TAKEN, event_id=decision.event_id)
    await ledger.append(SITE, [entry_of(decision, late=False), entry_of(taken, late=True)], clock.now_ms())

    ready = await house.rebuilder.rebuild(await live.generations.inspect(SITE))

    assert ready
    assert live.generations.current(SITE) is not None
    assert "c:rebuilt" in await house.in_redis("rebuilt")
    assert await live.projection.occupancy(SITE, ["lab"], clock.now_ms()) == {"lab": (1, 0)}
    assert await live.generations.progress(SITE) == 1.0


async def test_a_redis_that_lost_its_tail_gets_that_tail_again(house: House, live: Any) -> None:
    await house.subjects.apply_changes(SITE, [change("tail1")], "identity", FeedPlace(1, 1))
    generation = await live.make_ready()
    await house.publisher.records(generation)
    cursor = await live.client.call("HGET", f"m:{{{SITE}}}:cursors", "records")
    await house.subjects.apply_changes(SITE, [change("tail2")], "identity", FeedPlace(1, 2))
    await house.publisher.records(generation)
    await live.client.call("DEL", f"m:{{{SITE}}}:r:c:tail2")
    await live.client.call("HSET", f"m:{{{SITE}}}:cursors", "records", cursor)

    sent, _ = await house.publisher.records(generation)

    assert sent == 1
    assert "c:tail2" in await house.in_redis("tail2")


async def test_a_publication_that_fails_leaves_no_reading_behind(house: House, live: Any) -> None:
    generation = await live.make_ready()
    await house.subjects.apply_changes(SITE, [change("behind")], "identity", FeedPlace(1, 1))
    before = asyncio.all_tasks()

    with pytest.raises(NotReadyError):
        await house.publisher.records(generation - 1)

    assert asyncio.all_tasks() == before


async def test_pages_are_published_in_order_to_the_last(house: House, live: Any) -> None:
    generation = await live.make_ready()
    crowd = [change(f"page{number:04d}") for number in range(2 * PAGE + 1)]
    for start in range(0, len(crowd), PAGE):
        await house.subjects.apply_changes(SITE, crowd[start : start + PAGE], "identity", FeedPlace(1, start + 1))
    told: list[int] = []

    async def tell(done: int, _projected: Projection) -> None:
        told.append(done)

    sent, position = await house.publisher.records(generation, tell)

    assert position == (await house.subjects.projection(SITE)).position
    assert told == [*range(PAGE, sent, PAGE), sent]
    assert len(await house.in_redis(*(one.subject_id.removeprefix("c:") for one in crowd))) == len(crowd)


@pytest.mark.full
async def test_sixty_thousand_subjects_are_projected_and_rebuilt_in_seconds(
    house: House, live: Any, tasks: Tasks, clock: SystemClock
) -> None:
    await live.make_ready()
    feed = MemoryFeed(epoch=9)
    tasks.keep("bulk", house.projector(feed).follow_all)
    publishing = tasks.keep("publish", house.publisher.follow_records)
    began = clock.monotonic()
    everybody = [change(f"full{n:05d}") for n in range(60_000)]
    for start in range(0, len(everybody), 500):
        feed.give(*everybody[start : start + 500], caught_up=False)
    await eventually(lambda: house.in_redis("full59999"), 120)
    projected_s = clock.monotonic() - began
    publishing.cancel()
    await live.client.call("FLUSHALL")

    began = clock.monotonic()
    await house.rebuilder.rebuild(await live.generations.inspect(SITE))
    rebuilt_s = clock.monotonic() - began

    print(f"projected in {projected_s:.1f} s, rebuilt in {rebuilt_s:.1f} s")
    assert "c:full59999" in await house.in_redis("full59999")
    assert projected_s < 60
    assert rebuilt_s < 15


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.booleans()), max_size=30))
def test_the_digest_kept_by_increments_is_the_digest_of_what_is_held(steps: list[tuple[str, int, bool]]) -> None:
    held: dict[str, Any] = {}
    digest = bytes(32)

    for name, version, is_removal in steps:
        told = replace(change(name, version), subject=None) if is_removal else change(name, version, card=f"{version}A")
        before = held.get(name)
        after = project(told, before, 1, ())
        if after is not None:
            digest = digest_after(digest, [before.record_hash] if before else [], [after.record_hash])
            held[name] = after

    shares = [record_hash(h.subject_id, h.version, h.record) for h in held.values()]
    assert digest == digest_after(bytes(32), [], shares)
