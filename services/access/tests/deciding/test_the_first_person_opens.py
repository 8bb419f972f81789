"""An access point that somebody entitled opens first, each local day, against a real Redis."""

from typing import Any

from menshen_access.domain.asking import Decided
from menshen_access.domain.events import EventKind
from menshen_access.domain.reported import ReportedDecision
from menshen_access.domain.store import Stored
from menshen_rulebook.types import Outcome, Subject

SITE = "north"
GRANT, DENY = int(Outcome.GRANT), int(Outcome.DENY)


async def staffed(gate: Any) -> None:
    """A darkroom its keepers open, one of them and two others."""
    point = {"id": "d-in", "from_area": "campus", "to_area": "lab", "direction": "INNER", "opened_by": ["keeper"]}
    plan = gate.plan(
        2,
        areas=[{"id": "campus"}, {"id": "lab"}],
        access_points=[{**point, "access_point_class": "PEDESTRIAN", "door": "l-door"}],
        access_levels=[{"id": "all", "entries": [{"access_point": "d-in"}]}],
    )
    await gate.put_plan(plan)
    keeper: Subject = gate.staff("c:9", "KK")
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"), _with_group(keeper, "keeper"))


def _with_group(subject: Subject, group: str) -> Subject:
    return Subject(
        subject.subject_id,
        subject.version,
        subject.kind,
        subject.category,
        subject.home_site,
        (*subject.groups, group),
        subject.credentials,
    )


def outcomes(*decided: Decided) -> list[int]:
    return [one.event.core["outcome"] for one in decided]


async def test_everybody_waits_for_the_first_person_and_enters_afterwards(gate: Any) -> None:
    await staffed(gate)

    before = await gate.present("AA", "d-in")
    keeper = await gate.present("KK", "d-in")
    after = [await gate.present(card, "d-in") for card in ("AA", "BB")]

    assert outcomes(before, keeper, *after) == [DENY, GRANT, GRANT, GRANT]
    assert before.event.core["reasons"][0][0] == "FIRST_PERSON_MISSING"


async def test_once_this_process_knows_that_it_is_open_nobody_costs_a_second_round(gate: Any) -> None:
    await staffed(gate)
    await gate.present("KK", "d-in")
    await gate.present("AA", "d-in")
    before = gate.counter("decision_stale")

    entered = await gate.present("BB", "d-in")

    assert outcomes(entered) == [GRANT]
    assert gate.counter("decision_stale") == before


async def test_a_first_person_who_did_not_come_in_has_opened_nothing(gate: Any) -> None:
    await staffed(gate)
    keeper = await gate.present("KK", "d-in")
    entered = await gate.present("AA", "d-in")

    gone = gate.report(keeper.event.event_id, EventKind.NOT_TAKEN, access_point="d-in")
    await gate.events.receive(SITE, "north-1", gone)
    refused = await gate.present("BB", "d-in")

    assert outcomes(entered, refused) == [GRANT, DENY]


async def test_the_event_tells_by_which_opening_somebody_entered(gate: Any) -> None:
    await staffed(gate)
    keeper = await gate.present("KK", "d-in")

    entered = await gate.present("AA", "d-in")

    opened = next(row[1] for row in keeper.event.identity["effects"] if row[0] == "U")
    assert entered.event.identity["live"]["used"] == [opened]


async def test_a_first_person_whom_an_agent_let_in_alone_has_opened_the_day(gate: Any) -> None:
    await staffed(gate)
    keeper = gate.asked("KK", "d-in")
    told = ReportedDecision(GRANT, subject_ids=("c:9",), decided_at_ms=gate.clock.now_ms())
    report = gate.report(
        keeper.presentation.event_id, EventKind.EDGE, access_point="d-in", presentation=keeper, decision=told
    )

    answer = await gate.events.receive(SITE, "north-1", report)
    entered = await gate.present("AA", "d-in")

    assert answer.stored is Stored.OK
    assert outcomes(entered) == [GRANT]
