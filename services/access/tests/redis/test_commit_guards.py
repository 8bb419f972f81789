"""A commit holds as a whole or not at all."""

import asyncio
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.domain.events import EventKind
from menshen_access.domain.store import CommitAnswer, FeedCursor, ReadWish, RecordPut, Stored, Verdict
from menshen_access.redis.records import MOST_AT_ONCE
from menshen_rulebook.types import (
    CountAttempt,
    CountBelow,
    HoldsUnchanged,
    NotUsed,
    NowWithin,
    PlanIs,
    PresenceIs,
    Reserve,
    Used,
    UseOnce,
    VersionIs,
)

SITE = "north"


def place(subject: str, expires_at_ms: int, area: str = "lab", point: str = "n-in") -> Reserve:
    return Reserve(subject, (area, "campus"), point, expires_at_ms)


async def stream_length(live: Any) -> int:
    return int(await live.client.call("XLEN", live.generations.keys[SITE].events))


async def test_a_decision_that_still_holds_is_committed_and_appended(commit: Any, live: Any) -> None:
    now_ms = commit.clock.now_ms()

    answer = await commit([place("c:1", now_ms + 8000)], [PresenceIs("c:1", 0), PlanIs(0), HoldsUnchanged(0)])

    assert answer.verdict is Verdict.OK
    assert list(answer.moved) == ["c:1"]
    assert await stream_length(live) == 1
    assert await live.projection.occupancy(SITE, ["lab", "campus"], now_ms) == {"lab": (0, 1), "campus": (0, 1)}


async def test_a_repeated_event_id_gets_the_stored_decision_and_changes_nothing(commit: Any, live: Any) -> None:
    event_id = commit.new_id()
    first = commit.payload(event_id).encode()
    await commit(event_id=event_id)

    again = await commit([place("c:1", commit.clock.now_ms() + 8000)], event_id=event_id)

    assert (again.verdict, again.stored) == (Verdict.REPEATED, first)
    assert await stream_length(live) == 1
    assert (await live.projection.occupancy(SITE, ["lab"], commit.clock.now_ms()))["lab"] == (0, 0)


@pytest.mark.parametrize(
    "guard",
    [
        VersionIs("c:1", 2),
        VersionIs("c:9", 1),
        PlanIs(7),
        HoldsUnchanged(7),
        PresenceIs("c:1", 3),
        CountBelow("lab", 0, "c:1"),
        NotUsed("ticket"),
        NowWithin(0, 1),
    ],
    ids=lambda guard: type(guard).__name__,
)
async def test_a_guard_that_fails_leaves_everything_as_it_was(commit: Any, live: Any, guard: Any) -> None:
    generation = live.generations.current(SITE)
    await live.projection.put_records(SITE, generation, [RecordPut("c:1", 1, b"[1]")])
    await commit([UseOnce("ticket")])
    length = await stream_length(live)
    event_id = commit.new_id()

    answer = await commit([place("c:1", commit.clock.now_ms() + 8000)], [guard], event_id=event_id)

    assert answer.verdict is Verdict.STALE
    assert await stream_length(live) == length
    assert (await live.projection.occupancy(SITE, ["lab"], commit.clock.now_ms()))["lab"] == (0, 0)
    assert (await commit(event_id=event_id)).verdict is Verdict.OK


async def test_a_stale_answer_brings_the_values_to_decide_on(commit: Any, live: Any) -> None:
    generation = live.generations.current(SITE)
    await live.projection.put_records(SITE, generation, [RecordPut("c:1", 5, b"[5]", ("card:AA",))])
    await live.projection.put_plan(SITE, generation, 3, b"{}")
    await live.projection.put_circumstances(SITE, generation, 4, b"{}")
    await commit([UseOnce("ticket"), place("c:2", commit.clock.now_ms() + 8000)])

    answer = await commit(
        [],
        [PlanIs(1), VersionIs("c:1", 4), CountBelow("lab", 1, "c:1"), NotUsed("ticket")],
        absent_keys=("card:AA",),
    )

    fresh = answer.fresh
    assert fresh is not None
    assert (fresh.plan_version, fresh.circumstances_version) == (3, 4)
    assert fresh.records == {"c:1": (5, b"[5]")}
    assert fresh.counts == {"lab": 1}
    assert fresh.used == {"ticket"}
    assert fresh.keys == {"card:AA": "c:1"}


