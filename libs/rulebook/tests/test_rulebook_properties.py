"""What holds for every input."""

from dataclasses import replace
from typing import Any

from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, NOW_MS, PARTIES, POINT_IDS, PRESENTATIONS, plans
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.clauses import Closure
from menshen_rulebook.decide import decide, system_fault, taken, time_boundaries
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.reasons import render
from menshen_rulebook.rules import RULES
from menshen_rulebook.types import (
    FOREVER_MS,
    AccessPointClass,
    Audience,
    Credential,
    CredentialState,
    Decision,
    Direction,
    Identifier,
    IdentifierType,
    Language,
    ListEntry,
    ListKind,
    LiveState,
    OpenReview,
    Outcome,
    Presentation,
    Reserve,
    Subject,
)

REFUSED_BY_THE_POINT = {"ACCESS_POINT_CLOSED", "ACCESS_POINT_HOURS", "CLASS_NOT_ALLOWED", "LOCKDOWN"}
OPENS = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)
thorough = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _judge(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> Decision:
    return decide(presentation, party, presentation.access_point_id, plan, live, now_ms)


inputs: Any = given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS)


@thorough
@inputs
def test_decide_is_total_and_deterministic(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    first = _judge(presentation, party, plan, live, now_ms)
    again = _judge(presentation, party, plan, live, now_ms)

    assert first == again
    assert first.outcome is not Outcome.UNSPECIFIED
    severities = [reason.outcome for reason in first.reasons]
    assert live.released or severities == sorted(severities, reverse=True)
    for reason in (*first.reasons, *first.private_reasons):
        assert all(render(reason, language, audience) for language in Language for audience in Audience)


@thorough
@given(PRESENTATIONS, PARTIES, plans(st.just(Direction.EXIT)), LIVES, INSTANTS)
def test_no_exit_ever_denies(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    built = next(one for one in plan.access_points if one.access_point_id == presentation.access_point_id)
    is_vehicle_lane = built.access_point_class > AccessPointClass.PEDESTRIAN

    for decision in (
        _judge(presentation, party, plan, live, now_ms),
        system_fault(presentation.access_point_id, plan, now_ms),
    ):
        assert decision.outcome is not Outcome.DENY
        reviews = [effect for effect in decision.effects if isinstance(effect, OpenReview)]
        assert len(reviews) == (decision.outcome is Outcome.MANUAL_REVIEW)
        assert all((review.opens_at_ms is None) == is_vehicle_lane for review in reviews)


@thorough
@given(PRESENTATIONS, PARTIES, plans(st.sampled_from([Direction.UNSPECIFIED, Direction.ENTRY])), LIVES)
def test_unspecified_never_opens(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState
) -> None:
    idle = replace(live, released=False)
    nameless = tuple(
        replace(
            subject,
            credentials=tuple(replace(held, state=CredentialState.UNSPECIFIED) for held in subject.credentials),
            vehicle=None,
        )
        for subject in party
    )

    decision = _judge(presentation, nameless, plan, idle, NOW_MS)

    assert decision.outcome is Outcome.DENY


@thorough
@inputs
def test_black_beats_white_at_every_entry(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    listed = tuple(
        replace(subject, list_entries=(ListEntry(ListKind.WHITE), ListEntry(ListKind.BLACK))) for subject in party
    )

    decision = decide(
        presentation, listed, presentation.access_point_id, plan, replace(live, released=False), min(now_ms, NOW_MS)
    )

    built = plan.point(presentation.access_point_id, now_ms)
    assert built is not None
    assert built.leads_out or not listed or now_ms >= FOREVER_MS or decision.outcome not in OPENS
    assert "WHITELISTED" not in {reason.code for reason in decision.reasons}


@thorough
@inputs
def test_the_order_of_facts_entries_and_levels_never_matters(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    turned = tuple(
        replace(
            subject,
            facts=subject.facts[::-1],
            list_entries=subject.list_entries[::-1],
            levels=subject.levels[::-1],
            groups=subject.groups[::-1],
        )
        for subject in party
    )

    one = _judge(presentation, party, plan, live, now_ms)
    other = _judge(presentation, turned, plan, live, now_ms)

    assert (one.outcome, one.reasons, one.guards, one.effects) == (
        other.outcome,
        other.reasons,
        other.guards,
        other.effects,
    )


@thorough
@inputs
def test_a_closure_more_never_turns_a_denial_into_a_grant(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    stricter = replace(plan, closures=(*plan.closures, Closure(presentation.access_point_id)))

    before = _judge(presentation, party, plan, live, now_ms)
    after = decide(presentation, party, presentation.access_point_id, stricter, live, now_ms)

    assert after.unclamped >= before.unclamped


@thorough
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS, st.sets(POINT_IDS))
def test_nobody_is_sent_where_the_access_point_itself_refuses(
    presentation: Presentation,
    party: tuple[Subject, ...],
    plan: SitePlan,
    live: LiveState,
    now_ms: int,
    closed: set[str],
) -> None:
    idle = replace(live, released=False)
    plan = replace(
        plan,
        access_points=tuple(replace(one, redirect_id="p1", redirect_ids=("p2", "p0")) for one in plan.access_points),
        closures=tuple(Closure(name) for name in sorted({presentation.access_point_id, *closed})),
    )
    decision = _judge(presentation, party, plan, idle, now_ms)

    named = {dict(reason.arguments).get("redirect", "") for reason in decision.reasons} - {""}

    assert presentation.access_point_id not in named
    for name in named:
        there = _judge(replace(presentation, access_point_id=name), party, plan, idle, now_ms)
        assert not {reason.code for reason in there.reasons} & REFUSED_BY_THE_POINT


@thorough
@inputs
def test_an_emergency_release_opens_everything(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    decision = _judge(presentation, party, plan, replace(live, released=True), now_ms)

    assert decision.outcome is Outcome.GRANT
    assert decision.guards == ()
    assert decision.reasons[0].code == "EMERGENCY_RELEASE"


@thorough
@inputs
def test_what_was_reserved_is_what_is_taken(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    decision = _judge(presentation, party, plan, live, now_ms)

    confirmed = taken(decision, now_ms, presentation.event_id)

    direct = [effect for effect in decision.effects if isinstance(effect, Reserve)]
    held = [e for effect in decision.effects if isinstance(effect, OpenReview) for e in effect.then]
    reserved = [effect for effect in (*direct, *held) if isinstance(effect, Reserve)]
    assert [(c.subject_id, c.area_path) for c in confirmed] == [(r.subject_id, r.area_path) for r in reserved]


@thorough
@given(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, st.data())
def test_between_two_boundaries_the_answer_stays(
    presentation: Presentation,
    party: tuple[Subject, ...],
    plan: SitePlan,
    live: LiveState,
    data: st.DataObject,
) -> None:
    from_ms, to_ms = NOW_MS - 20_000_000, NOW_MS + 20_000_000
    cuts = {from_ms, to_ms}
    for subject in party:
        cuts.update(time_boundaries(subject, presentation.access_point_id, plan, live, from_ms, to_ms))
    if not party:
        cuts.update(plan.index.policy_boundaries())
        anyone = Subject("", 0, *([None] * 3))  # type: ignore[arg-type]
        cuts.update(time_boundaries(anyone, presentation.access_point_id, plan, live, from_ms, to_ms))
    ordered = sorted(cut for cut in cuts if from_ms <= cut <= to_ms)
    place = data.draw(st.integers(0, len(ordered) - 2))
    start, end = ordered[place], ordered[place + 1]
    inside = data.draw(st.integers(start, end - 1))

    first = _judge(presentation, party, plan, live, start)
    other = _judge(presentation, party, plan, live, inside)

    assert first.outcome is other.outcome
    assert [reason.code for reason in first.reasons] == [reason.code for reason in other.reasons]


@thorough
@inputs
def test_a_second_person_is_awaited_at_a_shut_entry_alone_and_only_where_nothing_else_refuses(
    presentation: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    decision = _judge(presentation, party, plan, live, now_ms)

    point = plan.point(presentation.access_point_id, now_ms)
    assert point is not None
    refusals = {reason.rule for reason in decision.reasons if reason.outcome is Outcome.DENY}
    if decision.awaits_second_until_ms:
        assert decision.awaits_second_until_ms == now_ms + point.access_point.second_within_ms
        assert (decision.outcome, refusals) == (Outcome.DENY, refusals & {"code", "persons"})
        assert not point.leads_out


def test_every_rule_has_its_own_name_and_says_what_it_reads() -> None:
    names = [rule.name for rule in RULES]

    assert len(set(names)) == len(names)
    assert all(rule.reads for rule in RULES)
    roots = {read.split(".", 1)[0] for rule in RULES for read in rule.reads}
    assert roots <= {"live", "plan", "policy", "presentation", "subject"}


def test_a_fault_without_a_plan_denies() -> None:
    decision = system_fault("p0", None, NOW_MS)

    assert decision.outcome is Outcome.DENY
    assert [reason.code for reason in decision.reasons] == ["SYSTEM_FAULT"]


def test_an_identifier_of_no_kind_matches_nothing() -> None:
    nothing = Identifier(IdentifierType.UNSPECIFIED, "A")
    held = Credential("k", (nothing,), CredentialState.ACTIVE)

    assert held.identifiers == (nothing,)
    assert nothing.key == "unspecified:A"
