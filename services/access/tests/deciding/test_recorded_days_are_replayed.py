"""A recorded day decided again: by the policies that were in force nothing differs, by a draft what the rules say."""

import asyncio
import multiprocessing
import random
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from harness.apart import unhurried
from harness.recorded_day import SITE, Day, live_through
from menshen.access.v1 import replay_pb2 as pb
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.judging import live_state_of, presentation_of
from menshen_access.domain.kept_inputs import kept_circumstances, kept_plan, kept_subject
from menshen_access.domain.replayed import ReplayTally
from menshen_access.drafts import Drafts
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying, Question
from menshen_access.replay_process import ReplayProcess
from menshen_access.replaying import ReplayedPage, Replaying
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.wiring.recorded_work import RecordedWork
from menshen_access.work_apart import HERE
from menshen_cli.local.provision import Database
from menshen_rulebook.decide import decide
from menshen_rulebook.policy import Policy, parse_policy
from menshen_rulebook.replay.replaying import always
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError

CLOSED = {
    "language": 1,
    "version": 9,
    "site": SITE,
    "from": "2030-01-01T00:00:00+08:00",
    "closures": [{"access_point": "n-in"}],
}
DRAFT = """
version: 9
language: 1
site: north
from: 2030-01-01T00:00:00+08:00
closures: [{access_point: n-in}]
"""


@pytest.fixture
def replaying_with(
    day: Day, pool: Pool, sites: Sites, reader: HistoryReader, database: Database
) -> Callable[[ReplayProcess], Replaying]:
    """Replays in pages of seven."""
    login = database.logins["access"]
    recorded = RecordedWork(login.url, login.password_file)
    querying = Querying(reader, day.store, day.gate.clock)
    drafts = Drafts(Policies(pool, sites), HERE, day.gate.clock)
    return lambda process: Replaying(
        recorded, reader, drafts, querying, day.gate.clock, process, unhurried(day.gate.clock), page=7
    )


@pytest.fixture
async def replaying(replaying_with: Callable[[ReplayProcess], Replaying]) -> AsyncIterator[Replaying]:
    process = ReplayProcess()
    yield replaying_with(process)
    await process.close()


def question(purpose: str = "exercise") -> Question:
    return Question(SITE, "operator/li", "ReplayHistory", purpose)


async def replayed(replaying: Replaying, day: Day, text: str = "", from_ms: int = 0) -> Sequence[ReplayedPage]:
    pages = replaying.history(question(), "", text, (from_ms, day.gate.clock.now_ms() + 1))
    async with aclosing(pages):
        return [page async for page in pages]


async def expected(day: Day, event: EventPayload, policy: Policy) -> tuple[int, str]:
    """Outcome and first reason by the rules themselves."""
    core, identity = event.core, event.identity
    plan = kept_plan(await day.store.plan_of(SITE, core["plan_version"]))
    assert plan is not None
    kept = PastInputs(day.pool)
    records = await kept.records(SITE, identity["subject_ids"], identity["subject_versions"])
    party = tuple(kept_subject(records[name]) for name in identity["subject_ids"])
    version = core["holds_version"]
    held = kept_circumstances(version, await kept.circumstances(SITE, version))
    assert held is not None
    found = decide(
        presentation_of(event),
        tuple(one for one in party if one is not None),
        core["access_point"],
        replace(plan, policies=(always(policy),)),
        live_state_of(identity["live"], held),
        core["decided_at_ms"],
    )
    return int(found.outcome), found.reasons[0].code if found.reasons else ""


def total(pages: Sequence[ReplayedPage]) -> ReplayTally:
    tally = pages[-1].tally
    assert tally is not None
    assert [page.tally for page in pages[:-1]] == [None] * (len(pages) - 1)
    return tally


async def test_a_day_differs_by_no_decision_and_by_a_draft_as_the_rules_say(day: Day, replaying: Replaying) -> None:
    decided = await live_through(day, random.Random(2), 120)

    as_it_was = await replayed(replaying, day)
    under = await replayed(replaying, day, text=DRAFT)

    tally = total(as_it_was)
    assert (tally.decisions, tally.replayed, tally.differing, tally.unjudged) == (len(decided), len(decided), 0, {})
    assert [one for page in as_it_was for one in page.differing] == []
    policy = parse_policy(CLOSED)
    answers = {event.event_id: await expected(day, event, policy) for event in decided}
    found = [one for page in under for one in page.differing]
    then = {e.event_id: (e.core["outcome"], e.core["reasons"][0][0] if e.core["reasons"] else "") for e in decided}
    assert [one.event_id for one in found] == [name for name, answer in answers.items() if answer != then[name]]
    assert {part for one in found for part in one.parts} <= {"outcome", "unclamped", "reasons"}
    assert [tuple(one.again) for one in found] == [answers[one.event_id] for one in found]
    assert [tuple(one.then) for one in found] == [then[one.event_id] for one in found]
    tally = total(under)
    assert (tally.replayed, tally.differing) == (len(decided), len(found))
    assert sum(count for (_, then, again), count in tally.points.items() if then < again == 4) > 3
    assert {one.access_point_id for one in found if one.again.code == "ACCESS_POINT_CLOSED"} == {"n-in"}
    assert tally.answers.total() == tally.points.total() == len(decided)


