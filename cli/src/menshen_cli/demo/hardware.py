"""The simulated hardware of the whole university and the agents that drive it.

async with Hardware(suite.folder / "demo", SystemClock()) as hardware:
    await hardware.start_agents(suite, {"lake-2": uplink})
    await hardware.until_online(60.0)
    passage = await hardware.lanes.walk("n1-p1-in", card)
"""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import grpc
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import Clock
from menshen_simulators.installation import Installation

from menshen_cli.local.language import LocalError
from menshen_cli.local.roster import AgentSpec
from menshen_cli.local.secret import write_secret
from menshen_cli.local.suite import Suite

from .lanes import Lanes
from .ledgers import Ledgers
from .university import AGENTS, STUCK_DOOR, gates_of
from .uplink import Uplink
from .wiring import agent_configuration, card_readers, devices_of, installation_plan

if TYPE_CHECKING:
    from menshen.device.v1.device_pb2_grpc import DeviceServiceAsyncStub

_ASK_S = 5.0
_LOOK_S = 0.2
_PACE = {"MENSHEN_POLL_MS": "100", "MENSHEN_INPUTS_POLL_MS": "50"}
"""Sixty readers on two cores: slower polls than a real line has."""
_PIN_PATIENCE = {"MENSHEN_DECISION_DEADLINE_MS": "1000"}
"""Checking a PIN is slow on purpose; on two busy cores it outlasts the usual deadline."""


class Hardware:
    """Everything at the gates, plugged in while it is entered; in `folder` are the keys and the ledgers.

    `installation` has the doors, barriers, readers and panels by name; `agents` a stub to each started agent.
    """

    def __init__(self, folder: Path, clock: Clock, agents: tuple[str, ...] = AGENTS) -> None:
        self._folder = folder
        self._agents = agents
        self._exit = AsyncExitStack()
        self.agents: dict[str, DeviceServiceAsyncStub] = {}
        self.ledgers = Ledgers(folder / "ledgers", clock)
        self._keys = {reader: secrets.token_bytes(16) for reader in card_readers(agents)}
        self.installation = Installation(installation_plan(self._keys, agents), self.ledgers.write)
        self.lanes = Lanes(self.installation)

    async def __aenter__(self) -> Self:
        (self._folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
        for reader, key in self._keys.items():
            write_secret(self._key_file(reader), key.hex())
        async with AsyncExitStack() as exit_stack:
            exit_stack.callback(self.ledgers.close)
            await exit_stack.enter_async_context(self.installation)
            exit_stack.push_async_callback(self.lanes.close)
            if STUCK_DOOR in self.installation.doors:
                self.installation.doors[STUCK_DOOR].stuck = True
            self._exit = exit_stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    def spec(self, agent_id: str, uplink: Uplink | None = None) -> AgentSpec:
        """An agent bound to the terminals of this hardware, through an uplink if it has one."""
        configuration = agent_configuration(
            agent_id, self.installation.path, lambda reader: str(self._key_file(reader).resolve())
        )
        checks_pins = any(lane.pin for gate in gates_of(agent_id) for lane in gate.lanes)
        settings = {**_PACE, **(_PIN_PATIENCE if checks_pins else {}), **(uplink.settings if uplink else {})}
        return AgentSpec(gates_of(agent_id)[0].site, agent_id, configuration, settings)

    async def start_agents(self, suite: Suite, uplinks: Mapping[str, Uplink] | None = None) -> None:
        """Start every agent in the suite, at once, and listen to what their lanes show."""
        specs = [self.spec(agent_id, (uplinks or {}).get(agent_id)) for agent_id in self._agents]
        async with asyncio.TaskGroup() as group:
            for spec in specs:
                group.create_task(suite.start_agent(spec))
        for spec in specs:
            self._reach(suite, spec)

    async def status(self, agent_id: str) -> device_pb2.GetStatusResponse:
        """What an agent says of itself and its devices."""
        request = device_pb2.GetStatusRequest(site=gates_of(agent_id)[0].site)
        return await self.agents[agent_id].GetStatus(request, timeout=_ASK_S)

    async def until_online(self, deadline_s: float) -> None:
        """Return when every reader and board answers and every agent has the centre and holds an edge copy.

        Raises LocalError naming what is still missing.
        """
        missing = ["agents"]
        try:
            async with asyncio.timeout(deadline_s):
                while missing:
                    missing = [trouble for agent_id in self._agents for trouble in await self._missing(agent_id)]
                    await asyncio.sleep(_LOOK_S if missing else 0)
        except TimeoutError:
            named = ", ".join(missing[:12])
            raise LocalError(
                f"not online after {deadline_s:g} s: {named}", f"{deadline_s:g} 秒后仍未上线：{named}"
            ) from None

    async def _missing(self, agent_id: str) -> list[str]:
        try:
            status = await self.status(agent_id)
        except grpc.aio.AioRpcError as error:
            return [f"{agent_id} ({error.code().name})"]
        missing = [f"{device.name} ({device.cause})" for device in status.devices if not device.online]
        if len(status.devices) < devices_of(agent_id):
            missing.append(f"{agent_id} (devices)")
        if not status.centre_online:
            missing.append(f"{agent_id} (centre)")
        if status.edge_staleness_ms < 0:
            missing.append(f"{agent_id} (edge copy)")
        return missing

    def _reach(self, suite: Suite, spec: AgentSpec) -> None:
        channel = open_channel(suite.addresses(spec.name).grpc, suite.tls(), server_name="localhost")
        self._exit.push_async_callback(channel.close)
        stub = self.agents[spec.agent_id] = DeviceServiceStub(channel)
        self.lanes.follow(stub, spec.site)

    def _key_file(self, reader: str) -> Path:
        return self._folder / "keys" / f"{reader}.key"
