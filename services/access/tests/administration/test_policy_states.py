"""The state table of a policy: random operators do random things, and what must never happen does not."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_access.domain.policy_life import (
    NEXT,
    TIME,
    ActRefusedError,
    Deliberation,
    Outline,
    PolicyAct,
    PolicyState,
    Refusal,
    StoredPolicy,
    Transition,
    begun,
    reigns_of,
    revised,
    shown_state,
    take,
    taken_force,
)
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy

PEOPLE = ("operator/li", "operator/wang", "operator/zhou")
LATE_STATES = frozenset({PolicyState.APPROVED, PolicyState.SCHEDULED, PolicyState.ACTIVE})
STEPS = st.lists(
    st.tuples(
        st.sampled_from([act for act in PolicyAct if act]),
        st.sampled_from(PEOPLE),
        st.integers(min_value=0, max_value=200),
        st.sampled_from(["", " ", "notice 7"]),
    ),
    max_size=30,
)


def lives(steps: list[tuple[PolicyAct, str, int, str]]) -> list[tuple[StoredPolicy, Transition | None]]:
    """The policy after each step, with what was recorded; a refused step leaves it as it was."""
    policy = begun("p", "a: 0", Outline(from_ms=100), PEOPLE[0])
    found: list[tuple[StoredPolicy, Transition | None]] = [(policy, None)]
    for place, (act, who, at_ms, reason) in enumerate(steps):
        done = None
        try:
            given = revised(policy, f"a: {place + 1}", policy.outline) if act is PolicyAct.REVISE else policy
            policy, done = take(given, act, Deliberation(who, at_ms, reason))
        except ActRefusedError:
            done = None
        found.append((policy, done))
    return found


@given(STEPS)
def test_nobody_approves_what_they_wrote_a_part_of(steps: list[tuple[PolicyAct, str, int, str]]) -> None:
    writers: set[str] = set()
    for _, done in lives(steps):
        if done is None:
            continue
        if done.act in (PolicyAct.DRAFT, PolicyAct.REVISE):
            writers.add(done.who)
        if done.after is PolicyState.APPROVED:
            assert writers
            assert done.who not in writers


@given(STEPS)
def test_the_only_ways_into_the_plan_are_an_approval_and_a_lone_activation(
    steps: list[tuple[PolicyAct, str, int, str]],
) -> None:
    acts = [done.act for _, done in lives(steps) if done is not None]

    if PolicyAct.SCHEDULE in acts:
        assert PolicyAct.APPROVE in acts[: acts.index(PolicyAct.SCHEDULE)]
    if PolicyAct.TAKE_FORCE in acts:
        assert {PolicyAct.SCHEDULE, PolicyAct.ACTIVATE} & set(acts[: acts.index(PolicyAct.TAKE_FORCE)])


@given(STEPS)
def test_a_document_stays_as_it_is_once_it_is_no_draft(steps: list[tuple[PolicyAct, str, int, str]]) -> None:
    found = [policy for policy, _ in lives(steps)]

    for before, after in itertools.pairwise(found):
        if before.state not in (PolicyState.UNSPECIFIED, PolicyState.DRAFT):
            assert (after.document, after.sha256) == (before.document, before.sha256)


@given(STEPS)
def test_transitions_are_numbered_without_gaps_and_follow_each_other(
    steps: list[tuple[PolicyAct, str, int, str]],
) -> None:
    done = [transition for _, transition in lives(steps) if transition is not None]

    assert [transition.number for transition in done] == list(range(1, len(done) + 1))
    assert all(left.after is right.before for left, right in itertools.pairwise(done))
    assert all(NEXT[transition.before, transition.act] is transition.after for transition in done)
    assert all(
        transition.reason.strip() or transition.act in (PolicyAct.TAKE_FORCE, PolicyAct.ACTIVATE) for transition in done
    )


@given(STEPS)
def test_nothing_in_force_is_withdrawn(steps: list[tuple[PolicyAct, str, int, str]]) -> None:
    for policy, done in lives(steps):
        if done is not None and done.act is PolicyAct.WITHDRAW and done.before is PolicyState.SCHEDULED:
            assert done.at_ms < policy.from_ms


@pytest.mark.parametrize("state", [PolicyState.REJECTED, PolicyState.WITHDRAWN, PolicyState.SUPERSEDED])
@pytest.mark.parametrize("act", [act for act in PolicyAct if act])
def test_what_is_over_stays_over(state: PolicyState, act: PolicyAct) -> None:
    policy = replace(begun("p", "a: 0", Outline(), PEOPLE[0]), state=state)

    with pytest.raises(ActRefusedError) as refused:
        take(policy, act, Deliberation(PEOPLE[1], 1, "because"))

    assert refused.value.refusal is Refusal.OUT_OF_TURN


def policies() -> st.SearchStrategy[tuple[Policy, ...]]:
    spans = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=5)
    return spans.map(
        lambda found: tuple(
            Policy(version=place + 1, language=1, site="north", from_ms=start, to_ms=start + length)
            for place, (start, length) in enumerate(found)
        )
    )


@given(policies())
def test_states_by_time_only_go_forward_and_agree_with_the_plan_at_every_instant(given: tuple[Policy, ...]) -> None:
    plan = SitePlan("north", 1, policies=given)
    order = [PolicyState.SCHEDULED, PolicyState.ACTIVE, PolicyState.SUPERSEDED]
    stored = [replace(begun("p", "", Outline.of(policy), PEOPLE[0]), state=PolicyState.SCHEDULED) for policy in given]

    history = []
    for now_ms in range(110):
        reigns = reigns_of(plan, now_ms)
        holder = plan.policy_at(now_ms)
        history.append([order.index(shown_state(policy, reigns)) for policy in stored])
        assert reigns.in_force == (holder.version if holder else None)
        if holder is not None:
            assert history[-1][holder.version - 1] == order.index(PolicyState.ACTIVE)
            assert taken_force(plan, now_ms)[holder.version] <= now_ms

    assert all(left <= right for before, after in itertools.pairwise(history)
               for left, right in zip(before, after, strict=True))  # fmt: skip


def test_time_is_nobody_who_could_approve() -> None:
    assert TIME not in PEOPLE
