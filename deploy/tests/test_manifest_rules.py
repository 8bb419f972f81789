"""Each rule catches the mistake it is for, and the overlays make none."""

import copy
from pathlib import Path
from typing import Any

import check
import pytest
import yaml
from manifests import schema
from manifests.rendered import Manifests
from manifests.rules import RULES

POD = "spec.template.spec"
SERVICE = f"{POD}.containers.service"
MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))
RULES_BY_NAME = {f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}": rule for rule in RULES}


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case["mistake"])
def test_a_mistake_is_found(case: dict[str, Any], environments: dict[str, Manifests]) -> None:
    broken = with_mistake(environments["production"], case)

    found = [str(finding) for finding in RULES_BY_NAME[case["rule"]](broken)]

    assert any(case["says"] in finding for finding in found), found


@pytest.mark.parametrize("environment", ["development", "production"])
def test_an_overlay_makes_no_mistake(environment: str, environments: dict[str, Manifests]) -> None:
    assert check.semantic(environments[environment]) == []


def test_every_rule_is_shown_to_catch_something() -> None:
    assert {case["rule"] for case in MISTAKES} == set(RULES_BY_NAME)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("spec.replicaCount", 2, "'replicaCount' was unexpected"),
        ("spec.replicas", "two", "spec.replicas"),
        ("SERVICE.ports.grpc.containerPort", "8443", "containerPort"),
    ],
)
def test_a_schema_refuses_what_kubernetes_would(
    path: str, value: Any, says: str, environments: dict[str, Manifests]
) -> None:
    document = copy.deepcopy(dict(environments["development"].named("Deployment", "safety") or {}))
    put(document, path, value)

    found = [str(finding) for finding in schema.check(Manifests("development", (document,)))]

    assert len(found) == 1
    assert says in found[0]
    assert "1.30" in found[0]
    assert "1.37" in found[0]


def with_mistake(manifests: Manifests, case: dict[str, Any]) -> Manifests:
    documents = [copy.deepcopy(dict(document)) for document in manifests.documents]
    kind, name = case["place"].split("/")
    (place,) = (found for found in documents if found["kind"] == kind and plain_name(found) == name)
    if "path" not in case:
        documents.remove(place)
    elif "value" in case:
        put(place, case["path"], case["value"])
    else:
        remove(place, case["path"])
    return Manifests(manifests.title, tuple(documents))


def plain_name(document: dict[str, Any]) -> str:
    """The name without the hash that kustomize adds to a ConfigMap's."""
    name = str(document["metadata"]["name"])
    return name.rpartition("-")[0] if document["kind"] == "ConfigMap" else name


def put(document: dict[str, Any], path: str, value: Any) -> None:
    place, key = found_at(document, path)
    place[key] = value


def remove(document: dict[str, Any], path: str) -> None:
    place, key = found_at(document, path)
    del place[key]


def found_at(document: dict[str, Any], path: str) -> tuple[Any, Any]:
    """What holds the end of a dotted path, and its key there; an item of a list goes by its number or its name."""
    *way, last = path.replace("SERVICE", SERVICE).replace("POD", POD).split(".")
    place: Any = document
    for part in way:
        place = place[key_of(place, part)]
    return place, key_of(place, last)


def key_of(place: Any, part: str) -> Any:
    if isinstance(place, dict):
        return part
    return int(part) if part.isdecimal() else [item["name"] for item in place].index(part)