async def test_a_card_that_became_known_is_not_refused_as_unknown(commit: Any, live: Any) -> None:
    generation = live.generations.current(SITE)
    await live.projection.put_records(SITE, generation, [RecordPut("c:1", 1, b"[1]", ("card:AA",))])

    answer = await commit(absent_keys=("card:AA",))

    assert answer.verdict is Verdict.STALE


async def test_a_clock_too_far_from_the_servers_is_refused(commit: Any, live: Any) -> None:
    now_ms = commit.clock.now_ms()

    ahead = await commit(now_ms=now_ms + 2000)
    behind = await commit(now_ms=now_ms - 2000)

    assert (ahead.verdict, behind.verdict) == (Verdict.CLOCK, Verdict.CLOCK)
    assert int(ahead.detail) > 1500
    assert int(behind.detail) < -1500
    assert await stream_length(live) == 0


async def test_a_full_stream_answers_backpressure_until_it_is_trimmed(commit: Any, live: Any) -> None:
    for _ in range(50):
        assert (await commit()).verdict is Verdict.OK

    refused = await commit()
    refused_report = await commit.report(commit.new_id(), EventKind.REX)
    await live.client.call("XTRIM", live.generations.keys[SITE].events, "MAXLEN", 0)

    assert refused.verdict is Verdict.BACKPRESSURE
    assert refused_report.stored is Stored.BACKPRESSURE
    assert (await commit()).verdict is Verdict.OK


async def test_ten_lanes_never_grant_the_last_place_twice(commit: Any, live: Any) -> None:
    expires_at_ms = commit.clock.now_ms() + 8000

    for limit in range(1, 4):
        answers = await asyncio.gather(
            *(
                commit.send(
                    [place(f"c:{limit}-{lane}", expires_at_ms, point=f"lane-{lane}")],
                    [CountBelow("lab", limit, f"c:{limit}-{lane}")],
                )
                for lane in range(10)
            )
        )
        granted = [a for a in answers if isinstance(a, CommitAnswer) and a.verdict is Verdict.OK]
        assert len(granted) == 1
        assert (await live.projection.occupancy(SITE, ["lab"], commit.clock.now_ms()))["lab"] == (0, limit)


async def test_a_retry_of_the_one_inside_the_limit_is_not_counted_twice(commit: Any) -> None:
    expires_at_ms = commit.clock.now_ms() + 8000
    await commit([place("c:1", expires_at_ms)], [CountBelow("lab", 1, "c:1")])

    again = await commit([place("c:1", expires_at_ms)], [CountBelow("lab", 1, "c:1")])

    assert again.verdict is Verdict.OK


async def test_an_expired_reservation_gives_its_place_back(commit: Any) -> None:
    now_ms = commit.clock.now_ms()
    await commit([place("c:1", now_ms + 60)], [CountBelow("lab", 1, "c:1")])
    full = await commit([place("c:2", now_ms + 8000)], [CountBelow("lab", 1, "c:2")])

    # The commit's own instant counts, and it may lead the server's clock a little.
    free = await commit([place("c:2", now_ms + 8000)], [CountBelow("lab", 1, "c:2")], now_ms=now_ms + 100)

    assert (full.verdict, free.verdict) == (Verdict.STALE, Verdict.OK)


async def attempts(commit: Any) -> int:
    return int((await commit.store.read(SITE, ReadWish(access_point="n-in"))).attempts)


async def test_wrong_pins_are_counted_and_cleared(commit: Any) -> None:
    await commit([CountAttempt("n-in", 60_000)])
    await commit([CountAttempt("n-in", 60_000)])
    counted = await attempts(commit)
    await commit([CountAttempt("n-in")])

    assert counted == 2
    assert await attempts(commit) == 0


async def test_wrong_pins_are_forgotten_a_time_after_the_last_one(commit: Any) -> None:
    await commit([CountAttempt("n-in", 60_000)])
    await commit([CountAttempt("n-in", 1)])

    async def is_forgotten() -> bool:
        return await attempts(commit) == 0

    await eventually(is_forgotten)


