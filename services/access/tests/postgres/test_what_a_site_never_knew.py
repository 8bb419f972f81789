"""A question that names what a site never knew is refused; what it knew formerly is not, on a real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from menshen.access.v1 import events_pb2 as pb
from menshen.access.v1 import own_records_pb2 as own
from menshen_access.domain.history import RecordedEvent, entry_of
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.known_names import KnownNames, Listing
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.querying import Querying, Question
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.event_pages import filter_of
from menshen_access.rpc.own_records import OwnRecordsServicer
from menshen_rulebook.types import Subject, SubjectKind
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "never"
QUESTION = Question(SITE, "operator/li", "ListEvents", "an inquiry")
POINTS = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: now-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: now-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
"""
POLICY = f"""
version: 1
language: 1
site: {SITE}
from: '2026-03-01T00:00:00+08:00'
reminders:
  - code: LIBRARY_CARD
    where: {{directions: [ENTRY]}}
    texts: {{holder: {{zh: 卡, en: Card}}, guard: {{zh: 卡, en: Card}}, record: {{zh: 卡, en: Card}}}}
"""


async def publish(site: str) -> None:
    """Nobody is told."""


def person(name: str, category: str, *groups: str) -> FeedChange:
    subject = Subject(f"c:{name}", 0, SubjectKind.CARDHOLDER, category, SITE, groups=groups)
    return FeedChange(subject.subject_id, 1, subject)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listing(
    pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader, clock: SystemClock, new_id: Any, event: Any
) -> AsyncIterator[Listing]:
    """A campus that knew Wang, who is removed and decided about, and Li, about whom nothing is recorded."""
    store, subjects = Administration(pool, sites), Subjects(pool, sites)
    planning = Planning(store, publish, clock, new_id)
    await planning.put_plan(SITE, POINTS, 0, "because", "operator/li")
    await planning.activate_policy(SITE, POLICY, 1, "because", "operator/li")
    people = [person("wang", "visitor", "choir"), person("li", "staff", "library")]
    await subjects.apply_changes(SITE, people, "identity", FeedPlace(1, 1))
    identity = {"subject_ids": ["c:wang"], "subject_versions": [1]}
    told = event(site=SITE, access_point="then-in", identity=identity, reasons=[["FORMER_RULE", "policy", 1]])
    unheard = event(site=SITE, access_point="now-in", identity={"subject_ids": ["c:lost"], "subject_versions": [1]})
    await ledger.append(SITE, [entry_of(told, late=False), entry_of(unheard, late=False)], clock.now_ms())
    await subjects.apply_changes(SITE, [FeedChange("c:wang", 2, None)], "identity", FeedPlace(1, 2))
    yield Listing(Querying(reader, store, clock), KnownNames(NamesInStore(pool)))


async def ask(listing: Listing, **asked: Any) -> list[RecordedEvent]:
    return (await listing.listed(QUESTION, filter_of(pb.ListEventsRequest(site=SITE, **asked)), 10))[0]


@pytest.mark.parametrize(
    ("asked", "code", "trouble"),
    [
        ({"subject_id": "c:tpyo"}, "SUBJECT_UNKNOWN", Trouble.NOT_FOUND),
        ({"access_point": "n-tpyo"}, "ACCESS_POINT_UNKNOWN", Trouble.INVALID),
        ({"access_point": "campus"}, "ACCESS_POINT_UNKNOWN", Trouble.INVALID),
        ({"category": "library"}, "CATEGORY_UNKNOWN", Trouble.NOT_FOUND),
        ({"unit": "staff"}, "UNIT_UNKNOWN", Trouble.NOT_FOUND),
        ({"unit": 'a "quoted\\ name'}, "UNIT_UNKNOWN", Trouble.NOT_FOUND),
        ({"reason_code": "NO_SUCH_REASON"}, "REASON_UNKNOWN", Trouble.INVALID),
        ({"reason_code": "ENTRY"}, "REASON_UNKNOWN", Trouble.INVALID),
        ({"subject_id": "c:\0"}, "SUBJECT_UNKNOWN", Trouble.NOT_FOUND),
        ({"access_point": "n\0in"}, "ACCESS_POINT_UNKNOWN", Trouble.INVALID),
        ({"category": "\0"}, "CATEGORY_UNKNOWN", Trouble.NOT_FOUND),
        ({"unit": "choir\0"}, "UNIT_UNKNOWN", Trouble.NOT_FOUND),
        ({"reason_code": "\0"}, "REASON_UNKNOWN", Trouble.INVALID),
        ({"subject_id": "c:li", "reason_code": "NO_SUCH_REASON"}, "REASON_UNKNOWN", Trouble.INVALID),
        ({"from_ms": 2, "to_ms": 1}, "WINDOW_INVALID", Trouble.INVALID),
        ({"from_ms": 2, "to_ms": 2}, "WINDOW_INVALID", Trouble.INVALID),
    ],
)
async def test_what_no_record_plan_or_event_ever_named_is_said(
    listing: Listing, asked: dict[str, Any], code: str, trouble: Trouble
) -> None:
    with pytest.raises(DomainError) as refused:
        await ask(listing, **asked)

    assert (refused.value.code, refused.value.trouble) == (code, trouble)
    assert refused.value.message_zh != refused.value.message_en


@pytest.mark.parametrize(
    "asked",
    [
        {"subject_id": "c:li"},
        {"subject_id": "c:wang", "outcome": 4},
        {"subject_id": "c:lost", "outcome": 4},
        {"access_point": "now-out"},
        {"access_point": "then-in", "outcome": 4},
        {"category": "staff"},
        {"category": "visitor", "outcome": 4},
        {"unit": "library"},
        {"unit": "choir", "outcome": 4},
        {"reason_code": "CREDENTIAL_LOST"},
        {"reason_code": "LIBRARY_CARD"},
        {"reason_code": "FORMER_RULE", "outcome": 4},
    ],
)
async def test_what_is_known_now_or_was_formerly_is_answered_with_nothing(
    listing: Listing, asked: dict[str, Any]
) -> None:
    assert await ask(listing, **asked) == []


async def test_a_page_after_the_last_is_empty_whatever_it_names(listing: Listing) -> None:
    assert await ask(listing, subject_id="c:tpyo", page_token="1") == []


class Portal:
    """A call of the portal."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {"peer_spiffe_id": [spiffe_uri(Role.SERVICE, "portal").encode()]}


@pytest.mark.usefixtures("listing")
async def test_ones_own_records_do_not_tell_who_is_known(
    pool: Pool, sites: Sites, reader: HistoryReader, clock: SystemClock
) -> None:
    servicer = OwnRecordsServicer(ServedSites((SITE,)), Querying(reader, Administration(pool, sites), clock))

    known, unknown = [
        await servicer.ListOwnEvents(own.ListOwnEventsRequest(site=SITE, subject_id=name), Portal())
        for name in ("c:li", "c:tpyo")
    ]
    backwards = own.ListOwnEventsRequest(site=SITE, subject_id="c:li", from_ms=2, to_ms=1)
    with pytest.raises(DomainError) as refused:
        await servicer.ListOwnEvents(backwards, Portal())

    assert known == unknown == own.ListOwnEventsResponse()
    assert refused.value.code == "WINDOW_INVALID"


async def test_a_question_is_written_down_before_it_is_refused(listing: Listing, pool: Pool) -> None:
    with pytest.raises(DomainError):
        await ask(listing, subject_id="c:nobody")

    logged = await pool.fetchval("SELECT filter FROM query_log WHERE site = $1 ORDER BY number DESC LIMIT 1", SITE)
    assert logged == '{"subject_id": "c:nobody"}'
