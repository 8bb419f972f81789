"""What a container is given: its settings, as its process would read them, and the files it finds."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from menshen_servicekit.settings import ProcessSettings

from manifests.rendered import Document, Manifests, Workload


def settings_class(service: str) -> type[Any] | None:
    """The settings dataclass of a service, from its own code; None when there is no such service."""
    try:
        module = importlib.import_module(f"menshen_{service.replace('-', '_')}.settings")
    except ImportError:
        return None
    own = (item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__)
    return next((item for item in own if issubclass(item, ProcessSettings)), None)


def environment(manifests: Manifests, workload: Workload) -> dict[str, str]:
    """The variables of the container: ConfigMaps in their order, then its own. A reference to nothing adds none."""
    variables: dict[str, str] = {}
    for source in workload.container.get("envFrom", []):
        found = manifests.named("ConfigMap", source.get("configMapRef", {}).get("name", ""))
        variables |= dict((found or {}).get("data") or {})
    variables |= {item["name"]: item["value"] for item in workload.container.get("env", []) if "value" in item}
    return variables


@dataclass(frozen=True, slots=True)
class Mounted:
    """What lies at one mount path: `files` by absolute path, and whether the process may write there."""

    path: PurePosixPath
    kind: str
    files: frozenset[PurePosixPath]
    is_writable: bool


def mounts(manifests: Manifests, workload: Workload) -> Iterator[Mounted]:
    """The container's mounts whose volumes exist."""
    volumes = volumes_of(workload)
    for mount in workload.container.get("volumeMounts", []):
        volume = volumes.get(mount["name"])
        if volume is not None:
            path = PurePosixPath(mount["mountPath"])
            kind, names = _contents(manifests, volume)
            writable = kind in {"emptyDir", "persistentVolumeClaim"} and not mount.get("readOnly", False)
            yield Mounted(path, kind, frozenset(path / name for name in names), writable)


def volumes_of(workload: Workload) -> Mapping[str, Document]:
    """Volumes by name; a claim template counts as a volume of its claim."""
    volumes: dict[str, Document] = {volume["name"]: volume for volume in workload.pod.get("volumes", [])}
    for template in workload.document["spec"].get("volumeClaimTemplates", []):
        name = template["metadata"]["name"]
        volumes[name] = {"name": name, "persistentVolumeClaim": {"claimName": name}}
    return volumes


def _contents(manifests: Manifests, volume: Document) -> tuple[str, list[str]]:
    kind = next(key for key in volume if key != "name")
    source = volume[kind] or {}
    if "items" in source:
        return kind, [item["path"] for item in source["items"]]
    if kind == "configMap":
        found = manifests.named("ConfigMap", source["name"]) or {}
        return kind, list(found.get("data") or {})
    return kind, []
