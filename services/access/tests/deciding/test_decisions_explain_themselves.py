"""Recorded decisions, made again on what they were made on: a day at a real gate, in real stores."""

import random
from dataclasses import replace

from harness.recorded_day import FEVER, POLICY, SITE, Day, live_through
from menshen_access.domain.circumstances import circumstances_of, decode_circumstances
from menshen_access.domain.commands import Command, GivenCommand
from menshen_access.domain.disclosure import Reader
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.judging import CIRCUMSTANCES, COUNTERS, LIVE_VALUES, VERSIONS, Verdict
from menshen_access.postgres.circumstances import VERSIONED
from menshen_access.postgres.epochs import begin_epoch
from menshen_access.postgres.fact_sources import FactSources
from menshen_access.postgres.orders import Orders
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.sites import Sites
from menshen_access.rpc.rendering import explanation_message
from menshen_rulebook.rules import RULES
from menshen_rulebook.types import CredentialState
from menshen_servicekit.verifiers import VerifierCost, make_verifier


async def test_every_decision_of_a_day_is_reproduced(day: Day) -> None:
    decided = await live_through(day, random.Random(1), 120)

    explained = [await day.explain(event) for event in decided]

    assert [(e.rerun.verdict, e.rerun.differences, e.rerun.missing) for e in explained if e.rerun] == [
        (Verdict.REPRODUCED, (), ())
    ] * len(decided)
    codes = {reason[0] for event in decided for reason in event.core["reasons"]}
    assert len({event.core["plan_version"] for event in decided}) == 2
    assert {event.core["policy_version"] for event in decided} >= {1, 2}
    assert len({event.core["holds_version"] for event in decided}) > 3
    assert codes >= {"CREDENTIAL_UNKNOWN", "CREDENTIAL_LOST", "ACCESS_POINT_FOREIGN", "LOCKDOWN", "AREA_FULL"}
    assert codes >= {"TEMPERATURE_HIGH", "CREDENTIAL_USED", "INTERLOCK_OPEN"}
    known = [e for e in explained if e.rerun and e.events[0].event.core["access_point"] != "nowhere"]
    assert all([one.rule for one in e.rerun.accounts] == [rule.name for rule in RULES] for e in known if e.rerun)


async def test_what_has_changed_since_shows_in_the_answer_of_today_alone(day: Day) -> None:
    await day.tell(day.gate.staff("c:1", "E1"))
    granted = await day.present("E1")
    same = await day.explain(granted)
    await day.tell(day.gate.staff("c:1", "E1", state=CredentialState.LOST))

    found = await day.explain(granted)

    assert [one.today.would_differ for one in (same, found) if one.today] == [False, True]
    assert [one.rerun.verdict for one in (same, found) if one.rerun] == [Verdict.REPRODUCED] * 2
    assert found.today is not None
    assert [reason.code for reason in found.today.decision.reasons] == ["CREDENTIAL_LOST"]


async def test_todays_holders_are_found_without_reading_every_subject(day: Day) -> None:
    filled = """
    INSERT INTO subject SELECT 'crowded', 'c:' || n, 1, n, 1, 1, '', '', ARRAY['card:' || n], '{}', '', '', ''
    FROM generate_series(1, 5000) AS n
    """
    async with day.pool.acquire() as connection:
        await connection.execute(filled)
        await connection.execute("ANALYZE subject")
        rows = await connection.fetch(f"EXPLAIN {VERSIONED.records_of_keys}", "crowded", ["card:7"])

    assert "subject_by_key" in "".join(row[0] for row in rows)


async def test_a_record_that_says_otherwise_differs(day: Day) -> None:
    granted = (await day.gate.present("F1", "n-in")).event
    forged = replace(granted, core={**granted.core, "outcome": 1, "unclamped": 1, "reasons": []})
    await day.record(forged)

    found = (await day.explain(forged)).rerun

    assert found is not None
    assert found.verdict is Verdict.DIFFERS
    assert [(one.part, one.recorded) for one in found.differences] == [
        *((part, "1") for part in ("outcome", "unclamped")),
        ("reasons", ""),
    ]


async def test_deleted_identity_or_health_cannot_be_judged_again(day: Day) -> None:
    named, measured = await day.present("F2"), (await day.gate.present("F3")).event
    measured = replace(measured, health={"measured": {"temperature_c": 36.8}})
    await day.record(measured)
    await day.pool.execute("UPDATE event SET identity = NULL, identity_salt = NULL WHERE event_id = $1", named.event_id)
    await day.pool.execute("UPDATE event SET health = NULL, health_salt = NULL WHERE event_id = $1", measured.event_id)

    found = [await day.explain(event) for event in (named, measured)]

    assert [one.rerun.verdict for one in found if one.rerun] == [Verdict.DATA_DELETED] * 2
    assert [one.today for one in found] == [None, None]


