"""Random programs over three connections to one Redis, each with a cache and a view of its own.

After every step the events that Redis appended are taken, in their order, by a site of one process, which decides each
presentation again. Registers, counts and uses are then the model's to the last version.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from harness.one_process import OneProcess
from harness.presence_model import moves_in
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from menshen_access.deciding import decide_once
from menshen_access.domain.asking import Answer, Cause, Decided
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventKind, decode
from menshen_access.domain.register import presence_of
from menshen_access.domain.store import SiteState, Standing
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import Place, SingleNode, place_of
from menshen_access.redis.resp import RespClient
from menshen_access.subject_cache import SubjectCache
from menshen_cli.local.servers import Server
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import (
    CredentialState,
    Hold,
    HoldScope,
    Outcome,
    PermitState,
    Subject,
    SubjectKind,
    ThreatLevel,
    Vehicle,
    VehicleClass,
)
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE = "north"
AREAS = ("campus", "lab", "hall", "vehicles:lot", "vehicles:campus:CAR")
BRIEF_MS = 4
CARDS = ("A1", "B2", "C3", "TICKET", "CAR-1", "CAR-2")
CONNECTIONS = 3
OPENS = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)


def point(name: str, direction: str, from_area: str, to_area: str, **more: Any) -> dict[str, Any]:
    given = {"id": name, "direction": direction, "from_area": from_area, "to_area": to_area}
    return {**given, "access_point_class": "PEDESTRIAN", "name": {"zh": name, "en": name}, **more}


POINTS = [
    point("gate-in", "ENTRY", "outside", "campus"),
    point("gate-out", "EXIT", "campus", "outside"),
    point("lab-in", "INNER", "campus", "lab"),
    point("lab-side", "INNER", "campus", "lab"),
    point("lab-brief", "INNER", "campus", "lab", grant_ms=BRIEF_MS),
    point("lab-out", "INNER", "lab", "campus", escape=True),
    point("hall-in", "INNER", "campus", "hall", senses_passage=False),
    point("hall-out", "INNER", "hall", "campus", escape=True, senses_passage=False),
    point("lot-in", "ENTRY", "outside", "lot", access_point_class="MOTOR"),
    point("lot-side", "ENTRY", "outside", "lot", access_point_class="MOTOR", senses_passage=False),
    point("lot-out", "EXIT", "lot", "outside", access_point_class="MOTOR"),
]
NAMES = [one["id"] for one in POINTS]
POLICY = {
    "version": 1,
    "language": 1,
    "site": SITE,
    "from": "2020-01-01T00:00:00+08:00",
    "threats": [{"where": {"threat_level": 2, "areas": ["lab"]}, "admits": {"groups": ["guard"]}}],
    "reminders": [
        {
            "code": "IN_GROUPS",
            "texts": {"zh": "请结伴", "en": "In groups"},
            "where": {"threat_level": 1, "access_points": ["gate-out"]},
        }
    ],
}
"""At the second level guards alone enter the laboratory; at the first one those who leave are told something."""


def plan() -> SitePlan:
    return plan_from_mapping(
        {
            "site": SITE,
            "version": 1,
            "areas": [
                {"id": "outside"},
                {"id": "campus", "anti_passback": "SOFT"},
                {"id": "lab", "parent": "campus", "anti_passback": "HARD", "limit": 1},
                {"id": "hall", "parent": "campus", "limit": 2},
                {"id": "lot", "parent": "campus"},
            ],
            "parking": [{"id": "lot", "area": "lot", "limit": 1}],
            "access_points": POINTS,
            "access_levels": [{"id": "all", "entries": [{"access_point": name} for name in NAMES]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [POLICY],
        }
    )


picks = st.integers(0, 99)
"""One of the grants so far: which there are depends on what was decided, so that only a number is drawn."""
connections = st.integers(0, CONNECTIONS - 1)
swipes = st.tuples(connections, st.sampled_from(CARDS), st.sampled_from(NAMES))
targets = st.sampled_from([(HoldScope.SITE, SITE), (HoldScope.AREA, "lab"), (HoldScope.ACCESS_POINT, "gate-in")])
levels = st.lists(st.builds(ThreatLevel, st.integers(1, 2), st.sampled_from(["", "campus", "lab"])), max_size=2)


class SharedSite(RuleBasedStateMachine):
    """One run against a fresh site of a running Redis."""

    place: Place
    loop: asyncio.AbstractEventLoop
    new_gate: Any
    behind: int = 0

    @initialize()
    def open(self) -> None:
        self.clock, self.grants, self.last, self.version = SystemClock(), [], "-", 0
        self.people = [_bearer(self.new_gate, card) for card in CARDS]
        self.people[0] = replace(self.people[0], groups=("staff", "guard"))
        self.one = OneProcess(plan(), self.people)
        self.tasks = Tasks(Metrics())
        self.run(self.start())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    async def start(self) -> None:
        self.gates = [await self.connect() for _ in range(CONNECTIONS)]
        first = self.gates[0]
        await first.client.call("FLUSHALL")
        generation = await first.generations.begin(SITE, Standing(0, SiteState.EMPTY, bound=False))
        assert await first.generations.ready(SITE, generation)
        for gate in self.gates:
            assert (await gate.generations.inspect(SITE)).usable
        await first.put_plan(self.one.plan)
        await first.put(*self.people)

    async def connect(self) -> Any:
        """A connection whose cache holds fewer subjects than there are."""
        generations = SiteGenerations((SITE,))
        client = RespClient(SingleNode(self.place), None, generations.prepare, generations.forget_all)
        generations.attach({SITE: client})
        self.tasks.keep("redis", client.run)
        await client.wait_connected()
        gate = self.new_gate(client, generations, self.clock, self.tasks)
        gate.caches[SITE] = SubjectCache(len(CARDS) - 1)
        return gate

    def teardown(self) -> None:
        if hasattr(self, "gates"):
            type(self).behind += self.one.refusals_behind
            self.run(self.close())

    async def close(self) -> None:
        await self.tasks.close()
        for gate in self.gates:
            await gate.pins.close()

    async def decided(self, connection: int, card: str, access_point: str, event_id: str = "") -> Answer:
        gate = self.gates[connection]
        return await decide_once(gate.deciding, gate.asked(card, access_point, event_id=event_id))

    def note(self, answer: Answer) -> None:
        if isinstance(answer, Decided) and answer.event.core["outcome"] in OPENS:
            self.grants.append((answer.event.event_id, answer.event.core["access_point"]))

    async def report(self, connection: int, event_id: str, kind: EventKind, **more: Any) -> None:
        gate = self.gates[connection]
        await gate.events.take(SITE, "north-1", gate.report(event_id, kind, **more))

    async def take_what_was_appended(self) -> None:
        """The stream's order is the order of commits."""
        for position, fields in await self.gates[0].client.call("XRANGE", f"m:{{{SITE}}}:events", self.last, "+"):
            self.last = f"({position.decode()}"
            self.one.take(decode(fields[fields.index(b"e") + 1]))

    @rule(swipe=swipes)
    def somebody_presents_a_card(self, swipe: tuple[int, str, str]) -> None:
        answer = self.run(self.decided(*swipe))

        assert isinstance(answer, Decided)
        self.note(answer)

    @rule(rush=st.lists(swipes, min_size=2, max_size=6))
    def everybody_presents_at_once(self, rush: list[tuple[int, str, str]]) -> None:
        async def all_at_once() -> list[Answer]:
            return list(await asyncio.gather(*(self.decided(*swipe) for swipe in rush)))

        for answer in self.run(all_at_once()):
            assert isinstance(answer, Decided) or answer.cause is Cause.BACKPRESSURE
            self.note(answer)

    @rule(pick=picks, connection=connections)
    def a_presentation_is_repeated_elsewhere(self, pick: int, connection: int) -> None:
        if not self.grants:
            return
        event_id, access_point = self.grants[pick % len(self.grants)]

        answer = self.run(self.decided(connection, CARDS[0], access_point, event_id))

        assert isinstance(answer, Decided)
        assert answer.is_repeated

    @rule(pick=picks, connection=connections, kind=st.sampled_from((EventKind.TAKEN, EventKind.NOT_TAKEN)))
    def a_passage_is_taken_or_not(self, pick: int, connection: int, kind: EventKind) -> None:
        if not self.grants:
            return
        event_id, access_point = self.grants[pick % len(self.grants)]

        self.run(self.report(connection, event_id, kind, access_point=access_point))

    @rule(pick=picks, connection=connections)
    def a_lock_acts(self, pick: int, connection: int) -> None:
        if not self.grants:
            return
        event_id, access_point = self.grants[pick % len(self.grants)]

        self.run(self.report(connection, event_id, EventKind.ACTED, access_point=access_point, obeyed=EventKind.CENTRE))

    @rule()
    def brief_grants_run_out(self) -> None:
        """Their time passes by the clock that decisions go by."""
        until_ms = self.clock.now_ms() + BRIEF_MS
        while self.clock.now_ms() < until_ms:
            self.run(self.gates[0].client.call("PING"))

    @rule(connection=connections, area=st.sampled_from(AREAS))
    def an_operator_forgives(self, connection: int, area: str) -> None:
        gate, at_ms, event_id = self.gates[connection], self.clock.now_ms(), self.gates[0].new_id()

        self.run(gate.projection.forgive(SITE, gate.generation, at_ms, event_id, frozenset({area})))

        self.one.presence.forgive(at_ms, event_id, {area})

    @rule(connection=connections, raised=st.none() | targets, levels=levels)
    def lockdown_and_threat_levels_change(
        self, connection: int, raised: tuple[HoldScope, str] | None, levels: list[ThreatLevel]
    ) -> None:
        gate = self.gates[connection]
        self.version += 1
        held = (Hold("h", "control-room", *raised),) if raised else ()
        encoded = Circumstances(self.version, held, tuple(levels)).encode()

        self.run(gate.projection.put_circumstances(SITE, gate.generation, self.version, encoded))

        self.one.hold(self.version, held, tuple(levels))

    @rule(connection=connections, place=st.integers(0, len(CARDS) - 1), state=st.sampled_from(CredentialState))
    def a_card_changes_its_state(self, connection: int, place: int, state: CredentialState) -> None:
        changed = _in_state(self.people[place], state)

        self.run(self.gates[connection].put(changed))

        self.people[place] = changed
        self.one.meet(changed)

    @invariant()
    def redis_is_where_the_model_is(self) -> None:
        if hasattr(self, "gates"):
            self.run(self.take_what_was_appended())
            self.run(self.compare())

    async def compare(self) -> None:
        client, presence, now_ms = self.gates[0].client, self.one.presence, self.clock.now_ms()
        registers = _pairs(await client.call("HGETALL", f"m:{{{SITE}}}:p"))
        for name, register in presence.registers.items():
            stored = registers.get(name, b"")
            assert moves_in(stored) == register.moves
            assert presence_of(name, stored).version == register.version
        counts = await self.gates[0].projection.occupancy(SITE, AREAS, now_ms)
        assert counts == {area: presence.count(area, now_ms) for area in AREAS}
        used = _pairs(await client.call("HGETALL", f"m:{{{SITE}}}:used"))
        assert {name: event.decode() for name, event in used.items()} == presence.used


