"""Who can pass, what a policy would change, and what ends: over records on a real PostgreSQL, worked on apart."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from harness.apart import Idle, read_apart, unhurried
from harness.foreseen_rows import changes, granted, losses, passes, unread, ways
from harness.rulebook_strategies import NOW_MS as PLANS_MS
from harness.rulebook_strategies import subjects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen.access.v1 import foresight_pb2 as pb
from menshen_access import foresight_work
from menshen_access.domain.foreseen import Changed, ChangeRow, Comparison, Unread
from menshen_access.domain.subject_records import FeedChange, FeedPlace, Page
from menshen_access.drafts import Drafts
from menshen_access.foreseeing import DAY_MS, Foreseeing
from menshen_access.known_names import KnownNames
from menshen_access.plan_making import Standing
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.foresight import Records
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.querying import Querying, Question
from menshen_access.resting import SHARE, Resting
from menshen_access.rpc.foresight_messages import MOST_BYTES, ForesightMessages
from menshen_access.wiring.records_apart import read_everybody
from menshen_access.work_apart import DocumentsApart, Worker
from menshen_rulebook.clauses import Visitors
from menshen_rulebook.foresight import Right, RightKind, Totals, may_pass, rights_of
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan, plan_to_json
from menshen_rulebook.policy import Policy
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    AccessPointClass,
    Credential,
    CredentialState,
    Direction,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Subject,
    SubjectKind,
)
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "foreseen"
NOW_MS = 1_772_409_600_000
STAFF, LEAVING = Right(RightKind.GROUP_LEVEL, "l", "staff"), Right(RightKind.WAY_OUT)
PLAN = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
access_levels: [{id: l, entries: [{access_point: n-in}]}]
group_assignments: [{level: l, group: staff}]
"""
STANDING = f"{{version: 1, language: 1, site: {SITE}, from: '2026-03-01T00:00:00+08:00'}}"
STRICT = f"""
version: 2
language: 1
site: {SITE}
from: '2026-03-01T00:00:00+08:00'
requirements: [{{id: training, test: {{fact: training}}, where: {{directions: [ENTRY]}}}}]
"""


async def publish(site: str) -> None:
    """Nobody is told."""


def person(number: int, category: str, ends_ms: int) -> FeedChange:
    card = Identifier(IdentifierType.CARD, f"{number:08X}")
    credential = Credential(f"k{number}", (card,), CredentialState.ACTIVE, 0, ends_ms)
    groups = ("night",) if category == "guest" else ()
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, category, SITE, groups, (credential,))
    return FeedChange(subject.subject_id, 1, subject)


Made = Callable[..., Foreseeing]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def make(pool: Pool, database: Any, sites: Sites, new_id: Callable[[], str]) -> AsyncIterator[Made]:
    """Makes foresight over two people and a plan; all of it is closed in the end."""
    store, clock = Administration(pool, sites), ManualClock(NOW_MS)
    planning = Planning(store, publish, clock, new_id)
    await planning.put_plan(SITE, PLAN, 0, "because", "operator/li")
    await planning.activate_policy(SITE, STANDING, 1, "because", "operator/li")
    known = [person(1, "staff", NOW_MS + DAY_MS), person(2, "guest", NOW_MS + 90 * DAY_MS)]
    await Subjects(pool, sites).apply_changes(SITE, [*known, person(3, "staff", NOW_MS)], "identity", FeedPlace(1, 1))
    await Subjects(pool, sites).apply_changes(SITE, [FeedChange("c:3", 2, None)], "identity", FeedPlace(1, 2))
    querying = Querying(HistoryReader(pool, sites), store, clock)
    names = KnownNames(NamesInStore(pool))
    documents = DocumentsApart()
    drafts = Drafts(Policies(pool, sites), documents, clock)
    made: list[Foreseeing] = []

    def foreseeing(
        resting: Resting | None = None, read: Callable[[str, bool], list[Page]] | None = None, **bounds: Any
    ) -> Foreseeing:
        known, rests = Records(pool, read or read_apart(database)), resting or unhurried(SystemClock())
        made.append(Foreseeing(known, drafts, ForesightMessages(), querying, names, clock, rests, **bounds))
        return made[-1]

    yield foreseeing
    for one in made:
        await one.close()
    await documents.close()


