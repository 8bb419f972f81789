"""Making a recorded decision again gives what the rules gave, whatever it was made on."""

from dataclasses import replace

from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, PARTIES, POLICIES, PRESENTATIONS
from hypothesis import HealthCheck, given, settings
from menshen_access.domain.asking import Asked
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import NO_SPOOL, EventPayload, decode
from menshen_access.domain.judging import Inputs, Verdict, judge, plan_under
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import LiveState, Presentation, Subject

SOME = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def recorded(
    shown: Presentation, party: tuple[Subject, ...], plan: SitePlan, live: LiveState, now_ms: int
) -> tuple[EventPayload, Inputs, LiveState]:
    """The event of a decision after a way through its bytes, and what it names."""
    live = replace(live, released=False)
    plate = str(dict(shown.measured).get("plate") or "")
    heat = {name: value for name, value in shown.measured if name == "temperature_c"}
    measured = tuple(heat.items()) + ((("plate", plate),) if plate else ())
    shown = replace(shown, measured=measured, tid=shown.tid or None)
    asked = Asked(shown, (), NO_SPOOL, shown.at_ms, plate=plate)
    decision = decide(shown, party, shown.access_point_id, plan, live, now_ms)
    event = decode(decision_event(asked, decision, party, live, 0).encode())
    held = Circumstances(live.holds_version, live.holds, live.threat_levels, live.stale_sources, live.orders)
    return event, Inputs(plan, {one.subject_id: one for one in party}, held), live


@SOME
@given(PRESENTATIONS, PARTIES, ANY_PLANS, POLICIES, LIVES, INSTANTS)
def test_by_the_same_plan_it_is_reproduced_and_by_another_policy_it_is_what_the_rules_say(
    shown: Presentation, party: tuple[Subject, ...], plan: SitePlan, policy: Policy, live: LiveState, now_ms: int
) -> None:
    event, inputs, live = recorded(shown, party, plan, live, now_ms)
    other = plan_under(plan, policy)

    same = judge(event, inputs)
    under = judge(event, replace(inputs, plan=other), other_policy=True)

    assert (same.verdict, same.again, same.missing) == (Verdict.REPRODUCED, same.then, ())
    expected = decide(shown, party, shown.access_point_id, other, live, now_ms)
    assert under.again is not None
    assert under.again.outcome == expected.outcome
    assert under.again.code == (expected.reasons[0].code if expected.reasons else "")
    assert (under.verdict is Verdict.DIFFERS) == (under.again != under.then)
