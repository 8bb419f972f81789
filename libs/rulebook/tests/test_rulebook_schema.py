"""The published schemas: made from the types, and of one mind with the readers."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.rulebook_strategies import POLICIES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from menshen_rulebook.mapping import Faults, read
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_mapping
from menshen_rulebook.policy import Policy, policy_to_mapping
from menshen_rulebook.schema import plan_schema, policy_schema, schema_text

RULEBOOK = Path(__file__).parent.parent
PUBLISHED = RULEBOOK / "schema"
POLICY_SCHEMA = Draft202012Validator(policy_schema())
PLAN_SCHEMA = Draft202012Validator(plan_schema())
MINIMAL: dict[str, Any] = {"language": 1, "version": 7, "site": "north", "from": "2026-03-02T00:00:00+08:00"}
thorough = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _plans() -> dict[str, Any]:
    plans: dict[str, Any] = yaml.safe_load((RULEBOOK / "cases" / "plans.yaml").read_text(encoding="utf-8"))
    return plans


def _is_read(cls: type, document: dict[str, Any]) -> bool:
    faults = Faults()
    read(cls, document, "", faults)
    return not faults.found


@pytest.mark.parametrize(
    ("name", "schema"), [("policy-1.schema.json", policy_schema()), ("plan-1.schema.json", plan_schema())]
)
def test_the_published_schema_is_what_the_types_give(name: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)

    assert (PUBLISHED / name).read_text(encoding="utf-8") == schema_text(schema)


def test_every_definition_explains_itself_in_both_languages() -> None:
    described = {**policy_schema()["$defs"], **plan_schema()["$defs"]}

    for name, definition in described.items():
        chinese, _, english = definition["description"].partition("\n")
        assert re.search("[一-鿿]", chinese), name
        assert english, name
        assert not re.search("[一-鿿]", english), name


@pytest.mark.parametrize("name", sorted(_plans()))
def test_a_valid_plan_validates_as_written_and_as_stored(name: str) -> None:
    written = _plans()[name]
    stored = json.loads(json.dumps(plan_to_mapping(plan_from_mapping(written))))

    assert not list(PLAN_SCHEMA.iter_errors(written))
    assert not list(PLAN_SCHEMA.iter_errors(stored))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"to": None},
        {"from_ms": 0, "from": "2026-03-02T00:00:00+08:00"},
        {"reviews": {"auto_open": "15s", "exit_denial": "MANUAL_REVIEW"}},
        {"areas": [{"area": "lab", "anti_passback": "TIMED", "timeout": "5m"}]},
        {"reminders": [{"code": "MASK", "texts": {"zh": "中", "en": "en"}}]},
        {"closures": [{"access_point": "n-in", "from": "2026-03-02T09:30:00.500+08:00", "to": "2026-03-03T00:00:00Z"}]},
        {"requirements": [{"id": "t", "test": {"fact": "x", "accept": ["a", 1, 1.5, True, None], "max_age": "48h"}}]},
    ],
)
def test_what_the_reader_reads_the_schema_allows(changes: dict[str, Any]) -> None:
    document = MINIMAL | changes

    assert _is_read(Policy, document)
    assert not list(POLICY_SCHEMA.iter_errors(document))


@pytest.mark.parametrize(
    "changes",
    [
        {"language": 2},
        {"from": "2026-03-02T00:00:00"},
        {"from": None},
        {"colour": 1},
        {"version": -1},
        {"version": True},
        {"leave": {"mode": "UNSPECIFIED"}},
        {"leave": []},
        {"reviews": {"exit_denial": "DENY"}},
        {"reviews": {"auto_open": "soon"}},
        {"lists": {"white_waives": ["lockdown"]}},
        {"requirements": [{"id": "a"}]},
        {"requirements": [{"id": "", "test": {"fact": "x"}}]},
        {"requirements": [{"id": "a", "test": {"fact": "x", "accept": [[1]]}}]},
        {"requirements": {"id": "a"}},
        {"areas": [{"area": "campus", "anti_passback": "TIMED"}]},
        {"areas": [{"area": "campus", "anti_passback": "TIMED", "timeout": "0s"}]},
        {"reminders": [{"code": "X", "texts": {"zh": "中"}}]},
        {"hours": [{"access_point": "n-in", "schedule": 6}]},
    ],
)
def test_what_is_wrong_by_itself_the_schema_refuses(changes: dict[str, Any]) -> None:
    assert list(POLICY_SCHEMA.iter_errors(MINIMAL | changes))


@pytest.mark.parametrize(
    "text", ["24:00", "06:30:15", "48h", "250ms", "2026-03-02T08:00:00+08:00", "2026-03-02 08:00:00.250-03:30"]
)
def test_every_form_of_time_the_schema_allows_is_read(text: str) -> None:
    document = MINIMAL | {"from": text}

    assert not list(POLICY_SCHEMA.iter_errors(document))
    assert _is_read(Policy, document)


@thorough
@given(POLICIES)
def test_schema_and_reader_agree_about_any_written_policy(policy: Policy) -> None:
    document = policy_to_mapping(policy)

    refused = list(POLICY_SCHEMA.iter_errors(document))

    # The schema knows of outcomes and time-outs what the reader checks after the form.
    if not _is_read(Policy, document):
        assert refused
    if not refused:
        assert _is_read(Policy, document)


@thorough
@given(POLICIES, st.data())
def test_a_spoilt_policy_is_refused_by_schema_and_reader(policy: Policy, data: st.DataObject) -> None:
    _refuse_spoilt(policy, data)


@pytest.mark.full
@settings(thorough, max_examples=300)
@given(POLICIES, st.data())
def test_many_more_spoilt_policies_are_refused(policy: Policy, data: st.DataObject) -> None:
    _refuse_spoilt(policy, data)


def _refuse_spoilt(policy: Policy, data: st.DataObject) -> None:
    document = policy_to_mapping(policy)
    _leave_out_what_is_refused(document)
    spoilt = _spoilt(document, data)

    assert _is_read(Policy, document)
    assert list(POLICY_SCHEMA.iter_errors(spoilt))
    assert not _is_read(Policy, spoilt)


def _leave_out_what_is_refused(document: dict[str, Any]) -> None:
    """Take away, place by place, what the schema refuses, so that the rest of a random policy is valid."""
    while refused := next(POLICY_SCHEMA.iter_errors(document), None):
        *around, last = refused.absolute_path
        holder: Any = document
        for key in around:
            holder = holder[key]
        del holder[last]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(_plans())), st.data())
def test_a_spoilt_plan_is_refused_by_schema_and_reader(name: str, data: st.DataObject) -> None:
    spoilt = _spoilt(plan_to_mapping(plan_from_mapping(_plans()[name])), data)

    assert list(PLAN_SCHEMA.iter_errors(spoilt))
    assert not _is_read(SitePlan, spoilt)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield from _places(part, (*path, key))


def _spoilt(document: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The document with one place holding what no place may hold."""
    spoilt = copy.deepcopy(document)
    *around, last = data.draw(st.sampled_from([path for path in _places(spoilt) if path]))
    holder: Any = spoilt
    for key in around:
        holder = holder[key]
    holder[last] = data.draw(st.sampled_from([{"no": []}, [[]], {"": None}]))
    return spoilt
