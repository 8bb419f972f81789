"""Events are found by what their subjects belonged to when they were decided about, on a real PostgreSQL."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from harness.kept_history import DAYS
from hypothesis import given
from hypothesis import strategies as st
from menshen.access.v1 import events_pb2 as pb
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import RecordedEvent, entry_of
from menshen_access.domain.memberships import UNKNOWN, Membership, membership_of, windows
from menshen_access.domain.retention import DAY_MS, RetentionClass
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.epochs import begin_epoch
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.retention import Retained
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.versions import Versions
from menshen_access.postgres.whole_days import WholeDays
from menshen_access.querying import Querying, Question
from menshen_access.retaining import Retention
from menshen_access.rpc.event_pages import filter_of, token_after
from menshen_rulebook.records import pack
from menshen_rulebook.types import Subject, SubjectKind
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError

SITE = "members"
QUESTION = Question(SITE, "operator/li", "ListEvents", "an inquiry")
FIRST = date(2026, 3, 1)
NUMBERS = itertools.count(1)


def person(name: str, category: str, *groups: str, version: int = 1) -> FeedChange:
    subject = Subject(f"c:{name}", 0, SubjectKind.CARDHOLDER, category, SITE, groups=groups)
    return FeedChange(subject.subject_id, version, subject)


def id_of(day: int) -> str:
    """An event id of a day of March 2026, later than those before it."""
    at_ms = ((FIRST - date(1970, 1, 1)).days + day) * DAY_MS
    return f"{at_ms >> 16:08x}-{at_ms & 0xFFFF:04x}-7000-8000-{next(NUMBERS):012x}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campus(
    pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader, clock: SystemClock, event: Any
) -> AsyncIterator[Any]:
    """Three people, of whom Wang is a student of physics and then staff of the library, and what they did."""
    subjects = Subjects(pool, sites)
    first = [
        person("wang", "student", "physics"),
        person("li", "student", "law", "choir"),
        person("he", "visitor"),
    ]
    await subjects.apply_changes(SITE, first, "identity", FeedPlace(1, 1))
    await subjects.apply_changes(SITE, [person("wang", "staff", "library", version=2)], "identity", FeedPlace(1, 2))

    async def record(names: tuple[str, ...], versions: list[int], day: int, **core: Any) -> EventPayload:
        identity = {"subject_ids": [f"c:{name}" for name in names], "subject_versions": versions}
        kind = core.pop("kind", EventKind.CENTRE)
        made: EventPayload = event(kind, identity=identity, event_id=id_of(day), site=SITE, **core)
        await ledger.append(SITE, [entry_of(made, late=kind is EventKind.EDGE)], 1_000)
        return made

    denied = {"outcome": 4, "reasons": [["CREDENTIAL_LOST", "credential_state", 4]]}
    querying = Querying(reader, Administration(pool, sites), clock)
    yield SimpleNamespace(
        querying=querying,
        entered=await record(("wang",), [1], 0),
        together=await record(("wang", "he"), [1, 1], 1),
        at_the_edge=await record(("li",), [1], 2, kind=EventKind.EDGE),
        refused=await record(("li",), [1], 3, access_point="n-lab", at_ms=5_000, **denied),
        moved=await record(("wang",), [2], 3),
        unknown=await record(("wang",), [9], 4),
        late=await record(("li",), [1], 1),
    )


async def found(campus: Any, size: int = 100, **asked: Any) -> list[RecordedEvent]:
    """Everything, page by page, as the service pages."""
    events: list[RecordedEvent] = []
    token = ""
    while True:
        wanted = filter_of(pb.ListEventsRequest(site=SITE, page_token=token, **asked))
        page, following = await campus.querying.listed(QUESTION, wanted, size)
        events += page
        if not following:
            return events
        token = token_after(wanted, page[-1])


async def ids(campus: Any, **asked: Any) -> list[str]:
    return [one.event.event_id for one in await found(campus, **asked)]


async def test_a_decision_is_found_by_what_its_subject_was_then(campus: Any) -> None:
    assert await ids(campus, unit="physics") == [campus.together.event_id, campus.entered.event_id]
    assert await ids(campus, unit="library") == [campus.moved.event_id]
    assert await ids(campus, category="staff") == [campus.moved.event_id]


async def test_of_several_subjects_each_is_found(campus: Any) -> None:
    assert await ids(campus, category="visitor") == [campus.together.event_id]


async def test_an_edge_decision_is_found_as_one_of_the_centre_is(campus: Any) -> None:
    assert campus.at_the_edge.event_id in await ids(campus, unit="law")


async def test_a_decision_on_a_record_that_is_not_kept_is_found_by_no_category(campus: Any) -> None:
    every = [word for name in ("student", "staff", "visitor") for word in await ids(campus, category=name)]

    assert campus.unknown.event_id not in every
    assert campus.unknown.event_id in await ids(campus, subject_id="c:wang")


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_cover_every_match_once_the_newest_day_first(campus: Any, size: int) -> None:
    pages = await found(campus, size, category="student")

    assert [one.event.event_id for one in pages] == [
        one.event_id for one in (campus.refused, campus.at_the_edge, campus.late, campus.together, campus.entered)
    ]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"unit": "law", "category": "student", "outcome": 4}, ["refused"]),
        ({"unit": "law", "category": "staff"}, []),
        ({"unit": "choir", "access_point": "n-lab"}, ["refused"]),
        ({"category": "student", "reason_code": "CREDENTIAL_LOST"}, ["refused"]),
        ({"category": "student", "reason_code": "VISIT_OVER"}, []),
        ({"category": "student", "kind": int(EventKind.EDGE)}, ["at_the_edge"]),
        ({"category": "student", "subject_id": "c:wang"}, ["together", "entered"]),
        ({"unit": "library", "subject_id": "c:wang"}, ["moved"]),
        ({"unit": "library", "subject_id": "c:li"}, []),
        ({"unit": "nobody"}, []),
    ],
)
async def test_conditions_hold_together(campus: Any, asked: dict[str, Any], names: list[str]) -> None:
    assert await ids(campus, **asked) == [getattr(campus, name).event_id for name in names]


async def test_a_query_by_unit_is_written_down_with_it(campus: Any, pool: Pool) -> None:
    await ids(campus, unit="law")

    logged = await pool.fetchval("SELECT filter FROM query_log WHERE site = $1 ORDER BY number DESC LIMIT 1", SITE)
    assert logged == '{"unit": "law"}'


@pytest.mark.parametrize("token", ["7", "2026-02-30.7", "2026-03-01.x", "9999-01-01.7", "2026-03-01.7.7"])
async def test_a_token_of_another_question_is_refused(token: str) -> None:
    with pytest.raises(DomainError) as refused:
        filter_of(pb.ListEventsRequest(site=SITE, page_token=token, unit="law"))

    assert refused.value.code == "PAGE_TOKEN_INVALID"


async def test_what_a_subject_belonged_to_goes_with_its_identity(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Any
) -> None:
    site = "members-forgotten"
    known = person("xu", "student", "law")
    await Subjects(pool, sites).apply_changes(site, [known], "identity", FeedPlace(1, 1))
    made = event(site=site, identity={"subject_ids": ["c:xu"], "subject_versions": [1]})
    clock = ManualClock()
    await ledger.append(site, [entry_of(made, late=False)], clock.now_ms())
    await PresenceHistory(pool, sites).derive(site, 100)
    words = "SELECT categories, units FROM event WHERE site = $1"
    assert tuple(await pool.fetchrow(words, site) or ()) == (["student"], ["law"])

    clock.advance_ms(180 * DAY_MS)
    whole_days, versions = WholeDays(pool, [site]), Versions(pool)
    await Retention(site, Retained(pool, sites), whole_days, versions, DAYS, 1096, clock).run(RetentionClass.IDENTITY)

    assert tuple(await pool.fetchrow(words, site) or ()) == ([], [])


async def test_what_was_decided_before_a_restore_belongs_to_nobody_a_version_given_anew_speaks_of(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Any, clock: SystemClock
) -> None:
    site, named = "members-restored", {"subject_ids": ["c:xu"], "subject_versions": [1]}
    await Subjects(pool, sites).apply_changes(site, [person("xu", "student", "law")], "identity", FeedPlace(1, 1))
    async with pool.acquire() as connection:
        epoch = await begin_epoch(connection, site, clock.now_ms())
    before, after = (event(site=site, identity=named, decided_at_ms=at_ms) for at_ms in (epoch - 1, epoch))

    await ledger.append(site, [entry_of(one, late=True) for one in (before, after)], epoch)

    words = "SELECT categories FROM event WHERE site = $1 ORDER BY sequence"
    assert [row["categories"] for row in await pool.fetch(words, site)] == [[], ["student"]]


@pytest.mark.parametrize("record", [b"", b"torn", b'[9,"c:1",1,1,"x","s"]', b"\xff"])
def test_bytes_that_are_no_record_say_nothing(record: bytes) -> None:
    assert membership_of(record) == UNKNOWN


def test_words_that_cannot_be_stored_are_left_out() -> None:
    subject = Subject("c:1", 1, SubjectKind.CARDHOLDER, "a\x1fb", SITE, groups=("law", "", "\x00", "law"))

    assert membership_of(pack(subject)) == Membership((), ("law",))


@given(st.integers(0, 400), st.integers(-2, 400))
def test_windows_hold_every_day_once_the_last_day_alone(start: int, length: int) -> None:
    first = FIRST + timedelta(days=start)
    last = first + timedelta(days=length)

    days = [
        start + timedelta(days=number)
        for start, end in reversed(windows(first, last))
        for number in range((end - start).days + 1)
    ]

    assert days == [first + timedelta(days=number) for number in range(length + 1)]
    assert length < 0 or windows(first, last)[0] == (last, last)
