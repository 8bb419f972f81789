"""Short stories of a campus day, each through the running services, the first of them on wire bytes."""

import asyncio

import grpc
from harness.patience import eventually
from menshen.access.v1 import administration_pb2, decision_pb2, events_pb2, review_pb2
from menshen.identity.v1 import identity_pb2
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub, ReleaseServiceStub
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, CLOCK, HALL_LANES, HALL_LIMIT, Campus, Person, code_of, codes, outcome
from scenarios.gatehouse import Gatehouse

_LOST_WITHIN_S = 1.0
_SEEN_WITHIN_MS = 1_000


async def test_a_card_opens_the_lock_and_the_passage_is_recorded(campus: Campus, gate: Gatehouse) -> None:
    person = await campus.enrol()

    passed = await gate.walk("in", person.card)

    assert passed == 1
    [decided] = [event for event in await until_taken(campus, person) if event.subject_ids == [person.subject_id]]
    events = await campus.recorded(decided.event_id, "CENTRE", "ACTED", "TAKEN")
    assert events["ACTED"].obeyed == decision_pb2.EVENT_KIND_CENTRE
    assert events["TAKEN"].access_point == "n-in"
    assert await eventually(gate.is_settled)


async def until_taken(campus: Campus, person: Person) -> list[events_pb2.AccessEvent]:
    async def decisions() -> list[events_pb2.AccessEvent]:
        history = await campus.history()
        taken = {event.event_id for event in history if event.kind == decision_pb2.EVENT_KIND_TAKEN}
        return [e for e in history if e.event_id in taken and person.subject_id in e.subject_ids]

    return await eventually(decisions, 10)


async def test_a_lost_card_is_refused_within_a_second_of_the_report(campus: Campus) -> None:
    person = await campus.enrol()
    assert outcome(await campus.decide("n-in", person)) == "GRANT"
    loop = asyncio.get_running_loop()

    await campus.change_card(person, identity_pb2.CREDENTIAL_STATE_LOST)
    reported = loop.time()
    refused = await eventually(lambda: refusal(campus, person), 5)
    seconds = loop.time() - reported

    assert codes(refused) == ["CREDENTIAL_LOST"]
    assert seconds < _LOST_WITHIN_S
    print(f"refused {seconds * 1000:.0f} ms after the report")


async def refusal(campus: Campus, person: Person, access_point: str = "n-in") -> decision_pb2.Decision | None:
    decision = await campus.decide(access_point, person)
    return decision if outcome(decision) == "DENY" else None


async def test_somebody_on_the_blacklist_gets_a_neutral_text_and_the_guard_the_reason(
    campus: Campus, town: Suite
) -> None:
    person = await campus.enrol()
    entry = identity_pb2.ListEntry(
        kind=identity_pb2.LIST_KIND_BLACK, from_ms=CLOCK.now_ms() - 1000, reason_code="theft", source="office"
    )
    await campus.identity.AddListEntry(
        identity_pb2.AddListEntryRequest(site="north", cardholder_id=person.subject_id, entry=entry), timeout=CALL_S
    )

    refused = await eventually(lambda: refusal(campus, person), 5)

    [reason] = refused.reasons
    assert reason.code == "BLACKLISTED"
    assert reason.holder.en != reason.guard.en
    assert await eventually(lambda: alarm_about(town, refused.event_id), 10)


async def alarm_about(town: Suite, event_id: str) -> safety_pb2.Alarm | None:
    listed = await AlarmServiceStub(town.channel("safety")).ListAlarms(
        safety_pb2.ListAlarmsRequest(site="north", kind=safety_pb2.ALARM_KIND_BLACKLISTED), timeout=CALL_S
    )
    return next((alarm for alarm in listed.alarms if alarm.event_id == event_id), None)


async def test_a_visitor_is_let_in_inside_the_window_and_nowhere_else(campus: Campus, town: Suite) -> None:
    east = Campus(town, "east")
    await east.open()
    host = await campus.enrol()
    now_ms = CLOCK.now_ms()

    expected = await visitor(campus, host, now_ms + 60_000, now_ms + 3_600_000)
    early = await campus.decide("n-in", expected)
    present = await visitor(campus, host, now_ms - 60_000, now_ms + 3_600_000)
    elsewhere = await eventually(lambda: recognised(east, present), 10)
    inside = await campus.decide("n-in", present)
    leaving = await visitor(campus, host, now_ms - 3_600_000, CLOCK.now_ms() + 1_500)
    over = await eventually(lambda: refusal(campus, leaving), 5)

    assert codes(early) == ["VISIT_NOT_YET"]
    assert outcome(inside) == "GRANT"
    assert codes(over) == ["VISIT_OVER"]
    assert codes(elsewhere) == ["VISIT_WRONG_SITE"]


