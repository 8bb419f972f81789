"""What an agent decided alone comes out the same at the centre, from its report and the versions that this names."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from harness.edge_worlds import (
    DAY_MS,
    EVENT_ID,
    SITE,
    Gate,
    World,
    decided,
    entry,
    held_by_edge,
    recorded,
    records_of,
    worlds,
)
from harness.rulebook_strategies import CARD, NOW_MS, POINTS, many, mostly, some
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_access.domain.administration import HoldSet, RaisedHold
from menshen_access.domain.circumstances import Circumstances, circumstances_of
from menshen_access.domain.events import EventPayload
from menshen_access.domain.judging import Inputs, Verdict
from menshen_access.domain.rerunning import Rerun, rerun
from menshen_device_agent.events import AgentEvent, Answer, Asked, EventKind
from menshen_device_agent.journal import UNDECIDED
from menshen_device_agent.peers.convert import encode_event
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import unpack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Outcome,
    Subject,
    SubjectKind,
)

BADGE = Identifier(IdentifierType.CARD, "04A1B2C3")


gates = st.builds(
    Gate,
    st.sampled_from([-3, 0, 400, DAY_MS, DAY_MS + 1]),
    mostly(True, st.just(False)),
    mostly(False, st.just(True)),
    st.booleans(),
    some(st.sampled_from(["k1", "k2", "retired:k1", "v1"])),
    some(st.sampled_from(["opened:p0:2026-03-02", "opened:p1:2026-03-02"])),
)
doors = many(st.sampled_from(["d1", "d2"]))


def again(event: EventPayload, world: World) -> Rerun:
    """As Explain makes it again: by the versions the event names, whatever else the site had."""
    named = dict(zip(event.identity["subject_ids"], event.identity["subject_versions"], strict=False))
    kept_people = (unpack(record.record) for record in records_of(world))
    people = {one.subject_id: one for one in kept_people if named.get(one.subject_id) == one.version}
    plan = world.plan if event.core["plan_version"] == world.plan.version else None
    version, kept = event.core.get("holds_version"), circumstances_of(SITE, world.held)
    return rerun(event, Inputs(plan, people, kept if version == kept.version else None))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(worlds, gates, doors)
def test_every_decision_of_a_gate_alone_is_reproduced_from_its_report(
    world: World, gate: Gate, open_doors: tuple[str, ...]
) -> None:
    numbered = replace(world.plan, version=world.plan.version + 1)
    world = world._replace(plan=numbered)
    for access_point in POINTS:
        for swipe in world.swipes:
            asked = replace(swipe, access_point=access_point, open_interlock_doors=open_doors, awaiting=(CARD,))

            found = again(recorded(decided(world, gate, asked)), world)

            assert (found.verdict, found.differences, found.missing) == (Verdict.REPRODUCED, (), ()), asked


def point(name: str, direction: str, **changes: Any) -> dict[str, Any]:
    areas = ("outside", "campus") if direction == "ENTRY" else ("campus", "outside")
    given = {"id": name, "from_area": areas[0], "to_area": areas[1], "direction": direction}
    return {**given, "access_point_class": "PEDESTRIAN", **changes}


def a_plan() -> SitePlan:
    text = {"zh": "请联系门岗。", "en": "Please see the guard."}
    fever = {
        "id": "temperature",
        "where": {"directions": ["ENTRY"]},
        "test": {"fact": "temperature_c", "below": 37.3, "newest": True},
        "rulings": {"absent": "GRANT", "unknown": "GRANT", "stale": "GRANT", "rejected": "MANUAL_REVIEW"},
        "code": "TEMPERATURE_HIGH",
        "texts": {"holder": text, "guard": text, "record": text},
    }
    points = [point("p0", "ENTRY"), point("p1", "ENTRY", requires="CARD_AND_PIN"), point("p2", "EXIT")]
    policy = {"site": SITE, "version": 7, "language": 1, "from": "2020-01-01T00:00:00+08:00", "requirements": [fever]}
    document = {
        "site": SITE,
        "version": 12,
        "areas": [{"id": "outside"}, {"id": "campus"}],
        "access_points": points,
        "access_levels": [{"id": "all", "entries": [{"access_point": one["id"]} for one in points]}],
        "group_assignments": [{"level": "all", "group": "staff"}],
        "policies": [policy],
    }
    return plan_from_mapping(document)


def a_person(*, version: int = 1, **changes: Any) -> Subject:
    credential = Credential("k1", (BADGE,), **{"state": CredentialState.ACTIVE, **changes})
    return Subject("c:1", version, SubjectKind.CARDHOLDER, "staff", SITE, ("staff",), (credential,))


def a_world(held: HoldSet | None = None, **person: Any) -> World:
    swipe = Asked(EVENT_ID, "p0", NOW_MS, 5, (BADGE,), "reader-1")
    return World(a_plan(), (a_person(**person),), held or HoldSet(5, ()), (swipe,), (NOW_MS,))


def locked() -> HoldSet:
    return HoldSet(5, (RaisedHold("h", "o", "", "", "why", NOW_MS),))


def changed(event: EventPayload, part: str, name: str, value: Any) -> EventPayload:
    """The event with one thing in it altered or, by None, taken out."""
    altered = {**getattr(event, part), name: value}
    return replace(event, **{part: {key: kept for key, kept in altered.items() if kept is not None}})


class Told(NamedTuple):
    """A decision alone whose answer hangs on one input, and the way to falsify that in its record."""

    code: str
    falsify: tuple[str, str, Any]
    gate: Gate = Gate(400)
    swipe: Mapping[str, Any] = MappingProxyType({})
    person: Mapping[str, Any] = MappingProxyType({})
    held: HoldSet = HoldSet(5, ())


IN_TIME = {"age_ms": 400, "stale_after_ms": DAY_MS}
TOLD = {
    "what was used": Told(
        "CREDENTIAL_USED",
        ("identity", "live", {}),
        Gate(400, used=frozenset({"k1"})),
        person={"single_use": True},
    ),
    "the release": Told("EMERGENCY_RELEASE", ("core", "alone", IN_TIME), Gate(400, released=True)),
    "the age of the copy": Told("EDGE_STALE", ("core", "alone", IN_TIME), Gate(DAY_MS + 1)),
    "the wiring": Told("EDGE_EMPTY", ("core", "alone", IN_TIME), Gate(400, has_plan=False, wired_exit=True)),
    "the door of the interlock": Told(
        "INTERLOCK_OPEN", ("identity", "live", {}), swipe={"open_interlock_doors": ("d2",)}
    ),
    "the PIN": Told("PIN_UNVERIFIABLE", ("identity", "pin_verdict", 2), swipe={"access_point": "p1", "pin": "1234"}),
    "the temperature": Told("TEMPERATURE_HIGH", ("health", "measured", None), swipe={"temperature_c": 38.5}),
    "the subject": Told("CREDENTIAL_LOST", ("identity", "subject_ids", []), person={"state": CredentialState.LOST}),
    "the reasons": Told("CREDENTIAL_LOST", ("core", "reasons", []), person={"state": CredentialState.LOST}),
    "the outcome": Told("CREDENTIAL_LOST", ("core", "outcome", 1), person={"state": CredentialState.LOST}),
    "the instant": Told("LOCKDOWN", ("core", "decided_at_ms", 0), held=locked()),
}


@pytest.mark.parametrize("which", TOLD)
def test_a_record_whose_inputs_were_altered_differs(which: str) -> None:
    code, (part, name, value), gate, swipe, person, held = TOLD[which]
    world = a_world(held, **person)
    event = recorded(decided(world, gate, replace(world.swipes[0], **swipe)))
    forged = changed(event, part, name, value)

    found = again(event, world), again(forged, world)

    assert [reason[0] for reason in event.core["reasons"]] == [code]
    assert [one.verdict for one in found] == [Verdict.REPRODUCED, Verdict.DIFFERS]


def test_other_versions_than_the_gate_held_give_another_answer() -> None:
    world = a_world()
    event = recorded(decided(world, Gate(400), world.swipes[0]))
    same = Inputs(world.plan, {"c:1": world.people[0]}, Circumstances(5))

    lost = rerun(event, replace(same, subjects={"c:1": a_person(version=2, state=CredentialState.LOST)}))
    barred = rerun(event, replace(same, circumstances=circumstances_of(SITE, locked())))

    assert rerun(event, same).verdict is Verdict.REPRODUCED
    assert [(one.verdict, one.differences[-1].again) for one in (lost, barred)] == [
        (Verdict.DIFFERS, "CREDENTIAL_LOST"),
        (Verdict.DIFFERS, "LOCKDOWN"),
    ]


def test_every_rule_of_a_decision_alone_is_told_and_a_stale_copy_in_their_place() -> None:
    world = a_world()

    judged = again(recorded(decided(world, Gate(400), world.swipes[0])), world)
    stale = again(recorded(decided(world, Gate(DAY_MS + 1), world.swipes[0])), world)

    assert len(judged.accounts) > 10
    assert [[reason.code for reason in one.reasons] for one in stale.accounts] == [["EDGE_STALE"]]


def test_a_fault_is_made_again_as_a_fault() -> None:
    world = a_world()
    holding = held_by_edge(world)
    broken = replace(next(iter(holding.records)), version=2, record=json.dumps([99]).encode())
    holding.records.apply([broken])
    holding.current_at_ms = NOW_MS

    entered, left = (recorded(entry(holding, Gate(0), replace(world.swipes[0], access_point=p))) for p in ("p0", "p2"))

    assert [(event.core["outcome"], event.core["reasons"][0][0]) for event in (entered, left)] == [
        (Outcome.DENY, "SYSTEM_FAULT"),
        (Outcome.GRANT_WITH_REMINDER, "SYSTEM_FAULT"),
    ]
    assert [again(event, world).verdict for event in (entered, left)] == [Verdict.REPRODUCED] * 2


def test_a_presentation_that_its_agent_did_not_live_to_decide_is_made_again_as_one() -> None:
    world = a_world()
    swipe = world.swipes[0]
    undecided = Answer(EVENT_ID, EventKind.EDGE, Outcome.DENY, (UNDECIDED,), swipe.at_ms)
    body = encode_event(AgentEvent(EVENT_ID, EventKind.EDGE, swipe.at_ms, 5, "p0", asked=swipe, answer=undecided))

    found = again(recorded(body), world)

    assert found.verdict is Verdict.REPRODUCED
