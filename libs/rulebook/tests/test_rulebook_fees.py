"""Fees: stated, waived, and never in the way."""

from dataclasses import replace

from menshen_rulebook.clauses import Closure, Condition, FactTest, Fee, Where
from menshen_rulebook.decide import decide, time_boundaries
from menshen_rulebook.plan import AccessPoint, Area, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.reasons import render
from menshen_rulebook.types import (
    AccessPointClass,
    Audience,
    Credential,
    CredentialState,
    Decision,
    Direction,
    Fact,
    Identifier,
    IdentifierType,
    Language,
    LiveState,
    Outcome,
    PermitState,
    Presentation,
    Subject,
    SubjectKind,
    Text,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)

NOW_MS = 1_772_409_600_000
PLATE, CARD = Identifier(IdentifierType.PLATE, "云Z00009"), Identifier(IdentifierType.CARD, "04A1")
TICKET = FactTest("official_ticket", ("valid",))
FEE = Fee("parking", Text("每小时4元", "4 yuan an hour"), Where(frozenset({"visitor"})), waived_by=TICKET)
CAR = Subject(
    "v:1",
    1,
    SubjectKind.VEHICLE,
    "visitor",
    "north",
    credentials=(Credential("p", (PLATE,), CredentialState.ACTIVE),),
    visits=(Visit("v", "north", NOW_MS - 1000, NOW_MS + 10_000, VisitState.READY),),
    vehicle=Vehicle(VehicleClass.CAR, PermitState.UNSPECIFIED),
)
HOST = Subject(
    "c:1",
    1,
    SubjectKind.CARDHOLDER,
    "visitor",
    "north",
    credentials=(Credential("k", (CARD,), CredentialState.ACTIVE),),
    visits=CAR.visits,
)


def _plan(*fees: Fee) -> SitePlan:
    return SitePlan(
        "north",
        1,
        areas=(Area("outside"), Area("campus")),
        access_points=(AccessPoint("p", "outside", "campus", Direction.ENTRY, AccessPointClass.MOTOR),),
        policies=(Policy(1, 1, "north", 0, fees=fees),),
    )


def _decide(plan: SitePlan, *subjects: Subject) -> Decision:
    shown = tuple(i for subject in subjects for held in subject.credentials for i in held.identifiers)
    return decide(Presentation("e", "north", "p", "a", NOW_MS, shown), subjects, "p", plan, LiveState(), NOW_MS)


def _said(decision: Decision) -> tuple[str, list[str]]:
    return decision.outcome.name, [reason.code for reason in decision.reasons]


def test_the_holder_reads_what_is_due_in_both_languages() -> None:
    [reason] = _decide(_plan(FEE), CAR).reasons

    zh, en = (render(reason, language, Audience.HOLDER) for language in (Language.ZH, Language.EN))

    assert reason.outcome is Outcome.GRANT_WITH_REMINDER
    assert (zh, en) == ("请通行，收费标准：每小时4元。", "Please pass. Fee: 4 yuan an hour.")


def test_a_ticket_of_whoever_comes_with_the_car_waives_its_fee() -> None:
    ticket = replace(HOST, facts=(Fact("official_ticket", "valid", "office"),))

    assert _said(_decide(_plan(FEE), CAR, ticket)) == ("GRANT", ["FEE_WAIVED"])
    assert _said(_decide(_plan(FEE), CAR, HOST)) == ("GRANT_WITH_REMINDER", ["FEE_DUE"])


def test_two_who_come_together_owe_one_fee() -> None:
    decision = _decide(_plan(replace(FEE, waived_by=None)), CAR, HOST)

    assert _said(decision) == ("GRANT_WITH_REMINDER", ["FEE_DUE"])


def test_a_fee_may_depend_on_a_condition() -> None:
    heavy = replace(FEE, only_if=(Condition(FactTest("vehicle.class", ("GOODS",))),))

    assert _said(_decide(_plan(heavy), CAR)) == ("GRANT", [])


def test_who_is_refused_owes_nothing() -> None:
    closed = replace(_plan(FEE), closures=(Closure("p"),))

    assert _said(_decide(closed, CAR)) == ("DENY", ["ACCESS_POINT_CLOSED"])


def test_the_end_of_a_ticket_is_a_boundary() -> None:
    ticket = replace(CAR, facts=(Fact("official_ticket", "valid", "office", 0, NOW_MS + 5),))

    assert NOW_MS + 5 in time_boundaries(ticket, "p", _plan(FEE), LiveState(), NOW_MS, NOW_MS + 100)
