"""An agent under lockdown, its servers away: a guard on the spot does not open the entry, an operator does."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
import yaml
from harness.patience import eventually
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from menshen_cli.local.pki import Pki
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecords
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import Hold, HoldScope
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.status import domain_error_of

from .conftest import RunningAgent, running_agent

PULSE = device_pb2.OperateDoorRequest(
    site="north", door="n-door", command=device_pb2.DOOR_COMMAND_PULSE, reason="parcel"
)


def lock_down(folder: Path) -> None:
    """What the agent holds: a plan in which nobody leaves by its door, and a lockdown of the site."""
    common = {"from_area": "campus", "to_area": "vault", "direction": "INNER", "access_point_class": "PEDESTRIAN"}
    plan = plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "campus"}, {"id": "vault"}],
            "access_points": [{"id": "n-in", **common}, {"id": "n-out", **common}],
        }
    )
    hold = Hold("h1", "duty", HoldScope.SITE, "north")
    file = EdgeFile(folder / "state" / "edge.db")
    file.replace(EdgeHolding(EdgeRecords(), plan, holds=(hold,), current_at_ms=SystemClock().now_ms()))
    file.close()


@pytest_asyncio.fixture(loop_scope="session")
async def locked_down(tmp_path: Path, pki: Pki) -> AsyncIterator[RunningAgent]:
    lock_down(tmp_path)
    async with running_agent(tmp_path, pki) as running:
        yield running


async def test_a_guard_is_refused_and_an_operator_opens(locked_down: Any, pki: Pki) -> None:
    address = yaml.safe_load((locked_down.folder / "address.json").read_text())["grpc"]
    tls = pki.tls(spiffe_uri(Role.GUARD, "gate", "north"))
    channel = open_channel(address, tls, server_name="localhost", retry=False)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await DeviceServiceStub(channel).OperateDoor(PULSE, timeout=5)
    await channel.close()
    shut = not locked_down.installation.doors["n-door"].is_unlocked
    await locked_down.stub.OperateDoor(PULSE, timeout=5)

    error = domain_error_of(refused.value)
    assert (refused.value.code(), error.code) == (grpc.StatusCode.PERMISSION_DENIED, "ENTRY_SECURED")
    assert shut
    await eventually(lambda: locked_down.installation.doors["n-door"].is_unlocked, 5)
