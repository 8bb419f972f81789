"""`kill -9` of each service and each server in turn, under load: nothing is lost, nothing is there twice."""

import pytest
from faults.conftest import Battlefield
from faults.proof import count_by_kind, longest_wait_ms, prove_history, prove_lane, prove_occupancy, until_settled
from faults.rush import go_on_for, rush
from harness.patience import eventually
from menshen_device_agent.events import EventKind

VICTIMS = ("access", "access-keeper", "identity", "vehicles", "safety", "valkey", "postgres")


async def kill_and_restart(ground: Battlefield, victim: str, down_s: float) -> None:
    await ground.suite.kill(victim)
    await go_on_for(down_s)
    await ground.suite.restart(victim)


async def until_the_centre_decides(ground: Battlefield) -> None:
    """At every lane, on a presentation made from here on."""
    seen = {agent.agent_id: len(agent.shown) for agent in ground.agents}

    def decides() -> bool:
        fresh = {agent.agent_id: agent.shown[seen[agent.agent_id] :] for agent in ground.agents}
        return all(any(shown.answer.kind is EventKind.CENTRE for shown in shown) for shown in fresh.values())

    await eventually(decides, 30)


async def prove_everything(ground: Battlefield) -> None:
    await until_settled(ground.campus, ground.agents)
    history = await prove_history(ground.campus)
    for agent in ground.agents:
        prove_lane(history, agent)
    await prove_occupancy(ground.campus, ground.ledgers)
    counted = ", ".join(f"{count} {kind.name}" for kind, count in count_by_kind(ground.agents).items())
    print(f"{len(history)} events, decided {counted}, longest wait {longest_wait_ms(ground.agents)} ms")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("victim", VICTIMS)
async def test_killing_it_under_load_loses_and_doubles_nothing(field_of_lanes: Battlefield, victim: str) -> None:
    ground = field_of_lanes
    before = count_by_kind(ground.agents)

    async with rush(ground.agents, ground.crowds):
        await until_the_centre_decides(ground)
        await kill_and_restart(ground, victim, down_s=1.5)
        await until_the_centre_decides(ground)

    decided = count_by_kind(ground.agents) - before
    assert decided[EventKind.CENTRE] > 0
    assert (decided[EventKind.EDGE] > 0) == (victim in ("access", "valkey")) or victim == "postgres"
    await prove_everything(ground)
