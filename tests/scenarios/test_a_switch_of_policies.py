"""A dated switch under load: every swipe is judged by the old policy or by the new one, never by a mixture."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.patience import eventually
from menshen.access.v1 import decision_pb2
from menshen_cli.demo.plans import morning_offset_minutes
from menshen_cli.local.suite import Suite
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Fact,
    Identifier,
    IdentifierType,
    LiveState,
    Presentation,
    Subject,
    SubjectKind,
)
from scenarios.campus import CLOCK, Campus, codes, outcome
from scenarios.feed_stand_in import feed_stand_in
from scenarios.shifted_cases import example_plans
from scenarios.swipes import AgentStream, Swipe, agent_streams, swipe_evenly

PER_SECOND = 100
AHEAD_MS, AFTER_MS = 4_000, 3_000
OLD, NEW = 1, 2
LANES = ("n1-p1", "n2-p1", "n5-p1", "n6-p1")
_LEAST_EACH_SIDE = 250

Said = tuple[str, tuple[str, ...]]


def _documents() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """North's plan at a site named switch in the morning, and the two policies."""
    example = example_plans()["north"]
    plan = {part: rows for part, rows in example.items() if part not in ("site", "version", "policies")}
    plan["utc_offset_minutes"] = morning_offset_minutes(CLOCK.now_ms())
    plan["holidays"] = []
    policies = [policy for policy in example["policies"] if policy["version"] in (20221011, 20230210)]
    return plan, [
        {name: part for name, part in policy.items() if name != "from"} | {"site": "switch"} for policy in policies
    ]


def _people() -> list[Subject]:
    """Students and staff without papers, and staff with all that the old policy asks for."""
    now_ms = CLOCK.now_ms()
    papers = (
        Fact("health.code", "green", "health-code", reported_at_ms=now_ms),
        Fact("health.test", "negative", "clinic", reported_at_ms=now_ms),
        Fact("work_proof", "valid", "personnel", reported_at_ms=now_ms),
    )
    bare = [_person(number, category) for number, category in enumerate(["student", "staff"] * 6)]
    return bare + [replace(_person(number, "staff"), facts=papers) for number in range(12, 18)]


def _person(number: int, category: str) -> Subject:
    card = Identifier(IdentifierType.CARD, f"0E{number:06X}")
    credential = Credential(f"k-switch-{number}", (card,), CredentialState.ACTIVE)
    return Subject(f"c:switch-{number}", 1, SubjectKind.CARDHOLDER, category, "switch", credentials=(credential,))


def _rounds(streams: list[AgentStream], people: list[Subject]) -> list[tuple[AgentStream, Swipe]]:
    """Everybody in at every lane; students out, too."""
    found = []
    for stream, lane in zip(streams, LANES, strict=True):
        for person in people:
            found.append((stream, Swipe(person, f"{lane}-in")))
            if person.category == "student":
                found.append((stream, Swipe(person, f"{lane}-out")))
    return found


def _said_by(plan: Mapping[str, Any], policy: Mapping[str, Any], swipes: set[Swipe]) -> dict[Swipe, Said]:
    """What one policy alone says to each swipe."""
    alone = plan_from_mapping(
        {**plan, "site": "switch", "version": 1, "policies": [{**policy, "version": 1, "from_ms": 0}]}
    )
    return {swipe: _said(alone, swipe) for swipe in swipes}


def _said(plan: SitePlan, swipe: Swipe) -> Said:
    now_ms = CLOCK.now_ms()
    cards = swipe.subject.credentials[0].identifiers
    shown = Presentation("e", "switch", swipe.access_point, "a", now_ms, cards)
    decision = decide(shown, (swipe.subject,), swipe.access_point, plan, LiveState(), now_ms)
    return decision.outcome.name, tuple(reason.code for reason in decision.reasons)


def _judged_by(streams: list[AgentStream], version: int) -> int:
    return sum(response.decision.policy_version == version for stream in streams for _, response in stream.answers)


async def test_no_swipe_is_judged_by_a_mixture_when_the_policy_switches(town: Suite) -> None:
    campus = Campus(town, "switch")
    plan, (old, new) = _documents()
    await campus.put_plan(plan)
    await campus.put_policy(old)
    await eventually(campus.is_ready, 30)
    people = _people()
    async with feed_stand_in(town) as feed:
        await feed.put("switch", people, with_pins=False)
    async with agent_streams(campus, [f"{lane}-in" for lane in LANES]) as streams:
        rounds = _rounds(streams, people)
        shown = await swipe_evenly(campus, rounds, PER_SECOND, lambda: _judged_by(streams, OLD) >= _LEAST_EACH_SIDE)
        switch_ms = CLOCK.now_ms() + AHEAD_MS
        await campus.put_policy(new, switch_ms)

        def is_over() -> bool:
            return CLOCK.now_ms() >= switch_ms + AFTER_MS and _judged_by(streams, NEW) >= _LEAST_EACH_SIDE

        shown += await swipe_evenly(campus, rounds, PER_SECOND, is_over)
        await eventually(lambda: not any(stream.waiting for stream in streams), 10)

    answers = [answer for stream in streams for answer in stream.answers]
    said = {
        version: _said_by(plan, policy, {swipe for _, swipe in rounds}) for version, policy in ((OLD, old), (NEW, new))
    }
    assert all(said[OLD][swipe] != said[NEW][swipe] for _, swipe in rounds)
    assert len(answers) == shown
    assert [response.not_decided.event_id for _, response in answers if response.HasField("not_decided")] == []
    for swipe, response in answers:
        decision = response.decision
        assert decision.policy_version == (OLD if decision.decided_at_ms < switch_ms else NEW)
        assert (outcome(decision), tuple(codes(decision))) == said[decision.policy_version][swipe]
    assert all(_judged_by(streams, version) >= _LEAST_EACH_SIDE for version in (OLD, NEW))
    await _the_record_agrees(campus, {response.decision.event_id: response.decision for _, response in answers})


async def _the_record_agrees(campus: Campus, decided: dict[str, decision_pb2.Decision]) -> None:
    async def all_recorded() -> dict[str, int]:
        recorded = {e.event_id: e.policy_version for e in await campus.history() if e.event_id in decided}
        return recorded if recorded.keys() == decided.keys() else {}

    recorded = await eventually(all_recorded, 15)
    assert recorded == {event_id: decision.policy_version for event_id, decision in decided.items()}
