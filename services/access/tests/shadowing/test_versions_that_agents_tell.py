"""Whatever versions an agent tells, its events are recorded, and replay, shadow and explanation go on behind them."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from harness.apart import unhurried
from hypothesis import given
from hypothesis import strategies as st
from menshen.access.v1 import access_pb2, decision_pb2
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.judging import CIRCUMSTANCES, PLAN, SUBJECT, VERSIONS, Verdict
from menshen_access.domain.reported import reported_event
from menshen_access.domain.shadows import Totals
from menshen_access.domain.told_versions import is_before_restore, version_of
from menshen_access.drafts import Drafts
from menshen_access.explaining import Explaining
from menshen_access.postgres.epochs import begin_epoch
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.reading import HistoryReader
from menshen_access.querying import Querying, Question
from menshen_access.replay_process import ReplayProcess
from menshen_access.replaying import Replaying
from menshen_access.rpc.convert import reported_of
from menshen_access.uploading import Uploading
from menshen_access.wiring.recorded_work import RecordedWork
from menshen_access.work_apart import HERE
from menshen_cli.local.provision import Database

HOUR_MS, AGENT = 3_600_000, "gate"
LARGEST = 2**64 - 1
UNTOLD = (2**63, LARGEST, -1, "7")


@dataclass
class Told:
    """What came of the events of a site: explained each, replayed and shadowed all together."""

    explained: list[tuple[Verdict, tuple[str, ...]]]
    replayed: Counter[tuple[str, ...]]
    shadowed: Totals


class Answers:
    """Uploads to a campus, and all that judges them."""

    def __init__(
        self, campus: Any, ledger: PooledLedger, reader: HistoryReader, recorded: RecordedWork, process: ReplayProcess
    ) -> None:
        self.campus = campus
        self._uploading = Uploading(ledger, campus.board, campus.clock)
        querying = Querying(reader, campus.store, campus.clock)
        self._explaining = Explaining(querying, PastInputs(campus.pool), campus.store, campus.clock)
        drafts = Drafts(campus.policies, HERE, campus.clock)
        self._replaying = Replaying(recorded, reader, drafts, querying, campus.clock, process, unhurried(campus.clock))

    def reported(self, *, age_ms: int = 1_000, **versions: Any) -> EventPayload:
        """What the gate let c:1 in on alone, as it is recorded when the gate tells these versions of its decision."""
        core, site = self.campus.decided("c:1").core, self.campus.site
        plan = {"plan_version": self.campus.plan.version, "policy_version": 1, "subject_ids": ["c:1"]}
        told = {**plan, "subject_versions": [self.campus.people["c:1"].version], **versions}
        inputs = {"form": 1, "stale_after_ms": HOUR_MS * 24, "holds_version": told.pop("holds_version", 0)}
        card = decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value="AA1")
        message = access_pb2.AgentEvent(
            event_id=core["event_id"],
            kind=decision_pb2.EVENT_KIND_EDGE,
            access_point="n-in",
            at_ms=core["at_ms"],
            presentation=decision_pb2.Presentation(
                event_id=core["event_id"], access_point="n-in", at_ms=core["at_ms"], identifiers=[card]
            ),
            decision=decision_pb2.Decision(outcome=decision_pb2.OUTCOME_GRANT, decided_at_ms=core["decided_at_ms"]),
            inputs=access_pb2.EdgeInputs(age_ms=age_ms, **inputs),
        )
        message.decision.MergeFrom(decision_pb2.Decision(**told))
        return reported_event(site, AGENT, reported_of(site, AGENT, message), (), ())

    def empty(self) -> EventPayload:
        """What a gate refused that never had a copy."""
        made = self.reported(age_ms=self.campus.clock.now_ms(), plan_version=0, policy_version=0)
        core = {**made.core, "outcome": 4, "unclamped": 4, "reasons": [["EDGE_EMPTY", "", 4]]}
        return replace(made, core=core, identity={**made.identity, "subject_ids": [], "subject_versions": []})

    async def of(self, events: Sequence[EventPayload]) -> Told:
        """What comes of these, uploaded under a draft that says what is in force."""
        campus = self.campus
        shadow = await campus.start(await campus.draft(2))
        await self._uploading.store(campus.site, AGENT, events)
        await campus.caught_up()
        question = Question(campus.site, "operator/li", "ExplainEvent", "trial")
        explained = [await self._explaining.explain(question, one.event_id) for one in events]
        window = (campus.clock.now_ms() - 24 * HOUR_MS, campus.clock.now_ms() + 1)
        *_, last = [page async for page in self._replaying.history(question, "", "", window)]
        assert last.tally is not None
        assert (last.tally.decisions, last.tally.differing) == (len(events), 0)
        unjudged = {missing: count for (_, _, missing), count in last.tally.unjudged.items()}
        return Told(
            [(one.rerun.verdict, tuple(one.rerun.missing)) for one in explained if one.rerun is not None],
            Counter(unjudged),
            (await campus.shadow(shadow.shadow_id)).totals,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def process() -> AsyncIterator[ReplayProcess]:
    made = ReplayProcess()
    yield made
    await made.close()


@pytest.fixture
def answers(
    campus: Any, ledger: PooledLedger, reader: HistoryReader, database: Database, process: ReplayProcess
) -> Answers:
    login = database.logins["access"]
    return Answers(campus, ledger, reader, RecordedWork(login.url, login.password_file), process)


async def test_a_version_that_no_column_holds_is_recorded_and_judged_as_one_that_is_not_kept(answers: Answers) -> None:
    events = [
        answers.reported(plan_version=LARGEST, policy_version=LARGEST),
        answers.reported(subject_versions=[2**63]),
        answers.reported(holds_version=2**63 - 1),
        answers.reported(),
    ]

    found = await answers.of(events)

    missing = [(PLAN,), (f"{SUBJECT}:c:1",), (CIRCUMSTANCES,)]
    assert found.explained == [*((Verdict.INPUT_MISSING, one) for one in missing), (Verdict.REPRODUCED, ())]
    assert found.replayed == {(PLAN,): 1, (SUBJECT,): 1, (CIRCUMSTANCES,): 1}
    assert found.shadowed == Totals(4, 0, 3)


async def test_what_is_recorded_already_with_such_versions_ends_nothing(answers: Answers) -> None:
    events = [answers.reported()]
    for told in UNTOLD:
        plan, record, held = (answers.reported() for _ in range(3))
        events += [
            replace(plan, core={**plan.core, "plan_version": told, "policy_version": told}),
            replace(record, identity={**record.identity, "subject_versions": [told]}),
            replace(held, core={**held.core, "holds_version": told}),
        ]

    found = await answers.of(events)

    missing = ((PLAN,), (f"{SUBJECT}:c:1",), (CIRCUMSTANCES,))
    assert found.explained == [(Verdict.REPRODUCED, ()), *((Verdict.INPUT_MISSING, one) for one in missing * 4)]
    assert found.replayed == {(PLAN,): 4, (SUBJECT,): 4, (CIRCUMSTANCES,): 4}
    assert found.shadowed == Totals(13, 0, 12)


async def test_a_gate_on_a_copy_of_before_a_restore_is_not_judged_on_versions_given_anew(answers: Answers) -> None:
    campus = answers.campus
    campus.clock.advance_ms(HOUR_MS)
    async with campus.pool.acquire() as connection:
        epoch = await begin_epoch(connection, campus.site, campus.clock.now_ms())
    campus.clock.advance_ms(HOUR_MS)
    events = [
        answers.reported(age_ms=campus.clock.now_ms() - epoch + 1),
        answers.reported(age_ms=campus.clock.now_ms() - epoch),
        answers.empty(),
        campus.decided("c:1"),
    ]

    found = await answers.of(events)

    assert found.explained == [(Verdict.INPUT_MISSING, (VERSIONS,)), *[(Verdict.REPRODUCED, ())] * 3]
    assert found.replayed == {(VERSIONS,): 1}
    assert found.shadowed == Totals(4, 0, 1)


def edge(decided_at_ms: int, age_ms: int, plan_version: int = 1, kind: EventKind = EventKind.EDGE) -> EventPayload:
    alone = {"age_ms": age_ms, "stale_after_ms": 1}
    core = {"kind": int(kind), "decided_at_ms": decided_at_ms, "plan_version": plan_version, "alone": alone}
    return EventPayload({**core, "event_id": "e", "site": "north"}, {}, {})


def test_a_site_that_was_never_restored_takes_no_copy_for_one_of_before() -> None:
    now_ms, begun_by_lot = 1_772_413_200_000, 1 + (1 << 40)

    assert not is_before_restore(edge(now_ms, age_ms=now_ms), begun_by_lot)
    assert is_before_restore(edge(now_ms, age_ms=now_ms), now_ms - 1)
    assert not is_before_restore(edge(now_ms, age_ms=now_ms, plan_version=0), now_ms - 1)
    assert not is_before_restore(edge(now_ms, age_ms=2, kind=EventKind.CENTRE), now_ms - 1)


@given(st.one_of(st.integers(-(2**65), 2**65), st.text(), st.none(), st.floats(), st.booleans()))
def test_a_version_is_a_number_that_a_column_holds_or_none(told: Any) -> None:
    assert version_of(told) == (told if isinstance(told, int) and 0 < told < 2**63 else 0)
