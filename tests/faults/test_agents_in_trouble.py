"""Agents that lose their life, uplink, right to speak or disk: people keep passing and nothing is lost."""

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from faults.conftest import Battlefield
from faults.lanes import CLOCK, DEADLINE_S, LaneAgent, start_lane_agent
from faults.proof import (
    LONGEST_WAIT_MS,
    History,
    prove_history,
    prove_lane,
    prove_occupancy,
    prove_spool,
    spool_on_disk,
    until_settled,
)
from faults.rush import go_on_for, rush
from harness.patience import eventually
from menshen.access.v1 import decision_pb2
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.demo.uplink import Uplink
from menshen_device_agent.events import EventKind
from menshen_rulebook.types import Outcome
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.tls import TlsFiles
from scenarios.campus import CALL_S, Campus, Person, kind_of
from scenarios.gatehouse import Gatehouse

_POINTS = ("w-in", "w-out")
_KILLS = 3


@asynccontextmanager
async def lone_agent(
    ground: Battlefield, agent_id: str, *, target: str = "", tls: TlsFiles | None = None
) -> AsyncIterator[LaneAgent]:
    """One more agent at the west gate; what it wrote down stays in the ledgers."""
    agent = await start_lane_agent(
        ground.suite, ground.suite.folder / "alone", agent_id, _POINTS, target=target, tls=tls
    )
    ground.ledgers.append(agent)
    try:
        yield agent
    finally:
        await agent.close()


async def until_it_knows(agent: LaneAgent, people: list[Person]) -> None:
    keys = [f"card:{person.card_text}" for person in people]
    await eventually(lambda: agent.is_current and len(agent.keeper.holding.records.subjects(keys)) == len(keys), 30)


def recorded_by(history: History, agent_id: str, kind: int) -> int:
    return sum(event.agent_id == agent_id and event.kind == kind for event in history)


@pytest.mark.timeout(180)
async def test_an_agent_killed_while_people_pass_leaves_no_gap(field_of_lanes: Battlefield, gate: Gatehouse) -> None:
    campus = Campus(field_of_lanes.suite, "south")
    person = await campus.enrol()

    for number in range(_KILLS):
        assert await gate.walk("in", person.card) == 1
        gate.present("out", person.card)
        await go_on_for(0.05 * number)
        await gate.suite.kill(gate.spec.name)
        await gate.suite.restart(gate.spec.name)
        await gate.connect()
        await eventually(gate.is_online, 30)
        assert await gate.walk("out", person.card) == 1
    await eventually(gate.is_settled, 30)

    history = await prove_history(campus)
    folder = gate.suite.folder / "agents" / gate.spec.agent_id
    prove_spool(history, gate.spec.agent_id, *spool_on_disk(folder))
    assert recorded_by(history, gate.spec.agent_id, decision_pb2.EVENT_KIND_TAKEN) <= gate.passed
    told = [
        (e.spool.number, kind_of(e), e.event_id[-4:], e.access_point, e.at_ms % 1000000)
        for e in history
        if e.agent_id == "s-1"
    ]
    assert recorded_by(history, gate.spec.agent_id, decision_pb2.EVENT_KIND_TAKEN) >= 2 * _KILLS, (
        f"{chr(10).join(map(str, told))}"
    )


@pytest.mark.parametrize("silent", [False, True], ids=["refused", "swallowed"])
async def test_people_pass_while_the_uplink_is_gone_and_all_of_it_is_recorded(
    field_of_lanes: Battlefield, silent: bool
) -> None:
    ground = field_of_lanes
    people = [await ground.campus.enrol() for _ in range(3)]
    async with Uplink({"access": ground.suite.target("access")}) as uplink:
        name = f"uplink-{'silent' if silent else 'refused'}"
        async with lone_agent(ground, name, target=uplink.address("access")) as agent:
            await until_it_knows(agent, people)

            async with rush([agent], [people]):
                await go_on_for(0.5)
                await uplink.cut(silent=silent)
                await go_on_for(2.0)
                await uplink.restore()
                await go_on_for(0.5)
                await eventually(lambda: agent.shown[-1].answer.kind is EventKind.CENTRE, 15)
            await until_settled(ground.campus, [agent])

            history = await prove_history(ground.campus)
            prove_lane(history, agent)
            await prove_occupancy(ground.campus, ground.ledgers)
            alone = [shown for shown in agent.shown if shown.answer.kind is EventKind.EDGE]
            assert alone
            assert all(shown.answer.opens for shown in alone)
            if silent:
                assert max(shown.latency_us for shown in alone) / 1e6 >= DEADLINE_S


