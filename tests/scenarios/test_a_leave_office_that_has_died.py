"""A dead feed of facts does not shut out those whose facts it no longer renews; heard again, it counts again."""

from harness.patience import eventually
from menshen.identity.v1 import identity_pb2
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, CLOCK, Campus, Person, codes, outcome, plan_mapping

SOURCE = "leave_office"
REQUIREMENT = {
    "id": "leave-closed",
    "where": {"categories": ["student"], "directions": ["ENTRY"]},
    "test": {"fact": "leave_closed", "source": SOURCE},
    "rulings": {"absent": "DENY", "stale": "GRANT_WITH_REMINDER"},
}


async def _opened(town: Suite) -> Campus:
    campus = Campus(town, "sources")
    await campus.put_plan({**plan_mapping(), "fact_sources": [{"id": SOURCE, "stale_after": "1m"}]})
    await campus.activate(leave={"mode": "OFF"}, requirements=[REQUIREMENT])
    await eventually(campus.is_ready, 30)
    return campus


async def _heard(campus: Campus, complete_to_ms: int) -> None:
    said = identity_pb2.FactSource(source=SOURCE, complete_to_ms=complete_to_ms)
    await campus.identity.ReportSource(identity_pb2.ReportSourceRequest(site=campus.site, source=said), timeout=CALL_S)


async def _answer(campus: Campus, student: Person) -> tuple[str, list[str]]:
    decision = await campus.decide("w-in", student)
    return outcome(decision), codes(decision)


async def test_students_are_not_shut_out_while_the_leave_office_is_silent(town: Suite) -> None:
    campus = await _opened(town)
    student = await campus.enrol("student")
    silent = "GRANT_WITH_REMINDER", ["FACT_SOURCE_STALE"]
    heard = "DENY", ["FACT_ABSENT"]

    async def answers(wanted: tuple[str, list[str]]) -> bool:
        return await _answer(campus, student) == wanted

    await eventually(lambda: answers(silent), 10)
    await _heard(campus, CLOCK.now_ms() - 57_000)
    await eventually(lambda: answers(heard), 5)
    # Nobody says anything any more: three seconds later the minute is over.
    await eventually(lambda: answers(silent), 10)
