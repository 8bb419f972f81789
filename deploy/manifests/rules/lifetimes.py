"""Starting, being watched, stopping."""

from collections.abc import Iterator

from menshen_servicekit.front import STOP_GRACE_S, STREAM_GRACE_S
from menshen_servicekit.health import LIVE
from menshen_servicekit.lifecycle import CLOSE_TIMEOUT_S

from manifests.parts import ARGUMENTS, components_of
from manifests.rendered import COMPONENT, Finding, Manifests

ASKED = {"startupProbe": LIVE, "readinessProbe": "", "livenessProbe": LIVE}
LEAST_GRACE_S = STREAM_GRACE_S + STOP_GRACE_S + 2 * CLOSE_TIMEOUT_S
"""Streams drain, calls end, and two things may take their whole time to close."""


def probes_ask_the_health_port(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.running:
        health = workload.port("health")
        for name, service in ASKED.items():
            probe = (workload.container.get(name) or {}).get("grpc")
            if probe is None:
                yield manifests.finding(workload, f"{name} is no gRPC probe")
                continue
            if probe.get("port") != health:
                yield manifests.finding(workload, f"{name} asks port {probe.get('port')}, health is on {health}")
            if probe.get("service", "") != service:
                asked = probe.get("service", "")
                yield manifests.finding(workload, f"{name} asks for {asked!r}, expected {service!r}")


def stopping_has_time(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.running:
        grace = workload.pod.get("terminationGracePeriodSeconds", 30)
        pause = (workload.container.get("lifecycle") or {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if grace - pause < LEAST_GRACE_S:
            yield manifests.finding(
                workload, f"terminationGracePeriodSeconds leaves {grace - pause} s, a stop may take {LEAST_GRACE_S:g} s"
            )


def processes_run_what_their_labels_say(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        component = workload.component
        if component not in components_of(workload):
            yield manifests.finding(workload, f"cannot be {COMPONENT}: {component}")
        if workload.arguments != ARGUMENTS.get(component, ()) or "command" in workload.container:
            yield manifests.finding(workload, f"unexpected command or arguments {list(workload.arguments)}")


def migrations_end(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.workloads:
        if workload.is_migration:
            for key in ("backoffLimit", "activeDeadlineSeconds"):
                if key not in workload.document["spec"]:
                    yield manifests.finding(workload, f"expected {key}: a migration has to end")


def metrics_are_announced(manifests: Manifests) -> Iterator[Finding]:
    for workload in manifests.running:
        notes = workload.template["metadata"].get("annotations") or {}
        announced = notes.get("prometheus.io/port") if notes.get("prometheus.io/scrape") == "true" else None
        if announced != str(workload.port("metrics")):
            yield manifests.finding(
                workload, f"announces metrics on {announced}, they are on {workload.port('metrics')}"
            )
