"""The subject feed: complete, in order, prompt, and precise about cursors it cannot serve."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from menshen.identity.v1 import identity_pb2 as pb
from menshen_servicekit.feeds import Touch, publish
from menshen_servicekit.status import Trouble, domain_error_of

ACCESS = "spiffe://menshen/service/access"


class Watcher:
    """Follows one site's feed and keeps what a consumer would: the highest version of each subject."""

    def __init__(self, clients: Any, site: str = "north", **request: Any) -> None:
        asked = pb.WatchSubjectsRequest(**{"site": site, "lane": pb.FEED_LANE_ALL, **request})
        self._call = clients.stub(ACCESS).WatchSubjects(asked, timeout=60)
        self.batches: list[pb.WatchSubjectsResponse] = []
        self.versions: dict[str, int] = {}

    async def until(self, subject_id: str, version: int = 1) -> pb.SubjectChange:
        """The change that brings a subject to a version."""
        while True:
            batch = await asyncio.wait_for(self._call.read(), 20)
            assert batch is not grpc.aio.EOF
            self.batches.append(batch)
            for change in batch.changes:
                self.versions[change.subject_id] = max(change.version, self.versions.get(change.subject_id, 0))
            for change in batch.changes:
                if change.subject_id == subject_id and change.version >= version:
                    return change

    async def caught_up(self) -> "Watcher":
        while not (self.batches and self.batches[-1].caught_up):
            batch = await asyncio.wait_for(self._call.read(), 20)
            assert batch is not grpc.aio.EOF
            self.batches.append(batch)
        return self

    @property
    def cursor(self) -> pb.FeedCursor:
        return self.batches[-1].cursor

    def close(self) -> None:
        self._call.cancel()


@asynccontextmanager
async def watching(clients: Any, **request: Any) -> AsyncIterator[Watcher]:
    watcher = Watcher(clients, **request)
    try:
        yield watcher
    finally:
        watcher.close()


async def cursor_now(clients: Any, site: str = "north", **request: Any) -> pb.FeedCursor:
    async with watching(clients, site=site, **request) as watcher:
        return (await watcher.caught_up()).cursor


async def test_a_feed_of_nothing_says_at_once_that_it_is_caught_up(clients: Any) -> None:
    async with watching(clients, site="nowhere") as watcher:
        await watcher.caught_up()
    assert not watcher.batches[0].changes


async def test_a_transaction_that_began_first_and_commits_last_is_not_skipped(clients: Any, pool: Any) -> None:
    early, late = await clients.cardholder(), await clients.cardholder()
    cursor = await cursor_now(clients)
    async with pool.acquire() as slow, pool.acquire() as quick, watching(clients, cursor=cursor) as watcher:
        first = slow.transaction()
        await first.start()
        await slow.execute("UPDATE cardholders SET version = 2 WHERE cardholder_id = $1", early.cardholder_id)
        async with quick.transaction():
            await quick.execute("UPDATE cardholders SET version = 2 WHERE cardholder_id = $1", late.cardholder_id)
            await publish(quick, "identity_feed", [Touch(late.cardholder_id, ("north",))])
        await watcher.until(late.cardholder_id, 2)
        await publish(slow, "identity_feed", [Touch(early.cardholder_id, ("north",))])
        await first.commit()
        assert (await watcher.until(early.cardholder_id, 2)).version == 2


async def test_nobody_passes_a_transaction_that_has_taken_its_position(clients: Any, pool: Any) -> None:
    one, other = await clients.cardholder(), await clients.cardholder()
    async with pool.acquire() as holding, pool.acquire() as waiting:
        first = holding.transaction()
        await first.start()
        taken = await publish(holding, "identity_feed", [Touch(one.cardholder_id, ("north",))])
        second = waiting.transaction()
        await second.start()
        pending = asyncio.create_task(publish(waiting, "identity_feed", [Touch(other.cardholder_id, ("north",))]))
        done, _ = await asyncio.wait([pending], timeout=0.2)
        assert not done
        await first.commit()
        assert await asyncio.wait_for(pending, 10) == taken + 1
        await second.commit()


async def test_many_writers_at_once_reach_a_watcher_without_a_gap(clients: Any) -> None:
    people = [await clients.cardholder(site="east") for _ in range(12)]
    cursor = await cursor_now(clients, "east")

    async def change_often(person: pb.Cardholder) -> None:
        for number in range(8):
            request = pb.SetPinRequest(site="east", cardholder_id=person.cardholder_id, pin=f"{number:04}")
            await clients.stub().SetPin(request, timeout=30)

    async with watching(clients, site="east", cursor=cursor) as watcher:
        await asyncio.gather(*map(change_often, people))
        for person in people:
            if watcher.versions.get(person.cardholder_id, 0) < 9:
                await watcher.until(person.cardholder_id, 9)
    positions = [batch.cursor.position for batch in watcher.batches]
    assert {watcher.versions[person.cardholder_id] for person in people} == {9}
    assert positions == sorted(positions)


