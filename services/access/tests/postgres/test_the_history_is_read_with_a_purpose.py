"""Queries, feed, uploads, late events and alarms on a real PostgreSQL."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from harness.patience import eventually
from hypothesis import given
from hypothesis import strategies as st
from menshen.access.v1 import access_pb2
from menshen_access.alarming import AlarmCourier, AlarmQueue
from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.disclosure import Reader
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import EventFilter, entry_of
from menshen_access.domain.presence_history import outset_of
from menshen_access.domain.reported import Reported
from menshen_access.domain.spools import MOST_RANGES, Recorded
from menshen_access.domain.store import EventAnswer, Happening, Stored
from menshen_access.feeding import EventPlace, Feeding
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import NEWEST, Querying, Question, days_between
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.edge import UploadCall
from menshen_access.rpc.rendering import event_message
from menshen_access.uploading import MOST_AT_ONCE, LateMerger, Uploading
from menshen_access.watermarks import SpoolWatermarks
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"
QUESTION = Question(SITE, "operator/li", "ListEvents", "complaint 7")


def wanted(**changes: Any) -> EventFilter:
    given = {
        "before_sequence": NEWEST,
        "subject_id": "",
        "access_point": "",
        "days": days_between(0, FOREVER_MS),
        "from_ms": 0,
        "to_ms": FOREVER_MS,
        "kind": 0,
        "outcome": 0,
        "reason_code": "",
        **changes,
    }
    return EventFilter(**given)


@pytest.fixture
def querying(pool: Pool, sites: Sites, reader: HistoryReader, clock: SystemClock) -> Querying:
    return Querying(reader, Administration(pool, sites), clock)


@pytest.fixture
def uploading(ledger: PooledLedger, board: Noticeboard, clock: SystemClock) -> Uploading:
    return Uploading(ledger, board, clock)


async def record(ledger: PooledLedger, *events: Any, late: bool = False) -> None:
    await ledger.append(SITE, [entry_of(event, late=late) for event in events], 0)


async def test_a_query_without_a_purpose_is_refused_and_one_with_is_logged(
    querying: Querying, ledger: PooledLedger, pool: Pool, event: Any
) -> None:
    await record(ledger, event())

    with pytest.raises(DomainError) as refused:
        await querying.listed(Question(SITE, "operator/li", "ListEvents", " "), wanted(), 10)
    await querying.listed(QUESTION, wanted(access_point="n-in"), 10)

    assert refused.value.trouble is Trouble.INVALID
    logged = await pool.fetchrow("SELECT caller, purpose, filter FROM query_log ORDER BY number DESC LIMIT 1")
    assert tuple(logged or ()) == ("operator/li", "complaint 7", '{"access_point": "n-in"}')


async def test_pages_cover_every_match_once_newest_first(querying: Querying, ledger: PooledLedger, event: Any) -> None:
    mine = [event(access_point="paged", identity={"subject_ids": ["c:paged"]}) for _ in range(7)]
    await record(ledger, *mine, event(access_point="other"))
    found: list[str] = []
    before = NEWEST

    while before:
        page, before = await querying.listed(QUESTION, wanted(before_sequence=before, subject_id="c:paged"), 3)
        found += [recorded.event.event_id for recorded in page]

    assert found == [e.event_id for e in reversed(mine)]


async def test_filters_hold_by_outcome_reason_kind_and_time(
    querying: Querying, ledger: PooledLedger, event: Any
) -> None:
    denied = event(outcome=4, reasons=[["CREDENTIAL_LOST", "credential_state", 4]], access_point="filtered")
    await record(ledger, denied, event(access_point="filtered"), event(EventKind.REX, access_point="filtered"))

    async def ids(**changes: Any) -> list[str]:
        page, _ = await querying.listed(QUESTION, wanted(access_point="filtered", **changes), 10)
        return [recorded.event.event_id for recorded in page]

    assert await ids(outcome=4) == [denied.event_id]
    assert await ids(reason_code="CREDENTIAL_LOST") == [denied.event_id]
    assert len(await ids(kind=12)) == 1
    assert await ids(to_ms=1000, days=days_between(0, 1000)) == []


async def test_explain_shows_every_event_of_an_id_with_texts_in_both_languages(
    querying: Querying, ledger: PooledLedger, pool: Pool, event: Any
) -> None:
    decision = event(outcome=4, reasons=[["CREDENTIAL_LOST", "credential_state", 4]], identity={"arguments": [{}]})
    acted = event(EventKind.ACTED, event_id=decision.event_id, obeyed=1)
    await record(ledger, decision, acted)

    found = await querying.explained(QUESTION, decision.event_id)
    message = event_message(found[0], Reader.CENTRE)
    assert [recorded.event.kind for recorded in found] == [EventKind.CENTRE, EventKind.ACTED]
    assert message.reasons[0].record.zh
    assert message.reasons[0].record.en != message.reasons[0].code

    await pool.execute("UPDATE event SET identity = NULL, identity_salt = NULL WHERE event_id = $1", decision.event_id)
    after = event_message((await querying.explained(QUESTION, decision.event_id))[0], Reader.CENTRE)
    assert [reason.code for reason in after.reasons] == ["CREDENTIAL_LOST", "DATA_DELETED"]
    with pytest.raises(DomainError) as refused:
        await querying.explained(QUESTION, "no such id")
    assert refused.value.trouble is Trouble.NOT_FOUND


async def test_the_feed_gives_everything_after_a_cursor_and_then_what_comes(
    reader: HistoryReader, ledger: PooledLedger, board: Noticeboard, event: Any
) -> None:
    epoch, end = await reader.end(SITE)
    feeding = Feeding(reader, board)
    await record(ledger, *(event() for _ in range(450)))
    seen: list[int] = []

    async for page in feeding.watch(SITE, EventPlace(epoch, end), until_now=True):
        seen += [recorded.sequence for recorded in page.events]
    assert seen == list(range(end + 1, end + 451))

    waiting = feeding.watch(SITE, EventPlace(epoch, end + 450), until_now=False)
    following = asyncio.ensure_future(anext(waiting))
    await record(ledger, event())
    board.post(Topic.EVENTS, SITE)
    assert (await asyncio.wait_for(following, 5)).place == EventPlace(epoch, end + 451)


@pytest.mark.parametrize("place", [EventPlace(7, 0), EventPlace(1, 1 << 50)])
async def test_a_cursor_of_another_epoch_or_ahead_is_refused(
    reader: HistoryReader, board: Noticeboard, ledger: PooledLedger, event: Any, place: EventPlace
) -> None:
    await record(ledger, event())

    with pytest.raises(DomainError) as refused:
        await anext(Feeding(reader, board).watch(SITE, place, until_now=True))

    assert refused.value.trouble is Trouble.OUT_OF_RANGE


async def test_an_upload_is_idempotent_and_says_the_watermark(uploading: Uploading, event: Any) -> None:
    batch = [event(EventKind.REX, agent_id="up", epoch=3, number=n) for n in range(1, 11)]

    first = await uploading.store(SITE, "up", batch[:6])
    again = await uploading.store(SITE, "up", batch)

    assert (first.inserted, first.recorded.number) == (6, 6)
    assert (again.inserted, again.recorded.number) == (4, 10)


async def test_an_upload_with_an_event_that_cannot_be_recorded_names_it_and_stores_nothing(
    uploading: Uploading, event: Any, reader: HistoryReader
) -> None:
    await uploading.store(SITE, "up", [event()])
    before = await reader.end(SITE)

    with pytest.raises(DomainError) as refused:
        await uploading.store(SITE, "up", [event(), event(event_id="1")])

    assert refused.value.fields[0].path == "events[1]"
    assert await reader.end(SITE) == before


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
async def test_a_batch_of_none_or_too_many_is_refused_before_it_is_read(uploading: Uploading, count: int) -> None:
    upload = UploadCall(ServedSites((SITE,)), nothing_prepared, uploading)
    unread = access_pb2.UploadEventsRequest(site=SITE, events=[access_pb2.AgentEvent()] * count)

    with pytest.raises(DomainError) as refused:
        await upload(unread, Nobody())

    assert (refused.value.code, refused.value.fields[0].path) == ("UPLOAD_INVALID", "events")


class Nobody:
    """The context of a call without a certificate."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}