def _bearer(new_gate: Any, card: str) -> Subject:
    """A member of staff, or a car with a tag of that name."""
    subject: Subject = new_gate.staff(f"c:{card}", card, single_use=card == "TICKET")
    if not card.startswith("CAR"):
        return subject
    car = Vehicle(VehicleClass.CAR, PermitState.ACTIVE)
    return replace(subject, subject_id=f"v:{card}", kind=SubjectKind.VEHICLE, vehicle=car)


def _in_state(person: Subject, state: CredentialState) -> Subject:
    credentials = tuple(replace(credential, state=state) for credential in person.credentials)
    return replace(person, version=person.version + 1, credentials=credentials)


def _pairs(flat: list[bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _hold_programs_to_the_model(valkey: Server, new_gate: Any, examples: int, steps: int) -> None:
    loop = asyncio.new_event_loop()
    SharedSite.place = place_of(valkey.url, valkey.password_file)
    SharedSite.loop, SharedSite.new_gate = loop, new_gate
    # A race does not shrink: it is shown as it was found.
    phases = (Phase.reuse, Phase.generate)
    try:
        run_state_machine_as_test(
            SharedSite,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                phases=phases,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.close()


def test_programs_over_three_connections_agree_with_one_process(valkey: Server, new_gate: Any) -> None:
    _hold_programs_to_the_model(valkey, new_gate, examples=25, steps=30)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_many_long_programs_over_three_connections_agree_with_one_process(valkey: Server, new_gate: Any) -> None:
    _hold_programs_to_the_model(valkey, new_gate, examples=400, steps=60)
