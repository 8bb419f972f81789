"""Three processes decide for one site at once: what they recorded is what one process would have decided in that order.

Few subjects and few places, so that everybody is in everybody's way. Forgiveness leaves no event of its own: it comes
between two rounds, where its place in the order is known, and finds three caches that have not heard of it.
"""

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from faults.proof import prove_history
from harness.one_process import OneProcess
from harness.patience import eventually
from harness.presence_model import moves_in
from menshen.access.v1 import administration_pb2, decision_pb2
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.store import RecordPut
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient
from menshen_cli.local.provision import administration
from menshen_cli.local.roster import with_several
from menshen_cli.local.suite import Suite
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Hold,
    HoldScope,
    Identifier,
    IdentifierType,
    Subject,
    SubjectKind,
    ThreatLevel,
)
from scenarios.agent_streams import CLOCK, OPENS, AgentStream
from scenarios.campus import CALL_S, Campus

SITE = "north"
PROCESSES = ("access", "access-2", "access-3")
SUBJECTS, TICKETS, WALKERS, ROUNDS, STEPS, HOLDS = 7, 6, 12, 4, 10, 4
LIMITS = {"lab": 2, "hall": 3}
_ACTED, _TAKEN, _NOT_TAKEN = (
    decision_pb2.EVENT_KIND_ACTED,
    decision_pb2.EVENT_KIND_TAKEN,
    decision_pb2.EVENT_KIND_NOT_TAKEN,
)


def point(name: str, direction: str, from_area: str, to_area: str, **more: Any) -> dict[str, Any]:
    given = {"id": name, "direction": direction, "from_area": from_area, "to_area": to_area, "grant_ms": 8_000}
    return {**given, "access_point_class": "PEDESTRIAN", "name": {"zh": name, "en": name}, **more}


BRIEF = "lab-in-brief"
POINTS = [
    point("gate-in", "ENTRY", "outside", "campus"),
    point("turnstile-in", "ENTRY", "outside", "campus", senses_passage=False),
    point("gate-out", "EXIT", "campus", "outside"),
    point("lab-in-1", "INNER", "campus", "lab"),
    point("lab-in-2", "INNER", "campus", "lab"),
    point(BRIEF, "INNER", "campus", "lab", grant_ms=300),
    point("lab-out", "INNER", "lab", "campus", escape=True),
    point("hall-in", "INNER", "campus", "hall", senses_passage=False),
    point("hall-out", "INNER", "hall", "campus", escape=True),
]
NAMES = [one["id"] for one in POINTS]
SENSING = {one["id"] for one in POINTS if one.get("senses_passage", True)} - {BRIEF}
"""Where it is told whether somebody passed; at the brief one nobody ever does."""
PLAN = {
    "areas": [
        {"id": "outside"},
        {"id": "campus", "anti_passback": "SOFT"},
        {"id": "lab", "parent": "campus", "anti_passback": "HARD", "limit": LIMITS["lab"]},
        {"id": "hall", "parent": "campus", "limit": LIMITS["hall"]},
    ],
    "access_points": POINTS,
    "access_levels": [{"id": "all", "entries": [{"access_point": name} for name in NAMES]}],
    "group_assignments": [{"level": "all", "group": "staff"}],
}
THREAT = {"where": {"threat_level": 2, "areas": ["campus"]}, "admits": {"groups": ["nobody"]}}


def subject(number: int) -> Subject:
    """Somebody with a card, and with tickets that admit once."""
    cards = [_credential(f"card-{number}", f"{number:08X}", single_use=False)]
    tickets = [_credential(f"ticket-{number}-{n}", f"{number:04X}{n:04X}", single_use=True) for n in range(1, TICKETS)]
    return Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, "staff", SITE, ("staff",), (*cards, *tickets))


def _credential(name: str, value: str, *, single_use: bool) -> Credential:
    identifiers = (Identifier(IdentifierType.CARD, value),)
    return Credential(name, identifiers, CredentialState.ACTIVE, single_use=single_use)


EVERYBODY = [subject(number) for number in range(1, SUBJECTS + 1)]
CARDS = [c.identifiers[0].value for one in EVERYBODY for c in one.credentials]


