"""Making a recorded decision again gives what the rules gave, whatever it was made on."""

from dataclasses import replace

from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, PARTIES, POLICIES, PRESENTATIONS
from hypothesis import HealthCheck, given, settings
from menshen_access.domain.asking import Asked
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import NO_SPOOL, EventPayload, canonical, decode
from menshen_access.domain.judging import Inputs, Verdict, judge, plan_under
from menshen_access.replay_work import MOST_PLANS, Judging, Recent, Stored, Wanted
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_to_json
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import Identifier, IdentifierType, LiveState, Presentation, Subject

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


def test_plans_that_take_turns_are_asked_for_again_and_only_a_few_are_kept() -> None:
    versions = [*range(1, MOST_PLANS + 3)] * 2
    stored = [_refused_under(version, sequence) for sequence, version in enumerate(versions, 1)]
    judging, asked = Judging(None), []

    wanted = judging.read(stored)
    step = judging.judge({}, {}, wanted, None)
    while step.plan is not None:
        asked.append(step.plan)
        step = judging.judge({}, {}, Wanted(), (step.plan, plan_to_json(SitePlan("north", step.plan))))

    assert asked == versions
    assert (judging.tally.replayed, judging.tally.differing) == (len(versions), 0)


def test_what_was_not_used_for_longest_goes_first() -> None:
    held: Recent[str, int] = Recent(2)

    for key in "ab":
        held.put(key, 1)
    assert held["a"] == 1
    held.put("c", 1)

    assert ["a" in held, "b" in held, "c" in held] == [True, False, True]


def _refused_under(version: int, sequence: int) -> Stored:
    """A decision at an access point that no plan knows."""
    event_id = f"01957b2e-0000-7000-8000-{sequence:012d}"
    shown = Presentation(event_id, "north", "nowhere", "north-1", 1, (Identifier(IdentifierType.CARD, "A"),))
    decision = decide(shown, (), "nowhere", SitePlan("north", version), LiveState(), 1)
    event = decision_event(Asked(shown, (), NO_SPOOL, 1), decision, (), LiveState(), 0)
    return Stored(sequence, int(event.kind), canonical(event.core), canonical(event.identity), None, is_deleted=False)
