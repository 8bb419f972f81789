"""What a shadow is refused for, and what ends it: on a real PostgreSQL."""

from typing import Any

import pytest
from menshen_access.domain.shadows import MOST_ENDED, ShadowState, Totals
from menshen_servicekit.status import DomainError, Trouble

HOUR_MS = 3_600_000
LI, WANG = "operator/li", "operator/wang"


async def refusal(asked: Any) -> tuple[Trouble, str]:
    with pytest.raises(DomainError) as refused:
        await asked
    return refused.value.trouble, refused.value.code


async def state_of(campus: Any, shadow: Any) -> ShadowState:
    await campus.caught_up()
    return (await campus.shadow(shadow.shadow_id)).state


async def test_what_cannot_have_a_shadow_is_refused_precisely(campus: Any) -> None:
    start, site = campus.shadowing.start, campus.site
    fit, faulty = await campus.draft(2), await campus.draft(3, ", nonsense: 1")
    where = "{access_points: [n-out], directions: [ENTRY]}"
    unfit = await campus.draft(4, f", requirements: [{{id: x, test: {{fact: f}}, where: {where}}}]")
    rejected = await campus.draft(5)
    await campus.enacting.reject(site, rejected, "because", LI)

    assert await refusal(start(site, fit, 0, "because", LI)) == (Trouble.INVALID, "HOURS_INVALID")
    assert await refusal(start(site, fit, 337, "because", LI)) == (Trouble.INVALID, "HOURS_INVALID")
    assert await refusal(start(site, fit, 1, " ", LI)) == (Trouble.INVALID, "REASON_MISSING")
    assert await refusal(start(site, "none", 1, "because", LI)) == (Trouble.NOT_FOUND, "POLICY_UNKNOWN")
    assert await refusal(start(site, faulty, 1, "because", LI)) == (Trouble.INVALID, "DOCUMENT_INVALID")
    assert await refusal(start(site, unfit, 1, "because", LI)) == (Trouble.INVALID, "POLICY_UNFIT")
    assert await refusal(start(site, rejected, 1, "because", LI)) == (Trouble.CONFLICT, "POLICY_OUT_OF_TURN")
    assert (await campus.shadowing.listed(site))[0] == []


async def test_a_policy_has_one_shadow_at_a_time_and_a_site_three(campus: Any) -> None:
    drafts = [await campus.draft(version) for version in (2, 3, 4, 5)]
    first = await campus.start(drafts[0])

    assert await refusal(campus.start(drafts[0])) == (Trouble.CONFLICT, "SHADOW_RUNS")
    await campus.start(drafts[1])
    await campus.start(drafts[2])
    assert await refusal(campus.start(drafts[3])) == (Trouble.CONFLICT, "TOO_MANY_SHADOWS")
    await campus.shadowing.stop(campus.site, first.shadow_id, "seen enough", WANG)
    await campus.start(drafts[0])

    states = [one.state for one in (await campus.shadowing.listed(campus.site))[0]]
    assert sorted(states) == [ShadowState.RUNNING] * 3 + [ShadowState.STOPPED]


async def test_a_stopped_shadow_keeps_what_it_counted_and_both_acts_are_audited(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2))
    await campus.record(campus.decided("c:1"))
    await campus.caught_up()
    await campus.shadowing.stop(campus.site, shadow.shadow_id, "seen enough", WANG)
    await campus.record(campus.decided("c:1"))

    await campus.caught_up()

    found = await campus.shadow(shadow.shadow_id)
    assert (found.totals, found.ended_by, found.end_reason) == (Totals(1, 0, 0), WANG, "seen enough")
    again = campus.shadowing.stop(campus.site, shadow.shadow_id, "again", LI)
    assert await refusal(again) == (Trouble.CONFLICT, "SHADOW_ENDED")
    unknown = (Trouble.NOT_FOUND, "SHADOW_UNKNOWN")
    assert await refusal(campus.shadowing.stop(campus.site, "none", "again", LI)) == unknown
    assert await refusal(campus.shadowing.counted(campus.site, "none")) == unknown
    audited = await campus.pool.fetch(
        "SELECT caller, action FROM audit WHERE site = $1 AND action LIKE '%SHADOW' ORDER BY at_ms, action", campus.site
    )
    assert [tuple(row) for row in audited] == [(LI, "START_SHADOW"), (WANG, "STOP_SHADOW")]


async def test_it_follows_what_is_recorded_within_its_hours_and_then_ends(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2), hours=2)
    await campus.record(campus.decided("c:1"))
    campus.clock.advance_ms(2 * HOUR_MS - 1)
    await campus.record(campus.decided("c:1"))
    campus.clock.advance_ms(1)
    await campus.record(campus.decided("c:1"), campus.decided("c:1"))

    assert await state_of(campus, shadow) is ShadowState.OVER
    found = await campus.shadow(shadow.shadow_id)
    assert (found.totals, found.through_sequence) == (Totals(2, 0, 0), 2)


async def test_without_anything_recorded_it_ends_at_its_time_too(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2), hours=1)
    campus.clock.advance_ms(HOUR_MS - 1)

    before = await state_of(campus, shadow)
    campus.clock.advance_ms(1)

    assert (before, await state_of(campus, shadow)) == (ShadowState.RUNNING, ShadowState.OVER)


async def test_a_policy_that_takes_force_ends_its_shadow_before_its_first_decision(campus: Any) -> None:
    policy_id = await campus.draft(2)
    shadow = await campus.start(policy_id)
    await campus.enacting.check(campus.site, policy_id, "because", LI)
    await campus.enacting.approve(campus.site, policy_id, "because", WANG)
    from_ms = campus.clock.now_ms() + HOUR_MS
    await campus.enacting.schedule(campus.site, policy_id, from_ms, "because", LI)
    await campus.read_plan()
    await campus.record(campus.decided("c:1"))
    scheduled = await state_of(campus, shadow)
    late = campus.decided("c:1")
    campus.clock.set_ms(from_ms)
    await campus.record(late, campus.decided("c:1"), campus.decided("c:1"))

    ended = await state_of(campus, shadow)

    assert (scheduled, ended) == (ShadowState.RUNNING, ShadowState.IN_FORCE)
    assert (await campus.shadow(shadow.shadow_id)).totals == Totals(2, 0, 0)


async def test_a_policy_that_is_revised_or_taken_back_ends_its_shadow_at_once(campus: Any) -> None:
    revised, withdrawn = await campus.draft(2), await campus.draft(3)
    shadows = [await campus.start(policy_id) for policy_id in (revised, withdrawn)]
    text = f"{{language: 1, version: 9, site: {campus.site}, from: 2025-01-01T00:00:00+08:00}}"
    await campus.enacting.revise(campus.site, revised, text, 0, (LI, "because"))
    await campus.enacting.withdraw(campus.site, withdrawn, "because", LI)
    await campus.record(campus.decided("c:1"))

    states = [await state_of(campus, shadow) for shadow in shadows]

    assert states == [ShadowState.REVISED, ShadowState.WITHDRAWN]
    assert [one.totals for one in (await campus.shadowing.listed(campus.site))[0]] == [Totals()] * 2


async def test_the_oldest_that_ended_are_forgotten(campus: Any) -> None:
    policy_id = await campus.draft(2)
    for _ in range(MOST_ENDED + 2):
        campus.clock.advance_ms(1)
        last = await campus.start(policy_id)
        await campus.shadowing.stop(campus.site, last.shadow_id, "seen enough", LI)

    listed, _ = await campus.shadowing.listed(campus.site)

    assert len(listed) == MOST_ENDED + 1
    assert listed[0].shadow_id == last.shadow_id
