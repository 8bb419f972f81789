"""A duress PIN is judged as the right one, whatever else is so, and alarms in any case."""

from dataclasses import replace
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, PARTIES, PRESENTATIONS
from hypothesis import HealthCheck, given, settings
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import (
    AlarmKind,
    Credential,
    CredentialState,
    Decision,
    Hold,
    HoldScope,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    PinVerdict,
    Presentation,
    RaiseAlarm,
    Subject,
    SubjectKind,
)

NOW_MS = 1_772_409_600_000
CARD, OTHER = Identifier(IdentifierType.CARD, "AA"), Identifier(IdentifierType.CARD, "BB")


def alarms_of(decision: Decision) -> list[RaiseAlarm]:
    return [effect for effect in decision.effects if isinstance(effect, RaiseAlarm) and effect.private]


def without_secrets(decision: Decision) -> Decision:
    kept = tuple(effect for effect in decision.effects if effect not in alarms_of(decision))
    return replace(decision, effects=kept, private_reasons=())


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS)
def test_all_but_what_the_centre_alone_is_told_is_equal(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    right, forced = (
        decide(replace(presentation, pin_verdict=verdict), party, presentation.access_point_id, plan, live, now_ms)
        for verdict in (PinVerdict.OK, PinVerdict.DURESS)
    )

    assert without_secrets(forced) == right
    assert [(alarm.kind, alarm.private) for alarm in alarms_of(forced)] == [(AlarmKind.DURESS, True)]
    assert [reason.code for reason in forced.private_reasons] == ["DURESS"]


def plan(**entry: Any) -> SitePlan:
    gate = {"access_point_class": "PEDESTRIAN", "requires": "CARD_AND_PIN", **entry}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [
                {"id": "in", "from_area": "outside", "to_area": "campus", "direction": "ENTRY", **gate},
                {"id": "out", "from_area": "campus", "to_area": "outside", "direction": "EXIT", **gate},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"version": 1, "language": 1, "site": "north", "from": "2020-01-01T00:00:00+08:00"}],
        }
    )


def member(subject_id: str, card: Identifier) -> Subject:
    held = Credential(f"credential-{card.value}", (card,), CredentialState.ACTIVE)
    return Subject(subject_id, 1, SubjectKind.CARDHOLDER, "staff", "north", ("staff",), (held,), has_pin=True)


ONE, BOTH = (member("c:1", CARD),), (member("c:1", CARD), member("c:2", OTHER))
LOCKED_DOWN = LiveState(holds=(Hold("h", "centre", HoldScope.AREA, "campus"),), holds_version=1)


@pytest.mark.parametrize(
    ("point", "built", "party", "live", "outcome"),
    [
        ("in", plan(), ONE, LiveState(), Outcome.GRANT),
        ("out", plan(), ONE, LiveState(), Outcome.GRANT),
        ("in", plan(), ONE, LOCKED_DOWN, Outcome.DENY),
        ("out", plan(), ONE, LOCKED_DOWN, Outcome.GRANT),
        ("in", plan(), (), LiveState(), Outcome.DENY),
        ("in", plan(person_rule="TWO_PERSON"), ONE, LiveState(), Outcome.DENY),
        ("in", plan(person_rule="TWO_PERSON"), BOTH, LiveState(), Outcome.GRANT),
    ],
)
def test_it_alarms_and_answers_as_the_right_pin_does(
    point: str, built: SitePlan, party: tuple[Subject, ...], live: LiveState, outcome: Outcome
) -> None:
    cards = tuple(subject.credentials[0].identifiers[0] for subject in party) or (CARD,)
    shown = Presentation("e", "north", point, "agent", NOW_MS, cards, pin_verdict=PinVerdict.DURESS)

    forced = decide(shown, party, point, built, live, NOW_MS)
    right = decide(replace(shown, pin_verdict=PinVerdict.OK), party, point, built, live, NOW_MS)

    assert (forced.outcome, without_secrets(forced)) == (outcome, right)
    assert [alarm.kind for alarm in alarms_of(forced)] == [AlarmKind.DURESS]
