"""Reviews on a real PostgreSQL: opened by recorded decisions, decided by one guard, ended by time."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.domain.administration import Review, ReviewState
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import entry_of
from menshen_access.noticeboard import Noticeboard
from menshen_access.ports import ReviewEnd
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reviews import Reviews
from menshen_access.postgres.sites import Sites, listen
from menshen_access.recording import Recorder
from menshen_access.reviewing import Ending, ReviewEnds, Reviewing
from menshen_access.rpc.rendering import review_message
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble
from menshen_servicekit.supervision import Tasks

SITE = "north"
Opened = Callable[..., Any]


@pytest.fixture
def store(pool: Pool, sites: Sites) -> Reviews:
    return Reviews(pool, sites)


@pytest.fixture
def hand() -> ManualClock:
    return ManualClock(SystemClock().now_ms())


@pytest.fixture
def reviewing(store: Reviews, board: Noticeboard, hand: ManualClock) -> Reviewing:
    return Reviewing(store, board, hand)


@pytest.fixture
def opened(ledger: PooledLedger, event: Any, hand: ManualClock) -> Opened:
    """Records a decision that asks for a review; its id."""

    async def record(
        opens_in_ms: int | None = None, *, late: bool = False, needs: str = "", told: Any = None, **core: Any
    ) -> str:
        opens_at_ms = None if opens_in_ms is None else hand.now_ms() + opens_in_ms
        asked = event(
            outcome=3,
            reasons=[["FACT_ABSENT", "requirements", 3]],
            review={"opens_at_ms": opens_at_ms},
            decided_at_ms=hand.now_ms(),
            identity={"arguments": told or [{"fact": "work_proof", **({"pass_needs": needs} if needs else {})}]},
            **core,
        )
        await ledger.append(SITE, [entry_of(asked, late=late)], hand.now_ms())
        return str(asked.event_id)

    return record


async def state_of(store: Reviews, review_id: str) -> ReviewState:
    found = await store.change(SITE, review_id, lambda _: None)
    assert found is not None
    return found.state


async def test_exactly_one_of_many_guards_takes_a_review(reviewing: Reviewing, opened: Opened) -> None:
    review_id = await opened()
    guards = [f"guard/{n}" for n in range(8)]

    answers = await asyncio.gather(
        *(reviewing.take(SITE, review_id, guard) for guard in guards), return_exceptions=True
    )

    winners = [answer for answer in answers if isinstance(answer, Review)]
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert (len(winners), len(refused)) == (1, 7)
    assert {answer.trouble for answer in refused} == {Trouble.CONFLICT}


async def test_only_the_guard_who_took_it_resolves_it_and_says_why(reviewing: Reviewing, opened: Opened) -> None:
    review_id = await opened()
    await reviewing.take(SITE, review_id, "guard/a")

    with pytest.raises(DomainError):
        await reviewing.resolve(SITE, review_id, "guard/b", Ending(passes=True, note="I know him"))
    with pytest.raises(DomainError):
        await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note=" "))
    ended = await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note="photo matches"))

    assert (ended.state, ended.operator, ended.note) == (ReviewState.PASSED, "guard/a", "photo matches")
    assert ended.version == 3
    again = await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note="photo matches"))
    assert again.version == 3


async def test_a_visitor_announced_by_telephone_is_passed_with_the_record_of_the_call_alone(
    reviewing: Reviewing, opened: Opened
) -> None:
    review_id = await opened(needs="telephone_record")
    await reviewing.take(SITE, review_id, "guard/a")

    with pytest.raises(DomainError) as missing:
        await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note="the host called"))
    listed = await reviewing.listed(SITE, ReviewState.TAKEN)
    [standing] = [review for review in listed if review.review_id == review_id]
    ended = await reviewing.resolve(
        SITE, review_id, "guard/a", Ending(passes=True, note="the host called", telephone_record="T-0213-7")
    )

    assert (missing.value.code, [field.path for field in missing.value.fields]) == (
        "TELEPHONE_RECORD_MISSING",
        ["telephone_record"],
    )
    assert (standing.note, standing.telephone_record, standing.version) == ("", "", 2)
    assert (ended.state, ended.operator, ended.note) == (ReviewState.PASSED, "guard/a", "the host called")
    assert review_message(ended, "").telephone_record == "T-0213-7"


async def test_nobody_needs_a_call_to_refuse_a_visitor(reviewing: Reviewing, opened: Opened) -> None:
    review_id = await opened(needs="telephone_record")
    await reviewing.take(SITE, review_id, "guard/a")

    ended = await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=False, note="nobody called"))

    assert ended.state is ReviewState.REFUSED


@pytest.mark.parametrize("record", [" ", "T-7 ", "T" * 65])
async def test_a_call_record_is_a_short_number(reviewing: Reviewing, opened: Opened, record: str) -> None:
    review_id = await opened()
    await reviewing.take(SITE, review_id, "guard/a")

    with pytest.raises(DomainError) as refused:
        await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note="known", telephone_record=record))

    assert refused.value.code == "TELEPHONE_RECORD_INVALID"


async def test_reasons_told_in_another_form_need_no_call(reviewing: Reviewing, opened: Opened) -> None:
    review_id = await opened(told=["of another version"])
    await reviewing.take(SITE, review_id, "guard/a")

    ended = await reviewing.resolve(SITE, review_id, "guard/a", Ending(passes=True, note="known"))

    assert ended.state is ReviewState.PASSED


async def test_a_review_ends_by_itself_and_the_lane_hears_whether_it_opens(
    store: Reviews, reviewing: Reviewing, opened: Opened, hand: ManualClock, tasks: Tasks
) -> None:
    ends = ReviewEnds(reviewing, store)
    tasks.keep("ends", lambda: ends.follow(SITE))
    tasks.keep("expire", lambda: reviewing.expire(SITE))
    heard: dict[str, ReviewEnd] = {}
    ends.watch(SITE, frozenset({"n-in"}), lambda end: heard.setdefault(end.review_id, end))
    elsewhere: list[ReviewEnd] = []
    ends.watch(SITE, frozenset({"s-in"}), elsewhere.append)
    at_exit, at_entry = await opened(15_000), await opened()
    await eventually(lambda: ends._positions)

    hand.advance_ms(15_001)
    await eventually(lambda: at_exit in heard)
    assert at_entry not in heard
    hand.advance_ms(120_000)
    await eventually(lambda: at_entry in heard)

    assert (heard[at_exit].opens, heard[at_entry].opens) == (True, False)
    assert elsewhere == []


async def test_a_review_uploaded_after_its_end_is_expired_from_the_start(
    store: Reviews, reviewing: Reviewing, opened: Opened, hand: ManualClock
) -> None:
    review_id = await opened(-1, late=True, kind=EventKind.EDGE)

    assert await state_of(store, review_id) is ReviewState.EXPIRED
    with pytest.raises(DomainError):
        await reviewing.take(SITE, review_id, "guard/a")


async def test_centre_and_edge_decisions_of_one_presentation_open_one_review(
    store: Reviews, opened: Opened, reviewing: Reviewing
) -> None:
    review_id = await opened()

    assert await opened(event_id=review_id, kind=EventKind.EDGE) == review_id

    found = [review for review in await reviewing.listed(SITE, ReviewState.OPEN) if review.review_id == review_id]
    assert len(found) == 1


async def test_a_review_reaches_its_watchers_from_the_stream_in_time(
    pool: Pool,
    live: Any,
    store: Reviews,
    ledger: PooledLedger,
    event: Any,
    board: Noticeboard,
    clock: SystemClock,
    metrics: Any,
    tasks: Tasks,
) -> None:
    reviewing = Reviewing(store, board, clock)
    tasks.keep("record", Recorder(SITE, live.stream, ledger, clock, board, metrics).run)
    tasks.keep("notices", lambda: listen(pool, board.heard, board.post_everything))
    seen: dict[str, float] = {}

    async def watch() -> None:
        async for review in reviewing.watch(SITE):
            seen.setdefault(review.review_id, clock.monotonic())

    tasks.keep("watch", watch)
    warm = event(outcome=3, review={"opens_at_ms": None})
    await live.present([warm])
    await eventually(lambda: warm.event_id in seen)

    asked = event(outcome=3, review={"opens_at_ms": None})
    began = clock.monotonic()
    await live.present([asked])
    await eventually(lambda: asked.event_id in seen)

    took_ms = (seen[asked.event_id] - began) * 1000
    print(f"review at the post after {took_ms:.0f} ms")
    assert took_ms < 1000


async def test_the_guards_message_renders_all_reasons_in_both_languages(store: Reviews, opened: Opened) -> None:
    review_id = await opened()
    review = await store.change(SITE, review_id, lambda _: None)
    assert review is not None

    message = review_message(review, "photo-7")

    assert [reason.code for reason in message.reasons] == ["FACT_ABSENT"]
    assert message.reasons[0].guard.zh
    assert message.reasons[0].guard.en
    assert not message.reasons[0].HasField("record")
    assert (message.photo_ref, json.loads(review.reasons)["arguments"]) == ("photo-7", [{"fact": "work_proof"}])