async def test_what_was_used_is_a_condition_that_ends_with_the_use(commit: Any) -> None:
    event_id = commit.new_id()
    before = await commit([], [Used("opened")])
    await commit([UseOnce("opened")], event_id=event_id)
    during = await commit([], [Used("opened")])
    await commit.report(event_id, EventKind.NOT_TAKEN)
    after = await commit([], [Used("opened")])

    assert [answer.verdict for answer in (before, during, after)] == [Verdict.STALE, Verdict.OK, Verdict.STALE]
    assert (before.fresh.used, after.fresh.used) == (frozenset(), frozenset())


async def test_a_site_that_is_rebuilt_takes_no_decisions(commit: Any, live: Any) -> None:
    standing = await live.generations.inspect(SITE)
    generation = await live.generations.begin(SITE, standing)

    refused = await commit()
    await live.generations.ready(SITE, generation)

    assert refused.verdict is Verdict.NOT_READY
    assert (await commit()).verdict is Verdict.OK


async def test_an_old_generation_cannot_write(commit: Any, live: Any) -> None:
    old = live.generations.current(SITE)
    new = await live.generations.begin(SITE, await live.generations.inspect(SITE))

    with pytest.raises(Exception, match="generation"):
        await live.projection.put_records(SITE, old, [RecordPut("c:1", 1, b"[1]")])

    assert new is not None
    assert await live.generations.ready(SITE, old) is False


async def test_one_of_two_rebuilders_begins(commit: Any, live: Any) -> None:
    seen = await live.generations.inspect(SITE)

    generations = await asyncio.gather(live.generations.begin(SITE, seen), live.generations.begin(SITE, seen))

    assert sorted(generation is not None for generation in generations) == [False, True]


async def test_only_a_higher_version_of_a_record_is_applied(commit: Any, live: Any) -> None:
    generation = live.generations.current(SITE)
    put = live.projection.put_records
    await put(SITE, generation, [RecordPut("c:1", 5, b"[5]", ("card:AA", "card:BB"))])

    older = await put(SITE, generation, [RecordPut("c:1", 4, b"[4]", ("card:CC",))])
    newer = await put(SITE, generation, [RecordPut("c:1", 6, b"[6]", ("card:BB",), ("card:AA",))])

    assert (older, newer) == (0, 1)
    keys = live.generations.keys[SITE]
    found = [await live.client.call("GET", keys.lookup(f"card:{name}")) for name in ("AA", "BB", "CC")]
    assert found == [None, b"c:1", None]


async def test_decisions_get_their_turn_between_records_and_the_place_comes_with_the_last(
    commit: Any, live: Any
) -> None:
    generation, keys = live.generations.current(SITE), live.generations.keys[SITE]
    puts = [RecordPut(f"c:{number}", 1, b"[1]") for number in range(MOST_AT_ONCE)]
    first, last = keys.record(puts[0].subject_id), keys.record(puts[-1].subject_id)

    async def decided_meanwhile() -> list[Any]:
        questions = [("EXISTS", first), ("EXISTS", last), ("HGET", keys.cursors, "records")]
        return list(await asyncio.gather(*(live.client.call(*question) for question in questions)))

    applied, meanwhile = await asyncio.gather(
        live.projection.put_records(SITE, generation, puts, FeedCursor("records", 1, 500)), decided_meanwhile()
    )

    assert meanwhile == [1, 0, None]
    assert applied == len(puts)
    assert await decided_meanwhile() == [1, 1, b"1:500"]


async def test_a_dropped_key_that_another_subject_took_stays_with_it(commit: Any, live: Any) -> None:
    generation = live.generations.current(SITE)
    put = live.projection.put_records
    await put(SITE, generation, [RecordPut("c:1", 1, b"[1]", ("card:AA",))])
    await put(SITE, generation, [RecordPut("c:2", 1, b"[1]", ("card:AA",))])

    await put(SITE, generation, [RecordPut("c:1", 2, b"[2]", (), ("card:AA",))])

    assert await live.client.call("GET", live.generations.keys[SITE].lookup("card:AA")) == b"c:2"
