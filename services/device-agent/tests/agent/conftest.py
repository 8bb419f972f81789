"""One agent process on simulated hardware, with its centre and safety out of reach."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness.patience import eventually
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from menshen_cli.local.pki import Pki
from menshen_cli.local.roster import full_environment, process_settings, python_command
from menshen_servicekit.channel import open_channel
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_simulators.doors import Wiring
from menshen_simulators.installation import DoorPlan, Installation, InstallationPlan, PanelPlan
from menshen_simulators.ledger import Fact

SITE = "north"
WIRING = Wiring(contact_input=0, rex_input=1, presence_input=2, passage_input=3, tamper_input=5)


@dataclass
class Written:
    """What the simulators wrote down."""

    entries: list[tuple[str, str, dict[str, Fact]]] = field(default_factory=list)

    def __call__(self, kind: str, device: str, **facts: Fact) -> None:
        self.entries.append((kind, device, facts))

    def count(self, kind: str) -> int:
        return sum(entry[0] == kind for entry in self.entries)


@dataclass
class RunningAgent:
    """A running agent process, the hardware it drives and a stub to its own service."""

    folder: Path
    environment: dict[str, str]
    installation: Installation
    written: Written
    stub: Any = None
    process: asyncio.subprocess.Process | None = None
    channel: grpc.aio.Channel | None = None

    async def start(self, pki: Pki) -> None:
        address_file = self.folder / "address.json"
        address_file.unlink(missing_ok=True)
        log = (self.folder / "agent.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *python_command("menshen_device_agent"), env=self.environment, stderr=log, stdout=log
        )
        log.close()
        await eventually(address_file.exists, 20)
        address = yaml.safe_load(address_file.read_text())["grpc"]
        self.channel = open_channel(
            address, pki.tls(spiffe_uri(Role.OPERATOR, "control-room")), server_name="localhost", retry=False
        )
        self.stub = DeviceServiceStub(self.channel)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        if self.channel is not None:
            await self.channel.close()

    async def stop(self) -> int:
        assert self.process is not None
        if self.channel is not None:
            await self.channel.close()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)

    async def status(self) -> device_pb2.GetStatusResponse:
        response: device_pb2.GetStatusResponse = await self.stub.GetStatus(
            device_pb2.GetStatusRequest(site=SITE), timeout=5
        )
        return response

    async def door(self) -> device_pb2.Door:
        return (await self.status()).doors[0]

    async def devices_online(self) -> bool:
        devices = (await self.status()).devices
        return len(devices) == 3 and all(device.online for device in devices)


def configuration(installation: Installation) -> dict[str, Any]:
    return {
        "site": SITE,
        "agent": "north-1",
        "ports": {name: {"device": installation.path(name)} for name in ("in", "out", "board")},
        "boards": {"board": {"port": "board"}},
        "readers": {
            "in": {"port": "in", "protocol": "osdp", "scbk_file": "in.key", "access_point": "n-in"},
            "out": {"port": "out", "protocol": "osdp", "scbk_file": "out.key", "access_point": "n-out", "exit": True},
        },
        "doors": {
            "n-door": {
                "board": "board",
                "access_points": ["n-in", "n-out"],
                "release_relay": 1,
                "contact_input": 0,
                "rex_input": 1,
                "presence_input": 2,
                "pass_input": 3,
                "tamper_input": 5,
                "held_ms": 1500,
                "grant_ms": 3000,
                "settle_ms": 50,
            }
        },
        "zones": {"n-fire": {"doors": ["n-door"], "board": "board", "fire_input": 4, "fault_input": 6}},
    }


@asynccontextmanager
async def running_agent(folder: Path, pki: Pki) -> AsyncIterator[RunningAgent]:
    keys = {name: secrets.token_bytes(16) for name in ("in", "out")}
    plan = InstallationPlan(
        osdp=keys,
        boards={"board": 8},
        doors=[DoorPlan("n-door", "board", WIRING)],
        panels=[PanelPlan("n-panel", "board", 4, 6)],
    )
    written = Written()
    async with Installation(plan, written) as installation:
        for name, key in keys.items():
            (folder / f"{name}.key").write_text(key.hex())
        (folder / "agent.yaml").write_text(yaml.safe_dump(configuration(installation)))
        public = Ed25519PrivateKey.generate().public_key()
        (folder / "snapshot.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        tls = pki.tls(spiffe_uri(Role.AGENT, "north-1", SITE))
        environment = full_environment(
            {
                **process_settings(
                    tls, listen="127.0.0.1:0", address_file=folder / "address.json", environment="development"
                ),
                "MENSHEN_CONFIG_FILE": str(folder / "agent.yaml"),
                "MENSHEN_STATE_FOLDER": str(folder / "state"),
                "MENSHEN_ACCESS_TARGET": "127.0.0.1:9",
                "MENSHEN_SAFETY_TARGET": "127.0.0.1:9",
                "MENSHEN_SNAPSHOT_KEY_FILE": str(folder / "snapshot.pem"),
            }
        )
        agent = RunningAgent(folder, environment, installation, written)
        await agent.start(pki)
        try:
            await eventually(agent.devices_online, 10)
            yield agent
        finally:
            await agent.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def agent(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> AsyncIterator[RunningAgent]:
    """A running agent whose readers and board answer; every test leaves its door shut and its zone quiet."""
    async with running_agent(tmp_path_factory.mktemp("agent"), pki) as running:
        yield running
