"""Labels: selectors pick the pods they mean, and no others."""

from collections.abc import Iterator

from manifests.parts import KEPT
from manifests.rendered import NAME, Document, Finding, Manifests, Workload

SERVICES = ("identity", "access", "vehicles", "safety", "device-agent")


def workloads_find_their_pods(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.running:
        picked = manifests.selected(workload.document["spec"]["selector"])
        if workload not in picked:
            yield manifests.finding(workload, "its selector does not match the labels of its own pods")
        for other in picked:
            if other is not workload:
                yield manifests.finding(workload, f"its selector also matches the pods of {other.title}")


def services_find_one_service(manifests: Manifests) -> Iterator[Finding]:
    for service in manifests.of_kind("Service"):
        picked = manifests.selected({"matchLabels": service["spec"].get("selector") or {}})
        if not service["spec"].get("selector") or not picked:
            yield manifests.finding(service, "its selector matches no pod")
        if len({(workload.service, workload.component) for workload in picked}) > 1 or any(
            workload.is_migration for workload in picked
        ):
            yield manifests.finding(service, "its selector matches pods of several kinds")
        for workload in picked:
            yield from _ports(manifests, service, workload)


def _ports(manifests: Manifests, service: Document, workload: Workload) -> Iterator[Finding]:
    for port in service["spec"].get("ports", []):
        target = port.get("targetPort", port["port"])
        if not isinstance(target, str):
            yield manifests.finding(service, f"targetPort {target} is a number: name the container port")
        elif workload.port(target) is None:
            yield manifests.finding(service, f"targetPort {target!r} is no container port of {workload.title}")


def disruption_leaves_someone(manifests: Manifests) -> Iterator[Finding]:
    budgets = tuple(manifests.of_kind("PodDisruptionBudget"))
    for workload in manifests.running:
        if workload.document["kind"] == "Deployment":
            mine = [budget for budget in budgets if workload in manifests.selected(budget["spec"]["selector"])]
            if len(mine) != 1:
                yield manifests.finding(workload, f"{len(mine)} PodDisruptionBudgets select it, expected one")
    for budget in budgets:
        picked = manifests.selected(budget["spec"]["selector"])
        if len(picked) != 1:
            yield manifests.finding(budget, f"its selector matches {len(picked)} workloads, expected one")
        if budget["spec"].get("maxUnavailable") != 1:
            yield manifests.finding(budget, "expected maxUnavailable: 1, so that machines can be emptied one by one")


def every_service_is_there(manifests: Manifests) -> Iterator[Finding]:
    """The five services serve, each that is kept has its keeper, and each that has a schema has its migration."""
    serving = {workload.service for workload in manifests.running if not workload.is_keeper}
    keeping = {workload.service for workload in manifests.running if workload.is_keeper}
    migrating = {workload.service for workload in manifests.workloads if workload.is_migration}
    for service in SERVICES:
        if service not in serving:
            yield Finding(manifests.title, f"no workload that serves is labelled {NAME}: {service}")
        if service in KEPT and service not in keeping:
            yield Finding(manifests.title, f"no workload keeps {service}")
        if service != "device-agent" and service not in migrating:
            yield Finding(manifests.title, f"no Job migrates {service}")
