"""Two people at one reader on wire bytes: the first waits, the second opens for both, and the history names both."""

from collections.abc import AsyncIterator

import pytest_asyncio
from harness.patience import eventually
from menshen.access.v1 import decision_pb2, events_pb2
from scenarios.campus import Campus, Person, codes, plan_mapping
from scenarios.gatehouse import Gatehouse


@pytest_asyncio.fixture(loop_scope="session")
async def strict(campus: Campus, gate: Gatehouse) -> AsyncIterator[Campus]:
    """The campus while its gate wants two people; as it was afterwards."""
    plan = plan_mapping()
    points = [
        {**point, "person_rule": "TWO_PERSON"} if point["id"] == "n-in" else point for point in plan["access_points"]
    ]
    await campus.put_plan_of_two({**plan, "access_points": points})
    yield campus
    await campus.put_plan(plan)


async def test_two_cards_one_after_the_other_open_once_and_two_people_pass(strict: Campus, gate: Gatehouse) -> None:
    first, second = await strict.enrol(), await strict.enrol()
    await eventually(lambda: is_awaited(strict, first), 10)

    gate.present("in", first.card)
    waiting = await eventually(lambda: decision_about(strict, [first]), 10)
    gate.present("in", second.card)
    passed = await gate.door.walk(persons=2, patience_s=10)
    both = await eventually(lambda: decision_about(strict, [second, first]), 10)

    assert [reason.code for reason in waiting.reasons] == ["SECOND_PERSON_AWAITED"]
    assert passed == 2
    kinds = await strict.recorded(both.event_id, "CENTRE", "ACTED", "TAKEN")
    assert kinds["CENTRE"].outcome == decision_pb2.OUTCOME_GRANT
    late = [event for event in await strict.history() if event.at_ms >= both.at_ms]
    assert decision_pb2.EVENT_KIND_TAILGATED not in {event.kind for event in late}


async def is_awaited(campus: Campus, person: Person) -> bool:
    return codes(await campus.decide("n-in", person)) == ["SECOND_PERSON_AWAITED"]


async def decision_about(campus: Campus, people: list[Person]) -> events_pb2.AccessEvent | None:
    """What the gate's agent was answered about exactly these people."""
    wanted = [person.subject_id for person in people]
    return next((e for e in await campus.history() if list(e.subject_ids) == wanted and e.spool.number), None)
