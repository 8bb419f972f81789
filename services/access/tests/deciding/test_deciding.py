"""Decisions against a real Redis: one round trip when nothing changed, and never on what is not so any more."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.deciding import MOST_ROUNDS
from menshen_access.domain.asking import Cause, Decided, Undecided
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.decided import decision_event, reasons_of
from menshen_access.domain.events import EventKind, decode
from menshen_access.domain.reported import ReportedDecision
from menshen_access.domain.store import SiteState, Standing, Stored
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient
from menshen_cli.local.servers import valkey_server
from menshen_rulebook.plan import plan_to_json
from menshen_rulebook.types import (
    AlarmKind,
    CredentialState,
    Decision,
    Hold,
    HoldScope,
    LiveState,
    Order,
    OrderKind,
    Outcome,
    Reason,
    ReasonTexts,
    Text,
    ThreatLevel,
)
from menshen_servicekit.verifiers import VerifierCost, make_verifier

SITE = "north"
GRANT, DENY = int(Outcome.GRANT), int(Outcome.DENY)
"""Outcomes as events hold them."""


def codes(decided: Decided) -> list[str]:
    return [reason[0] for reason in decided.event.core["reasons"]]


async def commands(gate: Any) -> int:
    """FCALLs so far."""
    info = (await gate.client.call("INFO", "commandstats")).decode()
    rows = [line for line in info.splitlines() if line.startswith("cmdstat_fcall")]
    return sum(int(row.split("calls=")[1].split(",")[0]) for row in rows)


async def test_a_warm_decision_takes_one_call_of_redis(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA", "n-in")
    before = await commands(gate)

    decided = await gate.present("AA", "n-out")

    assert decided.event.core["outcome"] == GRANT
    assert decided.event.core["grant_expires_at_ms"] > gate.clock.now_ms()
    assert await commands(gate) == before + 1


async def test_what_is_decided_is_in_the_stream_as_it_was_answered(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))

    decided = await gate.present("AA")

    ((_, fields),) = await gate.client.call("XRANGE", gate.generations.keys[SITE].events, "-", "+")
    assert decode(fields[1]).core == decided.event.core
    assert decode(fields[1]).identity == decided.event.identity


async def test_an_unknown_card_is_refused_and_recorded(gate: Any) -> None:
    decided = await gate.present("FFFF")

    assert decided.event.core["outcome"] == DENY
    assert decided.event.identity["subject_ids"] == []
    assert await gate.client.call("XLEN", gate.generations.keys[SITE].events) == 1


async def test_a_card_enrolled_after_it_was_unknown_opens_at_once(gate: Any) -> None:
    await gate.present("AA")
    await gate.put(gate.staff("c:1", "AA"))

    decided = await gate.present("AA")

    assert decided.event.core["outcome"] == GRANT


async def test_a_card_reported_lost_is_refused_although_the_cache_knows_it_as_good(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.put(gate.staff("c:1", "AA", 2, state=CredentialState.LOST))

    decided = await gate.present("AA")

    assert decided.event.core["outcome"] == DENY
    assert decided.event.identity["subject_versions"] == [2]
    assert gate.counter("decision_stale") == 1


async def test_a_card_that_changed_hands_is_decided_for_its_new_holder(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.put(gate.staff("c:2", "AA"))
    await gate.put(gate.staff("c:1", "BB", 2))

    decided = await gate.present("AA")

    assert decided.event.identity["subject_ids"] == ["c:2"]


async def test_a_removed_holder_is_nobody(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.client.call("SET", gate.generations.keys[SITE].record("c:1"), "2|")

    decided = await gate.present("AA")

    assert decided.event.core["outcome"] == DENY
    assert decided.event.identity["subject_ids"] == []


async def test_a_new_plan_is_used_by_the_next_decision(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.put_plan(gate.plan(2, group_assignments=[]))

    decided = await gate.present("AA")

    assert (decided.event.core["outcome"], decided.event.core["plan_version"]) == (DENY, 2)


async def test_lockdown_refuses_entries_at_once_and_lets_exits_pass(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    await gate.present("AA")
    held = Circumstances(1, (Hold("h1", "operator", HoldScope.SITE, SITE),))
    await gate.projection.put_circumstances(SITE, gate.generation, 1, held.encode())

    entry, leave = await gate.present("BB", "n-in"), await gate.present("AA", "n-out")

    assert entry.event.core["outcome"] == DENY
    assert leave.event.core["outcome"] != DENY


async def test_a_threat_level_of_an_area_holds_there_at_once_and_nowhere_else(gate: Any) -> None:
    policy = {"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}
    threat = {"where": {"threat_level": 3}, "admits": {"groups": ["guard"]}}
    await gate.put_plan(gate.plan(2, policies=[{**policy, "threats": [threat]}]))
    await gate.put(gate.staff("c:1", "AA"))
    before = await gate.present("AA", "l-in")
    raised = Circumstances(1, threat_levels=(ThreatLevel(3, "lab"),))
    await gate.projection.put_circumstances(SITE, gate.generation, 1, raised.encode())

    lab, campus = await gate.present("AA", "l-in"), await gate.present("AA", "n-in")

    assert before.event.core["outcome"] == GRANT
    assert (lab.event.core["outcome"], codes(lab)) == (DENY, ["THREAT_LEVEL"])
    assert (codes(campus), lab.event.core["holds_version"]) == (["ANTI_PASSBACK_IN"], 1)


async def test_a_way_out_whose_rules_heed_the_level_hears_of_it_at_once(gate: Any) -> None:
    policy = {"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}
    texts = {"zh": "请结伴而行", "en": "Walk in groups"}
    reminder = {"code": "IN_GROUPS", "texts": texts, "where": {"threat_level": 2, "directions": ["EXIT"]}}
    await gate.put_plan(gate.plan(2, policies=[{**policy, "reminders": [reminder]}]))
    await gate.put(gate.staff("c:1", "AA"))
    calm = await gate.present("AA", "n-out")
    raised = Circumstances(1, threat_levels=(ThreatLevel(2),))
    await gate.projection.put_circumstances(SITE, gate.generation, 1, raised.encode())

    warned = await gate.present("AA", "n-out")

    assert (codes(calm), codes(warned)) == ([], ["IN_GROUPS"])


async def test_a_decision_made_before_an_order_is_made_again_under_it(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    order = Order("o1", "operator/li", "n-in", OrderKind.HOLD_OPEN, gate.clock.now_ms() + 60_000)
    await gate.projection.put_circumstances(SITE, gate.generation, 7, Circumstances(7, orders=(order,)).encode())

    decided = await gate.present("AA")

    assert decided.event.core["holds_version"] == 7
    assert gate.views.get(SITE).circumstances == Circumstances(7, orders=(order,))


async def test_a_repeated_event_id_gets_the_stored_answer(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    event_id = gate.new_id()
    first = await gate.present("AA", event_id=event_id)
    await gate.put(gate.staff("c:1", "AA", 2, state=CredentialState.LOST))

    again = await gate.present("AA", event_id=event_id)

    assert again.is_repeated
    assert again.event.core == first.event.core
    assert gate.counter("decision_repeated") == 1


async def test_concurrent_repeats_of_one_event_are_one_decision(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    event_id = gate.new_id()

    answers = await asyncio.gather(*(gate.present("AA", event_id=event_id) for _ in range(20)))

    assert sum(not answer.is_repeated for answer in answers) == 1
    assert len({answer.event.core["decided_at_ms"] for answer in answers}) == 1
    assert await gate.client.call("XLEN", gate.generations.keys[SITE].events) == 1


async def test_ten_people_never_get_the_last_place_of_the_laboratory_twice(gate: Any) -> None:
    people = [gate.staff(f"c:{number}", f"A{number}") for number in range(10)]
    await gate.put(*people)

    answers = await asyncio.gather(*(gate.present(f"A{number}", "l-in") for number in range(10)))

    outcomes = [answer.event.core["outcome"] for answer in answers]
    assert outcomes.count(GRANT) == 1
    assert all("AREA_FULL" in codes(answer) for answer in answers if answer.event.core["outcome"] == DENY)


async def test_a_place_given_back_is_granted_again(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    first = await gate.present("AA", "l-in")
    full = await gate.present("BB", "l-in")

    gone = gate.report(first.event.event_id, EventKind.NOT_TAKEN)
    await gate.events.receive(SITE, "north-1", gone)
    again = await gate.present("BB", "l-in")

    assert full.event.core["outcome"] == DENY
    assert again.event.core["outcome"] == GRANT


async def test_a_single_use_ticket_opens_once_and_again_when_nobody_passed(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA", single_use=True))
    first = await gate.present("AA")
    second = await gate.present("AA")
    report = gate.report(first.event.event_id, EventKind.NOT_TAKEN)

    await gate.events.receive(SITE, "north-1", report)
    third = await gate.present("AA")

    assert [d.event.core["outcome"] for d in (first, second, third)] == [GRANT, DENY, GRANT]


async def test_a_passage_taken_is_known_to_the_next_decision_without_a_retry(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    entered = await gate.present("AA")
    report = gate.report(entered.event.event_id, EventKind.TAKEN)

    answer = await gate.events.receive(SITE, "north-1", report)
    second_entry = await gate.present("AA")

    assert (answer.stored, answer.late, answer.unmatched) == (Stored.OK, False, False)
    assert "ANTI_PASSBACK_IN" in codes(second_entry)
    assert gate.counter("decision_stale") == 0


async def test_a_passage_nobody_was_granted_is_recorded_and_flagged(gate: Any) -> None:
    report = gate.report(gate.new_id(), EventKind.TAKEN)

    answer = await gate.events.receive(SITE, "north-1", report)

    assert (answer.stored, answer.unmatched, dict(answer.moved)) == (Stored.OK, True, {})


async def test_a_time_that_cannot_be_true_is_flagged_and_does_not_move_the_register_ahead(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    entered = await gate.present("AA")
    tomorrow_ms = gate.clock.now_ms() + 86_400_000
    report = gate.report(entered.event.event_id, EventKind.TAKEN, at_ms=tomorrow_ms)

    prepared = await gate.events.prepare(SITE, "north-1", report)

    assert prepared.event.core["flags"] == ("CLOCK_AHEAD",)
    assert prepared.event.core["at_ms"] == tomorrow_ms
    assert prepared.happening.at_ms <= gate.clock.now_ms()


async def test_an_edge_decision_uses_up_a_ticket_and_reserves_its_place(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA", single_use=True))
    asked = gate.asked("AA")
    told = ReportedDecision(GRANT, (), gate.clock.now_ms(), 1, ("c:1",), (1,), gate.clock.now_ms() + 8000, 7)
    report = gate.report(asked.presentation.event_id, EventKind.EDGE, presentation=asked, decision=told)

    prepared = await gate.events.prepare(SITE, "north-1", report)
    await gate.events.receive(SITE, "north-1", report)
    second = await gate.present("AA")

    assert prepared.event.core["policy_version"] == 7
    assert second.event.core["outcome"] == DENY
    assert (await gate.projection.occupancy(SITE, ["campus"], gate.clock.now_ms()))["campus"] == (0, 1)


async def test_an_interlock_the_agent_senses_refuses_and_is_recorded(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    asked = gate.asked("AA", "l-in")

    refused = await gate.answer(replace(asked, open_interlock_doors=("n-door",)))

    assert (refused.event.core["outcome"], codes(refused)) == (DENY, ["INTERLOCK_OPEN"])
    assert refused.event.identity["live"]["interlock"] == ["n-door"]


async def test_a_lock_out_holds_at_its_access_point_alone_and_ends_by_time(gate: Any) -> None:
    policy = {"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}
    pins = {"alarm_after": 2, "lock_out_after": 2, "forgotten_after": "1s"}
    await gate.put_plan(gate.plan(2, policies=[{**policy, "pins": pins}]))
    verifier = make_verifier("1234", gate.pepper, b"s" * 16, VerifierCost(log2_n=4))
    await gate.put(gate.staff("c:1", "AA", has_pin=True), pin_verifier=verifier)

    wrong = [await gate.present("AA", "p-in", pin="9999") for _ in range(2)]
    locked = await gate.present("AA", "p-in", pin="1234")
    elsewhere = await gate.present("AA", "n-in", pin="1234")

    async def opens_again() -> bool:
        return bool((await gate.present("AA", "p-in", pin="1234")).event.core["outcome"] != DENY)

    assert [codes(decided) for decided in (*wrong, locked)] == [["PIN_WRONG"], ["PIN_WRONG"], ["PIN_LOCKED_OUT"]]
    assert wrong[1].event.core["alarms"] == [[int(AlarmKind.WRONG_PIN_REPEATED), False]]
    assert elsewhere.event.core["outcome"] == GRANT
    await eventually(opens_again)


def _worded(word: str) -> ReasonTexts:
    text = Text(f"{word}小时", f"{word} hours")
    return ReasonTexts(text, text, text)


async def test_two_clauses_that_share_a_code_keep_their_own_sentences(gate: Any) -> None:
    reasons = tuple(
        Reason("TEST_TOO_OLD", "requirements", Outcome.DENY, (("requirement", name),), texts)
        for name, texts in (("a", _worded("48")), ("b", _worded("24")), ("c", _worded("48")))
    )
    decision = Decision(Outcome.DENY, reasons, (), (), (), Outcome.DENY, 1, 1, 1, gate.clock.now_ms())

    event = decision_event(gate.asked("AA"), decision, (), LiveState(), 0)

    assert reasons_of(decode(event.encode())) == list(reasons)


@pytest.mark.parametrize(("typed", "outcome"), [("1234", GRANT), ("9999", DENY), ("5678", GRANT)])
async def test_a_typed_pin_is_checked_and_leaves_no_trace(gate: Any, typed: str, outcome: int) -> None:
    cost = VerifierCost(log2_n=4)
    await gate.put(
        gate.staff("c:1", "AA", has_pin=True),
        pin_verifier=make_verifier("1234", gate.pepper, b"s" * 16, cost),
        duress_verifier=make_verifier("5678", gate.pepper, b"t" * 16, cost),
    )

    decided = await gate.present("AA", "p-in", pin=typed)

    assert decided.event.core["outcome"] == outcome
    assert bool(decided.event.core.get("alarms")) is (typed == "5678")
    assert typed.encode() not in decided.event.encode().replace(decided.event.event_id.encode(), b"")


async def test_a_record_that_cannot_be_read_denies_entry_and_lets_out(gate: Any) -> None:
    keys = gate.generations.keys[SITE]
    await gate.client.call("SET", keys.record("c:1"), "1|not a record")
    await gate.client.call("SET", keys.lookup("card:AA"), "c:1")

    entry, leave = await gate.present("AA", "n-in"), await gate.present("AA", "n-out")

    assert (entry.event.core["outcome"], codes(entry)) == (DENY, ["SYSTEM_FAULT"])
    assert leave.event.core["outcome"] != DENY


async def test_a_state_that_keeps_changing_is_given_up_after_some_rounds(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    # The record says another version than its place in Redis does: no commit can ever find it unchanged.
    await gate.client.call("SET", gate.generations.keys[SITE].record("c:1"), b"7|" + await record(gate, "c:1"))

    answer = await gate.answer(gate.asked("AA"))

    assert isinstance(answer, Undecided)
    assert answer.cause is Cause.BACKPRESSURE
    assert gate.counter("decision_stale") == MOST_ROUNDS - 1


async def record(gate: Any, subject_id: str) -> bytes:
    value: bytes = await gate.client.call("GET", gate.generations.keys[SITE].record(subject_id))
    return value.partition(b"|")[2]


async def test_a_site_without_a_plan_is_not_decided(gate: Any) -> None:
    had_plan = await gate.generations.has_plan(SITE)
    await gate.client.call("DEL", gate.generations.keys[SITE].plan)

    answer = await gate.answer(gate.asked("AA"))

    assert (had_plan, await gate.generations.has_plan(SITE)) == (True, False)
    assert isinstance(answer, Undecided)
    assert answer.cause is Cause.NOT_READY


async def test_a_killed_redis_leaves_no_decision_hanging_and_an_empty_one_is_not_ready(
    run_folder: Path, clock: Any, tasks: Any, gate: Any
) -> None:
    server = valkey_server(run_folder / "emptied-valkey", durable=False)
    await asyncio.to_thread(server.start)
    generations = SiteGenerations((SITE,))
    locator = SingleNode(place_of(server.url, server.password_file))
    client = RespClient(locator, None, generations.prepare, generations.forget_all)
    generations.attach({SITE: client})
    running = asyncio.create_task(client.run())
    try:
        await asyncio.wait_for(client.wait_connected(), 10)
        generation = await generations.begin(SITE, Standing(0, SiteState.EMPTY, bound=False))
        assert generation is not None
        assert await generations.ready(SITE, generation)
        killed = type(gate)(client, generations, clock, tasks)
        await killed.put_plan(killed.plan())
        await killed.put(killed.staff("c:1", "AA"))
        await killed.present("AA")

        under_way = [asyncio.create_task(killed.answer(killed.asked("AA"))) for _ in range(50)]
        await asyncio.to_thread(server.kill)
        answers = await asyncio.wait_for(asyncio.gather(*under_way), 10)
        away = await killed.answer(killed.asked("AA"))
        await asyncio.to_thread(server.start)
        await client.call("FLUSHALL") if client.is_connected else None
        await asyncio.wait_for(client.wait_connected(), 10)
        standing = await generations.inspect(SITE)
        back = await killed.answer(killed.asked("AA"))

        assert {type(answer) for answer in answers} <= {Decided, Undecided}
        assert isinstance(away, Undecided)
        assert away.cause is Cause.STORE_AWAY
        assert not standing.usable
        assert isinstance(back, Undecided)
        assert back.cause is Cause.NOT_READY
        await killed.pins.close()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.to_thread(server.remove)


async def test_a_rebuilt_site_decides_again(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.client.call("FLUSHALL")
    lost = await gate.answer(gate.asked("AA"))

    standing = await asyncio.wait_for(gate.generations.lost(SITE), 5)
    generation = await gate.generations.begin(SITE, standing)
    await gate.projection.put_plan(SITE, generation, 1, plan_to_json(gate.plan()))
    assert await gate.generations.ready(SITE, generation)
    await gate.put(gate.staff("c:1", "AA"))
    decided = await eventually(lambda: gate.present("AA"))

    assert isinstance(lost, Undecided)
    assert lost.cause is Cause.NOT_READY
    assert decided.event.core["outcome"] == GRANT


async def test_a_commit_that_was_held_up_is_made_again_and_not_blamed_on_the_clock(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))
    await gate.present("AA")
    await gate.client.call("CLIENT", "PAUSE", 320, "ALL")

    decided = await gate.present("AA", "n-out")

    assert decided.event.core["outcome"] == GRANT