async def test_the_service_tells_progress_then_differences_and_the_totals_last(day: Day, replaying: Replaying) -> None:
    for number in range(15):
        await day.present(f"T{number}")
    request = pb.ReplayHistoryRequest(site=SITE, purpose="exercise", document=DRAFT)
    servicer = ReplayServicer(ServedSites((SITE,)), replaying, presentations=None)  # type: ignore[arg-type]

    *parts, last = [part async for part in servicer.ReplayHistory(request, Nobody())]

    rows = [row for part in parts for row in part.differences]
    assert {row.again.reason_code for row in rows[-15:]} == {"ACCESS_POINT_CLOSED"}
    assert [part.HasField("totals") for part in parts] == [False] * len(parts)
    epoch = await day.pool.fetchval("SELECT epoch FROM site WHERE site = $1", SITE)
    assert {part.progress.epoch for part in (*parts, last)} == {epoch}
    assert last.totals.differing == len(rows)
    assert (
        last.progress.decisions
        == last.totals.decisions
        == sum(one.count for one in last.totals.answers) + sum(one.count for one in last.totals.not_replayed)
    )


class Nobody:
    """The context of a call without a certificate."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}


async def test_what_is_not_kept_is_counted_with_why(day: Day, replaying: Replaying) -> None:
    from_ms = day.gate.clock.now_ms()
    forged, gone, unheld, alone, empty, well = [(await day.gate.present(f"R{n}", "n-in")).event for n in range(6)]
    well = replace(well, health={"measured": {"temperature_c": 36.8}})
    forged = replace(forged, core={**forged.core, "outcome": 1, "unclamped": 1, "reasons": []})
    unheld = replace(unheld, core={**unheld.core, "holds_version": 999})
    core = {name: value for name, value in alone.core.items() if name != "holds_version"}
    identity = {name: value for name, value in alone.identity.items() if name not in {"live", "pin_verdict"}}
    alone = EventPayload({**core, "kind": int(EventKind.EDGE)}, identity)
    empty = EventPayload({k: v for k, v in empty.core.items() if k not in {"outcome", "reasons"}}, empty.identity)
    await day.record(forged, gone, unheld, alone, empty, well)
    await day.pool.execute("UPDATE event SET identity = NULL, identity_salt = NULL WHERE event_id = $1", gone.event_id)
    await day.pool.execute("UPDATE event SET health = NULL, health_salt = NULL WHERE event_id = $1", well.event_id)

    pages = await replayed(replaying, day, from_ms=from_ms)

    tally = total(pages)
    assert [(one.event_id, one.then, one.parts) for page in pages for one in page.differing] == [
        (forged.event_id, (1, ""), ("outcome", "unclamped", "reasons"))
    ]
    assert (tally.decisions, tally.replayed, tally.differing) == (6, 1, 1)
    assert {(kind, verdict.name, *missing): count for (kind, verdict, missing), count in tally.unjudged.items()} == {
        (1, "DATA_DELETED"): 2,
        (1, "INPUT_MISSING", "circumstances"): 1,
        (2, "INPUT_MISSING", "circumstances", "live_values"): 1,
        (1, "INPUT_MISSING", "event"): 1,
    }


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda r: r.history(question(" "), "", "", (0, 0)), "PURPOSE_MISSING"),
        (lambda r: r.history(question(), "", "", (2, 2)), "WINDOW_INVALID"),
        (lambda r: r.history(question(), "", "", (1, 367 * 86_400_000)), "WINDOW_INVALID"),
        (lambda r: r.history(question(), "", DRAFT + "nonsense: 1", (0, 0)), "DOCUMENT_INVALID"),
        (lambda r: r.history(question(), "no-such-id", "", (0, 0)), "POLICY_UNKNOWN"),
    ],
)
async def test_what_cannot_be_replayed_is_refused_precisely(replaying: Replaying, ask: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await anext(ask(replaying))

    assert refused.value.code == code


async def test_a_replay_that_nobody_reads_gives_way_to_another(
    day: Day, replaying_with: Callable[[ReplayProcess], Replaying]
) -> None:
    for number in range(9):
        await day.present(f"U{number}")
    replaying = replaying_with(ReplayProcess(patience_s=0.0))
    left = replaying.history(question(), "", "", (0, 0))
    await anext(left)

    after = await asyncio.wait_for(replayed(replaying, day), 30)
    with pytest.raises(DomainError) as refused:
        await anext(left)

    assert total(after).decisions >= 9
    assert refused.value.code == "REPLAY_ENDED"


async def test_a_replay_ends_with_the_epoch_it_was_begun_in(day: Day, replaying: Replaying) -> None:
    for number in range(9):
        await day.present(f"V{number}")
    pages = replaying.history(question(), "", "", (0, 0))
    await anext(pages)
    await day.pool.execute("UPDATE site SET epoch = epoch + 1 WHERE site = $1", SITE)

    with pytest.raises(DomainError) as refused:
        await anext(pages)

    assert refused.value.code == "EPOCH_ENDED"


async def test_one_replay_runs_at_a_time_and_one_given_up_ends_its_process(day: Day, replaying: Replaying) -> None:
    for number in range(9):
        await day.present(f"S{number}")
    pages = replaying.history(question("given up"), "", "", (0, 0))
    children = set(multiprocessing.active_children())

    async with aclosing(pages):
        first = await anext(pages)
        own = set(multiprocessing.active_children()) - children
        with pytest.raises(DomainError) as refused:
            await anext(replaying.history(question(), "", "", (0, 0)))
    await asyncio.wait_for(asyncio.to_thread(lambda: [one.join() for one in own]), 10)
    after = await asyncio.wait_for(replayed(replaying, day), 30)

    assert first.tally is None
    assert [one.exitcode for one in own] == [-signal.SIGTERM]
    assert refused.value.code == "REPLAY_UNDER_WAY"
    assert total(after).decisions >= 9
    row = await day.pool.fetchrow("SELECT method, filter FROM query_log WHERE purpose = 'given up'")
    assert row is not None
    assert row["method"] == "ReplayHistory"