async def visitor(campus: Campus, host: Person, from_ms: int, to_ms: int) -> Person:
    visit = identity_pb2.Visit(host_id=host.subject_id, from_ms=from_ms, to_ms=to_ms)
    booked = await campus.identity.CreateVisit(
        identity_pb2.CreateVisitRequest(site=campus.site, visitor_name="访客", host_id=host.subject_id, visit=visit),
        timeout=CALL_S,
    )
    return await campus.issue_card(booked.visit.cardholder_id)


async def recognised(campus: Campus, person: Person) -> decision_pb2.Decision | None:
    decision = await campus.decide("n-in", person)
    return decision if person.subject_id in decision.subject_ids else None


async def test_of_two_guards_exactly_one_takes_a_review(campus: Campus) -> None:
    person = await campus.enrol("contractor")
    asked = await campus.decide("s-in", person)
    assert outcome(asked) == "MANUAL_REVIEW"
    review = await campus.open_review(asked.event_id)
    posts = [campus.guard(f"post-{number}") for number in (1, 2)]
    request = review_pb2.TakeReviewRequest(site="north", review_id=review.review_id)

    statuses = await asyncio.gather(*(code_of(post.TakeReview(request, timeout=CALL_S)) for post in posts))

    assert sorted(status is grpc.StatusCode.OK for status in statuses) == [False, True]
    winner, loser = (posts[statuses.index(grpc.StatusCode.OK)], posts[statuses.index(grpc.StatusCode.OK) - 1])
    resolve = passing(review, "known")
    assert await code_of(loser.ResolveReview(resolve, timeout=CALL_S)) is not grpc.StatusCode.OK
    assert await code_of(winner.ResolveReview(resolve, timeout=CALL_S)) is grpc.StatusCode.OK


def passing(review: review_pb2.Review, note: str) -> review_pb2.ResolveReviewRequest:
    return review_pb2.ResolveReviewRequest(site="north", review_id=review.review_id, note=note, **{"pass": True})


async def test_a_review_that_a_guard_passes_opens_the_door(campus: Campus, gate: Gatehouse) -> None:
    person = await campus.enrol("contractor")
    walking = asyncio.ensure_future(gate.walk("in", person.card, patience_s=15))
    reviewed = await eventually(lambda: decision_about(campus, person, decision_pb2.OUTCOME_MANUAL_REVIEW), 10)
    assert not gate.door.is_unlocked
    review = await campus.open_review(reviewed.event_id)
    guard = campus.guard("post-1")
    resolve = passing(review, "papers in order")

    await guard.TakeReview(review_pb2.TakeReviewRequest(site="north", review_id=review.review_id), timeout=CALL_S)
    await guard.ResolveReview(resolve, timeout=CALL_S)

    assert await walking == 1
    events = await campus.recorded(reviewed.event_id, "CENTRE", "ACTED", "TAKEN")
    assert events["ACTED"].detail["cause"] == "REVIEW_PASSED"


async def decision_about(campus: Campus, person: Person, wanted: int) -> events_pb2.AccessEvent | None:
    history = await campus.history()
    return next((e for e in history if person.subject_id in e.subject_ids and e.outcome == wanted), None)


async def test_a_lockdown_refuses_entries_and_lets_people_leave(campus: Campus) -> None:
    person = await campus.enrol()
    raised = await campus.administration.RaiseHold(
        administration_pb2.RaiseHoldRequest(site="north", reason="drill"), timeout=CALL_S
    )

    entering = await eventually(lambda: refusal(campus, person), 5)
    leaving = await campus.decide("n-out", person)
    await campus.administration.ReleaseHold(
        administration_pb2.ReleaseHoldRequest(site="north", hold_id=raised.hold.hold_id, reason="over"), timeout=CALL_S
    )
    afterwards = await eventually(lambda: grant(campus, person), 5)

    assert codes(entering) == ["LOCKDOWN"]
    assert outcome(leaving) == "GRANT"
    assert outcome(afterwards) == "GRANT"


async def grant(campus: Campus, person: Person) -> decision_pb2.Decision | None:
    decision = await campus.decide("n-in", person)
    return decision if outcome(decision) == "GRANT" else None


async def test_a_second_entry_without_an_exit_is_reminded_of(campus: Campus) -> None:
    person = await campus.enrol()

    first = await campus.decide("s-in", person)
    second = await campus.decide("s-in", person)
    left = await campus.decide("s-out", person)
    third = await campus.decide("s-in", person)

    assert [outcome(decision) for decision in (first, left, third)] == ["GRANT"] * 3
    assert (outcome(second), codes(second)) == ("GRANT_WITH_REMINDER", ["ANTI_PASSBACK_IN"])