@pytest.fixture(scope="module")
def foreseeing(make: Made) -> Foreseeing:
    return make()


def question(method: str, purpose: str = "exercise") -> Question:
    return Question(SITE, "operator/li", method, purpose)


async def test_everybody_known_is_told_of_with_the_first_reason(foreseeing: Foreseeing) -> None:
    found = await foreseeing.who_can_pass(question("WhoCanPass"), "n-in", 0)

    assert sorted(passes(found)) == [
        ("c:1", Outcome.GRANT, "", (STAFF,)),
        ("c:2", Outcome.DENY, "NO_ACCESS_LEVEL", ()),
    ]
    assert unread(pb.WhoCanPassResponse, found) == Unread()


async def test_a_subject_is_told_of_at_every_access_point_and_when(foreseeing: Foreseeing) -> None:
    found = await foreseeing.where_can_pass(question("WhereCanPass"), "c:1", (0, NOW_MS + 2 * DAY_MS))

    ends_ms, to_ms = NOW_MS + DAY_MS, NOW_MS + 2 * DAY_MS
    assert ways(found) == [
        ("n-in", NOW_MS, ends_ms, Outcome.GRANT, "", (STAFF,)),
        ("n-in", ends_ms, to_ms, Outcome.DENY, "CREDENTIAL_EXPIRED", (STAFF,)),
        ("n-out", NOW_MS, ends_ms, Outcome.GRANT, "", (LEAVING,)),
        ("n-out", ends_ms, to_ms, Outcome.GRANT_WITH_REMINDER, "CREDENTIAL_EXPIRED", (LEAVING,)),
    ]


async def test_a_review_of_access_names_who_passes_where_and_by_which_right(foreseeing: Foreseeing) -> None:
    everybody = await foreseeing.who_passes_where(question("ReviewAccess"), "", 0)
    of_a_unit = await foreseeing.who_passes_where(question("ReviewAccess"), "night", 0)

    guest = ("c:2", "guest", "n-out", Outcome.GRANT, "", (LEAVING,))
    assert granted(everybody) == [
        ("c:1", "staff", "n-in", Outcome.GRANT, "", (STAFF,)),
        ("c:1", "staff", "n-out", Outcome.GRANT, "", (LEAVING,)),
        guest,
    ]
    assert granted(of_a_unit) == [guest]


def standing(plan: SitePlan) -> Standing:
    return Standing(plan.site, plan.version, plan_to_json(plan))


HALLS = SitePlan(
    "north",
    1,
    areas=(Area("outside"), Area("campus")),
    access_points=tuple(
        AccessPoint(name, "outside", "campus", Direction.ENTRY, AccessPointClass.PEDESTRIAN) for name in ("hall", "lab")
    ),
    access_levels=(AccessLevel("l", (LevelEntry("hall"),)), AccessLevel("m", (LevelEntry("hall"), LevelEntry("lab")))),
    group_assignments=(GroupAssignment("l", "staff"), GroupAssignment("m", "student", PLANS_MS)),
    policies=(Policy(1, 1, "north", 0, visitors=Visitors(categories=frozenset({"visitor"}))),),
)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(subjects("c:1"), min_size=1, max_size=4), st.integers(PLANS_MS - 3, PLANS_MS + 6))
def test_a_review_of_access_is_what_each_would_be_told_everywhere(drawn: list[Subject], at_ms: int) -> None:
    known = [replace(one, subject_id=f"c:{number}") for number, one in enumerate(drawn)]
    page = foresight_work.joined([(one.subject_id, pack(one)) for one in known])

    found = foresight_work.finished(foresight_work.who_passes_where([page], standing(HALLS), "", at_ms))

    told = {
        (name, one.access_point_id): tuple(one.told)
        for group in found.groups
        for name in group.subject_ids
        for one in group.passed
    }
    asked = {
        (one.subject_id, point): (one, point, HALLS, LiveState(), at_ms) for one in known for point in ("hall", "lab")
    }
    assert told == {
        who: (*may_pass(*asked[who]), rights_of(*asked[who]))
        for who in asked
        if may_pass(*asked[who]).outcome is not Outcome.DENY
    }
    assert found.unread == Unread()


