"""Random programs of grants, passages, uploads and forgiving: Redis agrees with a model, and with itself."""

import asyncio
from typing import Any

from harness.presence_model import PresenceModel, moves_in
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.register import FS, presence_of, reservations_of
from menshen_access.domain.store import CommitRequest, Happening, SiteState, Standing, Stored, Verdict
from menshen_access.redis.commit import RedisStore
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import Place, SingleNode, place_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient
from menshen_cli.local.servers import Server
from menshen_rulebook.types import FOREVER_MS, MoveNow, NowWithin, Reserve, UseOnce
from menshen_servicekit.clock import SystemClock

SITE = "north"
SUBJECTS = ("c:1", "c:2")
PATHS = (("campus",), ("lab", "campus"), ("outside",))
AREAS = ("campus", "lab", "outside")
LONG_MS = 3_600_000
START_MS = 1_700_000_000_000

subjects = st.sampled_from(SUBJECTS)
paths = st.sampled_from(PATHS)
instants = st.integers(0, 20).map(lambda step: START_MS + step)
numbers = st.integers(0, 9)
centre_kinds = st.sampled_from(("keep", "move", "expired", "nothing"))
edge_kinds = st.sampled_from(("keep", "move", "nothing"))


class PresenceProgram(RuleBasedStateMachine):
    """One run against a fresh site of a running Redis."""

    place: Place
    loop: asyncio.AbstractEventLoop

    @initialize()
    def connect(self) -> None:
        self.model = PresenceModel()
        self.clock = SystemClock()
        self.generations = SiteGenerations((SITE,))
        self.client = RespClient(SingleNode(self.place), None, self.generations.prepare, self.generations.forget_all)
        self.generations.attach({SITE: self.client})
        self.store = RedisStore({SITE: self.client}, self.generations, 100_000)
        self.projection = RedisProjection({SITE: self.client}, self.generations)
        self.running = self.loop.create_task(self.client.run())
        self.forgiven = 0
        self.run(self.start())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 10))

    async def start(self) -> None:
        await self.client.wait_connected()
        await self.client.call("FLUSHALL")
        generation = await self.generations.begin(SITE, Standing(0, SiteState.EMPTY, bound=False))
        assert generation is not None
        assert await self.generations.ready(SITE, generation)

    def teardown(self) -> None:
        if hasattr(self, "running"):
            self.running.cancel()
            self.run(asyncio.wait({self.running}))

    def effects(self, event: str, subject: str, path: tuple[str, ...], at_ms: int, kind: str) -> tuple[Any, ...]:
        if kind == "nothing":
            return ()
        if kind == "move":
            return (MoveNow(subject, path, "n-in", at_ms, event),)
        expires_at_ms = at_ms if kind == "expired" else self.clock.now_ms() + LONG_MS
        return (Reserve(subject, path, "n-in", expires_at_ms), UseOnce(f"ticket-{event}"))

    async def commit(self, event: str, effects: tuple[Any, ...]) -> Any:
        future: asyncio.Future[Any] = self.loop.create_future()
        payload = EventPayload({"event_id": event, "kind": 1, "site": SITE, "agent_id": "a", "epoch": 1, "number": 1})
        request = CommitRequest(payload, payload.encode(), self.clock.now_ms(), (NowWithin(0, FOREVER_MS),), effects)
        self.store.commit(SITE, request, future.set_result)
        return await future

    async def report(self, happening: Happening) -> Stored:
        payload = EventPayload(
            {"event_id": happening.event_id, "kind": int(happening.kind), "site": SITE, "agent_id": "a"}
            | {"epoch": 1, "number": 1}
        )
        return (await self.store.append(SITE, happening, payload)).stored

    @rule(
        number=numbers,
        subject=subjects,
        path=paths,
        at_ms=instants,
        kind=st.sampled_from(("keep", "move", "expired", "nothing")),
    )
    def centre_decides(self, number: int, subject: str, path: tuple[str, ...], at_ms: int, kind: str) -> None:
        event = f"e{number}"
        effects = self.effects(event, subject, path, at_ms, kind)

        answer = self.run(self.commit(event, effects))

        if answer.verdict is Verdict.OK and effects:
            self.model.learn(event, "centre", effects, self.clock.now_ms())
        assert answer.verdict in {Verdict.OK, Verdict.REPEATED}

    @rule(
        number=numbers, subject=subjects, path=paths, at_ms=instants, kind=st.sampled_from(("keep", "move", "nothing"))
    )
    def edge_uploads(self, number: int, subject: str, path: tuple[str, ...], at_ms: int, kind: str) -> None:
        event = f"e{number}"
        effects = self.effects(event, subject, path, at_ms, kind)

        stored = self.run(self.report(Happening(event, EventKind.EDGE, at_ms, event, effects=effects)))

        if stored is Stored.OK:
            self.model.learn(event, "edge", effects, self.clock.now_ms())

    @rule(number=numbers, obeyed=st.sampled_from((EventKind.CENTRE, EventKind.EDGE)), at_ms=instants)
    def lock_acts(self, number: int, obeyed: EventKind, at_ms: int) -> None:
        event = f"e{number}"

        if self.run(self.report(Happening(event, EventKind.ACTED, at_ms, event, obeyed))) is Stored.OK:
            self.model.learn(event, "obeyed", obeyed, self.clock.now_ms())

    @rule(number=numbers, at_ms=instants)
    def passage_is_taken(self, number: int, at_ms: int) -> None:
        event = f"e{number}"

        if self.run(self.report(Happening(event, EventKind.TAKEN, at_ms, event))) is Stored.OK:
            self.model.learn(event, "taken", at_ms, self.clock.now_ms())

    @rule(number=numbers, at_ms=instants)
    def passage_is_not_taken(self, number: int, at_ms: int) -> None:
        event = f"e{number}"

        if self.run(self.report(Happening(event, EventKind.NOT_TAKEN, at_ms, event))) is Stored.OK:
            self.model.learn(event, "taken", "N", self.clock.now_ms())

    @rule(at_ms=instants, area=st.sampled_from(AREAS))
    def operator_forgives(self, at_ms: int, area: str) -> None:
        self.forgiven += 1
        event = f"f{self.forgiven}"
        generation = self.generations.current(SITE)
        assert generation is not None

        self.run(self.projection.forgive(SITE, generation, at_ms, event, frozenset({area})))

        self.model.forgive(at_ms, event, {area})

    async def registers(self) -> dict[str, bytes]:
        flat = await self.client.call("HGETALL", self.generations.keys[SITE].presence)
        return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}

    @invariant()
    def every_subject_is_where_the_model_says(self) -> None:
        if not hasattr(self, "running"):
            return
        stored = self.run(self.registers())
        for subject in SUBJECTS:
            register = self.model.registers[subject]
            assert moves_in(stored.get(subject, b"")) == register.moves
            kept = {
                (row.expires_at_ms, row.area_id)
                for row in reservations_of(subject, stored.get(subject, b""))
                if row.expires_at_ms > self.clock.now_ms()
            }
            assert kept == {(row.expires_at_ms, row.path[0]) for row in register.kept}
            assert presence_of(subject, stored.get(subject, b"")).version == register.version

    @invariant()
    def occupancy_is_the_number_of_subjects_inside(self) -> None:
        if not hasattr(self, "running"):
            return
        now_ms = self.clock.now_ms()

        counted = self.run(self.projection.occupancy(SITE, AREAS, now_ms))

        for area in AREAS:
            assert counted[area] == self.model.count(area, now_ms), area


def test_random_programs_of_presence_agree_with_the_model(valkey: Server) -> None:
    loop = asyncio.new_event_loop()
    PresenceProgram.place = place_of(valkey.url, valkey.password_file)
    PresenceProgram.loop = loop
    try:
        run_state_machine_as_test(
            PresenceProgram,
            settings=settings(
                max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    finally:
        loop.close()


def test_a_register_without_moves_is_an_unknown_place() -> None:
    register = b"7\x1d\x1dn-in\x1flab" + FS.encode() + b"campus\x1f99\x1fe1"

    presence, kept = presence_of("c:1", register), reservations_of("c:1", register)

    assert (presence.version, presence.area_id) == (7, None)
    assert [reservation.area_id for reservation in kept] == ["lab"]
