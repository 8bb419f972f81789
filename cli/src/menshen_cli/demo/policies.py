"""The policies of the campuses, composed from the YAML files beside this module."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from .university import Campus, Gate, campus_of

_FOLDER = files(__package__) / "policies"


def policy_mapping(campus: Campus, *, version: int, from_ms: int) -> dict[str, Any]:
    """The rules in force at a campus from `from_ms` on. A campus has every version once."""
    local = _file(f"{campus.site}.yaml") if (_FOLDER / f"{campus.site}.yaml").is_file() else {}
    return {"site": campus.site, "version": version, "from_ms": from_ms, **_file("campus.yaml"), **local}


def closing_policy_mapping(gate: Gate, redirect: Gate, *, version: int, at_ms: int) -> dict[str, Any]:
    """The same rules from `at_ms` on, with the entries of a gate closed and people sent to another."""
    # Read anew for each: what two entries shared would be written as an anchor, which policies may not have.
    closures = [
        _file("gate-closes.yaml")["closure"] | {"access_point": entry, "redirect": redirect.entries[0]}
        for entry in gate.entries
    ]
    title = {"title": _file("gate-closes.yaml")["title"]}
    return {**policy_mapping(campus_of(gate.site), version=version, from_ms=at_ms), **title, "closures": closures}


def document(policy: Mapping[str, Any]) -> str:
    """A policy as the YAML that ValidatePolicy and ActivatePolicy take."""
    text: str = yaml.safe_dump(dict(policy), allow_unicode=True, sort_keys=False)
    return text


def _file(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return read
