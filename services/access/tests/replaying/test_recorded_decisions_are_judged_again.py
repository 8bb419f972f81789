"""Making a recorded decision again gives what the rules gave, whatever it was made on."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from harness.rulebook_strategies import ANY_PLANS, INSTANTS, LIVES, NOW_MS, PARTIES, POLICIES, PRESENTATIONS
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from menshen_access.domain.asking import Asked
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import NO_SPOOL, EventPayload, canonical, decode
from menshen_access.domain.history import NotRecordableError, entry_of
from menshen_access.domain.judging import Inputs, Verdict, judge, plan_under
from menshen_access.domain.memberships import versions_of
from menshen_access.domain.replayed import UNREADABLE
from menshen_access.replay_work import MOST_PLANS, Judging, Recent, Stored, Wanted
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import (
    AreaCount,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Presence,
    Presentation,
    Subject,
    SubjectKind,
)

LEAST_PACE = 20_000
"""Decisions a second of one core, their inputs put together and the answers compared."""
CAMPUS: dict[str, Any] = {
    "site": "north",
    "version": 1,
    "areas": [{"id": "outside"}, {"id": "campus", "anti_passback": "SOFT", "limit": 1000}],
    "access_points": [
        {
            "id": "n-in",
            "from_area": "outside",
            "to_area": "campus",
            "direction": "ENTRY",
            "access_point_class": "PEDESTRIAN",
        }
    ],
    "access_levels": [{"id": "all", "entries": [{"access_point": "n-in"}]}],
    "group_assignments": [{"level": "all", "group": "staff"}],
    "policies": [
        {
            "version": 1,
            "language": 1,
            "site": "north",
            "from": "2020-01-01T00:00:00+08:00",
            "requirements": [{"id": "work-proof", "test": {"fact": "work_proof"}, "rulings": {"absent": "GRANT"}}],
        }
    ],
}
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


PARTS = st.sampled_from(("core", "identity"))
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.integers()), st.just({"age_ms": "x"}))
NAMES = (
    "alone", "arguments", "decided_at_ms", "holds_version", "identifiers", "live", "pin_verdict", "plan_version",
    "policy_version", "reasons", "subject_ids", "subject_versions", "unclamped", "tid",
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from((1, 2)), st.dictionaries(st.tuples(PARTS, st.sampled_from(NAMES)), JUNK, min_size=1))
def test_whatever_one_event_holds_those_around_it_are_judged(kind: int, junk: dict[tuple[str, str], Any]) -> None:
    before, strange, after = (_refused_under(7, sequence) for sequence in (1, 2, 3))
    parts = {"core": json.loads(strange.core), "identity": json.loads(strange.identity or b"{}")}
    for (part, name), told in junk.items():
        parts[part][name] = told
    parts["core"]["kind"] = kind
    event = EventPayload(parts["core"], parts["identity"])
    try:
        versions_of(entry_of(event, late=True), NOW_MS)
    except NotRecordableError:
        reject()
    strange = strange._replace(kind=kind, core=canonical(event.core), identity=canonical(event.identity))
    judging = Judging(None)

    step = judging.judge({}, {}, judging.read([before, strange, after]), None)
    while step.plan is not None:
        step = judging.judge({}, {}, Wanted(), (step.plan, plan_to_json(SitePlan("north", step.plan))))

    tally = judging.tally
    assert (tally.decisions, tally.replayed + tally.unjudged.total()) == (3, 3)
    assert tally.replayed >= 2


def test_an_event_that_cannot_be_read_is_counted_as_not_judged() -> None:
    sound, torn = _refused_under(7, 1), _refused_under(7, 2)
    torn = torn._replace(core=canonical({**json.loads(torn.core), "reasons": [7]}))
    judging = Judging(None)

    step = judging.judge({}, {}, judging.read([torn, sound]), None)
    judging.judge({}, {}, Wanted(), (7, plan_to_json(SitePlan("north", 7))))

    assert step.plan == 7
    assert judging.tally.unjudged == {(1, Verdict.INPUT_MISSING, UNREADABLE): 1}
    assert (judging.tally.decisions, judging.tally.replayed) == (2, 1)


def test_what_was_not_used_for_longest_goes_first() -> None:
    held: Recent[str, int] = Recent(2)

    for key in "ab":
        held.put(key, 1)
    assert held["a"] == 1
    held.put("c", 1)

    assert ["a" in held, "b" in held, "c" in held] == [True, False, True]


@pytest.mark.full
def test_twenty_thousand_decisions_a_second_are_judged_on_one_core() -> None:
    plan = plan_from_mapping(CAMPUS)
    party = (_staff(),)
    events = [_granted(plan, party, number) for number in range(5_000)]
    inputs = Inputs(plan, {one.subject_id: one for one in party}, Circumstances())
    paces = []

    for _ in range(3):
        began_s = time.process_time()
        verdicts = {judge(event, inputs).verdict for event in events}
        paces.append(len(events) / (time.process_time() - began_s))
        assert verdicts == {Verdict.REPRODUCED}

    assert max(paces) >= LEAST_PACE


def _staff() -> Subject:
    credential = Credential("k", (Identifier(IdentifierType.CARD, "A"),), CredentialState.ACTIVE)
    return Subject("c:1", 1, SubjectKind.CARDHOLDER, "staff", "north", ("staff",), (credential,))


def _granted(plan: SitePlan, party: tuple[Subject, ...], number: int) -> EventPayload:
    event_id, now_ms = f"01957b2e-0000-7000-8000-{number:012d}", NOW_MS + number
    shown = Presentation(event_id, "north", "n-in", "north-1", now_ms, party[0].credentials[0].identifiers)
    outside = Presence("c:1", "outside", now_ms - 1, "e", 1, "n-out", ("outside",))
    live = LiveState(presences=(outside,), occupancy=(AreaCount("campus", 7),))
    decision = decide(shown, party, "n-in", plan, live, now_ms)
    return decode(decision_event(Asked(shown, (), NO_SPOOL, now_ms), decision, party, live, 0).encode())


def _refused_under(version: int, sequence: int) -> Stored:
    """A decision at an access point that no plan knows."""
    event_id = f"01957b2e-0000-7000-8000-{sequence:012d}"
    shown = Presentation(event_id, "north", "nowhere", "north-1", 1, (Identifier(IdentifierType.CARD, "A"),))
    decision = decide(shown, (), "nowhere", SitePlan("north", version), LiveState(), 1)
    event = decision_event(Asked(shown, (), NO_SPOOL, 1), decision, (), LiveState(), 0)
    return Stored(sequence, int(event.kind), canonical(event.core), canonical(event.identity), None, is_deleted=False)