async def test_inputs_that_are_not_kept_are_named(day: Day) -> None:
    decided = (await day.gate.present("F4")).event
    unkept = replace(decided, core={**decided.core, "holds_version": 999})
    places = {"presences": [["c:9", "campus", 1, "e", 1, "n-in"]]}
    old = (await day.gate.present("F5")).event
    old = replace(old, identity={**old.identity, "live": places})
    alone = (await day.gate.present("F6")).event
    core = {name: value for name, value in alone.core.items() if name != "holds_version"}
    identity = {name: value for name, value in alone.identity.items() if name not in {"live", "pin_verdict"}}
    alone = EventPayload({**core, "kind": int(EventKind.EDGE)}, identity)
    foreign = (await day.gate.present("F7")).event
    foreign = replace(foreign, identity={**foreign.identity, "subject_ids": ["c:8", "c:9"], "subject_versions": [1, 1]})
    await day.pool.execute("INSERT INTO subject_version VALUES ($1, 'c:8', 1, $2)", SITE, b"\xff")
    await day.record(unkept, old, alone, foreign)

    found = [await day.explain(event) for event in (unkept, old, alone, foreign)]

    assert [one.rerun.verdict for one in found if one.rerun] == [Verdict.INPUT_MISSING] * 4
    named = [one.rerun.missing for one in found if one.rerun]
    assert named == [(CIRCUMSTANCES,), (COUNTERS,), (CIRCUMSTANCES, LIVE_VALUES), ("subject:c:8", "subject:c:9")]
    assert found[2].today is None


async def test_what_a_gate_decided_alone_is_explained_in_the_sentences_of_its_policy(day: Day) -> None:
    await day.enact(policies=[{"version": 3, **POLICY, "from": "2026-01-01T00:00:00+08:00", "requirements": [FEVER]}])
    await day.tell(day.gate.staff("c:11", "B1"))
    fevered = await day.present("B1", "n-in", heat=38.1)
    bare = {name: value for name, value in fevered.core.items() if name != "texts"}
    alone = EventPayload({**bare, "kind": int(EventKind.EDGE)}, fevered.identity, fevered.health)
    stale = replace(alone, core={**alone.core, "event_id": day.gate.new_id(), "reasons": [["EDGE_STALE", "", 4]]})
    stale = replace(stale, identity={**stale.identity, "arguments": [{}]})
    await day.record(alone, stale)

    centre, edge = explanation_message(await day.explain(alone), Reader.CENTRE).events
    (late,) = explanation_message(await day.explain(stale), Reader.CENTRE).events

    assert "TEMPERATURE_HIGH" in [reason.code for reason in edge.reasons]
    assert list(edge.reasons) == list(centre.reasons)
    assert late.reasons[0].record.zh != late.reasons[0].record.en != "EDGE_STALE"


async def test_versions_of_before_a_restore_are_not_taken_for_those_given_anew(day: Day) -> None:
    waited = (await day.gate.present("F8")).event
    async with day.pool.acquire() as connection:
        await begin_epoch(connection, SITE, waited.core["decided_at_ms"] + 1)
    await day.record(waited)
    after = await day.present("F9")

    found = [await day.explain(event) for event in (waited, after)]

    assert [(one.rerun.verdict, one.rerun.missing) for one in found if one.rerun] == [
        (Verdict.INPUT_MISSING, (VERSIONS,)),
        (Verdict.REPRODUCED, ()),
    ]


async def test_every_change_of_what_holds_beside_the_plan_is_kept_under_its_version(day: Day, sites: Sites) -> None:
    orders, sources = Orders(day.pool, sites), FactSources(day.pool, sites)
    before, now_ms = (await day.store.current_holds(SITE)).version, day.gate.clock.now_ms()

    for command, until_ms in (
        (Command.HOLD_OPEN, now_ms + 60_000),
        (Command.RESTORE, now_ms),
        (Command.SECURE, now_ms),
    ):
        given = GivenCommand(day.gate.new_id(), "n-in", command, "operator/li", "a drill", now_ms, until_ms)
        await orders.give(SITE, given, day.deed())
    await orders.end_overdue(SITE, now_ms + 1)
    await day.store.release_hold(SITE, day.gate.new_id(), day.deed())
    await sources.turn(SITE, ["clinic"], [], [day.deed()], [])

    held = await day.store.current_holds(SITE)
    kept = [await PastInputs(day.pool).circumstances(SITE, version) for version in range(before + 1, held.version + 1)]
    orders_kept = [decode_circumstances(0, encoded).orders for encoded in kept]
    assert [len(orders) for orders in orders_kept] == [1, 0, 1, 0, 0, 0]
    assert kept[-1] == circumstances_of(SITE, held).encode()


async def test_a_duress_pin_shows_in_the_rules_of_the_security_centre_alone(day: Day) -> None:
    cost = VerifierCost(log2_n=4)
    pin, duress = (make_verifier(digits, day.gate.pepper, b"s" * 16, cost) for digits in ("1234", "4321"))
    await day.tell(day.gate.staff("c:2", "E2", has_pin=True), pin, duress)
    opened = await day.present("E2", "p-in", pin="4321")
    found = await day.explain(opened)

    told = {reader: explanation_message(found, reader) for reader in (Reader.CENTRE, Reader.POST)}

    codes = {reader: [r.code for rule in message.rules for r in rule.reasons] for reader, message in told.items()}
    assert codes[Reader.CENTRE] == ["DURESS"]
    assert codes[Reader.POST] == []
    assert "DURESS" not in str(told[Reader.POST])
    assert all(rule.passed for rule in told[Reader.CENTRE].rules)