async def test_a_watcher_that_returns_with_its_cursor_gets_what_it_missed_and_no_more(clients: Any) -> None:
    untouched = await clients.cardholder()
    cursor = await cursor_now(clients)
    missed = await clients.cardholder()
    async with watching(clients, cursor=cursor) as watcher:
        await watcher.until(missed.cardholder_id)
    assert missed.cardholder_id in watcher.versions
    assert untouched.cardholder_id not in watcher.versions


async def test_pages_of_a_long_feed_are_caught_up_only_at_the_end(clients: Any) -> None:
    rows = "".join(f"\nlong-{number},staff,x" for number in range(1_200))
    await clients.load("external_ref,category,name" + rows, site="lake")
    async with watching(clients, site="lake") as watcher:
        await watcher.caught_up()
    sizes = [len(batch.changes) for batch in watcher.batches]
    assert sizes[:2] == [500, 500]
    assert [batch.caught_up for batch in watcher.batches] == [False] * (len(sizes) - 1) + [True]


async def test_a_revocation_overtakes_a_bulk_that_is_still_being_read(clients: Any) -> None:
    person = await clients.cardholder(site="lake")
    card = await clients.card(person, "05A1")
    cursor = await cursor_now(clients, "lake", lane=pb.FEED_LANE_REVOCATIONS)
    rows = "".join(f"\nbulk-{number},staff,x" for number in range(2_000))
    load = asyncio.create_task(clients.load("external_ref,category,name" + rows, site="lake"))
    async with watching(clients, site="lake", lane=pb.FEED_LANE_REVOCATIONS, cursor=cursor) as urgent:
        await clients.move("lake", card.credential_id, pb.CREDENTIAL_STATE_STOLEN)
        change = await urgent.until(person.cardholder_id, 3)
    await load
    seen = [found.subject_id for batch in urgent.batches for found in batch.changes]
    assert change.credentials[0].state == pb.CREDENTIAL_STATE_STOLEN
    assert seen == [person.cardholder_id]


async def test_a_subject_that_leaves_a_site_is_removed_there_and_returns_with_a_higher_version(clients: Any) -> None:
    person = await clients.cardholder(sites=["east"])
    async with watching(clients, site="east", cursor=await cursor_now(clients, "east")) as watcher:
        person.sites[:] = []
        person = (
            await clients.stub().UpdateCardholder(pb.UpdateCardholderRequest(site="north", cardholder=person))
        ).cardholder
        gone = await watcher.until(person.cardholder_id, 2)
        person.sites[:] = ["east"]
        await clients.stub().UpdateCardholder(pb.UpdateCardholderRequest(site="north", cardholder=person))
        back = await watcher.until(person.cardholder_id, 3)
    assert (gone.removed, gone.category) == (True, "")
    assert (back.removed, back.category) == (False, "staff")


async def test_a_change_reaches_a_watcher_promptly(clients: Any) -> None:
    """The stated figure is a p99 below 100 ms; the median is held here, where other work shares the processor."""
    person = await clients.cardholder()
    loop, waits = asyncio.get_running_loop(), []
    async with watching(clients, cursor=await cursor_now(clients)) as watcher:
        for number in range(30):
            await clients.stub().SetPin(
                pb.SetPinRequest(site="north", cardholder_id=person.cardholder_id, pin=f"{number:04}")
            )
            began = loop.time()
            await watcher.until(person.cardholder_id, number + 2)
            waits.append(loop.time() - began)
    assert sorted(waits)[len(waits) // 2] < 0.1


@pytest.mark.parametrize(
    ("epoch_step", "position", "code"), [(1, 0, "FEED_EPOCH_ENDED"), (0, 2**40, "FEED_CURSOR_AHEAD")]
)
async def test_a_cursor_that_cannot_be_served_is_refused_so_that_its_owner_begins_again(
    clients: Any, epoch_step: int, position: int, code: str
) -> None:
    cursor = await cursor_now(clients)
    asked = pb.FeedCursor(epoch=cursor.epoch - epoch_step, position=position)
    call = clients.stub(ACCESS).WatchSubjects(
        pb.WatchSubjectsRequest(site="north", lane=pb.FEED_LANE_ALL, cursor=asked), timeout=10
    )
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call.read()
    error = domain_error_of(raised.value)
    assert (error.trouble, error.code) == (Trouble.OUT_OF_RANGE, code)


async def test_a_new_epoch_ends_the_streams_of_the_old_one(clients: Any, pool: Any) -> None:
    watcher = await Watcher(clients).caught_up()
    await pool.execute("UPDATE feed_head SET epoch = epoch + 1")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await watcher.until("c:nobody")
    assert domain_error_of(raised.value).code == "FEED_EPOCH_ENDED"
