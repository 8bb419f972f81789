"""How little a pod may do: pinned images, bounded resources, no root, nothing writable, no token."""

from collections.abc import Iterator
from typing import Any

from manifests.rendered import Finding, Manifests, Workload

DEMANDED_OF_PODS = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
DEMANDED_OF_CONTAINERS = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
HOST_DOORS = ("hostNetwork", "hostPID", "hostIPC")


def images_are_pinned(manifests: Manifests) -> Iterator[Finding]:
    tags = set()
    for workload in manifests.workloads:
        image = str(workload.container.get("image", ""))
        path, _, tag = image.rpartition(":") if ":" in image.rpartition("/")[2] else (image, "", "")
        tags.add(tag)
        if tag in {"", "latest"}:
            yield manifests.finding(workload, f"image {image!r} has no fixed tag")
        if path.rpartition("/")[2] != workload.service:
            yield manifests.finding(workload, f"image {image!r} is not that of {workload.service}")
    if len(tags) > 1:
        yield Finding(manifests.title, f"images of several releases: {', '.join(sorted(tags))}")


def resources_are_set(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        for kind in ("requests", "limits"):
            given = workload.container.get("resources", {}).get(kind) or {}
            for resource in ("cpu", "memory"):
                if resource not in given:
                    yield manifests.finding(workload, f"sets no {kind} of {resource}")


def nobody_is_root(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        pod = workload.pod.get("securityContext") or {}
        yield from _lacking(manifests, workload, "pod", pod, DEMANDED_OF_PODS)
        if not isinstance(pod.get("runAsUser"), int) or pod["runAsUser"] < 1000:
            yield manifests.finding(workload, "its pod has no numeric user of its own (runAsUser)")
        if "fsGroup" not in pod:
            yield manifests.finding(workload, "without fsGroup its user cannot read its secrets")
        for door in HOST_DOORS:
            if workload.pod.get(door):
                yield manifests.finding(workload, f"{door} opens the machine")
        if any("hostPath" in volume for volume in workload.pod.get("volumes", [])):
            yield manifests.finding(workload, "mounts a path of the machine")
        if len(workload.pod["containers"]) != 1 or workload.pod.get("initContainers"):
            yield manifests.finding(workload, "expected exactly one container")
        context = workload.container.get("securityContext") or {}
        yield from _lacking(manifests, workload, "container", context, DEMANDED_OF_CONTAINERS)
        if context.get("privileged") or context.get("runAsUser") == 0:
            yield manifests.finding(workload, "its container may do what it likes")


def _lacking(
    manifests: Manifests, workload: Workload, place: str, context: Any, demanded: dict[str, Any]
) -> Iterator[Finding]:
    for key, value in demanded.items():
        if context.get(key) != value:
            yield manifests.finding(workload, f"its {place} has {key}: {context.get(key)}, expected {value}")


def no_token_is_mounted(manifests: Manifests) -> Iterator[Finding]:
    """No process of ours speaks to the Kubernetes API, nor reads the variables it makes of Services."""
    for workload in manifests.workloads:
        for key in ("automountServiceAccountToken", "enableServiceLinks"):
            if workload.pod.get(key) is not False:
                yield manifests.finding(workload, f"expected {key}: false")
    for account in manifests.of_kind("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield manifests.finding(account, "expected automountServiceAccountToken: false")
    for kind in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
        for document in manifests.of_kind(kind):
            yield manifests.finding(document, "no process of ours needs rights in the cluster")
