"""Settings: what the manifests set is what the code reads, and leads where it says."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

from menshen_device_agent.configuration import ConfigurationError, read_configuration
from menshen_servicekit.addresses import split_address
from menshen_servicekit.settings import Environment, SettingsError, describe, read_settings, unknown_variables

from manifests.containers import environment, mounts, settings_class
from manifests.parts import read_by
from manifests.rendered import Finding, Manifests, Workload

LISTENERS = {"listen": "grpc", "health_listen": "health", "metrics_listen": "metrics"}


def values_of(manifests: Manifests, workload: Workload) -> Any | None:
    """The settings as the process would read them; None when it would refuse them."""
    found = settings_class(workload.service)
    if found is None:
        return None
    try:
        return read_settings(found, environment(manifests, workload))
    except SettingsError:
        return None


def targets_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """Peer service -> target, from every `..._target` setting."""
    return {name.removesuffix("_target"): value for name, value in settings.items() if name.endswith("_target")}


def variables_are_read(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        found, variables = settings_class(workload.service), environment(manifests, workload)
        if found is None:
            yield manifests.finding(workload, f"there is no service {workload.service!r} with settings")
            continue
        for name in unknown_variables(found, variables):
            yield manifests.finding(workload, f"sets {name}, which {found.__name__} does not have")
        try:
            read_settings(found, variables)
        except SettingsError as error:
            for problem in error.problems:
                yield manifests.finding(workload, problem)


def addresses_are_the_ports(manifests: Manifests) -> Iterator[Finding]:
    for workload, values in _serving(manifests):
        for name, port_name in LISTENERS.items():
            if name not in read_by(workload, values):
                if workload.port(port_name) is not None:
                    yield manifests.finding(workload, f"has the container port {port_name}, on which it never listens")
                continue
            host, port = split_address(getattr(values, name))
            if host not in {"0.0.0.0", "::"}:  # noqa: S104  (a pod is reached by its own address)
                yield manifests.finding(workload, f"{name} is {host}, where no other pod reaches it")
            if workload.port(port_name) != port:
                yield manifests.finding(workload, f"{name} is port {port}, but the container port is "
                                        f"{port_name}: {workload.port(port_name)}")  # fmt: skip


def targets_lead_to_their_service(manifests: Manifests) -> Iterator[Finding]:
    for workload, values in _serving(manifests):
        for peer, target in targets_of(vars(values)).items():
            trouble = _target_trouble(manifests, peer, target)
            if trouble:
                yield manifests.finding(workload, f"{peer}_target {target!r}: {trouble}")


def _target_trouble(manifests: Manifests, peer: str, target: str) -> str:
    scheme, _, place = target.partition(":///")
    if scheme != "dns":
        return "expected dns:///, or calls are not spread over the pods"
    host, port = split_address(place)
    service = manifests.named("Service", host)
    if service is None:
        return f"there is no Service {host}"
    spec = service["spec"]
    if spec.get("clusterIP") != "None":
        return f"the Service {host} is not headless: gRPC would stay with one pod"
    if port not in {item["port"] for item in spec["ports"] if item.get("targetPort") == "grpc"}:
        return f"the Service {host} has no grpc port {port}"
    picked = {workload.service for workload in manifests.selected({"matchLabels": spec["selector"]})}
    return "" if picked == {peer} else f"the Service {host} leads to {', '.join(sorted(picked)) or 'nobody'}"


def files_are_mounted(manifests: Manifests) -> Iterator[Finding]:
    """Every file that is read lies in a mount, a secret one in a Secret; every folder can be written to."""
    for workload in manifests.workloads:
        found, values = settings_class(workload.service), values_of(manifests, workload)
        if found is None or values is None:
            continue
        for row in describe(found):
            value = read_by(workload, values).get(row.variable.removeprefix("MENSHEN_").lower())
            if isinstance(value, Path):
                trouble = _path_trouble(manifests, workload, row.variable, value, is_secret=row.is_secret)
                if trouble:
                    yield manifests.finding(workload, f"{row.variable}={value}: {trouble}")


def _path_trouble(manifests: Manifests, workload: Workload, variable: str, value: Path, *, is_secret: bool) -> str:
    path, mounted = PurePosixPath(value), list(mounts(manifests, workload))
    if variable.endswith("_FOLDER"):
        writable = any(mount.is_writable and path.is_relative_to(mount.path) for mount in mounted)
        return "" if writable else "no writable volume is mounted there"
    holders = [mount for mount in mounted if path in mount.files]
    if not holders:
        return "no volume puts a file there"
    return "" if holders[0].kind == "secret" or not is_secret else f"a secret may not lie in a {holders[0].kind}"


def secrets_are_read_where_they_are_mounted(manifests: Manifests) -> Iterator[Finding]:
    """A process is given no Secret of which it reads nothing."""
    for workload in manifests.workloads:
        values = values_of(manifests, workload)
        if values is None:
            continue
        files = _files_read(manifests, workload, values)
        for mount in mounts(manifests, workload):
            if mount.kind == "secret" and not mount.files & files:
                yield manifests.finding(workload, f"reads nothing of the Secret at {mount.path}")


def stores_are_named_without_passwords(manifests: Manifests) -> Iterator[Finding]:
    """PostgreSQL by the service's own role, in production over verified TLS; no password in its URL."""
    for workload in manifests.workloads:
        values = values_of(manifests, workload)
        url = urlsplit(getattr(values, "database_url", ""))
        if url.password is not None or "password" in parse_qs(url.query):
            yield manifests.finding(workload, "database_url carries a password: it belongs in a file")
        if hasattr(values, "database_url"):
            trouble = _database_trouble(manifests, workload, values)
            if trouble:
                yield manifests.finding(workload, f"database_url: {trouble}")


