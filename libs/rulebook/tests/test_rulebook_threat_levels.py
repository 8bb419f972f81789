"""What threat levels leave alone, and what a decision about them is guarded by."""

from dataclasses import replace
from typing import Any

import pytest
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Decision,
    HoldsUnchanged,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Presentation,
    Subject,
    SubjectKind,
    ThreatLevel,
    Vehicle,
)
from menshen_rulebook.vocabulary import PermitState, VehicleClass

NOW_MS = 1_772_409_600_000
CARD, PLATE = Identifier(IdentifierType.CARD, "04A1"), Identifier(IdentifierType.PLATE, "A1")
PIN_AT_TWO = {"where": {"threat_level": 2}, "requires": "CARD_AND_PIN"}
DRIVER = Subject(
    "c:1", 1, SubjectKind.CARDHOLDER, "staff", "north", credentials=(Credential("k", (CARD,), CredentialState.ACTIVE),)
)
CAR = Subject(
    "v:1",
    1,
    SubjectKind.VEHICLE,
    "staff",
    "north",
    credentials=(Credential("p", (PLATE,), CredentialState.ACTIVE),),
    vehicle=Vehicle(VehicleClass.CAR, PermitState.ACTIVE),
)


def _point(name: str, start: str, end: str, direction: str, traffic: str) -> dict[str, Any]:
    return {"id": name, "from_area": start, "to_area": end, "direction": direction, "access_point_class": traffic}


def _decide(at: str, subjects: tuple[Subject, ...], level: int, **policy: Any) -> Decision:
    whole = {"language": 1, "version": 1, "site": "north", "from_ms": 0, **policy}
    points = [
        _point("car-in", "outside", "campus", "ENTRY", "MOTOR"),
        _point("out", "campus", "outside", "EXIT", "PEDESTRIAN"),
    ]
    plan = plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": points,
            "access_levels": [{"id": "all", "entries": [{"access_point": "car-in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [whole],
        }
    )
    shown = tuple(i for subject in subjects for held in subject.credentials for i in held.identifiers)
    presentation = Presentation("e", "north", at, "a", NOW_MS, shown)
    return decide(presentation, subjects, at, plan, LiveState(threat_levels=(ThreatLevel(level),)), NOW_MS)


def test_a_car_alone_is_asked_for_no_pin_and_its_driver_is() -> None:
    alone = _decide("car-in", (CAR,), 2, threats=[PIN_AT_TWO])
    driven = _decide("car-in", (CAR, DRIVER), 2, threats=[PIN_AT_TWO])

    assert alone.outcome is Outcome.GRANT
    assert [reason.code for reason in driven.reasons] == ["PIN_NOT_SET"]


def test_a_level_that_admits_the_driver_alone_keeps_the_car_out() -> None:
    by_group = {"where": {"threat_level": 2}, "admits": {"groups": ["first-response"]}}

    driven = _decide("car-in", (CAR, replace(DRIVER, groups=("first-response",))), 2, threats=[by_group])

    assert driven.outcome is Outcome.DENY
    assert [reason.code for reason in driven.reasons] == ["THREAT_LEVEL"]


@pytest.mark.parametrize(
    ("policy", "guarded"),
    [
        ({}, False),
        ({"leave": {"mode": "NORMAL"}}, False),
        ({"threats": [PIN_AT_TWO]}, False),
        ({"leave": {"mode": "CLOSED"}}, True),
        ({"requirements": [{"id": "r", "test": {"fact": "x"}}]}, True),
        ({"requirements": [{"id": "r", "test": {"fact": "x"}, "where": {"access_points": ["car-in"]}}]}, False),
        ({"reminders": [{"code": "R", "texts": {"zh": "中", "en": "en"}, "where": {"threat_level": 3}}]}, True),
    ],
)
def test_a_way_out_is_guarded_by_the_circumstances_only_where_its_rules_heed_them(
    policy: dict[str, Any], guarded: bool
) -> None:
    decision = _decide("out", (DRIVER,), 1, **policy)

    assert any(isinstance(guard, HoldsUnchanged) for guard in decision.guards) is guarded