async def nothing_prepared(site: str, agent_id: str, reports: Sequence[Reported]) -> Sequence[EventPayload]:
    raise AssertionError("it is refused before")


async def test_late_events_are_merged_with_all_that_is_known_of_their_presentation(
    ledger: PooledLedger, pool: Pool, sites: Sites, board: Noticeboard, event: Any
) -> None:
    history = PresenceHistory(pool, sites)
    applied: list[tuple[str, EventKind]] = []

    async def apply(site: str, generation: int, happening: Happening) -> EventAnswer:
        applied.append((happening.event_id, happening.kind))
        return EventAnswer(Stored.OK)

    decision = event()
    await record(ledger, decision)
    await record(ledger, event(EventKind.TAKEN, event_id=decision.event_id), late=True)
    merger = LateMerger(SITE, history, apply, _NoGenerations(), board)

    await merger.catch_up(1, await history.merged(SITE))

    assert applied[-2:] == [(decision.event_id, EventKind.CENTRE), (decision.event_id, EventKind.TAKEN)]
    applied.clear()
    await merger.catch_up(1, await history.merged(SITE))
    assert applied == []


class _NoGenerations:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


async def test_a_watermark_is_told_to_the_agent_it_belongs_to(
    uploading: Uploading, reader: HistoryReader, board: Noticeboard, event: Any, tasks: Tasks
) -> None:
    watermarks = SpoolWatermarks(reader, board)
    told: list[Any] = []
    end = watermarks.watch(SITE, "teller", told.append)
    watermarks.watch(SITE, "somebody-else", lambda _: pytest.fail("told the wrong agent"))
    tasks.keep("watermarks", lambda: watermarks.follow(SITE))

    await uploading.store(SITE, "teller", [event(EventKind.REX, agent_id="teller", epoch=5, number=1)])
    await eventually(lambda: told)

    assert (told[-1].epoch, told[-1].number) == (5, 1)
    end()


