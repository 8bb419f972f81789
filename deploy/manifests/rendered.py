"""An environment as Kubernetes would receive it: the documents of its overlay and its migrations, and views on them."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Document: TypeAlias = Mapping[str, Any]

SERVERS = ("Deployment", "StatefulSet")
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"


class RenderError(Exception):
    """kustomize refused an overlay; the text is its own."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: where (`production: Deployment/access`) and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet or Job: `pod` is the spec of its template, `service` what it runs."""

    document: Document

    @property
    def name(self) -> str:
        return str(self.document["metadata"]["name"])

    @property
    def title(self) -> str:
        return f"{self.document['kind']}/{self.name}"

    @property
    def is_migration(self) -> bool:
        return bool(self.document["kind"] == "Job")

    @property
    def template(self) -> Document:
        template: Document = self.document["spec"]["template"]
        return template

    @property
    def labels(self) -> Mapping[str, str]:
        return dict(self.template.get("metadata", {}).get("labels") or {})

    @property
    def pod(self) -> Document:
        pod: Document = self.template["spec"]
        return pod

    @property
    def service(self) -> str:
        return self.labels.get(NAME, "")

    @property
    def component(self) -> str:
        return self.labels.get(COMPONENT, "")

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(self.container.get("args") or ())

    @property
    def is_keeper(self) -> bool:
        """Whether it runs `keep`, whatever it is labelled."""
        return self.arguments == ("keep",)

    @property
    def replicas(self) -> int:
        return int(self.document["spec"].get("replicas", 1))

    @property
    def container(self) -> Document:
        """The only container; a pod with more is a finding elsewhere."""
        container: Document = self.pod["containers"][0]
        return container

    def port(self, name: str) -> int | None:
        """The number of a container port by its name."""
        ports = {port.get("name"): port["containerPort"] for port in self.container.get("ports", [])}
        return ports.get(name)


@dataclass(frozen=True)
class Manifests:
    """Everything of one environment. `title` is the overlay's folder name."""

    title: str
    documents: tuple[Document, ...]

    def of_kind(self, *kinds: str) -> Iterator[Document]:
        return (document for document in self.documents if document["kind"] in kinds)

    def named(self, kind: str, name: str) -> Document | None:
        return next((found for found in self.of_kind(kind) if found["metadata"]["name"] == name), None)

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        return tuple(Workload(document) for document in self.of_kind(*SERVERS, "Job"))

    @property
    def running(self) -> tuple[Workload, ...]:
        """Everything that is to stay up: all but the migrations."""
        return tuple(workload for workload in self.workloads if not workload.is_migration)

    def selected(self, selector: Document) -> tuple[Workload, ...]:
        """The workloads whose pods a label selector (matchLabels, matchExpressions) picks."""
        return tuple(workload for workload in self.workloads if matches(selector, workload.labels))

    def finding(self, place: Workload | Document, what: str) -> Finding:
        title = place.title if isinstance(place, Workload) else f"{place['kind']}/{place['metadata']['name']}"
        return Finding(f"{self.title}: {title}", what)


def matches(selector: Document, labels: Mapping[str, str]) -> bool:
    """Whether a Kubernetes label selector picks these labels; the empty one picks everything."""
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _expression_holds(expression, labels) for expression in expressions
    )


def _expression_holds(expression: Document, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    raise ValueError(f"unknown operator {expression['operator']!r}")


def render(overlay: Path) -> Manifests:
    """The environment in `overlay`, with the stage in its `migrations` folder. RenderError as kustomize says."""
    stages = [_kustomize(overlay), _kustomize(overlay / "migrations")]
    return Manifests(overlay.name, _united(document for stage in stages for document in stage))


def _kustomize(folder: Path) -> list[Document]:
    kubectl = Path(sys.executable).with_name("kubectl")
    try:
        done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise RenderError(f"{kubectl} does not start: {error.strerror}") from None
    if done.returncode != 0:
        raise RenderError(f"{folder}: {done.stderr.strip()}")
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def _united(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Each document once. What both stages apply has to be the same in both, or each would undo the other."""
    united: dict[tuple[str, ...], Document] = {}
    for document in documents:
        metadata = document["metadata"]
        key = (document["apiVersion"], document["kind"], metadata.get("namespace", ""), metadata["name"])
        if united.setdefault(key, document) != document:
            raise RenderError(f"{document['kind']}/{metadata['name']} differs between the services and the migrations")
    return tuple(united.values())