async def test_a_record_that_cannot_be_read_is_named_and_keeps_nobody_else_out(
    make: Made, foreseeing: Foreseeing, pool: Pool
) -> None:
    torn = b"[1,\n"
    await pool.execute(
        "INSERT INTO subject SELECT site, 'c:torn', version, 99, feed_epoch, feed_version, $2, record_hash,"
        " '{}', '{}', pin_verifier, duress_verifier, photo_ref FROM subject WHERE site = $1 AND subject_id = 'c:1'",
        SITE,
        torn,
    )
    try:
        found = await foreseeing.who_can_pass(question("WhoCanPass"), "n-in", 0)
        ending = await foreseeing.forecast(question("Forecast"), 7)
        compared = await foreseeing.compared(question("ComparePolicy"), "", STRICT, (0, 0))
        with pytest.raises(DomainError) as refused:
            await foreseeing.where_can_pass(question("WhereCanPass"), "c:torn", (0, 0))
    finally:
        await pool.execute("DELETE FROM subject WHERE site = $1 AND subject_id = 'c:torn'", SITE)

    assert {row[0] for row in passes(found)} == {"c:1", "c:2"}
    torn_alone = Unread(1, ("c:torn",))
    assert unread(pb.WhoCanPassResponse, found) == torn_alone
    assert unread(pb.ForecastResponse, ending) == unread(pb.ComparePolicyResponse, compared) == torn_alone
    assert refused.value.code == "RECORD_UNREADABLE"


@pytest.mark.parametrize("record", [b"", b"[1,\n", b"\xff", b'[9,"c:1",1,1,"x","s"]', b'[1,"c:1",1,1,"x","s",[["y"]]]'])
def test_whatever_is_wrong_with_a_record_the_others_are_read(record: bytes) -> None:
    sound = pack(Subject("c:2", 1, SubjectKind.CARDHOLDER, "staff", "north"))

    pages = [foresight_work.joined([("c:1", record), ("c:2", sound)])]

    found = foresight_work.finished(foresight_work.who_can_pass(pages, standing(HALLS), "hall", PLANS_MS))

    assert [group.subject_ids for group in found.groups] == [["c:2"]]
    assert found.unread == Unread(1, ("c:1",))


