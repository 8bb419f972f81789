"""The invented university against the rulebook, the agents' own reader and what a campus security office expects."""

from pathlib import Path

import pytest
from menshen_access.plan_documents import read_document
from menshen_cli.demo.plans import MORNING_MINUTES, morning_offset_minutes, plan_document, plan_mapping
from menshen_cli.demo.policies import closing_policy_mapping, document, policy_mapping
from menshen_cli.demo.university import (
    AGENTS,
    CAMPUSES,
    CLOSING_GATE,
    CLOSING_REDIRECT,
    FIRE_ZONE,
    GATES,
    LANE_OF,
    LANES,
    LONE_GATE,
    STUCK_DOOR,
    Campus,
    gates_of,
)
from menshen_cli.demo.wiring import agent_configuration, devices_of, installation_plan
from menshen_device_agent.configuration import read_configuration
from menshen_rulebook.analysis import Severity, analyse
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.policy import parse_policy
from menshen_rulebook.types import Outcome
from menshen_rulebook.vocabulary import AntiPassbackMode, CredentialRequirement
from yaml import safe_dump

NOON_MS = 1_772_366_400_000


def whole_plan(campus: Campus) -> SitePlan:
    policies = [policy_mapping(campus, version=1, from_ms=1)]
    if campus.site == CLOSING_GATE.site:
        policies.append(closing_policy_mapping(CLOSING_GATE, CLOSING_REDIRECT, version=2, at_ms=NOON_MS))
    return plan_from_mapping(plan_mapping(campus, 480) | {"policies": policies})


def test_there_are_three_campuses_and_seventeen_gates() -> None:
    assert [campus.site for campus in CAMPUSES] == ["north", "east", "lake"]
    assert sum(gate.perimeter for gate in GATES.values()) == 17
    assert sum(campus.share for campus in CAMPUSES) == pytest.approx(1.0)
    assert gates_of(LONE_GATE.agent_id) == (LONE_GATE,)


@pytest.mark.parametrize("campus", CAMPUSES, ids=lambda campus: campus.site)
def test_the_rulebook_accepts_the_plan_and_the_policies_of_a_campus(campus: Campus) -> None:
    plan = whole_plan(campus)

    assert len(plan.access_points) == sum(len(gate.access_points) for gate in campus.gates)
    assert {door.door_id for door in plan.doors} == {lane.lane_id for gate in campus.gates for lane in gate.lanes}
    assert plan.policy_at(NOON_MS - 1) is not None


@pytest.mark.parametrize("campus", CAMPUSES, ids=lambda campus: campus.site)
def test_the_documents_are_what_administration_reads(campus: Campus) -> None:
    policy = policy_mapping(campus, version=3, from_ms=NOON_MS)

    assert read_document(plan_document(campus, 480)).plain == plan_mapping(campus, 480)
    assert parse_policy(read_document(document(policy)).plain) == parse_policy(policy)


def test_the_example_policy_that_the_guide_names_fits_the_demo() -> None:
    example = "examples/policies/north/2020-05-06.yaml"
    root = Path(__file__).parents[3]
    [north] = [campus for campus in CAMPUSES if campus.site == "north"]

    policy = read_document((root / example).read_text(encoding="utf-8")).plain
    findings = analyse(plan_from_mapping(plan_mapping(north, 480) | {"policies": [policy]}), None, NOON_MS)

    assert [one.text.en for one in findings if one.severity is Severity.ERROR] == []
    for guide in ("history.md", "history.zh-CN.md"):
        assert example in (root / "docs" / guide).read_text(encoding="utf-8")


def test_the_dated_policy_closes_every_entry_of_its_gate_and_no_exit() -> None:
    plan = whole_plan(CAMPUSES[0])

    closed = {point for point in GATES["n3"].access_points if (found := plan.point(point, NOON_MS)) and found.closures}
    open_before = [plan.point(point, NOON_MS - 1) for point in GATES["n3"].access_points]

    assert closed == set(CLOSING_GATE.entries) == {"n3-p1-in", "n3-p2-in"}
    assert all(point is not None and not point.closures for point in open_before)


def test_the_dormitory_is_softly_held_and_the_laboratory_asks_for_a_pin() -> None:
    plan = whole_plan(CAMPUSES[0])

    dormitory, laboratory = plan.point("nd-p1-in", NOON_MS), plan.point("nl-p1-in", NOON_MS)

    assert dormitory is not None
    assert dormitory.entered.mode is AntiPassbackMode.SOFT
    assert laboratory is not None
    assert laboratory.access_point.requires is CredentialRequirement.CARD_AND_PIN
    assert laboratory.policy.lists.black is Outcome.DENY


def test_every_way_out_of_a_building_counts_as_one() -> None:
    for campus in CAMPUSES:
        plan = whole_plan(campus)
        for gate in campus.gates:
            for lane in gate.lanes:
                if lane.leaves:
                    found = plan.point(lane.exit, NOON_MS)
                    assert found is not None
                    assert found.leads_out, lane.exit


@pytest.mark.parametrize("minute", [0, 1, 449, 450, 451, 720, 1439])
def test_it_is_half_past_seven_on_campus_whenever_the_demonstration_begins(minute: int) -> None:
    now_ms = NOON_MS // 86_400_000 * 86_400_000 + minute * 60_000

    offset = morning_offset_minutes(now_ms)

    assert -720 <= offset < 720
    assert (now_ms // 60_000 + offset) % 1440 == MORNING_MINUTES


@pytest.mark.parametrize("agent_id", AGENTS)
def test_an_agent_reads_its_configuration(agent_id: str, tmp_path: Path) -> None:
    mapping = agent_configuration(agent_id, lambda name: f"/dev/{name}", lambda reader: f"{reader}.key")

    configuration = read_configuration(safe_dump(mapping), tmp_path)

    lanes = [lane for gate in gates_of(agent_id) for lane in gate.lanes]
    assert set(configuration.doors) == {lane.lane_id for lane in lanes}
    assert set(configuration.access_points) == {point for lane in lanes for point in lane.access_points}
    assert len(configuration.readers) + len(configuration.boards) == devices_of(agent_id)
    assert {reader.access_point for reader in configuration.readers.values() if reader.is_exit} == {
        lane.exit for lane in lanes if lane.leaves
    }


def test_hardware_and_configuration_agree_on_every_wire() -> None:
    keys = dict.fromkeys(LANE_OF, b"k" * 16)
    installed = {door.name: door for door in installation_plan(keys).doors}

    for agent_id in AGENTS:
        for name, door in agent_configuration(agent_id, str, str)["doors"].items():
            wiring = installed[name].wiring
            assert installed[name].board == door["board"]
            assert (wiring.lock_relay, wiring.release_relay) == (door["lock_relay"], door["release_relay"])
            assert wiring.passage_input == door["pass_input"]
    assert set(installed) == set(LANES)


def test_the_fire_zone_holds_doors_and_a_barrier_of_one_agent() -> None:
    lanes = [LANES[door] for door in FIRE_ZONE.doors]

    assert {GATES[lane.gate_id].agent_id for lane in lanes} == {"east-2"}
    assert sum(lane.barrier for lane in lanes) == 1
    assert STUCK_DOOR in FIRE_ZONE.doors
