"""Which program, with which settings, each process of a suite is."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from .pki import Pki, signing_keys
from .ports import LOOPBACK, free_port
from .processes import Program
from .provision import Database
from .roster import (
    AGENT_PEERS,
    AgentSpec,
    ServiceSpec,
    full_environment,
    process_settings,
    python_command,
    store_settings,
    target_settings,
)
from .secret import new_secret, write_secret
from .servers import Server


class Programs:
    """Builds the programs of one suite: `folder` is its run folder, `extra` its settings by process name."""

    def __init__(
        self,
        folder: Path,
        services: tuple[ServiceSpec, ...],
        pki: Pki,
        sites: Sequence[str],
        extra: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Make the folders; `secrets` (0700) then holds the keys that services share."""
        self._folder = folder
        self._pki = pki
        self._sites = ",".join(sites)
        self._extra = extra
        self._ports = {service.name: free_port() for service in services}
        for name in ("logs", "addresses", "agents", "secrets", "heads"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        self._snapshot_key, self._snapshot_public_key = signing_keys(folder / "secrets")
        self._pepper = folder / "secrets" / "pin-pepper"
        if not self._pepper.exists():
            write_secret(self._pepper, new_secret())

    def target(self, service: str) -> str:
        """host:port of a service, the same through restarts so that every peer may know it beforehand."""
        return f"{LOOPBACK}:{self._ports[service]}"

    def address_file(self, name: str) -> Path:
        """Where a process writes its addresses once it serves."""
        return self._folder / "addresses" / f"{name}.json"

    def log_file(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def service(self, service: ServiceSpec, database: Database, redis: Server) -> Program:
        """A service with its schema, its Redis when it uses one, and its peers."""
        login = database.logins[service.service]
        settings = {
            **self._process_settings(service.name, service.uri, self.target(service.name)),
            **store_settings("DATABASE", login.url, login.password_file),
            **target_settings(service.peers, self._ports),
            **self._shared_files(service),
            "MENSHEN_SITES": self._sites,
        }
        if service.redis:
            settings |= store_settings("REDIS", redis.url, redis.password_file)
        return self._program(service.name, service.module, settings, service.arguments)

    def agent(self, agent: AgentSpec) -> Program:
        """A device agent; its configuration, and all it keeps, lies in its folder."""
        folder = self._folder / "agents" / agent.agent_id
        folder.mkdir(mode=0o700, exist_ok=True)
        configuration_file = folder / "agent.yaml"
        configuration_file.write_text(yaml.safe_dump(dict(agent.configuration), allow_unicode=True), encoding="utf-8")
        settings = {
            **self._process_settings(agent.name, agent.uri, f"{LOOPBACK}:0"),
            **target_settings(AGENT_PEERS, self._ports),
            "MENSHEN_CONFIG_FILE": str(configuration_file),
            "MENSHEN_STATE_FOLDER": str(folder),
            "MENSHEN_SNAPSHOT_KEY_FILE": str(self._snapshot_public_key),
            **agent.settings,
        }
        return self._program(agent.name, agent.module, settings)

    def migration(self, program: Program) -> Program:
        """The same process, asked to migrate its schema and end."""
        return Program(
            name=f"{program.name} migrate",
            argv=[*program.argv, "migrate"],
            folder=program.folder,
            log_file=program.log_file,
            environment=program.environment,
        )

    def _shared_files(self, service: ServiceSpec) -> dict[str, str]:
        pepper = {"MENSHEN_PIN_PEPPER_FILE": str(self._pepper)} if service.checks_pins else {}
        if not service.signs_snapshots:
            return pepper
        heads = {"MENSHEN_HEADS_FOLDER": str(self._folder / "heads")}
        return {**pepper, **heads, "MENSHEN_SNAPSHOT_KEY_FILE": str(self._snapshot_key)}

    def _process_settings(self, name: str, uri: str, listen: str) -> dict[str, str]:
        environment = os.environ.get("MENSHEN_ENVIRONMENT", "development")
        tls = self._pki.tls(uri)
        return process_settings(tls, listen=listen, address_file=self.address_file(name), environment=environment)

    def _program(self, name: str, module: str, settings: Mapping[str, str], arguments: tuple[str, ...] = ()) -> Program:
        return Program(
            name=name,
            argv=python_command(module, *arguments),
            folder=self._folder,
            log_file=self.log_file(name),
            environment=full_environment({**settings, **self._extra.get(name, {})}),
        )