@pytest.mark.parametrize(
    ("bounds", "code"),
    [({"most_s": 0.0}, "FORESIGHT_TOO_LONG"), ({"most_kinds": 1}, "FORESIGHT_TOO_MANY_KINDS")],
)
async def test_a_question_too_large_to_answer_is_refused_and_says_why(
    make: Made, bounds: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await make(**bounds).forecast(question("Forecast"), 7)

    assert refused.value.code == code


async def test_a_policy_is_compared_and_stays_what_it_was(foreseeing: Foreseeing, pool: Pool) -> None:
    found = await foreseeing.compared(question("ComparePolicy"), "", STRICT, (0, 0))

    assert changes(found) == [("c:1", "n-in", pb.CHANGE_KIND_LOST, NOW_MS, NOW_MS + DAY_MS, "FACT_ABSENT")]
    totals = pb.ComparePolicyResponse.FromString(found[0]).totals
    assert (totals.subjects, totals.losing, totals.gaining) == (2, 1, 0)
    told = await foreseeing.who_can_pass(question("WhoCanPass"), "n-in", 0)
    assert ("c:1", Outcome.GRANT, "", (STAFF,)) in passes(told)


def test_an_answer_comes_in_small_parts_that_leave_nothing_out() -> None:
    names = [f"c:{number}" for number in range(1_500)]
    rows = [ChangeRow(f"n-{number}", foresight_work.GAINED, number, number + 1, "") for number in range(250)]
    large, small = Changed(names, rows), Changed(["c:x"], rows[:1])

    parts = list(ForesightMessages().changes(Comparison(1_501, Totals(gaining=1_501), [large, small], Unread())))

    assert max(map(len, parts)) <= MOST_BYTES + 1_000
    told = changes(parts)
    assert len(told) == len(set(told)) == 1_500 * 250 + 1
    assert set(told) == {
        (name, row.access_point_id, pb.CHANGE_KIND_GAINED, row.from_ms, row.to_ms, "")
        for group in (large, small)
        for name in group.subject_ids
        for row in group.changes
    }


async def test_what_ends_within_the_days_is_foreseen(foreseeing: Foreseeing) -> None:
    found = await foreseeing.forecast(question("Forecast"), 7)

    assert losses(found) == [("c:1", "n-in", NOW_MS + DAY_MS, "CREDENTIAL_EXPIRED")]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda f: f.who_can_pass(question("WhoCanPass", " "), "n-in", 0), "PURPOSE_MISSING"),
        (lambda f: f.who_can_pass(question("WhoCanPass"), "n-nowhere", 0), "ACCESS_POINT_UNKNOWN"),
        (lambda f: f.compared(question("ComparePolicy"), "", STRICT + "nonsense: 1", (0, 0)), "DOCUMENT_INVALID"),
        (lambda f: f.compared(question("ComparePolicy"), "", STRICT, (NOW_MS, NOW_MS)), "WINDOW_INVALID"),
        (lambda f: f.compared(question("ComparePolicy"), "no-such-id", "", (0, 0)), "POLICY_UNKNOWN"),
        (lambda f: f.forecast(question("Forecast"), 0), "WINDOW_INVALID"),
        (lambda f: f.where_can_pass(question("WhereCanPass", ""), "c:1", (0, 0)), "PURPOSE_MISSING"),
        (lambda f: f.where_can_pass(question("WhereCanPass"), "c:9", (0, 0)), "SUBJECT_UNKNOWN"),
        (lambda f: f.where_can_pass(question("WhereCanPass"), "c:1", (1, 2 + 31 * DAY_MS)), "WINDOW_INVALID"),
        (lambda f: f.where_can_pass(question("WhereCanPass"), "c:3", (0, 0)), "SUBJECT_WITHOUT_RECORD"),
        (lambda f: f.where_can_pass(question("WhereCanPass"), "c:\0", (0, 0)), "SUBJECT_UNKNOWN"),
        (lambda f: f.who_passes_where(question("ReviewAccess", ""), "", 0), "PURPOSE_MISSING"),
        (lambda f: f.who_passes_where(question("ReviewAccess"), "guest", 0), "UNIT_UNKNOWN"),
    ],
)
async def test_what_cannot_be_answered_is_refused_precisely(foreseeing: Foreseeing, ask: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await ask(foreseeing)

    assert (refused.value.code, refused.value.trouble in (Trouble.INVALID, Trouble.NOT_FOUND)) == (code, True)


@pytest.mark.parametrize(
    ("ask", "method", "told"),
    [
        (lambda f, q: f.forecast(q, 3), "Forecast", {"days": 3}),
        (lambda f, q: f.who_passes_where(q, "night", 0), "ReviewAccess", {"unit": "night"}),
        (
            lambda f, q: f.where_can_pass(q, "c:1", (NOW_MS, NOW_MS + DAY_MS)),
            "WhereCanPass",
            {"subject_id": "c:1", "from_ms": NOW_MS, "to_ms": NOW_MS + DAY_MS},
        ),
    ],
)
async def test_a_question_is_written_down_with_its_purpose(
    foreseeing: Foreseeing, pool: Pool, ask: Any, method: str, told: dict[str, Any]
) -> None:
    await ask(foreseeing, question(method, "end of term"))

    logged = await pool.fetchrow("SELECT method, purpose, filter FROM query_log ORDER BY number DESC LIMIT 1")
    assert logged is not None
    assert (logged["method"], logged["purpose"], json.loads(logged["filter"])) == (method, "end of term", told)


def test_an_answer_that_is_worked_on_step_by_step_is_the_answer_at_once() -> None:
    groups = [(f"g{number}",) for number in range(400)]
    known = [Subject(f"c:{n}", 1, SubjectKind.CARDHOLDER, "staff", "north", one) for n, one in enumerate(groups)]
    pages = [foresight_work.joined([(one.subject_id, pack(one)) for one in known])]
    asked = pages, standing(HALLS), PLANS_MS, PLANS_MS + 31 * DAY_MS, 500
    messages = ForesightMessages()

    foresight_work.begin(messages.losses, foresight_work.what_ends, *asked)
    steps = [foresight_work.step()]
    while not steps[-1].is_last:
        steps.append(foresight_work.step())

    at_once = list(messages.losses(foresight_work.finished(foresight_work.what_ends(*asked))))
    assert [part for step in steps for part in step.parts] == at_once
    assert [step.is_begun for step in steps] == [True] * len(steps)


async def test_a_step_of_nothing_says_so() -> None:
    worker = Worker()
    try:
        step = await worker.run(foresight_work.step)
    finally:
        worker.end()

    assert step == foresight_work.Step([], is_last=True, is_begun=False)


class Noted(Resting):
    """Decisions are made all the time; rests are written down, and taken."""

    def __init__(self, clock: SystemClock) -> None:
        self._now = clock.monotonic
        super().__init__(self, clock)
        self.rests: list[float] = []

    @property
    def asked(self) -> int:
        return round(self.now() * 1_000)

    @property
    def last_at(self) -> float:
        return self.now()

    def rest_s(self, took_s: float, share: float = SHARE) -> float:
        self.rests.append(super().rest_s(took_s, share))
        return self.rests[-1]


class Forever(Resting):
    """The first rest has no end."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__(Idle(), clock)
        self.began = asyncio.Event()

    async def after(self, took_s: float, share: float = SHARE) -> None:
        self.began.set()
        await asyncio.Event().wait()


async def test_a_long_answer_rests_between_its_steps_while_decisions_are_made(
    pool: Pool, sites: Sites, make: Made
) -> None:
    resting = Noted(SystemClock())
    many = [person(number, "staff", NOW_MS + number * 60_000) for number in range(100, 500)]
    await Subjects(pool, sites).apply_changes(SITE, many, "identity", FeedPlace(1, 1_000))
    try:
        rested = await make(resting).forecast(question("Forecast"), 7)
        unrested = await make().forecast(question("Forecast"), 7)
    finally:
        gone = [FeedChange(one.subject_id, 2, None) for one in many]
        await Subjects(pool, sites).apply_changes(SITE, gone, "identity", FeedPlace(1, 1_001))

    assert rested == unrested
    assert resting.rests
    assert min(resting.rests) > 0


async def test_a_question_that_is_given_up_between_two_steps_ends_its_process(
    pool: Pool, sites: Sites, make: Made
) -> None:
    resting = Forever(SystemClock())
    many = [person(number, "staff", NOW_MS + number * 60_000) for number in range(600, 1_000)]
    await Subjects(pool, sites).apply_changes(SITE, many, "identity", FeedPlace(1, 2_000))
    foreseeing = make(resting)
    try:
        asking = asyncio.create_task(foreseeing.forecast(question("Forecast"), 7))
        await asyncio.wait_for(resting.began.wait(), 20)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        told = await asyncio.wait_for(make().forecast(question("Forecast"), 7), 20)
    finally:
        gone = [FeedChange(one.subject_id, 2, None) for one in many]
        await Subjects(pool, sites).apply_changes(SITE, gone, "identity", FeedPlace(1, 2_001))

    assert len(losses(told)) > 400
    step = await foreseeing._worker.run(foresight_work.step)
    assert not step.is_begun


async def test_while_the_records_cannot_be_read_a_question_is_refused_as_an_outage(make: Made) -> None:
    nowhere = partial(read_everybody, "postgresql://nobody@127.0.0.1:1/menshen", None)

    with pytest.raises(ConnectionError):
        await make(read=nowhere).forecast(question("Forecast"), 7)


async def test_a_question_that_is_given_up_keeps_the_next_one_from_nothing() -> None:
    worker = Worker()
    first = await worker.run(os.getpid)
    waiting = asyncio.create_task(worker.run(signal.pause))
    await asyncio.wait([waiting], timeout=0)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    second = await asyncio.wait_for(worker.run(os.getpid), 20)

    assert waiting.cancelled()
    assert first != second != os.getpid()
    worker.end()