async def test_an_alarm_of_a_decision_waits_until_safety_takes_it(
    ledger: PooledLedger, pool: Pool, board: Noticeboard, event: Any, metrics: Metrics, tasks: Tasks
) -> None:
    room = _Room(away=2)
    duress = event(alarms=[[1, True]])
    await record(ledger, duress, event(EventKind.EDGE, event_id=duress.event_id, alarms=[[1, True]]))
    courier = AlarmCourier(Outbox(pool), room, board, metrics)

    tasks.keep("courier", lambda: courier.run((SITE,)))
    await eventually(lambda: room.taken)

    (alarm,) = room.taken
    assert (alarm.event_id, alarm.kind, alarm.source) == (duress.event_id, 6, "n-in")
    assert dict(alarm.detail) == {"cause": "DURESS", "private": "true"}
    await eventually(lambda: _is_empty(pool))


async def test_a_foreign_access_point_alarms_once_a_minute(
    pool: Pool, board: Noticeboard, clock: SystemClock, new_id: Any, metrics: Metrics, tasks: Tasks
) -> None:
    room = _Room()
    queue = AlarmQueue(Outbox(pool), board, clock, new_id)
    tasks.keep("queue", queue.run)
    tasks.keep("courier", lambda: AlarmCourier(Outbox(pool), room, board, metrics).run((SITE,)))

    for _ in range(5):
        queue.foreign_access_point(SITE, "north-1", "e-in")

    await eventually(lambda: room.taken)
    await eventually(lambda: _is_empty(pool))
    assert [alarm.source for alarm in room.taken] == ["e-in"]


async def _is_empty(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = 0 FROM alarm_outbox"))


class _Room:
    """A control room that is away for a while."""

    def __init__(self, away: int = 0) -> None:
        self._away = away
        self.taken: list[WaitingAlarm] = []

    async def raise_alarm(self, alarm: WaitingAlarm) -> bool:
        if self._away:
            self._away -= 1
            raise ConnectionError("away")
        self.taken.append(alarm)
        return True


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=12))
def test_contiguity_is_that_of_the_set_of_all_numbers(batches: list[list[int]]) -> None:
    recorded, everything = Recorded(), set[int]()

    for batch in batches:
        recorded = recorded.with_numbers(batch)
        everything |= set(batch)

    wanted_contiguous = next(n for n in range(32) if n + 1 not in everything)
    above = {
        n for first, last in zip(recorded.above[::2], recorded.above[1::2], strict=True) for n in range(first, last + 1)
    }
    assert recorded.contiguous == wanted_contiguous
    assert above == {n for n in everything if n > wanted_contiguous}


def test_gaps_without_end_take_bounded_room_and_close_all_the_same() -> None:
    last = 4 * MOST_RANGES

    recorded = Recorded().with_numbers(range(2, last + 1, 2))
    assert recorded == Recorded(0, tuple(edge for n in range(2, 2 * MOST_RANGES + 1, 2) for edge in (n, n)))

    assert recorded.with_numbers(range(1, last + 1)) == Recorded(last)


def test_presence_follows_the_decision_obeyed_whatever_the_order(event: Any) -> None:
    granted = event(identity={"effects": [["R", "c:1", ["campus"], "n-in", 1], ["U", "visit-1"]]})
    edge = event(EventKind.EDGE, event_id=granted.event_id, identity={"effects": []})
    taken = event(EventKind.TAKEN, event_id=granted.event_id, at_ms=5)
    obeyed_edge = event(EventKind.ACTED, event_id=granted.event_id, obeyed=2)
    obeyed_centre = event(EventKind.ACTED, event_id=granted.event_id, obeyed=1)

    moved = outset_of([taken, granted])
    assert [(t.subject_id, t.areas, t.at_ms) for t in moved.transitions] == [("c:1", ("campus",), 5)]
    assert [use.used_id for use in moved.uses] == ["visit-1"]
    assert outset_of([obeyed_edge, taken, granted, edge]).transitions == ()
    assert outset_of([edge, granted, taken, obeyed_centre]).transitions == moved.transitions
    assert outset_of([granted, event(EventKind.NOT_TAKEN, event_id=granted.event_id)]).uses == ()
