"""A site whose recorded decisions were made by the rules on its stored plan and records, and the shadows beside it."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from menshen_access.domain.asking import Asked
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import SpoolPosition
from menshen_access.domain.history import entry_of
from menshen_access.domain.shadows import Shadow, ShownDifference
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.drafts import Drafts
from menshen_access.enacting import Enacting, EnactingTerms
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.shadow_pages import ShadowPages
from menshen_access.postgres.shadows import Shadows
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.querying import Querying, Question
from menshen_access.shadow_keeper import ShadowKeeper
from menshen_access.shadowing import Shadowing
from menshen_access.work_apart import HERE, Worker
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Presentation,
    Subject,
    SubjectKind,
)
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Pool

LI = "operator/li"
NINE_MS = 1_772_413_200_000
"""Monday 2 March 2026, 09:00 at the site."""
HOUR_MS = 3_600_000
NUMBERS = itertools.count(1)
PLAN = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
schedules:
  - id: office
    intervals: [{days: [MON, TUE, WED, THU, FRI], opens: "08:00", closes: "18:00"}]
access_levels: [{id: l, entries: [{access_point: n-in}, {access_point: n-out}]}]
group_assignments: [{level: l, group: staff}]
"""
STANDING = "{{language: 1, version: {version}, site: {site}, from: 2025-01-01T00:00:00+08:00{clauses}}}"


class Campus:
    """A site of a test's own under policy 1. Its keeper is whatever a test runs."""

    def __init__(self, pool: Pool, sites: Sites, ledger: PooledLedger, worker: Worker) -> None:
        self.pool, self.worker = pool, worker
        self.site = f"shadow-{next(NUMBERS)}"
        self.clock = ManualClock(NINE_MS)
        self.new_id = Uuid7Factory(self.clock)
        self.board = Noticeboard()
        self.store, self.policies = Administration(pool, sites), Policies(pool, sites)
        self.subjects = Subjects(pool, sites)
        self.planning = Planning(self.store, self._publish, self.clock, self.new_id)
        terms = EnactingTerms(60_000, lambda _site: True)
        self.enacting = Enacting(self.policies, self.planning, self._publish, self.clock, self.new_id, terms)
        self.shadows, self.pages = Shadows(pool, sites), ShadowPages(pool)
        querying = Querying(HistoryReader(pool, sites), self.store, self.clock)
        drafts = Drafts(self.policies, HERE, self.clock)
        self.shadowing = Shadowing(self.shadows, self.policies, drafts, querying, self.board, self.clock, self.new_id)
        self.keeper = self.keeper_of(self.pages)
        self.plan: SitePlan
        self.people: dict[str, Subject] = {}
        self._ledger = ledger

    def keeper_of(self, pages: ShadowPages, events_at_once: int = 200) -> ShadowKeeper:
        return ShadowKeeper(self.site, pages, self.board, self.clock, events_at_once)

    async def open(self) -> None:
        await self.planning.put_plan(self.site, PLAN, 0, "because", LI)
        await self.activate(1)
        await self.tell("c:1", "staff")
        await self.tell("c:2", "guest")

    async def activate(self, version: int, clauses: str = "") -> None:
        text = STANDING.format(version=version, site=self.site, clauses=clauses)
        await self.planning.activate_policy(self.site, text, 0, "because", LI)
        await self.read_plan()

    async def read_plan(self) -> None:
        """Decide from now on by the plan as it is stored."""
        self.plan = plan_from_mapping(json.loads((await self.store.current_plan(self.site))[1]))

    async def tell(self, subject_id: str, category: str, state: CredentialState = CredentialState.ACTIVE) -> None:
        """A person's record as it is from now on."""
        card = Identifier(IdentifierType.CARD, subject_id.replace("c:", "AA"))
        held = Credential(f"k-{subject_id}", (card,), state, 0, NINE_MS + 9_000 * HOUR_MS)
        told_at = self.clock.now_ms() * 1000 + next(NUMBERS)
        subject = Subject(subject_id, told_at, SubjectKind.CARDHOLDER, category, self.site, credentials=(held,))
        change = FeedChange(subject_id, told_at, subject)
        await self.subjects.apply_changes(self.site, [change], "identity", FeedPlace(1, told_at))
        (row,) = await self.pool.fetch(
            "SELECT version FROM subject WHERE site = $1 AND subject_id = $2", self.site, subject_id
        )
        self.people[subject_id] = Subject(
            subject_id, row["version"], SubjectKind.CARDHOLDER, category, self.site, credentials=(held,)
        )

    def decided(self, subject_id: str, access_point: str = "n-in") -> Any:
        """The event of a decision made now by the rules."""
        subject, now_ms = self.people[subject_id], self.clock.now_ms()
        shown = Presentation(self.new_id(), self.site, access_point, "gate", now_ms, subject.credentials[0].identifiers)
        keys = tuple(identifier.key for identifier in shown.identifiers)
        decision = decide(shown, (subject,), access_point, self.plan, LiveState(), now_ms)
        asked = Asked(shown, keys, SpoolPosition(0, 0), now_ms)
        return decision_event(asked, decision, (subject,), LiveState(), 0)

    async def record(self, *events: Any, late: bool = False) -> None:
        await self._ledger.append(self.site, [entry_of(one, late=late) for one in events], self.clock.now_ms())

    async def draft(self, version: int, clauses: str = "") -> str:
        """The id of a draft that says what policy 1 says, and the clauses."""
        text = STANDING.format(version=version, site=self.site, clauses=clauses)
        return (await self.enacting.draft(self.site, text, "because", LI)).policy.policy_id

    async def start(self, policy_id: str, hours: int = 24) -> Shadow:
        return await self.shadowing.start(self.site, policy_id, hours, "a week beside", LI)

    async def caught_up(self) -> None:
        """Lead the shadows on to the end."""
        while await self.keeper.step(self.worker):
            pass

    async def shadow(self, shadow_id: str) -> Shadow:
        return next(one for one in (await self.shadowing.listed(self.site))[0] if one.shadow_id == shadow_id)

    async def differences(self, shadow_id: str, after: int = 0, size: int = 1000) -> list[ShownDifference]:
        question = Question(self.site, LI, "ListShadowDifferences", "is it fit")
        return (await self.shadowing.differences(question, shadow_id, after, size))[0]

    async def _publish(self, _site: str) -> None:
        """Nobody is told."""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def worker() -> AsyncIterator[Worker]:
    """The process apart, shared so that it starts once."""
    made = Worker()
    yield made
    made.end()


@pytest.fixture
async def campus(pool: Pool, sites: Sites, ledger: PooledLedger, worker: Worker) -> Campus:
    made = Campus(pool, sites, ledger, worker)
    await made.open()
    return made
