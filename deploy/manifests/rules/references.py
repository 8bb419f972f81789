"""Names that lead somewhere: volumes, ConfigMaps, claims, accounts, the governing Service of a StatefulSet."""

from collections.abc import Iterator

from manifests.containers import volumes_of
from manifests.rendered import Finding, Manifests, Workload


def what_is_mounted_exists(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        volumes = volumes_of(workload)
        mounted = [mount["name"] for mount in workload.container.get("volumeMounts", [])]
        for name in mounted:
            if name not in volumes:
                yield manifests.finding(workload, f"mounts the volume {name!r}, which it does not have")
        for name in volumes:
            if name not in mounted:
                yield manifests.finding(workload, f"has the volume {name!r}, which nothing mounts")
        paths = [mount["mountPath"] for mount in workload.container.get("volumeMounts", [])]
        for path in sorted({path for path in paths if paths.count(path) > 1}):
            yield manifests.finding(workload, f"mounts two volumes at {path}")


def what_is_referred_to_exists(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        for kind, name in _references(workload):
            if manifests.named(kind, name) is None:
                yield manifests.finding(workload, f"refers to the {kind} {name!r}, which no manifest makes")


def _references(workload: Workload) -> Iterator[tuple[str, str]]:
    for source in workload.container.get("envFrom", []):
        if "configMapRef" in source:
            yield "ConfigMap", source["configMapRef"]["name"]
    for volume in workload.pod.get("volumes", []):
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
        if "persistentVolumeClaim" in volume:
            yield "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
    yield "ServiceAccount", workload.pod.get("serviceAccountName", "default")
    if workload.document["kind"] == "StatefulSet":
        yield "Service", workload.document["spec"].get("serviceName", "")
