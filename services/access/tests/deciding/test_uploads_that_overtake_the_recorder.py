"""The agent's copy of a decision of the centre arrives while the centre's own still waits in Redis to be recorded."""

from typing import Any

from menshen_access.domain.asking import Decided
from menshen_access.domain.events import EventKind, SpoolPosition
from menshen_access.domain.reported import Reported, ReportedDecision

SITE = "north"
GETS = ("cmdstat_get:", "cmdstat_mget:")


async def decided(gate: Any) -> tuple[Decided, Reported]:
    """A grant, and what its agent's spool says of it."""
    await gate.put(gate.staff("c:1", "AA"))
    asked = gate.asked("AA")
    given = await gate.answer(asked)
    assert isinstance(given, Decided)
    core = given.event.core
    told = ReportedDecision(core["outcome"], (), core["decided_at_ms"], 1, ("c:1",), (1,), policy_version=1)
    event_id = given.event.event_id
    return given, gate.report(event_id, EventKind.CENTRE, presentation=asked, decision=told, spool=asked.spool)


async def test_the_decision_is_recorded_as_the_centre_made_it(gate: Any) -> None:
    given, report = await decided(gate)

    (uploaded,) = await gate.events.prepared_events(SITE, "north-1", [report])

    assert uploaded == given.event
    assert uploaded.encode() == given.event.encode()


async def test_what_names_another_agent_or_place_or_is_known_no_more_is_recorded_as_it_was_told(gate: Any) -> None:
    given, report = await decided(gate)
    elsewhere = gate.report(
        report.event_id,
        EventKind.CENTRE,
        presentation=report.presentation,
        decision=report.decision,
        spool=SpoolPosition(1, 2),
    )

    told = [
        *await gate.events.prepared_events(SITE, "north-2", [report]),
        *await gate.events.prepared_events(SITE, "north-1", [elsewhere]),
    ]
    await gate.client.call("DEL", f"m:{{{SITE}}}:d:{report.event_id}")
    told += await gate.events.prepared_events(SITE, "north-1", [report])

    assert "live" in given.event.identity
    assert [("live" in event.identity, event.kind) for event in told] == [(False, EventKind.CENTRE)] * 3
    assert [event.core["outcome"] for event in told] == [given.event.core["outcome"]] * 3


async def test_a_batch_asks_redis_once_and_each_event_is_recorded_in_its_place(gate: Any) -> None:
    batch = [await decided(gate) for _ in range(3)]
    taken = gate.report(batch[0][1].event_id, EventKind.TAKEN)
    reports = [batch[0][1], taken, batch[1][1], batch[2][1]]
    before = await readings(gate)

    uploaded = await gate.events.prepared_events(SITE, "north-1", reports)

    assert [uploaded[place] for place in (0, 2, 3)] == [given.event for given, _ in batch]
    assert (uploaded[1].event_id, uploaded[1].kind) == (taken.event_id, EventKind.TAKEN)
    assert await readings(gate) - before == 1


async def readings(gate: Any) -> int:
    """How many commands read plain values so far."""
    lines = (await gate.client.call("INFO", "commandstats")).decode().splitlines()
    calls = (line.partition("calls=")[2].partition(",")[0] for line in lines if line.startswith(GETS))
    return sum(map(int, calls))
