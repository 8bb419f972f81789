"""The agent's file: what is accepted, and every fault with its path."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_device_agent.configuration import ConfigurationError, read_configuration


def a_document(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "site": "north",
        "agent": "north-1",
        "ports": {"p1": {"device": "/dev/serial/by-id/a"}, "p2": {"device": "/dev/serial/by-id/b"}},
        "boards": {"board": {"port": "p1"}},
        "readers": {"in": {"port": "p2", "protocol": "osdp", "scbk_file": "in.key", "access_point": "n-in"}},
        "doors": {"n-door": {"board": "board", "access_points": ["n-in"], "release_relay": 1, "contact_input": 0}},
        "zones": {"fire": {"doors": ["n-door"], "board": "board", "fire_input": 4}},
    }
    return {**document, **changes}


def faults_of(document: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(yaml.safe_dump(document), Path("/etc/menshen"))
    return {fault.path: fault.expected_en for fault in refused.value.faults}


def test_a_whole_file_is_read_with_its_defaults() -> None:
    configuration = read_configuration(yaml.safe_dump(a_document()), Path("/etc/menshen"))

    assert configuration.access_points == ("n-in",)
    assert configuration.readers["in"].scbk_file == Path("/etc/menshen/in.key")
    assert configuration.doors["n-door"].sensors.passage_counter is False
    assert configuration.zones["fire"].line_fault_releases is True


def test_every_fault_is_reported_at_once() -> None:
    document = a_document(site="", readers={"in": {"port": "nowhere", "protocol": "carrier pigeon"}})

    assert set(faults_of(document)) >= {"site", "readers.in.port", "readers.in.protocol", "readers.in.access_point"}


def test_an_unknown_key_is_named() -> None:
    document = a_document()
    document["doors"]["n-door"]["relaese_relay"] = 2

    assert faults_of(document) == {"doors.n-door.relaese_relay": "expected a known key"}


def test_a_reader_must_lead_to_a_door() -> None:
    document = a_document()
    document["readers"]["in"]["access_point"] = "elsewhere"

    assert faults_of(document) == {"readers.in.access_point": "expected an access point of a door"}


def test_one_terminal_belongs_to_one_door() -> None:
    document = a_document()
    document["doors"]["second"] = {"board": "board", "access_points": ["x"], "release_relay": 1, "lock_relay": 3}

    assert faults_of(document) == {"doors.second": "relay 1 belongs to n-door"}


def test_a_door_of_a_fire_zone_needs_an_output_that_can_hold_a_release() -> None:
    document = a_document()
    del document["doors"]["n-door"]["release_relay"]

    assert faults_of(document) == {
        "doors.n-door.release_relay": "expected a maintained release output for a door of a fire zone"
    }


def test_a_reverse_counter_belongs_to_a_door_of_one_direction() -> None:
    document = a_document()
    document["doors"]["n-door"] |= {"access_points": ["n-in", "n-out"], "reverse_input": 5}

    assert faults_of(document) == {
        "doors.n-door.reverse_input": "expected only at a door of one access point: otherwise nothing says which way "
        "is against it"
    }


def test_yaml_that_does_not_parse_names_its_line() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration("site: north\nports: [", Path("/"))

    assert refused.value.faults[0].path.startswith("line ")


def test_every_fault_speaks_both_languages() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration("agent: 3", Path("/"))

    assert all(fault.expected_zh.startswith("应为") and fault.expected_en for fault in refused.value.faults)


TEXTS = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-10, 300) | TEXTS
KEYS = st.sampled_from(["port", "board", "device", "protocol", "access_points", "p1", "in", "n-door", "fire"]) | TEXTS
PARTS = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(KEYS, SCALARS, max_size=4)
YAML_VALUES = PARTS | st.lists(PARTS, max_size=2) | st.dictionaries(KEYS, PARTS, max_size=3)
thorough = settings(max_examples=100, deadline=None, derandomize=True)


@thorough
@given(st.dictionaries(st.sampled_from(sorted(a_document())), YAML_VALUES, max_size=4))
def test_any_document_is_read_or_refused_with_faults(changes: dict[str, Any]) -> None:
    assert verdict_on(yaml.safe_dump(a_document(**changes), allow_unicode=True))


@thorough
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_faults(text: str) -> None:
    assert verdict_on(text)


def verdict_on(text: str) -> object:
    """The configuration, or the faults it was refused for; anything else raises."""
    try:
        return read_configuration(text, Path("/"))
    except ConfigurationError as refused:
        return refused.faults