@dataclass
class Trio:
    """The three processes, with one agent's stream to each."""

    suite: Suite
    campus: Campus
    streams: list[AgentStream]
    redis: RespClient
    holds: dict[int, tuple[Hold, ...]] = field(default_factory=lambda: {0: ()})
    levels: dict[int, tuple[ThreatLevel, ...]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(18))

    async def walk(self) -> None:
        """Present cards at random points and processes, and do with each grant what people do."""
        for _ in range(STEPS):
            name, card = self.chance.choice(NAMES), self.chance.choice(CARDS)
            first, other = self.chance.sample(self.streams, 2)
            event_id = self.campus.new_id()
            decision = await first.present(name, card, event_id)
            if self.chance.random() < 0.2:
                again = await other.present(name, card, event_id)
                assert (again.outcome, again.decided_at_ms) == (decision.outcome, decision.decided_at_ms)
            if decision.outcome in OPENS:
                await self._act(self.chance.choice((first, other)), event_id, name)

    async def _act(self, stream: AgentStream, event_id: str, name: str) -> None:
        """Somebody passes, turns round, or lets a brief grant run out; a lock's word may come by two ways."""
        if self.chance.random() < 0.5:
            await stream.report(event_id, _ACTED, name)
        if name in SENSING:
            kind = _TAKEN if self.chance.random() < 0.75 else _NOT_TAKEN
            for way in self.chance.sample(self.streams, self.chance.choice((1, 2))):
                await way.report(event_id, kind, name)

    async def lock_down(self) -> None:
        """Bar the laboratory, or one gate, and let go of it; threaten the campus; a few times while others walk."""
        for _ in range(HOLDS):
            await self._lock_down_once()
            await self._threaten(2)
            await self._threaten(0)

    async def _threaten(self, level: int) -> None:
        request = administration_pb2.SetThreatLevelRequest(site=SITE, area="campus", level=level, reason="proof")
        await self.campus.administration.SetThreatLevel(request, timeout=CALL_S)
        self.levels[len(self.holds)] = (ThreatLevel(level, "campus"),) if level else ()
        self.holds[len(self.holds)] = ()

    async def _lock_down_once(self) -> None:
        area, access_point = self.chance.choice((("lab", ""), ("", "gate-in")))
        desk = self.campus.administration
        raised = await desk.RaiseHold(
            administration_pb2.RaiseHoldRequest(site=SITE, area=area, access_point=access_point, reason="proof"),
            timeout=CALL_S,
        )
        hold_id = raised.hold.hold_id
        scope = HoldScope.AREA if area else HoldScope.ACCESS_POINT
        self.holds[len(self.holds)] = (Hold(hold_id, "proof", scope, area or access_point),)
        await desk.ReleaseHold(
            administration_pb2.ReleaseHoldRequest(site=SITE, hold_id=hold_id, reason="proof"), timeout=CALL_S
        )
        self.holds[len(self.holds)] = ()

    async def forgive(self, area: str) -> None:
        await self.campus.administration.ForgivePresence(
            administration_pb2.ForgivePresenceRequest(site=SITE, areas=[area], reason="proof"), timeout=CALL_S
        )

    @property
    def sent(self) -> set[tuple[str, int]]:
        return set().union(*(stream.sent for stream in self.streams))

    async def history(self) -> list[EventPayload]:
        """Every event the site recorded, in sequence, once all that was sent is there."""

        async def all_there() -> list[EventPayload]:
            async with administration(self.suite.postgres, "menshen") as connection:
                rows = await connection.fetch(
                    "SELECT core, identity FROM access.event WHERE site = $1 ORDER BY sequence", SITE
                )
            events = [EventPayload(json.loads(row["core"]), json.loads(row["identity"] or b"{}")) for row in rows]
            return events if self.sent <= {(event.event_id, int(event.kind)) for event in events} else []

        return await eventually(all_there, 30)

    async def registers(self) -> dict[str, bytes]:
        flat = await self.redis.call("HGETALL", f"m:{{{SITE}}}:p")
        return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trio(run_folder: Path) -> AsyncIterator[Trio]:
    async with AsyncExitStack() as exits:
        services = with_several("access", len(PROCESSES))
        suite = await exits.enter_async_context(Suite(run_folder / "suite-trio", services=services, sites=(SITE,)))
        campus = Campus(suite)
        await campus.put_plan(PLAN)
        await campus.activate(threats=[THREAT])
        await eventually(campus.is_ready, 30)
        redis = await _with_everybody(suite, exits)
        streams = [
            await exits.enter_async_context(AgentStream(suite, process, f"n-{number}", SITE, NAMES))
            for number, process in enumerate(PROCESSES)
        ]
        yield Trio(suite, campus, streams, redis)


async def _with_everybody(suite: Suite, exits: AsyncExitStack) -> RespClient:
    """Put the subjects where a projector would."""
    generations = SiteGenerations((SITE,))
    place = place_of(suite.valkey.url, suite.valkey.password_file)
    client = RespClient(SingleNode(place), None, generations.prepare, generations.forget_all)
    generations.attach({SITE: client})
    running = asyncio.create_task(client.run())

    async def close() -> None:
        running.cancel()
        await asyncio.wait({running})

    exits.push_async_callback(close)
    generation = await eventually(lambda: generations.current(SITE))
    puts = [
        RecordPut(one.subject_id, 1, pack(one), tuple(c.identifiers[0].key for c in one.credentials))
        for one in EVERYBODY
    ]
    await RedisProjection({SITE: client}, generations).put_records(SITE, generation or 0, puts)
    return client