async def test_a_dated_policy_closes_a_gate_to_the_second(campus: Campus) -> None:
    person = await campus.enrol()
    closes_ms = CLOCK.now_ms() + 2_500
    await campus.activate(closes_ms, closures=[{"access_point": "s-in", "redirect": "n-in"}])
    answers: list[decision_pb2.Decision] = []

    async def both_seen() -> bool:
        answers.append(await campus.decide("s-in", person))
        return outcome(answers[-1]) == "DENY"

    await eventually(both_seen, 10)
    await campus.activate()

    assert {outcome(a) for a in answers if a.decided_at_ms < closes_ms} <= {"GRANT", "GRANT_WITH_REMINDER"}
    assert answers[0].decided_at_ms < closes_ms
    assert codes(answers[-1])[0] == "ACCESS_POINT_CLOSED"
    assert all(answer.decided_at_ms < closes_ms for answer in answers[:-1])
    assert 0 <= answers[-1].decided_at_ms - closes_ms <= _SEEN_WITHIN_MS


async def test_the_feed_resumes_at_its_cursor_without_a_gap_or_a_repetition(campus: Campus) -> None:
    person = await campus.enrol()
    before = [event.sequence for event in await campus.history()]
    request = events_pb2.WatchEventsRequest(site="north", purpose="feed", until_now=True)
    [*_, last] = [page async for page in campus.events.WatchEvents(request, timeout=CALL_S)]
    decided = [(await campus.decide("n-out", person)).event_id for _ in range(20)]
    for event_id in decided:
        await campus.recorded(event_id, "CENTRE")

    resumed = await campus.history(last.cursor)

    assert before == list(range(1, len(before) + 1))
    after = last.cursor.sequence + 1
    assert [event.sequence for event in resumed] == list(range(after, after + len(resumed)))
    assert [event.event_id for event in resumed if event.event_id in set(decided)] == decided


async def test_a_repeated_presentation_gets_the_stored_decision(campus: Campus) -> None:
    person = await campus.enrol()
    event_id = campus.new_id()
    first = await campus.decide("n-in", person, event_id=event_id)
    await campus.change_card(person, identity_pb2.CREDENTIAL_STATE_LOST)
    await eventually(lambda: refusal(campus, person), 5)

    again = await campus.decide("n-in", person, event_id=event_id)

    assert again.repeated_event
    assert (again.outcome, again.decided_at_ms) == (first.outcome, first.decided_at_ms)
    await campus.recorded(event_id, "CENTRE")
    assert sum(event.event_id == event_id for event in await campus.history()) == 1


async def test_ten_lanes_never_give_the_last_place_twice(campus: Campus) -> None:
    people = [await campus.enrol() for _ in HALL_LANES]

    decisions = await asyncio.gather(
        *(campus.decide(lane, person) for lane, person in zip(HALL_LANES, people, strict=True))
    )

    granted = [outcome(decision) for decision in decisions].count("GRANT")
    assert granted == HALL_LIMIT
    assert all(codes(decision) == ["AREA_FULL"] for decision in decisions if outcome(decision) == "DENY")
    assert (await campus.occupancy())["hall"] == (0, HALL_LIMIT)


async def test_presence_is_forgiven_after_an_emergency_is_reset(campus: Campus, gate: Gatehouse) -> None:
    person = await campus.enrol()
    await campus.decide("s-in", person)
    assert codes(await campus.decide("s-in", person)) == ["ANTI_PASSBACK_IN"]
    zone = safety_pb2.Zone(zone_id="n-fire", name_zh="北", name_en="North", doors=["n-door"], areas=["campus"])
    releases = ReleaseServiceStub(gate.suite.channel("safety"))
    await releases.PutZone(safety_pb2.PutZoneRequest(site="north", zone=zone), timeout=CALL_S)

    await releases.RaiseRelease(
        safety_pb2.RaiseReleaseRequest(site="north", zone_id="n-fire", reason="smoke"), timeout=CALL_S
    )
    await eventually(lambda: gate.door.is_unlocked, 5)
    await releases.ResetRelease(
        safety_pb2.ResetReleaseRequest(site="north", zone_id="n-fire", reason="clear"), timeout=CALL_S
    )
    await eventually(lambda: not gate.door.is_unlocked, 10)

    await eventually(lambda: nobody_is_known_inside(campus), 10)
    forgiven = await campus.decide("s-in", person)
    assert (outcome(forgiven), codes(forgiven)) == ("GRANT", [])


async def nobody_is_known_inside(campus: Campus) -> bool:
    return (await campus.occupancy())["campus"][0] == 0


async def test_the_chain_of_the_day_verifies(campus: Campus) -> None:
    recorded = await campus.history()

    checked = await campus.chain()

    assert (checked.broken_at, checked.detail) == (0, "")
    assert checked.checked >= len(recorded) > 0
