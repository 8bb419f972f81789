"""Reports on a real PostgreSQL equal counts made in other ways, and their parts add up."""

import random
import zlib
from collections import Counter
from typing import Any

import pytest
from harness.recorded import DENIED, id_at, obeyed, passage_of, presentation
from menshen.access.v1 import reports_pb2 as pb
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import day_of, entry_of
from menshen_access.domain.reports import MusterCount, Overstay, PassageCount, RefusalCount, Span
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.reports import Reports
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying, Question, days_between
from menshen_access.reporting import Reporting
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.reports import ReportServicer
from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack
from menshen_rulebook.subject import Credential, Identifier, Subject
from menshen_rulebook.vocabulary import CredentialState, IdentifierType, SubjectKind
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.queries import load_queries
from menshen_servicekit.status import DomainError, Trouble

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = 1_930_003_200_000
"""A UTC midnight of days no other test records."""
OFFSET_MINUTES = 345


class APlan:
    """A hall on a campus whose clock is a quarter off the hour."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        areas = [{"id": "outside"}, {"id": "campus"}, {"id": "hall", "parent": "campus"}]
        document = {"site": site, "version": 1, "utc_offset_minutes": OFFSET_MINUTES, "areas": areas}
        return 1, plan_to_json(plan_from_mapping(document))


class Desk:
    """A site of its own for each test: what is recorded there, and its reports."""

    def __init__(self, site: str, pool: Pool, sites: Sites, reader: HistoryReader, ledger: PooledLedger) -> None:
        clock = SystemClock()
        self.site = site
        self.reports = Reports(pool)
        self.presence = PresenceHistory(pool, sites)
        querying = Querying(reader, Administration(pool, sites), clock)
        self.reporting = Reporting(self.reports, self.presence, APlan(), querying, clock)
        self._ledger = ledger

    async def record(self, *events: EventPayload) -> None:
        await self._ledger.append(self.site, [entry_of(one, late=False) for one in events], 0)

    def question(self, purpose: str = "daily") -> Question:
        return Question(self.site, "operator/li", "Report", purpose)


@pytest.fixture
def desk(request: Any, pool: Pool, sites: Sites, reader: HistoryReader, ledger: PooledLedger) -> Desk:
    return Desk(f"r-{zlib.crc32(request.node.name.encode())}", pool, sites, reader, ledger)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_number_equals_a_count_over_the_events(desk: Desk, pool: Pool, event: Any, seed: int) -> None:
    chance = random.Random(seed)
    instants = [START_MS + chance.randrange(36 * HOUR_MS) for _ in range(70)]
    span = Span(instants[0] - 9 * HOUR_MS, instants[0])
    told = [presentation(event, desk.site, chance, at_ms) for at_ms in [*instants, span.from_ms, span.to_ms]]
    await desk.record(*(one for events in told for one in events))
    await pool.executemany(
        "INSERT INTO review (site, review_id, position, event_id, agent_id, access_point, subject_ids, reasons, state,"
        " opened_at_ms, expires_at_ms, opens_itself, operator, note)"
        " VALUES ($1, $2, $3, $4, '', '', '{}', '[]', 3, 0, 0, false, '', '')",
        [(desk.site, told[n][0].event_id, n + 1, told[n][0].event_id) for n in range(0, len(told), 2)],
    )
    await add_subjects(pool, desk.site, 10)
    passed_reviews = frozenset(events[0].event_id for events in told[::2])

    passages, refusals, absent = (
        await desk.reporting.passages(desk.question(), span),
        await desk.reporting.refusals(desk.question(), span),
        await desk.reporting.without_passage(desk.question(), span),
    )

    hours, subjects = Counter[tuple[str, int]](), set[str]()
    for events in told:
        passage = passage_of(events, passed_reviews)
        if passage and span.from_ms <= passage[0] < span.to_ms:
            begins = passage[0] - (passage[0] + OFFSET_MINUTES * 60_000) % HOUR_MS
            hours[events[0].core["access_point"], begins] += 1
            subjects |= set(passage[1])
    decisions = [one for one in map(obeyed, told) if one and span.from_ms <= one.core["at_ms"] < span.to_ms]
    denied = Counter(
        (one.core["access_point"], one.core["reasons"][0][0] if one.core["reasons"] else "")
        for one in decisions
        if one.core["outcome"] == DENIED
    )
    assert list(passages.rows) == [PassageCount(*key, n) for key, n in sorted(hours.items())]
    assert list(refusals.rows) == [RefusalCount(*key, n) for key, n in sorted(denied.items())]
    assert set(absent.rows) == {f"c:{n}" for n in range(10)} - subjects
    assert passages.total == sum(row.passages for row in passages.rows) > 0
    assert refusals.total == sum(row.refusals for row in refusals.rows) > 0
    assert (absent.total, absent.total + absent.passed) == (len(absent.rows), 10)


async def test_another_statement_over_the_stored_bytes_counts_the_same_passages(
    desk: Desk, pool: Pool, event: Any
) -> None:
    chance = random.Random(9)
    for n in range(40):
        await desk.record(*presentation(event, desk.site, chance, START_MS + n * HOUR_MS // 2))
    span = Span(START_MS, START_MS + DAY_MS)

    found = await pool.fetchval(
        "SELECT count(*) FROM event, LATERAL (SELECT convert_from(core, 'UTF8')::jsonb AS told) AS c"
        " WHERE site = $1 AND (told ->> 'kind')::int = 4"
        " AND (told ->> 'at_ms')::bigint >= $2 AND (told ->> 'at_ms')::bigint < $3",
        desk.site,
        span.from_ms,
        span.to_ms,
    )
    unsensed = await pool.fetchval(
        "WITH o AS (SELECT d.event_id, d.identity, d.at_ms FROM event AS d WHERE d.site = $1 AND d.kind IN (1, 2)"
        " AND NOT EXISTS (SELECT FROM event AS t WHERE t.site = $1 AND t.event_id = d.event_id AND t.kind IN (4, 5))"
        " AND d.kind = (SELECT coalesce(max(nullif((convert_from(a.core, 'UTF8')::jsonb ->> 'obeyed')::int, 0)),"
        " (SELECT max(k.kind) FROM event AS k WHERE k.site = $1 AND k.event_id = d.event_id AND k.kind IN (1, 2)))"
        " FROM event AS a WHERE a.site = $1 AND a.event_id = d.event_id AND a.kind = 3))"
        " SELECT count(*) FROM o WHERE at_ms >= $2 AND at_ms < $3"
        " AND position('\"effects\":[[\"M\"' IN convert_from(identity, 'UTF8')) > 0",
        desk.site,
        span.from_ms,
        span.to_ms,
    )

    assert (await desk.reporting.passages(desk.question(), span)).total == found + unsensed > 0


async def test_a_span_holds_its_start_and_not_its_end_and_hours_are_those_of_the_site(desk: Desk, event: Any) -> None:
    chance = random.Random(4)
    local_midnight = START_MS + DAY_MS - OFFSET_MINUTES * 60_000
    for at_ms in (local_midnight - 1, local_midnight, local_midnight + HOUR_MS - 1, local_midnight + HOUR_MS):
        taken = event(EventKind.TAKEN, event_id=id_at(at_ms, chance), site=desk.site, at_ms=at_ms)
        await desk.record(taken)

    whole = await desk.reporting.passages(desk.question(), Span(local_midnight - 1, local_midnight + HOUR_MS + 1))
    hour = await desk.reporting.passages(desk.question(), Span(local_midnight, local_midnight + HOUR_MS))

    begins = [(row.hour_from_ms - local_midnight) // HOUR_MS for row in whole.rows]
    assert (begins, [row.passages for row in whole.rows], whole.total) == ([-1, 0, 1], [1, 2, 1], 4)
    assert hour.rows == (PassageCount("n-in", local_midnight, 2),)
    assert whole.utc_offset_minutes == OFFSET_MINUTES


async def test_a_stay_lasts_across_the_rooms_of_an_area_and_begins_anew_after_leaving(desk: Desk, event: Any) -> None:
    now = SystemClock().now_ms()
    hall, campus, outside = ["hall", "campus"], ["campus"], ["outside"]
    walks = {
        "c:long": [(hall, 9), (campus, 5), (hall, 1)],
        "c:back": [(hall, 9), (outside, 5), (hall, 2)],
        "c:gone": [(campus, 9), (outside, 1)],
    }
    for subject, steps in walks.items():
        for path, hours in steps:
            await desk.record(moved(event, desk.site, subject, path, now - hours * HOUR_MS))

    long, all_day = [await desk.reporting.overstays(desk.question(), "campus", hours) for hours in (4, 1)]

    assert (long.rows, long.total) == ((Overstay("c:long", now - 9 * HOUR_MS, "hall"),), 1)
    assert [row.subject_id for row in all_day.rows] == ["c:long", "c:back"]
    assert all_day.utc_offset_minutes == OFFSET_MINUTES


async def test_the_muster_counts_everybody_once_and_unknown_places_apart(desk: Desk, event: Any) -> None:
    now = SystemClock().now_ms()
    for n, path in enumerate((["hall", "campus"], ["hall", "campus"], ["campus"])):
        await desk.record(moved(event, desk.site, f"c:{n}", path, now - HOUR_MS))
    await desk.reporting.muster(desk.question())
    await desk.presence.forgive(desk.site, now, "0198f000-0000-7000-8000-00000000000f", [], "c:1")

    report = await desk.reporting.muster(desk.question())

    assert report.rows == (MusterCount("campus", 1, 0), MusterCount("hall", 1, 1))
    assert report.total == 3


async def test_only_the_days_of_the_span_are_read(desk: Desk, pool: Pool, event: Any) -> None:
    chance = random.Random(5)
    for day in (0, 5, 9):
        at_ms = START_MS + day * DAY_MS
        await desk.record(event(EventKind.TAKEN, event_id=id_at(at_ms, chance), site=desk.site, at_ms=at_ms))
    queries = load_queries("menshen_access.postgres", "reports.sql")
    span = (START_MS + 5 * DAY_MS, START_MS + 5 * DAY_MS + 1)

    for name, rest in (
        ("count_passages", (0,)),
        ("count_refusals", ()),
        ("list_without_passage", ()),
        ("list_unused_credentials", ()),
    ):
        plan = await pool.fetch(f"EXPLAIN {queries[name]}", desk.site, *days_between(*span), *span, *rest)
        text = "\n".join(row[0] for row in plan)
        days = [f"event_{day_of(id_at(START_MS + n * DAY_MS, chance)):%Y%m%d}" for n in (0, 5, 9)]
        assert [day in text for day in days] == [False, True, False], name


async def test_a_credential_is_unused_until_one_of_its_identifiers_is_presented_within_the_span(
    desk: Desk, pool: Pool, event: Any
) -> None:
    chance = random.Random(6)
    cards = [
        Credential(f"k-{n}", (Identifier(IdentifierType.CARD, f"A{n}"), Identifier(IdentifierType.QR, f"Q{n}")), state)
        for n, state in enumerate([*[CredentialState.ACTIVE] * 5, CredentialState.LOST])
    ]
    await add_subjects(
        pool, desk.site, 2, pack(Subject("c:0", 1, SubjectKind.CARDHOLDER, "staff", "north", credentials=tuple(cards)))
    )
    shown = [(0, [[1, "A0"]], 0), (1, [[2, "Q1"]], 1), (2, [[2, "A2"]], 0), (3, [[1, "A3"]], DAY_MS)]
    for _, identifiers, after_ms in shown:
        at_ms = START_MS + after_ms
        identity = {"identifiers": identifiers, "plate": "\x00"}
        await desk.record(
            event(event_id=id_at(at_ms, chance), site=desk.site, at_ms=at_ms, identity=identity, outcome=4)
        )
    span = Span(START_MS, START_MS + DAY_MS)

    before = await desk.reporting.unused(desk.question(), span)
    await pool.execute("UPDATE event SET identity = NULL WHERE site = $1 AND at_ms = $2", desk.site, START_MS + 1)
    after = await desk.reporting.unused(desk.question(), span)

    assert before.rows == (("c:0", "k-2"), ("c:0", "k-3"), ("c:0", "k-4"))
    assert (before.total, before.presented, before.deleted) == (3, 2, 0)
    assert (after.total, after.presented, after.deleted) == (4, 1, 1)


async def test_a_report_names_its_purpose_and_a_true_span_and_is_written_down(desk: Desk, pool: Pool) -> None:
    for purpose, span, code in (
        (" ", Span(1, 2), "PURPOSE_MISSING"),
        ("daily", Span(2, 2), "SPAN_INVALID"),
        ("daily", Span(1, 1 + 367 * DAY_MS), "SPAN_INVALID"),
    ):
        with pytest.raises(DomainError) as refused:
            await desk.reporting.refusals(desk.question(purpose), span)
        assert (refused.value.trouble, refused.value.code) == (Trouble.INVALID, code)
    with pytest.raises(DomainError, match="area"):
        await desk.reporting.overstays(desk.question(), "atlantis", 1)

    empty = await desk.reporting.refusals(desk.question(), Span(START_MS, START_MS + 1))

    assert (empty.total, empty.rows) == (0, ())
    logged = await pool.fetchval("SELECT filter FROM query_log WHERE site = $1 ORDER BY number DESC LIMIT 1", desk.site)
    assert logged == f'{{"from_ms": {START_MS}, "to_ms": {START_MS + 1}}}'


async def test_the_total_is_streamed_first_and_the_rows_in_parts(desk: Desk, pool: Pool) -> None:
    await add_subjects(pool, desk.site, 1005)
    request = pb.ListWithoutPassageRequest(site=desk.site, purpose="daily", from_ms=START_MS, to_ms=START_MS + 1)
    servicer = ReportServicer(ServedSites((desk.site,)), desk.reporting)

    first, *parts = [part async for part in servicer.ListWithoutPassage(request, Nobody())]

    assert first == pb.ListWithoutPassageResponse(total=1005)
    assert [len(part.rows) for part in parts] == [1000, 5]


class Nobody:
    """The context of a call without a certificate."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}


def moved(event: Any, site: str, subject: str, path: list[str], at_ms: int) -> EventPayload:
    identity = {"subject_ids": [subject], "effects": [["M", subject, path, "n-in", at_ms]]}
    moved_event: EventPayload = event(site=site, at_ms=at_ms, identity=identity)
    return moved_event


async def add_subjects(pool: Pool, site: str, many: int, first: bytes = b"[]") -> None:
    """Subjects of a site, and one that was removed."""
    await pool.executemany(
        "INSERT INTO subject (site, subject_id, version, position, feed_epoch, feed_version, record, record_hash, keys,"
        " dropped_keys, pin_verifier, duress_verifier, photo_ref) VALUES ($1, $2, 1, $3, 1, 1, $4, '', '{}', '{}', '',"
        " '', '')",
        [
            (site, f"c:{n}" if n < many else "c:removed", n + 1, (first if n == 0 else b"[]") if n < many else b"")
            for n in range(many + 1)
        ],
    )
