"""One gate in simulation, in and out through one door, with the agent that drives it."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.patience import eventually
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from menshen_cli.local.roster import AgentSpec
from menshen_cli.local.suite import Suite
from menshen_servicekit.channel import open_channel
from menshen_simulators.doors import Door, Wiring
from menshen_simulators.installation import DoorPlan, Installation, InstallationPlan, PanelPlan, wiegand34
from menshen_simulators.ledger import Fact

DOOR = "n-door"
_WIRING = Wiring(contact_input=0, rex_input=1, presence_input=2, passage_input=3, tamper_input=5)
_DEVICES = ("in", "out", "board")


@dataclass
class Gatehouse:
    """The running gate. `lanes` collects what the lanes showed; `passed` how often somebody went through."""

    suite: Suite
    spec: AgentSpec
    installation: Installation
    facts: list[tuple[str, str, dict[str, Fact]]]
    stub: Any = None
    channel: Any = None
    lanes: list[device_pb2.WatchLanesResponse] = field(default_factory=list)

    @property
    def door(self) -> Door:
        return self.installation.doors[DOOR]

    @property
    def passed(self) -> int:
        return sum(kind == "PASSED" for kind, _, _ in self.facts)

    async def connect(self) -> None:
        """Reach the agent, which may have been started again at another port."""
        if self.channel is not None:
            await self.channel.close()
        address = self.suite.addresses(self.spec.name).grpc
        self.channel = open_channel(address, self.suite.tls(), server_name="localhost", retry=False)
        self.stub = DeviceServiceStub(self.channel)

    async def status(self) -> device_pb2.GetStatusResponse:
        response: device_pb2.GetStatusResponse = await self.stub.GetStatus(
            device_pb2.GetStatusRequest(site=self.spec.site), timeout=5
        )
        return response

    async def is_online(self) -> bool:
        """Every device answers, the centre does, and there is an edge copy to fall back on."""
        status = await self.status()
        devices = sum(device.online for device in status.devices) == len(_DEVICES)
        return devices and status.centre_online and status.edge_staleness_ms >= 0

    async def is_settled(self) -> bool:
        """PostgreSQL has everything the agent spooled."""
        return (await self.status()).spool_pending == 0

    def present(self, reader: str, card: int) -> None:
        self.installation.present_card(reader, wiegand34(card))

    async def walk(self, reader: str, card: int, *, patience_s: float = 5.0) -> int:
        """Somebody presents a card once the door is locked, and walks if it opens; how many passed."""
        await eventually(lambda: not self.door.is_unlocked, 10)
        self.present(reader, card)
        return await self.door.walk(patience_s=patience_s)


@asynccontextmanager
async def gatehouse(
    suite: Suite, folder: Path, agent_id: str, site: str = "north", settings: Mapping[str, str] | None = None
) -> AsyncIterator[Gatehouse]:
    """A gate whose readers and board answer, whose agent is online and holds an edge copy."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {name: secrets.token_bytes(16) for name in ("in", "out")}
    plan = InstallationPlan(
        osdp=keys,
        boards={"board": 8},
        doors=[DoorPlan(DOOR, "board", _WIRING)],
        panels=[PanelPlan("n-panel", "board", 4, 6)],
    )
    facts: list[tuple[str, str, dict[str, Fact]]] = []
    async with Installation(plan, lambda kind, device, **given: facts.append((kind, device, given))) as installation:
        for name, key in keys.items():
            (folder / f"{name}.key").write_text(key.hex())
        spec = AgentSpec(site, agent_id, _configuration(installation, folder, site, agent_id), dict(settings or {}))
        house = Gatehouse(suite, spec, installation, facts)
        await suite.start_agent(spec)
        await house.connect()
        try:
            await eventually(house.is_online, 30)
            yield house
        finally:
            await house.channel.close()
            if spec.name in suite.names:
                await suite.stop(spec.name)


def _configuration(installation: Installation, folder: Path, site: str, agent_id: str) -> dict[str, Any]:
    return {
        "site": site,
        "agent": agent_id,
        "ports": {name: {"device": installation.path(name)} for name in _DEVICES},
        "boards": {"board": {"port": "board"}},
        "readers": {
            "in": _reader("in", folder, "n-in"),
            "out": {**_reader("out", folder, "n-out"), "exit": True},
        },
        "doors": {
            DOOR: {
                "board": "board",
                "access_points": ["n-in", "n-out"],
                "release_relay": 1,
                "contact_input": 0,
                "rex_input": 1,
                "presence_input": 2,
                "pass_input": 3,
                "tamper_input": 5,
                "grant_ms": 4000,
            }
        },
        "zones": {"n-fire": {"doors": [DOOR], "board": "board", "fire_input": 4, "fault_input": 6}},
    }


def _reader(name: str, folder: Path, access_point: str) -> dict[str, Any]:
    key_file = str((folder / f"{name}.key").absolute())
    return {"port": name, "protocol": "osdp", "scbk_file": key_file, "access_point": access_point}