@pytest.mark.timeout(180)
async def test_three_processes_record_what_one_process_would_have_decided(trio: Trio) -> None:
    forgiven: list[tuple[int, str]] = []
    for area in itertools.islice(itertools.cycle(("campus", "lab", "hall")), ROUNDS):
        await asyncio.gather(*(trio.walk() for _ in range(WALKERS)), trio.lock_down())
        forgiven.append((len(await trio.history()), area))
        await trio.forgive(area)
    await asyncio.gather(*(trio.walk() for _ in range(WALKERS)))

    history = await trio.history()
    one = await _replayed(trio, history, forgiven)

    counts = Counter((event.event_id, event.kind) for event in history)
    assert [key for key, count in counts.items() if count > 1] == []
    assert {"LOCKDOWN", "THREAT_LEVEL"} <= {row[0] for event in history for row in event.core.get("reasons", ())}
    assert len(one.decided) == WALKERS * STEPS * (ROUNDS + 1)
    assert all(one.fullest[area] <= limit for area, limit in LIMITS.items()), one.fullest
    assert [used for used, count in _uses(history).items() if count > 1] == []
    await _prove_the_end(trio, one)
    await prove_history(trio.campus)


async def _replayed(trio: Trio, history: list[EventPayload], forgiven: list[tuple[int, str]]) -> OneProcess:
    """One process that took the same events in order, forgiveness where it happened."""
    async with administration(trio.suite.postgres, "menshen") as connection:
        rows = await connection.fetch("SELECT at_ms FROM access.audit WHERE action = 'FORGIVE_PRESENCE' ORDER BY at_ms")
    pardons = {after: (row["at_ms"], area) for (after, area), row in zip(forgiven, rows, strict=True)}
    plan = await trio.campus.plan()
    one = OneProcess(plan_from_mapping(json.loads(plan.document)), EVERYBODY, trio.holds, trio.levels)
    for number, event in enumerate(history, start=1):
        one.take(event)
        if number in pardons:
            at_ms, area = pardons[number]
            one.presence.forgive(at_ms, f"forgiven-{number}", {area})
    return one


def _uses(history: list[EventPayload]) -> Counter[str]:
    """How often each ticket was used by a passage that was not called off."""
    turned_round = {event.event_id for event in history if event.kind is EventKind.NOT_TAKEN}
    grants = [event for event in history if event.kind is EventKind.CENTRE and event.event_id not in turned_round]
    return Counter(row[1] for event in grants for row in event.identity["effects"] if row[0] == "U")


async def _prove_the_end(trio: Trio, one: OneProcess) -> None:
    """Registers and occupancy are the model's."""
    registers, occupancy = await trio.registers(), await trio.campus.occupancy()
    for name, register in one.presence.registers.items():
        ours = [(move.at_ms, move.path, move.firm) for move in register.moves]
        assert [(m.at_ms, m.path, m.firm) for m in moves_in(registers.get(name, b""))] == ours, name
    for area in ("campus", *LIMITS):
        inside = sum(area in moves_in(register)[0].path for register in registers.values() if moves_in(register))
        assert occupancy[area][0] == one.presence.count(area, 0)[0] == inside


async def test_a_command_taken_by_one_process_holds_for_all_and_reaches_the_agent_of_another(trio: Trio) -> None:
    desk, away = trio.campus.administration, trio.streams[-1]
    pulse = administration_pb2.OperateAccessPointRequest(
        site=SITE, access_point="gate-in", command=administration_pb2.OPERATOR_COMMAND_PULSE, reason="proof"
    )
    order = administration_pb2.OperateAccessPointRequest(
        site=SITE,
        access_point="gate-in",
        command=administration_pb2.OPERATOR_COMMAND_SECURE,
        until_ms=CLOCK.now_ms() + 60_000,
        reason="proof",
    )

    asked = asyncio.ensure_future(desk.OperateAccessPoint(pulse, timeout=CALL_S))
    told = await asyncio.wait_for(away.pulses.get(), 5)
    await away.report(told.event_id, decision_pb2.EVENT_KIND_OPERATED, "gate-in")
    answer = await asked
    ordered = asyncio.ensure_future(desk.OperateAccessPoint(order, timeout=CALL_S))
    [held] = (await away.held(lambda holds: bool(holds.orders))).orders
    kind = decision_pb2.EVENT_KIND_DOOR_SECURED
    await away.report(trio.campus.new_id(), kind, "gate-in", order=held.order_id)
    secured = await ordered
    shown = [trio.campus.new_id() for _ in trio.streams]
    for stream, event_id in zip(trio.streams, shown, strict=True):
        await stream.present("gate-in", CARDS[0], event_id)

    assert (answer.acted, answer.id, secured.acted, secured.id) == (True, told.event_id, True, held.order_id)
    assert max(answer.acted_after_ms, secured.acted_after_ms) < 2_000
    decided = {event.event_id: event for event in await trio.history() if event.kind is EventKind.CENTRE}
    async with administration(trio.suite.postgres, "menshen") as connection:
        version = await connection.fetchval("SELECT holds_version FROM access.plan_head WHERE site = $1", SITE)
    assert {decided[event_id].core["holds_version"] for event_id in shown} == {version}
