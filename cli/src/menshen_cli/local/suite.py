"""The whole suite on this machine: servers, services and device agents, started together and ended together."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import structlog
from menshen_servicekit.channel import open_channel
from menshen_servicekit.tls import TlsFiles

from . import epochs
from .archive_standing import Words, trouble_of
from .archiving import Archiving
from .pki import ALL_SITES_OPERATOR, Pki
from .postgres import data_folder
from .processes import Program, StartedProcess, patiently
from .programs import Programs
from .provision import provision
from .roster import SERVICES, AgentSpec, ServiceSpec
from .runfolder import RunFolder
from .servers import GivenServer, OwnServer, postgres_server, valkey_server
from .workplace import Workplace

_MIGRATE_DEADLINE_S = 60.0
_START_DEADLINE_S = 60.0
_STOP_GRACE_S = 15.0
SITES = ("north", "east", "lake")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Addresses:
    """Where a running process answers, each as host:port; `grpc` is empty for one that serves no calls."""

    health: str
    metrics: str
    grpc: str = ""


class Suite:
    """`async with Suite(folder, agents=[...]) as suite:` starts everything and ends everything.

    `keep_data=False` begins with an empty folder and deletes the servers' data at the end; the logs stay.
    `settings` adds or replaces settings by process name (`access`, `agent-north-1`). Names of processes are those of
    `services`, `agent-<id>` for agents, `postgres` and `valkey` for the servers. `services=with_several("access", 3)`
    runs three that decide; peers and agents are told the address of the first.
    """

    def __init__(
        self,
        folder: Path,
        *,
        services: tuple[ServiceSpec, ...] = SERVICES,
        agents: Sequence[AgentSpec] = (),
        sites: Sequence[str] = SITES,
        settings: Mapping[str, Mapping[str, str]] | None = None,
        keep_data: bool = False,
        durable: bool = True,
    ) -> None:
        self._folder = folder
        self._services = services
        self._agents = list(agents)
        self._sites = tuple(sites)
        self._settings = dict(settings or {})
        self._keep_data = keep_data
        self._durable = durable
        self._started: dict[str, Program] = {}
        self._processes: dict[str, StartedProcess] = {}
        self._channels: list[grpc.aio.Channel] = []
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> "Suite":
        async with AsyncExitStack() as exit_stack:
            self._run_folder = RunFolder.claim(self._folder)
            exit_stack.callback(self._run_folder.release)
            self.folder = self._run_folder.path
            if not self._keep_data:
                self._run_folder.clear()
            await self._start_servers(exit_stack)
            exit_stack.push_async_callback(self._stop_processes)
            exit_stack.push_async_callback(self._close_channels)
            await self._start_processes()
            self._exit = exit_stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    @property
    def names(self) -> list[str]:
        """The services and agents, in the order they were started."""
        return list(self._started)

    def addresses(self, name: str) -> Addresses:
        """Where a running service or agent answers. KeyError for a name the suite does not run."""
        return Addresses(**json.loads(self._programs.address_file(self._started[name].name).read_text()))

    def target(self, service: str) -> str:
        """host:port of a service's gRPC server, the same through restarts."""
        return self._programs.target(service)

    def tls(self, identity: str = ALL_SITES_OPERATOR) -> TlsFiles:
        """The certificate files of an identity, issued when first asked for."""
        return self.pki.tls(identity)

    def channel(self, service: str, as_identity: str = ALL_SITES_OPERATOR, **options: Any) -> grpc.aio.Channel:
        """An mTLS channel to a process of a service, called as an identity; the suite closes it.

        `options`: see `open_channel`.
        """
        [serving] = [spec.service for spec in self._services if spec.name == service]
        channel = open_channel(self.target(service), self.tls(as_identity), server_name=serving, **options)
        self._channels.append(channel)
        return channel

    @property
    def archive_trouble(self) -> Words | None:
        """Why the log of its own database cannot be archived; None where it can, or is not meant to be yet."""
        if not isinstance(self.postgres, OwnServer):
            return None
        workplace, data = Workplace.prepare(self.folder / "postgres"), data_folder(self.folder)
        return trouble_of(Archiving(workplace, data), data)

    def log_file(self, name: str) -> Path:
        """Where the output of a service or agent is."""
        return self._programs.log_file(name)

    def pid(self, name: str) -> int:
        """The process id of a running service or agent."""
        return self._processes[name].pid

    async def kill(self, name: str) -> None:
        """`kill -9` one service, agent or server, with everything it started."""
        server = self._servers.get(name)
        await asyncio.to_thread(server.kill if server else self._processes.pop(name).kill)

    async def stop(self, name: str) -> int:
        """Stop one service, agent or server as an operator would. Returns a process's exit status, 0 for a server."""
        server = self._servers.get(name)
        return await asyncio.to_thread(server.stop if server else self._processes.pop(name).stop) or 0

    async def restart(self, name: str) -> None:
        """Start one again with the same settings and port, stopping it first if it runs; return when it serves."""
        if name in self._servers:
            await asyncio.to_thread(self._servers[name].restart)
            return
        if name in self._processes:
            await self.stop(name)
        await self._start(self._started[name])

    async def start_agent(self, agent: AgentSpec) -> None:
        """Add an agent to the running suite; return when it serves."""
        await self._add_agent(agent)
        self._publish()

    def ended(self) -> list[str]:
        """Services and agents that ended without being asked to."""
        return [name for name, process in self._processes.items() if not process.running]

    async def _start_servers(self, exit_stack: AsyncExitStack) -> None:
        self.postgres = self._server("postgres", exit_stack)
        self.valkey = self._server("valkey", exit_stack)
        self._servers = {"postgres": self.postgres, "valkey": self.valkey}
        uris = [service.uri for service in self._services] + [agent.uri for agent in self._agents]
        (self.folder / "pki").mkdir(mode=0o700, exist_ok=True)
        self.pki = Pki(self.folder / "pki")
        self._programs = Programs(self.folder, self._services, self.pki, self._sites, self._settings)
        starts = [asyncio.to_thread(server.start) for server in self._servers.values()]
        await _together(*starts, asyncio.to_thread(self.pki.issue_all, uris))
        for name, server in self._servers.items():
            _log.info("server_started", server=name, taken=server.taken.value, url=server.url)

    def _server(self, name: str, exit_stack: AsyncExitStack) -> OwnServer | GivenServer:
        folder = self.folder / name
        server = self._new_server(name, folder)
        if not self._keep_data:
            server.remove()
            server = self._new_server(name, folder)
        exit_stack.push_async_callback(asyncio.to_thread, server.stop if self._keep_data else server.remove)
        return server

    def _new_server(self, name: str, folder: Path) -> OwnServer | GivenServer:
        if name == "postgres":
            return postgres_server(folder, durable=self._durable)
        return valkey_server(folder, durable=self._durable)

    async def _start_processes(self) -> None:
        (self.folder / "logins").mkdir(mode=0o700, exist_ok=True)
        database = await provision(self.postgres, self.folder / "logins")
        programs = {spec: self._programs.service(spec, database, self.valkey) for spec in self._services}
        single = [program for spec, program in programs.items() if spec.service == spec.name]
        await _together(*(self._finish(program, self._programs.migration(program)) for program in single))
        await self._begin_due_epochs(single)
        await _together(*map(self._start, programs.values()))
        await _together(*map(self._add_agent, self._agents))
        self._publish()

    async def _add_agent(self, agent: AgentSpec) -> None:
        if agent.name in self._started:
            raise ValueError(f"two agents are called {agent.agent_id}")
        await self._start(self._programs.agent(agent))

    def _publish(self) -> None:
        """Tell commands in other terminals of everything that serves by now."""
        serving = [name for name in self._started if self._programs.address_file(name).exists()]
        self._run_folder.publish({name: vars(self.addresses(name)) for name in serving})

    async def _begin_due_epochs(self, programs: Sequence[Program]) -> None:
        """After a restore, or its undoing: no cursor and nothing in Redis from before it holds any more."""
        own = [data_folder(self.folder)] if isinstance(self.postgres, OwnServer) else []
        places = [self.folder, *own]
        if not any(map(epochs.is_due, places)):
            return
        due = [program for program in programs if program.name in epochs.WITH_EPOCHS]
        await _together(*(self._finish(program, epochs.beginning(program)) for program in due))
        for place in places:
            epochs.mark_done(place)
        _log.info("epochs_begun", services=[program.name for program in due])

    async def _finish(self, program: Program, work: Program) -> None:
        """Run something a service does before it serves, to its end."""
        started = self._processes[program.name] = StartedProcess(work)
        await patiently(started.readiness(lambda: not started.running, _MIGRATE_DEADLINE_S))
        started.finish(deadline_s=0.0)
        del self._processes[program.name]

    async def _start(self, program: Program) -> None:
        address_file = self._programs.address_file(program.name)
        address_file.unlink(missing_ok=True)
        self._started[program.name] = program
        process = self._processes[program.name] = StartedProcess(program)
        await patiently(process.readiness(address_file.exists, _START_DEADLINE_S))

    async def _stop_processes(self) -> None:
        """Agents first: their last words go to the services."""
        services = {service.name for service in self._services}
        for of_services in (False, True):
            group = [process for name, process in self._processes.items() if (name in services) == of_services]
            await asyncio.gather(*(asyncio.to_thread(process.stop, _STOP_GRACE_S) for process in group))
        self._processes.clear()

    async def _close_channels(self) -> None:
        for channel in self._channels:
            await channel.close()


async def _together(*steps: Coroutine[Any, Any, None]) -> None:
    """Run all at once; when one fails end the others and raise its error alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
