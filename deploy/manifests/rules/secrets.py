"""Secrets: known by name, mounted as files, each certificate for one workload."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml

from manifests.rendered import Document, Finding, Manifests, Workload

INVENTORY = Path(__file__).resolve().parents[2] / "secrets.yaml"
LOOSEST_MODE = 0o440


def secrets_are_only_files(manifests: Manifests) -> Iterator[Finding]:
    for secret in manifests.of_kind("Secret"):
        yield manifests.finding(secret, "a manifest may name a Secret, never hold one")
    for workload in manifests.workloads:
        for source in workload.container.get("envFrom", []):
            if "secretRef" in source:
                yield manifests.finding(workload, f"puts the Secret {source['secretRef']['name']} in its environment")
        for item in workload.container.get("env", []):
            if "secretKeyRef" in (item.get("valueFrom") or {}):
                yield manifests.finding(workload, f"{item['name']} takes a Secret's value: mount it as a file")
        for volume in _secret_volumes(workload):
            if volume["secret"].get("defaultMode", 0o644) & ~LOOSEST_MODE:
                yield manifests.finding(workload, f"volume {volume['name']!r} is looser than mode 0440")


def secrets_are_in_the_inventory(manifests: Manifests) -> Iterator[Finding]:
    """deploy/secrets.yaml tells the operator every Secret and key the manifests read."""
    for workload in manifests.workloads:
        for volume in _secret_volumes(workload):
            name, items = volume["secret"]["secretName"], volume["secret"].get("items")
            known = _keys(name)
            if known is None:
                yield manifests.finding(workload, f"the Secret {name!r} is not in {INVENTORY.name}")
            elif not items:
                yield manifests.finding(workload, f"volume {volume['name']!r} does not say which keys it reads")
            else:
                for key in sorted({item["key"] for item in items} - known if "*" not in known else ()):
                    yield manifests.finding(workload, f"{INVENTORY.name} gives {name!r} no key {key!r}")


def certificates_are_not_shared(manifests: Manifests) -> Iterator[Finding]:
    """A certificate is an identity: two workloads with one cannot be told apart."""
    owners: dict[str, Workload] = {}
    for workload in manifests.workloads:
        for volume in _secret_volumes(workload):
            if "tls.key" in {item["key"] for item in volume["secret"].get("items", [])}:
                owner = owners.setdefault(volume["secret"]["secretName"], workload)
                if owner is not workload:
                    yield manifests.finding(workload, f"shares the certificate of {owner.title}")


def _secret_volumes(workload: Workload) -> Iterator[Document]:
    return (volume for volume in workload.pod.get("volumes", []) if "secret" in volume)


def _keys(name: str) -> set[str] | None:
    return next((set(entry["keys"]) for entry in _inventory() if fnmatchcase(name, entry["name"])), None)


@cache
def _inventory() -> tuple[Document, ...]:
    return tuple(yaml.safe_load(INVENTORY.read_text(encoding="utf-8")))
