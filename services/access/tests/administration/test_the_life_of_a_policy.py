"""A policy from draft to force and back, on a real PostgreSQL: who may do what, and what is remembered."""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from menshen_access.domain.policy_life import PolicyAct, PolicyState
from menshen_access.enacting import Enacting, EnactingTerms, ShownPolicy
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.sites import Sites
from menshen_rulebook.plan import plan_from_mapping
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "north"
LI, WANG = "operator/li", "operator/wang"
LEAD_MS = 60_000
PLAN = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
"""
VERSIONS, DAYS = itertools.count(100), itertools.count()


def document(version: int, from_ms: int, more: str = "") -> str:
    return (
        f"language: 1\nversion: {version}\nsite: north\nfrom_ms: {from_ms}\n"
        f"title: {{zh: 校门管理, en: Gate rules}}\n{more}"
    )


class Desk:
    """The use cases on one database, and how often somebody was told to publish."""

    def __init__(self, pool: Pool, sites: Sites, clock: ManualClock, new_id: Callable[[], str]) -> None:
        self.pool = pool
        self.clock = clock
        self.store = Administration(pool, sites)
        self.policies = Policies(pool, sites)
        self.published = 0
        self.lone_sites: set[str] = set()
        terms = EnactingTerms(LEAD_MS, self.lone_sites.__contains__)
        self.planning = Planning(self.store, self._publish, clock, new_id)
        self.enacting = Enacting(self.policies, self.planning, self._publish, clock, new_id, terms)

    async def put_plan(self) -> None:
        await self.planning.put_plan(SITE, PLAN, 0, "because", LI)

    async def draft(self, text: str = "", who: str = LI) -> ShownPolicy:
        text = text or document(next(VERSIONS), self.clock.now_ms() + 2 * LEAD_MS)
        return await self.enacting.draft(SITE, text, "notice 7", who)

    async def approved(self, text: str = "") -> ShownPolicy:
        """Drafted and checked by Li, approved by Wang."""
        policy_id = (await self.draft(text)).policy.policy_id
        _, found = await self.enacting.check(SITE, policy_id, "ready", LI)
        assert found.is_fit
        return await self.enacting.approve(SITE, policy_id, "agreed", WANG)

    async def scheduled(self, text: str = "") -> ShownPolicy:
        policy_id = (await self.approved(text)).policy.policy_id
        return await self.enacting.schedule(SITE, policy_id, 0, "as announced", LI)

    async def versions_in_plan(self) -> set[int]:
        _, plan = await self.store.current_plan(SITE)
        return {policy.version for policy in plan_from_mapping(json.loads(plan)).policies}

    async def state(self, policy_id: str) -> PolicyState:
        return (await self.enacting.get(SITE, policy_id))[0].state

    async def _publish(self, _site: str) -> None:
        self.published += 1


@pytest.fixture
async def desk(pool: Pool, sites: Sites, new_id: Any) -> Desk:
    # Every test has a day of its own, so that the policies of others are long over.
    made = Desk(pool, sites, ManualClock(ManualClock().now_ms() + next(DAYS) * 86_400_000), new_id)
    await made.put_plan()
    return made


async def test_a_policy_lives_from_draft_to_force_and_every_step_says_who_when_and_why(desk: Desk) -> None:
    scheduled = await desk.scheduled()

    policy = scheduled.policy
    shown, done = await desk.enacting.get(SITE, policy.policy_id)
    assert shown.state is PolicyState.SCHEDULED
    assert [(one.act, one.who, one.reason) for one in done] == [
        (PolicyAct.DRAFT, LI, "notice 7"),
        (PolicyAct.CHECK, LI, "ready"),
        (PolicyAct.APPROVE, WANG, "agreed"),
        (PolicyAct.SCHEDULE, LI, "as announced"),
    ]
    assert {one.sha256 for one in done} == {policy.sha256}
    assert {one.at_ms for one in done} == {desk.clock.now_ms()}
    assert policy.outline.version in await desk.versions_in_plan()
    desk.clock.set_ms(policy.from_ms - 1)
    assert await desk.state(policy.policy_id) is PolicyState.SCHEDULED
    desk.clock.set_ms(policy.from_ms)
    shown, _ = await desk.enacting.get(SITE, policy.policy_id)
    assert (shown.state, shown.in_force) == (PolicyState.ACTIVE, True)


async def test_a_policy_is_superseded_at_the_instant_the_next_one_takes_force(desk: Desk) -> None:
    first = (await desk.scheduled()).policy
    later_ms = first.from_ms + 1_000
    second = (await desk.scheduled(document(next(VERSIONS), later_ms))).policy

    desk.clock.set_ms(later_ms - 1)
    before = (await desk.state(first.policy_id), await desk.state(second.policy_id))
    desk.clock.set_ms(later_ms)
    after = (await desk.state(first.policy_id), await desk.state(second.policy_id))

    assert before == (PolicyState.ACTIVE, PolicyState.SCHEDULED)
    assert after == (PolicyState.SUPERSEDED, PolicyState.ACTIVE)


async def test_a_policy_that_another_interrupts_is_active_again_when_that_one_ends(desk: Desk) -> None:
    first = (await desk.scheduled()).policy
    start_ms = first.from_ms + 1_000
    await desk.scheduled(document(next(VERSIONS), start_ms, f"to_ms: {start_ms + 1_000}\n"))

    desk.clock.set_ms(start_ms)
    interrupted, _ = await desk.enacting.get(SITE, first.policy_id)
    desk.clock.set_ms(start_ms + 1_000)
    resumed, _ = await desk.enacting.get(SITE, first.policy_id)

    assert (interrupted.state, interrupted.in_force) == (PolicyState.ACTIVE, False)
    assert (resumed.state, resumed.in_force) == (PolicyState.ACTIVE, True)


async def test_whoever_wrote_a_part_does_not_approve_it(desk: Desk) -> None:
    draft = (await desk.draft()).policy
    await desk.enacting.revise(SITE, draft.policy_id, draft.document + "# more\n", 0, (WANG, "a word"))
    await desk.enacting.check(SITE, draft.policy_id, "ready", LI)

    for writer in (LI, WANG):
        with pytest.raises(DomainError) as refused:
            await desk.enacting.approve(SITE, draft.policy_id, "agreed", writer)
        assert (refused.value.trouble, refused.value.code) == (Trouble.FORBIDDEN, "SECOND_OPERATOR_NEEDED")
        assert "另一名操作员" in refused.value.message_zh
    third = await desk.enacting.approve(SITE, draft.policy_id, "agreed", "operator/zhou")

    assert third.state is PolicyState.APPROVED


async def test_a_document_changes_only_as_a_draft_even_by_hand(desk: Desk) -> None:
    approved = (await desk.approved()).policy

    with pytest.raises(DomainError) as refused:
        await desk.enacting.revise(SITE, approved.policy_id, "language: 1", 0, (LI, "a word"))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.pool.execute("UPDATE policy SET document = 'x' WHERE policy_id = $1", approved.policy_id)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.pool.execute("DELETE FROM policy_transition WHERE policy_id = $1", approved.policy_id)

    shown, _ = await desk.enacting.get(SITE, approved.policy_id)
    assert refused.value.code == "POLICY_OUT_OF_TURN"
    assert (shown.policy.document, shown.policy.sha256) == (approved.document, approved.sha256)


async def test_a_draft_with_faults_stays_a_draft_and_the_faults_have_lines(desk: Desk) -> None:
    text = document(next(VERSIONS), desk.clock.now_ms(), "closures:\n  - access_point: moon-gate\n")
    draft = (await desk.draft(text)).policy

    shown, found = await desk.enacting.check(SITE, draft.policy_id, "ready", LI)

    assert shown.state is PolicyState.DRAFT
    assert [(fault.path, fault.line) for fault in found.faults] == [("closures[0].access_point", 7)]
    with pytest.raises(DomainError) as refused:
        await desk.enacting.approve(SITE, draft.policy_id, "agreed", WANG)
    assert refused.value.code == "POLICY_OUT_OF_TURN"


async def test_a_draft_that_would_bring_about_an_error_stays_a_draft(desk: Desk) -> None:
    reaches_nobody = (
        "requirements:\n  - {id: t, test: {fact: work_proof}, where: {access_points: [n-in], directions: [EXIT]}}\n"
    )
    draft = (await desk.draft(document(next(VERSIONS), desk.clock.now_ms(), reaches_nobody))).policy

    shown, found = await desk.enacting.check(SITE, draft.policy_id, "ready", LI)

    assert shown.state is PolicyState.DRAFT
    assert "CLAUSE_REACHES_NO_POINT" in [finding.code for finding in found.findings]


async def test_a_policy_starts_a_minute_ahead_at_least(desk: Desk) -> None:
    text = document(next(VERSIONS), desk.clock.now_ms())
    policy_id = (await desk.approved(text)).policy.policy_id
    before = await desk.store.current_plan(SITE)

    with pytest.raises(DomainError) as refused:
        await desk.enacting.schedule(SITE, policy_id, desk.clock.now_ms() + LEAD_MS - 1, "now", LI)
    assert (refused.value.code, refused.value.fields[0].path) == ("POLICY_TOO_SOON", "from_ms")
    assert await desk.store.current_plan(SITE) == before
    scheduled = await desk.enacting.schedule(SITE, policy_id, desk.clock.now_ms() + LEAD_MS, "now", LI)

    assert scheduled.state is PolicyState.SCHEDULED


async def test_a_policy_does_not_start_before_what_was_approved(desk: Desk) -> None:
    policy = (await desk.approved(document(next(VERSIONS), desk.clock.now_ms() + 10 * LEAD_MS))).policy

    with pytest.raises(DomainError) as refused:
        await desk.enacting.schedule(SITE, policy.policy_id, policy.from_ms - 1, "sooner", LI)

    assert refused.value.code == "POLICY_STARTS_EARLY"


async def test_a_scheduled_policy_is_withdrawn_from_the_plan_until_it_is_in_force(desk: Desk) -> None:
    kept, gone = (await desk.scheduled()).policy, (await desk.scheduled()).policy

    withdrawn = await desk.enacting.withdraw(SITE, gone.policy_id, "weather", WANG)
    desk.clock.set_ms(kept.from_ms)
    with pytest.raises(DomainError) as refused:
        await desk.enacting.withdraw(SITE, kept.policy_id, "weather", WANG)

    assert withdrawn.state is PolicyState.WITHDRAWN
    assert refused.value.code == "POLICY_IN_FORCE"
    in_plan = await desk.versions_in_plan()
    assert (kept.outline.version in in_plan, gone.outline.version in in_plan) == (True, False)


async def test_what_the_plan_came_to_lack_since_the_check_is_refused_at_scheduling(desk: Desk) -> None:
    version = next(VERSIONS)
    start_ms = desk.clock.now_ms() + 2 * LEAD_MS
    one, other = [(await desk.approved(document(version, start_ms))).policy for _ in range(2)]
    await desk.enacting.schedule(SITE, one.policy_id, 0, "as announced", LI)

    with pytest.raises(DomainError) as refused:
        await desk.enacting.schedule(SITE, other.policy_id, 0, "as announced", LI)

    assert [field.path for field in refused.value.fields] == ["version"]
    assert await desk.state(other.policy_id) is PolicyState.APPROVED


@pytest.mark.parametrize("round_number", range(5))
async def test_of_two_operators_at_once_exactly_one_decides(desk: Desk, round_number: int) -> None:
    draft = (await desk.draft()).policy
    await desk.enacting.check(SITE, draft.policy_id, "ready", LI)

    outcomes = await asyncio.gather(
        desk.enacting.approve(SITE, draft.policy_id, "agreed", WANG),
        desk.enacting.approve(SITE, draft.policy_id, "agreed", "operator/zhou"),
        return_exceptions=True,
    )
    scheduled = await asyncio.gather(
        *(desk.enacting.schedule(SITE, draft.policy_id, 0, "go", who) for who in (LI, WANG)),
        return_exceptions=True,
    )

    for both in (outcomes, scheduled):
        refusals = [one for one in both if isinstance(one, BaseException)]
        assert [refusal.code for refusal in refusals if isinstance(refusal, DomainError)] == ["POLICY_OUT_OF_TURN"]
    _, done = await desk.enacting.get(SITE, draft.policy_id)
    assert [one.number for one in done] == [1, 2, 3, 4], round_number


async def test_a_withdrawal_and_a_scheduling_at_once_leave_plan_and_policy_in_agreement(desk: Desk) -> None:
    for _ in range(5):
        policy = (await desk.approved()).policy

        await asyncio.gather(
            desk.enacting.schedule(SITE, policy.policy_id, 0, "go", LI),
            desk.enacting.withdraw(SITE, policy.policy_id, "stop", WANG),
            return_exceptions=True,
        )

        is_planned = await desk.state(policy.policy_id) is PolicyState.SCHEDULED
        assert (policy.outline.version in await desk.versions_in_plan()) == is_planned


async def test_a_draft_changed_since_it_was_read_is_refused(desk: Desk) -> None:
    draft = (await desk.draft()).policy
    await desk.enacting.revise(SITE, draft.policy_id, draft.document + "# one\n", 1, (LI, "a word"))

    with pytest.raises(DomainError) as refused:
        await desk.enacting.revise(SITE, draft.policy_id, draft.document + "# two\n", 1, (WANG, "a word"))

    assert refused.value.trouble is Trouble.STALE


async def test_a_lone_activation_is_refused_unless_the_site_is_set_to_have_one_operator(desk: Desk) -> None:
    text = document(next(VERSIONS), desk.clock.now_ms())
    with pytest.raises(DomainError) as refused:
        await desk.enacting.activate(SITE, text, 0, "alone", LI)
    desk.lone_sites.add(SITE)

    activated = await desk.enacting.activate(SITE, text, 0, "alone", LI)

    assert (refused.value.trouble, refused.value.code) == (Trouble.FORBIDDEN, "ACTIVATION_NOT_ALLOWED")
    _, done = await desk.enacting.get(SITE, activated.policy.policy_id)
    assert [(one.act, one.who) for one in done] == [(PolicyAct.ACTIVATE, LI)]
    assert activated.state is PolicyState.ACTIVE


async def test_the_list_shows_what_the_plan_carries_and_other_states_when_asked(desk: Desk) -> None:
    draft, scheduled = (await desk.draft()).policy, (await desk.scheduled()).policy

    usual = {one.policy.policy_id for one in await desk.enacting.listed(SITE, ())}
    drafts = {one.policy.policy_id for one in await desk.enacting.listed(SITE, {PolicyState.DRAFT})}
    active = await desk.enacting.listed(SITE, {PolicyState.ACTIVE})

    assert (scheduled.policy_id in usual, draft.policy_id in usual) == (True, False)
    assert (scheduled.policy_id in drafts, draft.policy_id in drafts) == (False, True)
    assert scheduled.policy_id not in {one.policy.policy_id for one in active}


async def test_what_is_no_document_is_not_even_a_draft(desk: Desk) -> None:
    with pytest.raises(DomainError) as refused:
        await desk.draft("- a list")

    assert refused.value.code == "DOCUMENT_INVALID"


async def test_a_step_needs_a_reason(desk: Desk) -> None:
    draft = (await desk.draft()).policy

    with pytest.raises(DomainError) as refused:
        await desk.enacting.withdraw(SITE, draft.policy_id, " ", LI)

    assert [field.path for field in refused.value.fields] == ["reason"]
