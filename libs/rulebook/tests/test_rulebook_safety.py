"""What must hold over random plans, policies, live values and parties: ways out, denials, and the codes in use."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, PARTIES, PRESENTATIONS, plans
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook import alone
from menshen_rulebook.cases import read_cases
from menshen_rulebook.clauses import (
    Admitted,
    Closure,
    DriverCheck,
    FactTest,
    Override,
    Parking,
    Requirement,
    Rulings,
    Threat,
    Where,
)
from menshen_rulebook.decide import decide, system_fault
from menshen_rulebook.plan import AccessPoint, SitePlan, plan_from_mapping
from menshen_rulebook.reasons import TEXTS
from menshen_rulebook.types import (
    AccessPointClass,
    AntiPassbackMode,
    CredentialRequirement,
    CredentialState,
    Decision,
    Direction,
    ListEntry,
    ListKind,
    LiveState,
    OpenReview,
    Order,
    OrderKind,
    Outcome,
    PersonRule,
    PinVerdict,
    Presentation,
    Subject,
    Suspension,
    ThreatLevel,
)

from .test_rulebook_examples import CASES as REPLAY

CASES = Path(__file__).parent.parent / "cases"
OPENS = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)
_UNDISTURBED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
quick = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=_UNDISTURBED)
long = settings(max_examples=1_500, deadline=None, suppress_health_check=_UNDISTURBED)
Inputs = tuple[Presentation, tuple[Subject, ...], SitePlan, LiveState, int]
Edit = Callable[[Inputs], Inputs]


def _judge(inputs: Inputs) -> Decision:
    presentation, party, plan, live, now_ms = inputs
    return decide(presentation, party, presentation.access_point_id, plan, live, now_ms)


def _at_the_point(plan: SitePlan, access_point_id: str, **changes: Any) -> SitePlan:
    points = (replace(p, **changes) if p.access_point_id == access_point_id else p for p in plan.access_points)
    return replace(plan, access_points=tuple(points))


def _point(**changes: Any) -> Edit:
    def edit(inputs: Inputs) -> Inputs:
        presentation, party, plan, live, now_ms = inputs
        return presentation, party, _at_the_point(plan, presentation.access_point_id, **changes), live, now_ms

    return edit


def _live(**changes: Any) -> Edit:
    return lambda inputs: (*inputs[:3], replace(inputs[3], **changes), inputs[4])


def _presented(**changes: Any) -> Edit:
    return lambda inputs: (replace(inputs[0], **changes), *inputs[1:])


def _everybody(change: Callable[[Subject], Subject]) -> Edit:
    return lambda inputs: (inputs[0], tuple(change(subject) for subject in inputs[1]), *inputs[2:])


def _plan(change: Callable[[SitePlan, str], SitePlan]) -> Edit:
    return lambda inputs: (*inputs[:2], change(inputs[2], inputs[0].access_point_id), *inputs[3:])


def _held(change: Mapping[str, Any]) -> Callable[[Subject], Subject]:
    return lambda s: replace(s, credentials=tuple(replace(c, **change) for c in s.credentials))


def _listed(subject: Subject) -> Subject:
    return replace(subject, list_entries=(*subject.list_entries, ListEntry(ListKind.BLACK, reason_code="trespass")))


def _banned(plan: SitePlan, _name: str) -> SitePlan:
    """Every policy requires of everybody a fact that nobody has."""
    ban = Requirement("ban", FactTest("nobody.has"), rulings=Rulings(absent=Outcome.DENY))
    policies = (replace(policy, requirements=(*policy.requirements, ban)) for policy in plan.policies)
    return replace(plan, policies=tuple(policies))


def _narrow(plan: SitePlan, _name: str) -> SitePlan:
    """Every area is full before anybody comes, whatever a policy sets."""
    areas = tuple(replace(area, limit=0) for area in plan.areas)
    rules = (replace(policy, areas=tuple(replace(r, limit=0) for r in policy.areas)) for policy in plan.policies)
    return replace(plan, areas=areas, policies=tuple(rules))


def _hard(plan: SitePlan, _name: str) -> SitePlan:
    """Anti-passback refuses everywhere it speaks, for everybody and without an end."""
    mode = {"anti_passback": AntiPassbackMode.HARD, "timeout_ms": None, "exempt_categories": frozenset()}
    areas = tuple(replace(area, **mode) for area in plan.areas)  # type: ignore[arg-type]
    rules = (replace(p, areas=tuple(replace(r, **mode) for r in p.areas)) for p in plan.policies)  # type: ignore[arg-type]
    return replace(plan, areas=areas, policies=tuple(rules))


def _locked_out(plan: SitePlan, _name: str) -> SitePlan:
    policies = (replace(p, pins=replace(p.pins, lock_out_after=1)) for p in plan.policies)
    return replace(plan, policies=tuple(policies))


def _kept_out(plan: SitePlan, _name: str) -> SitePlan:
    """Every policy admits nobody from the first threat level on."""
    threat = Threat(Where(threat_level=1), Admitted(), CredentialRequirement.CARD_AND_PIN)
    policies = (replace(p, threats=(*p.threats, threat)) for p in plan.policies)
    return replace(plan, policies=tuple(policies))


def _threatened(inputs: Inputs) -> Inputs:
    """The highest level in every place."""
    return _live(threat_levels=(*inputs[3].threat_levels, ThreatLevel(5)))(inputs)


def _two_person(plan: SitePlan, name: str) -> SitePlan:
    single = any(p.access_point_id == name and p.person_rule is PersonRule.SINGLE for p in plan.access_points)
    return _at_the_point(plan, name, person_rule=PersonRule.TWO_PERSON) if single else plan


def _closed(plan: SitePlan, name: str) -> SitePlan:
    return replace(plan, closures=(*plan.closures, Closure(name)))


def _secured(inputs: Inputs) -> Inputs:
    """An operator secures the access point, whoever may pass a lockdown."""
    presentation, party, plan, live, now_ms = inputs
    order = Order("o9", "duty", presentation.access_point_id, OrderKind.SECURE, now_ms + 1)
    policies = (replace(p, lockdown_override=Override()) for p in plan.policies)
    return presentation, party, replace(plan, policies=tuple(policies)), replace(live, orders=(order,)), now_ms


def _suspended(subject: Subject) -> Subject:
    if subject.vehicle is None:
        return subject
    return replace(subject, vehicle=replace(subject.vehicle, suspensions=(Suspension(until_test=True),)))


def _unparked(plan: SitePlan, _name: str) -> SitePlan:
    """No area has a place for a vehicle, whatever a policy sets."""
    full = tuple(Parking(f"full-{area.area_id}", area.area_id, 0) for area in plan.areas)
    return replace(plan, parking=(*plan.parking, *full))


def _driven(plan: SitePlan, _name: str) -> SitePlan:
    """Every policy refuses vehicles whose driver is nobody it knows."""
    check = DriverCheck(stranger=Outcome.DENY, missing=Outcome.DENY)
    rules = (replace(p, vehicles=replace(p.vehicles, drivers=(*p.vehicles.drivers, check))) for p in plan.policies)
    return replace(plan, policies=tuple(rules))


STRICTER: Mapping[str, Edit] = {
    "a closure": _plan(_closed),
    "a place on the black list": _everybody(_listed),
    "a requirement nobody meets": _plan(_banned),
    "areas without a place": _plan(_narrow),
    "hard anti-passback": _plan(_hard),
    "an interlock door that stands open": _live(open_interlock_doors=("other-door",)),
    "two people where one was enough": _plan(_two_person),
    "a lock-out of PINs": _plan(_locked_out),
    "the highest threat level": _threatened,
    "a threat level that admits nobody": _plan(_kept_out),
    "an order that secures": _secured,
    "suspended vehicles": _everybody(_suspended),
    "no place for a vehicle": _plan(_unparked),
    "drivers who must show a card": _plan(_driven),
    "lost credentials": _everybody(_held({"state": CredentialState.LOST})),
}
AGAINST_LEAVING: Mapping[str, Edit] = {
    **STRICTER,
    "nobody known": lambda inputs: (inputs[0], (), *inputs[2:]),
    "nothing presented": _presented(identifiers=()),
    "a wrong PIN": _presented(pin_verdict=PinVerdict.WRONG),
    "many wrong PINs": _live(wrong_attempts=9),
    "card and code": _point(requires=CredentialRequirement.CARD_AND_CODE),
    "an escort": _point(person_rule=PersonRule.ESCORT),
    "a first person": _point(opened_by=frozenset({"nobody"})),
    "another plate": _presented(measured=(("plate", "Z"),)),
    "no plate": _presented(measured=(("plate", "无牌"),)),
    "a dead source": _live(stale_sources=frozenset({"hr", "clinic"})),
    "a threat": _live(threat_levels=(ThreatLevel(5),)),
}


def _is_pedestrian(point: AccessPoint) -> bool:
    return point.access_point_class in (AccessPointClass.UNSPECIFIED, AccessPointClass.PEDESTRIAN)


def _lets_out(inputs: Inputs) -> None:
    presentation, _, plan, _, now_ms = inputs
    built = next(p for p in plan.access_points if p.access_point_id == presentation.access_point_id)
    name = presentation.access_point_id
    for decision in (_judge(inputs), system_fault(name, plan, now_ms)):
        reviews = [effect for effect in decision.effects if isinstance(effect, OpenReview)]
        assert decision.outcome is not Outcome.DENY
        assert decision.awaits_second_until_ms == 0
        assert len(reviews) == (decision.outcome is Outcome.MANUAL_REVIEW)
        if _is_pedestrian(built) and reviews:
            point = plan.point(name, now_ms)
            assert point is not None
            assert reviews[0].opens_at_ms == now_ms + point.policy.reviews.auto_open_ms


EXITS = plans(st.sampled_from([Direction.EXIT]))
EDITS = st.lists(st.sampled_from(sorted(AGAINST_LEAVING)), max_size=4, unique=True)


def _escape_ways(plan: SitePlan) -> SitePlan:
    inner = (replace(point, direction=Direction.INNER, escape=True) for point in plan.access_points)
    return replace(plan, access_points=tuple(inner))


@quick
@given(st.tuples(PRESENTATIONS, PARTIES, EXITS, LIVES, INSTANTS), EDITS, st.booleans())
def test_nobody_is_kept_in_whatever_speaks_against_leaving(inputs: Inputs, names: list[str], inner: bool) -> None:
    for name in names:
        inputs = AGAINST_LEAVING[name](inputs)
    _lets_out((*inputs[:2], _escape_ways(inputs[2]) if inner else inputs[2], *inputs[3:]))


@pytest.mark.full
@long
@given(st.tuples(PRESENTATIONS, PARTIES, EXITS, LIVES, INSTANTS), EDITS, st.booleans())
def test_nobody_is_kept_in_over_many_more(inputs: Inputs, names: list[str], inner: bool) -> None:
    for name in names:
        inputs = AGAINST_LEAVING[name](inputs)
    _lets_out((*inputs[:2], _escape_ways(inputs[2]) if inner else inputs[2], *inputs[3:]))


@pytest.mark.parametrize("name", sorted(STRICTER))
@settings(quick, max_examples=40)
@given(st.tuples(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS))
def test_one_more_reason_to_refuse_never_turns_a_denial_into_a_grant(name: str, inputs: Inputs) -> None:
    presentation, party, plan, live, now_ms = inputs
    calm: Inputs = (presentation, party, plan, replace(live, released=False), now_ms)

    before, after = _judge(calm), _judge(STRICTER[name](calm))

    assert before.unclamped is not Outcome.DENY or after.unclamped is Outcome.DENY
    assert before.outcome is not Outcome.DENY or after.outcome not in OPENS


@quick
@given(st.tuples(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS))
def test_the_order_of_facts_and_live_values_never_matters(inputs: Inputs) -> None:
    presentation, party, plan, live, now_ms = inputs
    turned_party = tuple(replace(s, facts=s.facts[::-1], list_entries=s.list_entries[::-1]) for s in party)
    turned_live = replace(live, holds=live.holds[::-1], reservations=live.reservations[::-1])
    turned_live = replace(turned_live, threat_levels=live.threat_levels[::-1])
    measured = replace(presentation, measured=presentation.measured[::-1])

    one, other = _judge(inputs), _judge((measured, turned_party, plan, turned_live, now_ms))

    assert one.outcome is other.outcome
    assert [reason.code for reason in one.reasons] == [reason.code for reason in other.reasons]
    assert one.effects == other.effects


def _codes(decision: Decision) -> set[str]:
    return {reason.code for reason in (*decision.reasons, *decision.private_reasons)}


def _codes_of_cases() -> set[str]:
    documents = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in CASES.glob("*.yaml")}
    known = {name: plan_from_mapping(document) for name, document in documents.pop("plans.yaml").items()}
    own = [case for document in documents.values() for case in read_cases(document, known)]
    return set[str]().union(*(_codes(case.decide()) for case in (*own, *REPLAY)))


def test_every_code_in_the_texts_is_reached_by_a_case_or_a_random_decision() -> None:
    reached = _codes_of_cases()

    @settings(quick, max_examples=100, database=None)
    @given(st.tuples(PRESENTATIONS, PARTIES, ANY_PLANS, LIVES, INSTANTS))
    def run(inputs: Inputs) -> None:
        reached.update(_codes(_judge(inputs)))
        reached.update(_codes(system_fault(inputs[0].access_point_id, inputs[2], inputs[4])))

    run()
    reached.update({alone.EMPTY, alone.STALE, alone.STOPPED})

    assert set(TEXTS) - reached == set()
