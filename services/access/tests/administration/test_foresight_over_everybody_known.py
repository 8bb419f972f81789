"""Who can pass, what a policy would change, and what ends: over records on a real PostgreSQL, worked on apart."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.foreseeing import DAY_MS, Foreseeing, Worker
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.foresight import Records
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.querying import Querying, Question
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Outcome,
    Subject,
    SubjectKind,
)
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "foreseen"
NOW_MS = 1_772_409_600_000
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
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, category, SITE, credentials=(credential,))
    return FeedChange(subject.subject_id, 1, subject)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def foreseeing(pool: Pool, sites: Sites, new_id: Callable[[], str]) -> AsyncIterator[Foreseeing]:
    store, clock = Administration(pool, sites), ManualClock(NOW_MS)
    planning = Planning(store, publish, clock, new_id)
    await planning.put_plan(SITE, PLAN, 0, "because", "operator/li")
    await planning.activate_policy(SITE, STANDING, 1, "because", "operator/li")
    known = [person(1, "staff", NOW_MS + DAY_MS), person(2, "guest", NOW_MS + 90 * DAY_MS)]
    await Subjects(pool, sites).apply_changes(SITE, known, "identity", FeedPlace(1, 1))
    querying = Querying(HistoryReader(pool, sites), store, clock)
    made = Foreseeing(Records(pool), Policies(pool, sites), planning, querying, clock)
    yield made
    await made.close()


def question(method: str, purpose: str = "exercise") -> Question:
    return Question(SITE, "operator/li", method, purpose)


async def test_everybody_known_is_told_of_with_the_first_reason(foreseeing: Foreseeing) -> None:
    rows = list(await foreseeing.who_can_pass(question("WhoCanPass"), "n-in", 0))

    assert sorted(rows) == [("c:1", Outcome.GRANT, ""), ("c:2", Outcome.DENY, "NO_ACCESS_LEVEL")]


async def test_a_policy_is_compared_and_stays_what_it_was(foreseeing: Foreseeing, pool: Pool) -> None:
    found = await foreseeing.compared(question("ComparePolicy"), "", STRICT, (0, 0))

    assert list(found.rows) == [("c:1", "n-in", "lost", NOW_MS, NOW_MS + DAY_MS, "FACT_ABSENT")]
    assert (found.subjects, found.totals.losing, found.totals.gaining) == (2, 1, 0)
    rows = list(await foreseeing.who_can_pass(question("WhoCanPass"), "n-in", 0))
    assert ("c:1", Outcome.GRANT, "") in rows


async def test_what_ends_within_the_days_is_foreseen(foreseeing: Foreseeing) -> None:
    rows = list(await foreseeing.forecast(question("Forecast"), 7))

    assert rows == [("c:1", "n-in", NOW_MS + DAY_MS, "CREDENTIAL_EXPIRED")]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda f: f.who_can_pass(question("WhoCanPass", " "), "n-in", 0), "PURPOSE_MISSING"),
        (lambda f: f.who_can_pass(question("WhoCanPass"), "n-nowhere", 0), "ACCESS_POINT_UNKNOWN"),
        (lambda f: f.compared(question("ComparePolicy"), "", STRICT + "nonsense: 1", (0, 0)), "DOCUMENT_INVALID"),
        (lambda f: f.compared(question("ComparePolicy"), "", STRICT, (NOW_MS, NOW_MS)), "WINDOW_INVALID"),
        (lambda f: f.compared(question("ComparePolicy"), "no-such-id", "", (0, 0)), "POLICY_UNKNOWN"),
        (lambda f: f.forecast(question("Forecast"), 0), "WINDOW_INVALID"),
    ],
)
async def test_what_cannot_be_answered_is_refused_precisely(foreseeing: Foreseeing, ask: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await ask(foreseeing)

    assert (refused.value.code, refused.value.trouble in (Trouble.INVALID, Trouble.NOT_FOUND)) == (code, True)


async def test_a_question_is_written_down_with_its_purpose(foreseeing: Foreseeing, pool: Pool) -> None:
    await foreseeing.forecast(question("Forecast", "end of term"), 3)

    async with pool.acquire() as connection:
        logged = await connection.fetchrow("SELECT method, purpose FROM query_log WHERE purpose = 'end of term'")
    assert tuple(logged) == ("Forecast", "end of term")


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
