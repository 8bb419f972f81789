"""The account of a decision is the decision, rule by rule."""

from collections import Counter

from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, PARTIES, POINTS, PRESENTATIONS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_rulebook.account import account
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.rules import RULES
from menshen_rulebook.types import LiveState, Outcome, Presentation, Subject


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(PRESENTATIONS, PARTIES, st.sampled_from(POINTS), ANY_PLANS, LIVES, INSTANTS)
def test_the_account_answers_as_the_decision_and_names_every_rule_and_reason_once(
    presentation: Presentation, party: tuple[Subject, ...], point: str, plan: SitePlan, live: LiveState, now_ms: int
) -> None:
    decision, accounts = account(presentation, party, point, plan, live, now_ms)

    assert decision == decide(presentation, party, point, plan, live, now_ms)
    assert [one.rule for one in accounts] == [rule.name for rule in RULES]
    assert Counter(reason for one in accounts for reason in one.reasons) == Counter(decision.reasons)
    assert tuple(reason for one in accounts for reason in one.private_reasons) == decision.private_reasons
    stopped = [one for one in accounts if not one.passed]
    assert bool(stopped) == (max((r.outcome for r in decision.reasons), default=0) > Outcome.GRANT_WITH_REMINDER)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(PRESENTATIONS, ANY_PLANS, INSTANTS)
def test_at_an_unknown_access_point_the_refusal_alone_is_accounted_for(
    presentation: Presentation, plan: SitePlan, now_ms: int
) -> None:
    decision, accounts = account(presentation, (), "elsewhere", plan, LiveState(), now_ms)

    assert decision == decide(presentation, (), "elsewhere", plan, LiveState(), now_ms)
    assert [(one.rule, one.passed) for one in accounts] == [("policy_in_force", False)]