def expired(ground: Battlefield, agent_id: str) -> TlsFiles:
    uri = spiffe_uri(Role.AGENT, agent_id, "north")
    return ground.suite.pki.authority.issue(f"{agent_id}-expired", uri, CLOCK.now_ms(), lifetime_ms=-1_000)


def of_another_site(ground: Battlefield, agent_id: str) -> TlsFiles:
    return ground.suite.tls(spiffe_uri(Role.AGENT, agent_id, "south"))


@pytest.mark.parametrize("wrong", [expired, of_another_site], ids=["expired", "of another site"])
async def test_an_agent_whose_certificate_is_refused_decides_alone_until_it_has_a_good_one(
    field_of_lanes: Battlefield, wrong
) -> None:
    ground = field_of_lanes
    people = [await ground.campus.enrol()]
    name = f"certificate-{wrong.__name__}"
    async with lone_agent(ground, name) as agent:
        await until_it_knows(agent, people)

    async with lone_agent(ground, name, tls=wrong(ground, name)) as agent:
        entered = await agent.pass_through("w-in", people[0])
        left = await agent.pass_through("w-out", people[0])
        await go_on_for(1.0)
        assert not agent.link.online
        assert agent.spool.unacknowledged > 0
    async with lone_agent(ground, name) as again:
        await until_settled(ground.campus, [again])

    assert {shown.answer.kind for shown in (entered, left)} == {EventKind.EDGE}
    assert [(shown.answer.outcome, shown.answer.reasons) for shown in (entered, left)] == [(Outcome.GRANT, ())] * 2
    history = await prove_history(ground.campus)
    prove_lane(history, agent)
    await prove_occupancy(ground.campus, ground.ledgers)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """As on a full disk: every write beyond the first bytes of a file fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_under_the_spool_stops_nobody_and_loses_nothing(field_of_lanes: Battlefield) -> None:
    ground = field_of_lanes
    people = [await ground.campus.enrol() for _ in range(3)]
    async with lone_agent(ground, "full-disk") as agent:
        await until_it_knows(agent, people)

        with no_file_may_grow():
            async with rush([agent], [people]):
                await eventually(lambda: agent.spool.failing, 10)
                await go_on_for(1.5)
        assert agent.spool.given_up == 0
        async with rush([agent], [people]):
            await eventually(lambda: not agent.spool.failing, 10)
        await until_settled(ground.campus, [agent])

        assert all(shown.answer.opens for shown in agent.shown)
        assert max(shown.latency_us for shown in agent.shown) / 1000 <= LONGEST_WAIT_MS
        prove_lane(await prove_history(ground.campus), agent)
        await prove_occupancy(ground.campus, ground.ledgers)
        assert spool_on_disk(ground.suite.folder / "alone" / "full-disk")[1] == agent.spool.last_number


@pytest.mark.timeout(180)
async def test_a_truncated_spool_is_set_aside_told_of_and_alarmed(field_of_lanes: Battlefield, gate: Gatehouse) -> None:
    campus = Campus(field_of_lanes.suite, "south")
    person = await campus.enrol()
    await eventually(gate.is_settled, 30)
    folder = gate.suite.folder / "agents" / gate.spec.agent_id
    epoch_before, _ = spool_on_disk(folder)
    await gate.suite.stop(gate.spec.name)
    spool = folder / "spool.db"
    spool.write_bytes(spool.read_bytes()[: spool.stat().st_size // 2])

    await gate.suite.restart(gate.spec.name)
    await gate.connect()
    await eventually(gate.is_online, 30)
    assert await gate.walk("in", person.card) == 1
    assert await gate.walk("out", person.card) == 1
    await eventually(gate.is_settled, 30)

    history = await prove_history(campus)
    epoch, last_number = spool_on_disk(folder)
    assert epoch > epoch_before
    prove_spool(history, gate.spec.agent_id, epoch, last_number)
    assert recorded_by(history, gate.spec.agent_id, decision_pb2.EVENT_KIND_SPOOL_GAP) == 1
    assert list(folder.glob("spool.db.untrusted-*"))
    assert await eventually(lambda: spool_alarm(gate), 15)


async def spool_alarm(gate: Gatehouse) -> safety_pb2.Alarm | None:
    listed = await AlarmServiceStub(gate.suite.channel("safety")).ListAlarms(
        safety_pb2.ListAlarmsRequest(site="south", kind=safety_pb2.ALARM_KIND_SYSTEM), timeout=CALL_S
    )
    return next((alarm for alarm in listed.alarms if "spool" in alarm.detail), None)
