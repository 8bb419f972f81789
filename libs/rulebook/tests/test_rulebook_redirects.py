"""Where people are sent: the nearest access point that is open to them, or nowhere."""

from dataclasses import replace
from typing import Any

import pytest
from menshen_rulebook.decide import decide, time_boundaries
from menshen_rulebook.mapping import DocumentInvalidError
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Hold,
    HoldScope,
    Identifier,
    IdentifierType,
    LiveState,
    Presentation,
    Subject,
    SubjectKind,
    ThreatLevel,
    Vehicle,
    VehicleClass,
)

NIGHT_MS, DAY_MS = 1_772_384_400_000, 1_772_409_600_000
OPENS_MS = 1_772_402_400_000
CARD = Identifier(IdentifierType.CARD, "04A1")
CREDENTIALS = (Credential("k", (CARD,), CredentialState.ACTIVE),)
WALKER = Subject("c:1", 1, SubjectKind.CARDHOLDER, "staff", "north", credentials=CREDENTIALS)
E_BIKE = replace(
    WALKER, subject_id="v:1", kind=SubjectKind.VEHICLE, category="staff", vehicle=Vehicle(VehicleClass.E_BIKE)
)
CALM = LiveState()


def _point(name: str, traffic: str = "PEDESTRIAN", **more: Any) -> dict[str, Any]:
    way = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY"}
    return {"id": name, "access_point_class": traffic, "name": {"zh": name, "en": name}, **way, **more}


def _plan(closed: tuple[str, ...] = ("shut",), **policy: Any) -> dict[str, Any]:
    """`shut` is closed and names day (open by day), cycle (for e-bikes) and far, in this order."""
    return {
        "site": "north",
        "version": 1,
        "areas": [{"id": "outside"}, {"id": "campus"}],
        "schedules": [{"id": "day", "intervals": [{"days": ["MON"], "opens": "06:00", "closes": "23:00"}]}],
        "access_points": [
            _point("shut", redirect="day", redirects=["cycle", "far"]),
            _point("day", schedule="day"),
            _point("cycle", "NON_MOTOR"),
            _point("far"),
        ],
        "policies": [
            {
                "language": 1,
                "version": 1,
                "site": "north",
                "from_ms": 0,
                "closures": [{"access_point": name} for name in closed],
                "admissions": [
                    {"access_point_class": "PEDESTRIAN", "people": True},
                    {"access_point_class": "NON_MOTOR", "vehicles": ["E_BIKE"]},
                ],
                **policy,
            }
        ],
    }


def _sent_to(
    plan: dict[str, Any], code: str, subject: Subject = WALKER, now_ms: int = DAY_MS, live: LiveState = CALM
) -> str | None:
    presentation = Presentation("e", "north", "shut", "a", now_ms, (CARD,))
    decision = decide(presentation, (subject,), "shut", plan_from_mapping(plan), live, now_ms)
    [reason] = [reason for reason in decision.reasons if reason.code == code]
    return dict(reason.arguments).get("redirect")


def test_people_are_sent_to_the_first_that_is_open() -> None:
    assert _sent_to(_plan(), "ACCESS_POINT_CLOSED") == "day"


def test_one_outside_its_hours_is_passed_over() -> None:
    assert _sent_to(_plan(), "ACCESS_POINT_CLOSED", now_ms=NIGHT_MS) == "far"


def test_one_that_is_closed_itself_is_passed_over() -> None:
    assert _sent_to(_plan(("shut", "day")), "ACCESS_POINT_CLOSED") == "far"


def test_one_under_lockdown_is_passed_over() -> None:
    live = LiveState(holds=(Hold("h", "post", HoldScope.ACCESS_POINT, "day"),))

    assert _sent_to(_plan(), "ACCESS_POINT_CLOSED", live=live) == "far"


def test_one_where_a_threat_level_admits_others_is_passed_over() -> None:
    areas = [{"id": "outside"}, {"id": "campus"}, {"id": "annexe", "parent": "campus"}]
    threat = {"where": {"threat_level": 2, "areas": ["annexe"]}, "admits": {"categories": ["resident"]}}
    plan = {**_plan(threats=[threat]), "areas": areas}
    plan["access_points"][1]["to_area"] = "annexe"

    assert _sent_to(plan, "ACCESS_POINT_CLOSED", live=LiveState(threat_levels=(ThreatLevel(1),))) == "day"
    assert _sent_to(plan, "ACCESS_POINT_CLOSED", live=LiveState(threat_levels=(ThreatLevel(2),))) == "far"
    assert _sent_to(plan, "ACCESS_POINT_CLOSED", live=LiveState(threat_levels=(ThreatLevel(5, "campus"),))) == "far"


def test_an_e_bike_is_sent_to_the_lane_for_e_bikes() -> None:
    assert _sent_to(_plan(()), "CLASS_NOT_ALLOWED", E_BIKE) == "cycle"


def test_nobody_is_sent_where_everything_is_closed() -> None:
    assert _sent_to(_plan(("shut", "day", "far")), "ACCESS_POINT_CLOSED") is None


def test_the_closure_knows_a_nearer_one() -> None:
    plan = _plan(closures=[{"access_point": "shut", "redirect": "far"}])

    assert _sent_to(plan, "ACCESS_POINT_CLOSED") == "far"


def test_a_requirement_may_name_where_to_go_instead() -> None:
    elsewhere = {
        "id": "elsewhere",
        "test": {"fact": "subject.category"},
        "where": {"access_points": ["shut"]},
        "rulings": {"present": "DENY"},
        "code": "OTHER_GATE",
        "redirects": ["shut", "cycle", "day"],
    }

    assert _sent_to(_plan((), requirements=[elsewhere]), "OTHER_GATE") == "day"


def test_the_instant_another_one_opens_is_a_boundary() -> None:
    plan = plan_from_mapping(_plan())

    found = time_boundaries(WALKER, "shut", plan, CALM, NIGHT_MS, DAY_MS)

    assert OPENS_MS in found


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (
            {**_plan(), "access_points": [_point("a", redirects=["nowhere"])], "policies": []},
            "access_points[0].redirects",
        ),
        (
            _plan(requirements=[{"id": "r", "test": {"fact": "x"}, "redirects": ["nowhere"]}]),
            "policies[0].requirements",
        ),
    ],
)
def test_an_access_point_nobody_defined_is_a_fault(plan: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentInvalidError) as caught:
        plan_from_mapping(plan)

    assert path in [fault.path for fault in caught.value.faults]
