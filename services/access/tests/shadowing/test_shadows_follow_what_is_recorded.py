"""Shadows on a real PostgreSQL: every recorded decision made again, once, in the process apart."""

import random
from dataclasses import replace
from typing import Any

import pytest
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.shadows import MOST_KEPT, CountKey, ShadowState, Totals
from menshen_access.querying import Question
from menshen_rulebook.types import CredentialState, Outcome
from menshen_servicekit.status import DomainError

HOUR_MS = 3_600_000
NINE_MS = 1_772_413_200_000
OFFICE_HOURS = ", hours: [{access_point: n-in, schedule: office}]"
GRANT, DENY = int(Outcome.GRANT), int(Outcome.DENY)


def is_closed(event: Any) -> bool:
    """Whether the draft turns away whoever was let in: at the entry, from 18:00 on, on Monday."""
    return event.core["access_point"] == "n-in" and event.core["decided_at_ms"] >= NINE_MS + 9 * HOUR_MS


async def a_day(campus: Any, chance: random.Random, hours: int = 14) -> list[Any]:
    """Decisions from nine in the morning on about people whose records change; the events in order."""
    events = []
    for _ in range(hours):
        for _ in range(5):
            events.append(campus.decided(chance.choice(("c:1", "c:1", "c:2")), chance.choice(("n-in", "n-out"))))
            campus.clock.advance_ms(HOUR_MS // 5)
        state = chance.choice((CredentialState.ACTIVE, CredentialState.ACTIVE, CredentialState.LOST))
        await campus.tell("c:1", "staff", state)
    return events


async def test_a_draft_that_says_what_is_in_force_says_differs_nowhere(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2))
    events = await a_day(campus, random.Random(1))
    await campus.record(*events)

    await campus.caught_up()

    found = await campus.shadow(shadow.shadow_id)
    assert found.totals == Totals(len(events), 0, 0)
    assert (found.state, found.through_sequence) == (ShadowState.RUNNING, len(events))
    assert {event.core["outcome"] for event in events} >= {GRANT, DENY}
    assert await campus.differences(shadow.shadow_id) == []


