"""Tests on facts: bounds, the one reported last, and what a vehicle and its driver share."""

from dataclasses import replace

import pytest
from menshen_rulebook.clauses import FactTest, Requirement, Where
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.subject import FactValue
from menshen_rulebook.types import (
    AccessPointClass,
    Credential,
    CredentialState,
    Decision,
    Direction,
    Fact,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    PermitState,
    Presentation,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
)

NOW_MS = 1_772_409_600_000
HOUR_MS = 3_600_000
CARD, TAG = Identifier(IdentifierType.CARD, "04A1"), Identifier(IdentifierType.EPC, "E2")
DRIVER = Subject(
    "c:1",
    1,
    SubjectKind.CARDHOLDER,
    "supply",
    "north",
    credentials=(Credential("k", (CARD,), CredentialState.ACTIVE),),
)
TRUCK = Subject(
    "v:1",
    1,
    SubjectKind.VEHICLE,
    "supply",
    "north",
    credentials=(Credential("t", (TAG,), CredentialState.ACTIVE),),
    vehicle=Vehicle(VehicleClass.GOODS, PermitState.ACTIVE),
)
LATEST = FactTest("health.test", ("negative",), max_age_ms=48 * HOUR_MS, newest=True)


def _decide(
    test: FactTest, *subjects: Subject, shared: bool = False, measured: tuple[tuple[str, FactValue], ...] = ()
) -> Outcome:
    return _decision(test, *subjects, shared=shared, measured=measured).outcome


def _decision(
    test: FactTest, *subjects: Subject, shared: bool = False, measured: tuple[tuple[str, FactValue], ...] = ()
) -> Decision:
    """The answer at a lane for people and trucks that requires `test` of everyone."""
    requirement = Requirement("r", test, Where(), shared=shared)
    goods = {subject.kind for subject in subjects} == {SubjectKind.CARDHOLDER, SubjectKind.VEHICLE}
    traffic = AccessPointClass.GOODS if goods else AccessPointClass.PEDESTRIAN
    plan = SitePlan(
        "north",
        1,
        areas=(Area("outside"), Area("campus")),
        access_points=(AccessPoint("p", "outside", "campus", Direction.ENTRY, traffic),),
        access_levels=(AccessLevel("l", (LevelEntry("p"),)),),
        group_assignments=(GroupAssignment("l", "supply"),),
        policies=(Policy(1, 1, "north", 0, requirements=(requirement,)),),
    )
    presentation = Presentation("e", "north", "p", "a", NOW_MS, (CARD, TAG), measured=measured)
    identifiers = tuple(i for subject in subjects for held in subject.credentials for i in held.identifiers)
    return decide(replace(presentation, identifiers=identifiers), subjects, "p", plan, LiveState(), NOW_MS)


def _tested(*results: tuple[str, int], **more: int) -> Subject:
    return replace(
        DRIVER,
        facts=tuple(Fact("health.test", value, "clinic", reported_at_ms=at_ms, **more) for value, at_ms in results),
    )


@pytest.mark.parametrize(
    ("degrees", "outcome"), [(36.8, Outcome.GRANT), (37.299, Outcome.GRANT), (37.3, Outcome.DENY), (40.0, Outcome.DENY)]
)
def test_a_value_must_stay_below_the_bound(degrees: float, outcome: Outcome) -> None:
    test = FactTest("temperature_c", below=37.3)

    assert _decide(test, DRIVER, measured=(("temperature_c", degrees),)) is outcome


def test_a_positive_result_after_a_negative_one_counts() -> None:
    subject = _tested(("negative", NOW_MS - 30 * HOUR_MS), ("positive", NOW_MS - HOUR_MS))

    assert _decide(LATEST, subject) is Outcome.DENY
    assert _decide(replace(LATEST, newest=False), subject) is Outcome.GRANT


def test_a_negative_result_after_a_positive_one_counts() -> None:
    subject = _tested(("positive", NOW_MS - 30 * HOUR_MS), ("negative", NOW_MS - HOUR_MS))

    assert _decide(LATEST, subject) is Outcome.GRANT


def test_of_two_results_reported_at_once_the_worse_counts() -> None:
    for results in (("negative", "positive"), ("positive", "negative")):
        subject = _tested(*((result, NOW_MS - HOUR_MS) for result in results))

        assert _decide(LATEST, subject) is Outcome.DENY


def test_a_fact_that_has_not_begun_does_not_hide_the_one_before_it() -> None:
    running = Fact("leave.state", "closed", reported_at_ms=NOW_MS - 2 * HOUR_MS)
    next_week = Fact("leave.state", "approved", valid_from_ms=NOW_MS + 1, reported_at_ms=NOW_MS - HOUR_MS)
    test = FactTest("leave.state", ("closed",), newest=True)

    assert _decide(test, replace(DRIVER, facts=(running, next_week))) is Outcome.GRANT
    assert _decide(test, replace(DRIVER, facts=(next_week,))) is Outcome.DENY


def test_what_the_lane_measures_comes_before_what_was_reported() -> None:
    yesterday = replace(DRIVER, facts=(Fact("temperature_c", 36.5, reported_at_ms=NOW_MS - HOUR_MS),))
    test = FactTest("temperature_c", below=37.3, newest=True)

    assert _decide(test, yesterday) is Outcome.GRANT
    assert _decide(test, yesterday, measured=(("temperature_c", 38.0),)) is Outcome.DENY


def test_one_test_serves_a_truck_and_its_driver_where_it_is_shared() -> None:
    driver = _tested(("negative", NOW_MS - HOUR_MS))

    assert _decide(LATEST, TRUCK, driver, shared=True) is Outcome.GRANT
    assert _decide(LATEST, TRUCK, driver) is Outcome.DENY


def test_a_shared_test_nobody_has_is_missed_once() -> None:
    old = _tested(("negative", NOW_MS - 49 * HOUR_MS))

    decision = _decision(LATEST, TRUCK, old, shared=True)

    assert decision.outcome is Outcome.DENY
    assert [reason.code for reason in decision.reasons] == ["FACT_TOO_OLD"]
