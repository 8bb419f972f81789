"""An agent alone holds its door open as it was ordered: through its own death, and beside a fire."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from harness.patience import eventually
from menshen.device.v1 import device_pb2
from menshen_cli.local.pki import Pki
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecords
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import Order, OrderKind
from menshen_servicekit.clock import SystemClock

from .conftest import RunningAgent, running_agent

HOUR_MS = 3_600_000
POINTS = {"n-in": ("outside", "campus", "ENTRY"), "n-out": ("campus", "outside", "EXIT")}


def hold_open(folder: Path) -> None:
    """What the agent holds of a centre that went away just now: a plan, and an order for an hour."""
    now_ms = SystemClock().now_ms()
    plan = plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [
                {
                    "id": name,
                    "from_area": start,
                    "to_area": end,
                    "direction": direction,
                    "access_point_class": "PEDESTRIAN",
                }
                for name, (start, end, direction) in POINTS.items()
            ],
        }
    )
    order = Order("o1", "duty", "n-in", OrderKind.HOLD_OPEN, now_ms + HOUR_MS)
    file = EdgeFile(folder / "state" / "edge.db")
    file.replace(EdgeHolding(EdgeRecords(), plan, orders=(order,), current_at_ms=now_ms))
    file.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def unlocked(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> AsyncIterator[RunningAgent]:
    folder = tmp_path_factory.mktemp("unlocked")
    hold_open(folder)
    async with running_agent(folder, pki) as running:
        await eventually(lambda: running.installation.doors["n-door"].is_unlocked, 5)
        yield running


async def test_its_door_stays_unlocked_when_it_dies_and_when_it_starts_again(unlocked: Any, pki: Pki) -> None:
    await unlocked.kill()
    died_unlocked = unlocked.installation.doors["n-door"].is_unlocked
    await unlocked.start(pki)
    await eventually(unlocked.devices_online, 10)

    assert died_unlocked
    assert await unlocked.installation.doors["n-door"].walk(patience_s=1) == 1
    await eventually(lambda: shows(unlocked, device_pb2.DOOR_STATE_UNLOCKED), 5)
    assert not (await unlocked.door()).locked
    assert unlocked.written.count("LOCKED") == 0


async def test_it_stays_unlocked_after_a_fire_as_it_was_ordered(unlocked: Any) -> None:
    panel = unlocked.installation.panels["n-panel"]
    panel.alarm()
    await eventually(lambda: shows(unlocked, device_pb2.DOOR_STATE_RELEASED), 5)
    panel.reset()
    await eventually(lambda: is_quiet(unlocked), 5)

    await unlocked.stub.ResetRelease(
        device_pb2.ResetReleaseRequest(site="north", zone_id="n-fire", reason="drill over"), timeout=5
    )

    await eventually(lambda: shows(unlocked, device_pb2.DOOR_STATE_UNLOCKED), 5)
    assert unlocked.written.count("LOCKED") == 0


async def shows(agent: Any, state: int) -> bool:
    return bool((await agent.door()).state == state)


async def is_quiet(agent: Any) -> bool:
    return bool((await agent.status()).fire_lines["n-fire"] == "NORMAL")
