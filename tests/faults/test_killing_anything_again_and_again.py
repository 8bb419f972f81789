"""The long proof: anything is killed at any time, two at once, for many rounds, and Redis comes back empty."""

import asyncio
import random
import shutil
from collections.abc import Sequence

import pytest
from faults.conftest import Battlefield
from faults.rush import go_on_for, rush
from faults.test_killing_one_at_a_time import VICTIMS, prove_everything, until_the_centre_decides

ROUNDS = 24
SEED = 20260302
_PAIRS = (
    ("access", "valkey"),
    ("access", "postgres"),
    ("valkey", "postgres"),
    ("identity", "access"),
    ("access", "access-keeper"),
    ("access-keeper", "valkey"),
)


async def _kill_all(ground: Battlefield, victims: Sequence[str], down_s: float) -> None:
    await asyncio.gather(*(ground.suite.kill(victim) for victim in victims))
    await go_on_for(down_s)
    servers = [victim for victim in victims if victim in ("valkey", "postgres")]
    await asyncio.gather(*(ground.suite.restart(victim) for victim in servers))
    await asyncio.gather(*(ground.suite.restart(victim) for victim in victims if victim not in servers))


@pytest.mark.full
@pytest.mark.timeout(600)
async def test_rounds_of_killing_lose_and_double_nothing(field_of_lanes: Battlefield) -> None:
    ground, chance = field_of_lanes, random.Random(SEED)

    for number in range(ROUNDS):
        victims = chance.choice([*((victim,) for victim in VICTIMS), *_PAIRS])
        async with rush(ground.agents, ground.crowds):
            await go_on_for(chance.uniform(0.05, 0.8))
            await _kill_all(ground, victims, chance.uniform(0.0, 3.0))
            if number % 3 == 0:
                await until_the_centre_decides(ground)

        await prove_everything(ground)


@pytest.mark.timeout(180)
async def test_a_redis_that_lost_everything_is_rebuilt_and_nothing_is_missing(field_of_lanes: Battlefield) -> None:
    ground = field_of_lanes
    state = ground.suite.valkey.log_file.parent / "state" / "appendonlydir"

    async with rush(ground.agents, ground.crowds):
        await until_the_centre_decides(ground)
        await ground.suite.kill("valkey")
        shutil.rmtree(state)
        await ground.suite.restart("valkey")
        await until_the_centre_decides(ground)

    await prove_everything(ground)