async def test_a_draft_that_closes_a_gate_differs_in_exactly_what_it_closes(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    events = []
    for hour in range(9, 24):
        events += [campus.decided("c:1", "n-in"), campus.decided("c:1", "n-out"), campus.decided("c:2", "n-out")]
        campus.clock.set_ms(NINE_MS + (hour - 8) * HOUR_MS)
    await campus.record(*events)

    await campus.caught_up()

    shown = await campus.differences(shadow.shadow_id)
    closed = [event for event in events if is_closed(event)]
    assert [one.difference.event_id for one in shown] == [event.event_id for event in closed]
    assert {(one.difference[5:], one.subject_ids) for one in shown} == {
        ((event.core["at_ms"], GRANT, "", DENY, "ACCESS_POINT_HOURS"), ("c:1",)) for event in closed
    }
    assert len(closed) == 6
    counts = dict((await campus.shadowing.counted(campus.site, shadow.shadow_id))[2])
    assert counts[CountKey("n-in", GRANT, DENY)] == (6, 6)
    assert counts[CountKey("n-in", GRANT, GRANT)] == (9, 0)
    assert (await campus.shadow(shadow.shadow_id)).totals == Totals(45, 6, 0)


async def test_what_came_late_counts_and_what_cannot_be_judged_is_told_apart(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    late, deleted, alone = (campus.decided("c:1") for _ in range(3))
    identity = {name: value for name, value in alone.identity.items() if name not in {"live", "pin_verdict"}}
    alone = EventPayload({**alone.core, "kind": int(EventKind.EDGE)}, identity)
    taken = EventPayload({**late.core, "kind": int(EventKind.TAKEN), "event_id": campus.new_id()})
    campus.clock.advance_ms(HOUR_MS)
    await campus.record(late, deleted, alone, taken, late=True)
    await campus.pool.execute("UPDATE event SET identity = NULL WHERE event_id = $1", deleted.event_id)

    await campus.caught_up()

    found = await campus.shadow(shadow.shadow_id)
    assert (found.totals, found.through_sequence) == (Totals(3, 1, 2), 4)
    assert [one.difference.event_id for one in await campus.differences(shadow.shadow_id)] == [late.event_id]
    assert dict((await campus.shadowing.counted(campus.site, shadow.shadow_id))[2])[CountKey("n-in", GRANT, 0)] == (
        2,
        0,
    )


async def test_an_event_that_nobody_can_judge_keeps_no_other_from_being_judged(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    sound, far, torn = (campus.decided("c:1") for _ in range(3))
    told = {"plan_version": 2**64 - 1, "holds_version": 2**64 - 1}
    far = replace(far, core={**far.core, **told}, identity={**far.identity, "subject_versions": [2**64 - 1]})
    torn = replace(torn, core={name: value for name, value in torn.core.items() if name != "reasons"})
    await campus.record(far, torn, sound)

    await campus.caught_up()

    assert (await campus.shadow(shadow.shadow_id)).totals == Totals(3, 1, 2)


async def test_who_was_concerned_goes_with_the_identity_of_the_event(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    await campus.record(campus.decided("c:1"))
    await campus.caught_up()
    known = await campus.differences(shadow.shadow_id)

    await campus.pool.execute("UPDATE event SET identity = NULL, subject_ids = '{}' WHERE site = $1", campus.site)

    (left,) = await campus.differences(shadow.shadow_id)
    assert (known[0].subject_ids, left.subject_ids) == (("c:1",), ())
    assert known[0].difference == left.difference


async def test_the_first_ten_thousand_differences_are_kept_and_the_rest_is_counted(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    await campus.record(*(campus.decided("c:1") for _ in range(5)))
    await campus.pool.execute("UPDATE shadow SET kept = $2 WHERE site = $1", campus.site, MOST_KEPT - 3)

    await campus.caught_up()

    found = await campus.shadow(shadow.shadow_id)
    assert (found.kept, found.totals.differing) == (MOST_KEPT, 5)
    assert len(await campus.differences(shadow.shadow_id)) == 3


@pytest.mark.parametrize("size", [1, 5])
async def test_differences_of_several_days_say_each_whom_it_was_about(campus: Any, size: int) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS), hours=72)
    events = []
    for hour in (11, 12, 35, 59):
        campus.clock.set_ms(NINE_MS + hour * HOUR_MS)
        events.append(campus.decided("c:1"))
        await campus.record(events[-1])
    await campus.caught_up()

    seen: list[Any] = []
    while page := await campus.differences(shadow.shadow_id, seen[-1].difference.sequence if seen else 0, size):
        seen += page

    assert [(one.difference.event_id, one.subject_ids) for one in seen] == [(one.event_id, ("c:1",)) for one in events]
    assert [one.difference.day.day for one in seen] == [2, 2, 3, 4]


async def test_differences_come_in_pages_and_each_question_is_written_down_with_its_purpose(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = [campus.decided("c:1") for _ in range(5)]
    await campus.record(*events)
    await campus.caught_up()

    seen, after = [], 0
    while True:
        question = Question(campus.site, "operator/li", "ListShadowDifferences", "is it fit")
        page, after = await campus.shadowing.differences(question, shadow.shadow_id, after, 2)
        seen += [one.difference.event_id for one in page]
        if not after:
            break

    assert seen == [event.event_id for event in events]
    logged = await campus.pool.fetch("SELECT method, purpose FROM query_log WHERE site = $1", campus.site)
    assert [tuple(row) for row in logged] == [("ListShadowDifferences", "is it fit")] * 3
    with pytest.raises(DomainError) as refused:
        await campus.shadowing.differences(Question(campus.site, "operator/li", "X", " "), shadow.shadow_id, 0, 2)
    assert refused.value.code == "PURPOSE_MISSING"