def _database_trouble(manifests: Manifests, workload: Workload, values: Any) -> str:
    url = urlsplit(values.database_url)
    if url.username != workload.service:
        return f"expected the role {workload.service}, found {url.username}"
    if values.environment is not Environment.PRODUCTION:
        return ""
    query = parse_qs(url.query)
    if query.get("sslmode") != ["verify-full"]:
        return "production asks for sslmode=verify-full"
    files = {file for mount in mounts(manifests, workload) for file in mount.files}
    authority = query.get("sslrootcert", [""])[0]
    return "" if PurePosixPath(authority) in files else f"no volume puts sslrootcert at {authority or 'a path'}"


def agents_are_configured(manifests: Manifests) -> Iterator[Finding]:
    """The agent's own reader accepts its configuration, and the reader keys it names are mounted from Secrets."""
    for workload, values in _serving(manifests):
        if workload.service != "device-agent":
            continue
        try:
            keys = _reader_keys(manifests, workload, values)
        except ConfigurationError as error:
            for fault in error.faults:
                yield manifests.finding(workload, f"{values.config_file.name}: {fault}")
            continue
        for reader, path in keys.items():
            trouble = _path_trouble(manifests, workload, "", path, is_secret=True)
            if trouble:
                yield manifests.finding(workload, f"key of reader {reader}, {path}: {trouble}")


def sites_agree(manifests: Manifests) -> Iterator[Finding]:
    """Every service that is told of sites is told of the same ones."""
    told = [(workload, set(values.sites)) for workload, values in _serving(manifests) if hasattr(values, "sites")]
    every = {site for _, sites in told for site in sites}
    for workload, sites in told:
        if sites != every:
            yield manifests.finding(workload, f"is not told of the sites {', '.join(sorted(every - sites))}")


def _files_read(manifests: Manifests, workload: Workload, values: Any) -> set[PurePosixPath]:
    """Every file whose path the process has from its settings, or an agent from its configuration."""
    paths = [value for value in read_by(workload, values).values() if isinstance(value, Path)]
    if workload.service == "device-agent":
        with suppress(ConfigurationError):
            paths += _reader_keys(manifests, workload, values).values()
    return {PurePosixPath(path) for path in paths}


def _reader_keys(manifests: Manifests, workload: Workload, values: Any) -> dict[str, Path]:
    """The key file of each reader of an agent that has one. ConfigurationError as its own reader says."""
    text = _configuration_text(manifests, workload, PurePosixPath(values.config_file))
    readers = read_configuration(text, Path(values.config_file).parent).readers.values()
    return {reader.name: reader.scbk_file for reader in readers if reader.scbk_file is not None}


def _configuration_text(manifests: Manifests, workload: Workload, path: PurePosixPath) -> str:
    for volume in workload.pod.get("volumes", []):
        found = manifests.named("ConfigMap", volume.get("configMap", {}).get("name", ""))
        if found is not None and path.name in (found.get("data") or {}):
            return str(found["data"][path.name])
    return ""


def _serving(manifests: Manifests) -> Iterator[tuple[Workload, Any]]:
    for workload in manifests.running:
        values = values_of(manifests, workload)
        if values is not None:
            yield workload, values
