"""A site with a plan, a policy and a few people, decided on against a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from harness.recorded_day import Day
from menshen_access.deciding import Deciding, decide_once
from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.domain.asking import Answer, Asked, Decided
from menshen_access.domain.events import EventKind, SpoolPosition
from menshen_access.domain.reported import Reported
from menshen_access.domain.store import RecordPut
from menshen_access.events_in import EventsIn
from menshen_access.pin_checks import PinChecks
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.redis.commit import RedisStore
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.records import RedisDocuments, RedisProjection
from menshen_access.redis.resp import RespClient
from menshen_access.site_views import SiteViews
from menshen_access.subject_cache import SubjectCache
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Presentation,
    Subject,
    SubjectKind,
)
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Pool
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"
PEPPER = b"0123456789abcdef"


def plan(version: int = 1, **changes: Any) -> SitePlan:
    """A campus with one gate, in and out, and a laboratory for one."""
    document: dict[str, Any] = {
        "site": SITE,
        "version": version,
        "areas": [
            {"id": "outside"},
            {"id": "campus", "anti_passback": "SOFT"},
            {"id": "lab", "parent": "campus", "limit": 1},
        ],
        "doors": [{"id": "n-door"}, {"id": "l-door"}],
        "access_points": [
            point("n-in", "outside", "campus", "ENTRY", "n-door"),
            point("n-out", "campus", "outside", "EXIT", "n-door"),
            point("l-in", "campus", "lab", "INNER", "l-door"),
            {**point("l-out", "lab", "campus", "INNER", "l-door"), "escape": True},
            {**point("p-in", "outside", "campus", "ENTRY", "n-door"), "requires": "CARD_AND_PIN"},
        ],
        "access_levels": [
            {"id": "all", "entries": [{"access_point": name} for name in ("n-in", "n-out", "l-in", "p-in")]}
        ],
        "group_assignments": [{"level": "all", "group": "staff"}],
        "policies": [{"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}],
    }
    return plan_from_mapping({**document, **changes})


def point(name: str, from_area: str, to_area: str, direction: str, door: str) -> dict[str, Any]:
    return {
        "id": name,
        "from_area": from_area,
        "to_area": to_area,
        "direction": direction,
        "access_point_class": "PEDESTRIAN",
        "name": {"zh": "北门", "en": "North"},
        "door": door,
    }


def staff(subject_id: str, card: str, version: int = 1, **changes: Any) -> Subject:
    """A member of staff with one active card."""
    credential = Credential(
        f"credential-{card}",
        (Identifier(IdentifierType.CARD, card),),
        changes.pop("state", CredentialState.ACTIVE),
        single_use=changes.pop("single_use", False),
    )
    return Subject(subject_id, version, SubjectKind.CARDHOLDER, "staff", SITE, ("staff",), (credential,), **changes)


class GateAlarmList:
    """Implements ports.GateAlarms: what was told, in order."""

    def __init__(self) -> None:
        self.duresses: list[tuple[str, str, str, int]] = []
        self.foreign: list[tuple[str, str, str]] = []

    def duress(self, site: str, access_point: str, event_id: str, at_ms: int) -> None:
        self.duresses.append((site, access_point, event_id, at_ms))

    def foreign_access_point(self, site: str, agent_id: str, access_point: str) -> None:
        self.foreign.append((site, agent_id, access_point))


class Gate:
    """Everything a decision needs, and the ways to change what it is made on behind its back."""

    def __init__(self, client: RespClient, generations: SiteGenerations, clock: SystemClock, tasks: Tasks) -> None:
        self.client = client
        self.generations = generations
        self.clock = clock
        self.new_id = Uuid7Factory(clock)
        self.metrics = Metrics()
        clients = {SITE: client}
        self.projection = RedisProjection(clients, generations)
        documents = RedisDocuments(clients, generations)
        self.views = SiteViews((SITE,), documents)
        self.caches = {SITE: SubjectCache(100)}
        self.store = RedisStore(clients, generations, 10_000)
        self.pins = PinChecks(documents, PEPPER)
        self.counted = DecisionMetrics(self.metrics, clock)
        self.alarms = GateAlarmList()
        self._tasks = tasks
        self.deciding = self.deciding_with(self.store)
        self.events = EventsIn(self.store, self.views, self.caches, clock, self.metrics)

    plan = staticmethod(plan)
    staff = staticmethod(staff)
    pepper = PEPPER

    @property
    def generation(self) -> int:
        generation = self.generations.current(SITE)
        assert generation is not None
        return generation

    def deciding_with(self, store: RedisStore) -> Deciding:
        """The same gate deciding by way of a store with other bounds."""
        return Deciding(store, self.views, self.caches, self.pins, self.clock, self._tasks, self.counted, self.alarms)

    async def put(self, *subjects: Subject, **verifiers: bytes) -> None:
        puts = [
            RecordPut(
                subject.subject_id,
                subject.version,
                pack(subject),
                tuple(identifier.key for credential in subject.credentials for identifier in credential.identifiers),
                **verifiers,
            )
            for subject in subjects
        ]
        await self.projection.put_records(SITE, self.generation, puts)

    async def put_plan(self, plan: SitePlan) -> None:
        await self.projection.put_plan(SITE, self.generation, plan.version, plan_to_json(plan))

    def asked(self, card: str, access_point: str = "n-in", *, event_id: str = "", pin: str = "") -> Asked:
        identifier = Identifier(IdentifierType.CARD, card)
        now_ms = self.clock.now_ms()
        shown = Presentation(event_id or self.new_id(), SITE, access_point, "north-1", now_ms, (identifier,))
        return Asked(shown, (identifier.key,), SpoolPosition(1, 1), now_ms, pin=pin)

    def report(self, event_id: str, kind: EventKind, **changes: Any) -> Reported:
        given = {"access_point": "n-in", "door": "", "at_ms": self.clock.now_ms(), "clock_error_ms": 5}
        return Reported(event_id, kind, **{**given, "spool": SpoolPosition(1, 9), **changes})

    async def answer(self, asked: Asked) -> Answer:
        return await asyncio.wait_for(decide_once(self.deciding, asked), 10)

    async def present(self, card: str, access_point: str = "n-in", **keywords: Any) -> Decided:
        answer = await self.answer(self.asked(card, access_point, **keywords))
        assert isinstance(answer, Decided), answer
        return answer

    def counter(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"menshen_{name}_total", labels) or 0.0


@pytest.fixture(scope="session")
def new_gate() -> type[Gate]:
    """For tests that decide over several connections."""
    return Gate


@pytest.fixture
async def gate(live: Any, clock: SystemClock, tasks: Tasks) -> AsyncIterator[Gate]:
    """A site that is ready, with its plan and nobody in it."""
    await live.make_ready(SITE)
    made = Gate(live.client, live.generations, clock, tasks)
    await made.put_plan(plan())
    yield made
    await made.pins.close()


@pytest.fixture
async def day(gate: Gate, pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader) -> Day:
    """The gate with its stores, with nothing in force beside the plan."""
    made = Day(gate, pool, sites, ledger, reader)
    await made.enact()
    for hold in (await made.store.current_holds(SITE)).holds:
        await made.release_hold(hold.hold_id)
    await made.set_level(0)
    return made
