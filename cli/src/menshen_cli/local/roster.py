"""What a suite consists of: the services and what each needs, and the settings a process of each is started with."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.tls import TlsFiles

from .ports import LOOPBACK


@dataclass(frozen=True)
class ServiceSpec:
    """A process of a service: its Python module, the servers it uses, the services it calls, the keys it is given.

    `keeps` names the service a process keeps beside it, `joins` the one whose calls it serves as well: either has that
    service's schema, identity and migrations. A process that keeps serves no calls.
    """

    name: str
    module: str
    keeps: str = ""
    joins: str = ""
    redis: bool = False
    peers: tuple[str, ...] = ()
    checks_pins: bool = False
    signs_snapshots: bool = False

    @property
    def service(self) -> str:
        """The service it is a process of."""
        return self.keeps or self.joins or self.name

    @property
    def uri(self) -> str:
        return spiffe_uri(Role.SERVICE, self.service)

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("keep",) if self.keeps else ()


SERVICES = (
    ServiceSpec("identity", "menshen_identity", checks_pins=True),
    ServiceSpec("vehicles", "menshen_vehicles"),
    ServiceSpec("safety", "menshen_safety", peers=("access",)),
    ServiceSpec(
        "access",
        "menshen_access",
        redis=True,
        peers=("identity", "vehicles", "safety"),
        checks_pins=True,
        signs_snapshots=True,
    ),
    ServiceSpec(
        "access-keeper",
        "menshen_access",
        keeps="access",
        redis=True,
        peers=("identity", "vehicles", "safety"),
        signs_snapshots=True,
    ),
)
AGENT_MODULE = "menshen_device_agent"
AGENT_PEERS = ("access", "safety")


def with_several(name: str, count: int, services: tuple[ServiceSpec, ...] = SERVICES) -> tuple[ServiceSpec, ...]:
    """The services with `count` processes that serve the calls of one: `access`, `access-2`, `access-3` ..."""
    if count < 1:
        raise ValueError(f"a service has at least one process, not {count}")
    [first] = [service for service in services if service.name == name]
    more = [replace(first, name=f"{name}-{number}", joins=name) for number in range(2, count + 1)]
    return (*services, *more)


@dataclass(frozen=True)
class AgentSpec:
    """A device agent: where it stands, what it is called, its configuration (written as YAML), further settings."""

    site: str
    agent_id: str
    configuration: Mapping[str, Any]
    settings: Mapping[str, str] = field(default_factory=dict)
    module: str = AGENT_MODULE

    @property
    def name(self) -> str:
        """How the suite calls it: `agent-<id>`."""
        return f"agent-{self.agent_id}"

    @property
    def uri(self) -> str:
        return spiffe_uri(Role.AGENT, self.agent_id, self.site)


def process_settings(tls: TlsFiles, *, listen: str, address_file: Path, environment: str) -> dict[str, str]:
    """The settings every process takes."""
    return {
        "MENSHEN_LISTEN": listen,
        "MENSHEN_HEALTH_LISTEN": f"{LOOPBACK}:0",
        "MENSHEN_METRICS_LISTEN": f"{LOOPBACK}:0",
        "MENSHEN_CERTIFICATE_FILE": str(tls.certificate_file),
        "MENSHEN_KEY_FILE": str(tls.key_file),
        "MENSHEN_TRUST_FILE": str(tls.trust_file),
        "MENSHEN_ADDRESS_FILE": str(address_file),
        "MENSHEN_ENVIRONMENT": environment,
    }


def store_settings(kind: str, url: str, password_file: Path | None) -> dict[str, str]:
    """`MENSHEN_DATABASE_*` or `MENSHEN_REDIS_*`, as `kind` says."""
    password = {f"MENSHEN_{kind}_PASSWORD_FILE": str(password_file)} if password_file else {}
    return {f"MENSHEN_{kind}_URL": url, **password}


def target_settings(peers: tuple[str, ...], ports: Mapping[str, int]) -> dict[str, str]:
    """`MENSHEN_<PEER>_TARGET` for those peers that run."""
    return {f"MENSHEN_{peer.upper()}_TARGET": f"{LOOPBACK}:{ports[peer]}" for peer in peers if peer in ports}


def full_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process: this one's without its MENSHEN_ variables, and `settings`.

    gRPC's core would write lines of its own, which are no JSON, for every handshake that fails.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE", **settings}


def python_command(module: str, *arguments: str) -> list[str]:
    """This interpreter running a module."""
    return [sys.executable, "-m", module, *arguments]
