"""A source of facts falls silent at a running site and reports again, from identity's feed to the decision."""

from harness.patience import eventually
from menshen.identity.v1 import identity_pb2
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, CLOCK, Campus, Person, codes, outcome, plan_mapping

PROOF = {"id": "proof", "test": {"fact": "work_proof", "source": "personnel"}, "where": {"access_points": ["w-in"]}}


async def answers(campus: Campus, person: Person, code: str) -> bool:
    return codes(await campus.decide("w-in", person)) == [code]


async def test_a_dead_feed_refuses_nobody_and_a_living_one_is_believed(town: Suite) -> None:
    campus = Campus(town, "sources")
    await campus.put_plan(plan_mapping())
    await campus.activate(requirements=[PROOF])
    await eventually(campus.is_ready, 30)
    person, reported = await campus.enrol(), await campus.enrol()
    without_bound = await campus.decide("w-in", person)

    await campus.put_plan({"sources": [{"id": "personnel", "silent_after": "1h"}]})
    await eventually(lambda: answers(campus, person, "FACT_SOURCE_STALE"), 10)
    silent = await campus.decide("w-in", person)
    fact = identity_pb2.Fact(type="work_proof", value="valid", source="personnel", reported_at_ms=CLOCK.now_ms())
    request = identity_pb2.ReportFactRequest(site="sources", cardholder_id=reported.subject_id, fact=fact)
    await campus.identity.ReportFact(request, timeout=CALL_S)

    assert (outcome(without_bound), codes(without_bound)) == ("DENY", ["FACT_ABSENT"])
    assert outcome(silent) == "GRANT_WITH_REMINDER"
    assert await eventually(lambda: answers(campus, person, "FACT_ABSENT"), 20)


async def test_a_source_without_news_stays_alive_by_saying_so_and_is_stale_when_it_stops(town: Suite) -> None:
    campus = Campus(town, "sources")
    person = await campus.enrol()
    await campus.put_plan({"sources": [{"id": "personnel", "silent_after": "4s"}]})
    await eventually(lambda: answers(campus, person, "FACT_SOURCE_STALE"), 20)

    alive = identity_pb2.FactSource(source="personnel", complete_to_ms=CLOCK.now_ms())
    request = identity_pb2.ReportSourceRequest(site=campus.site, source=alive)
    await campus.identity.ReportSource(request, timeout=CALL_S)

    await eventually(lambda: answers(campus, person, "FACT_ABSENT"), 4)
    await eventually(lambda: answers(campus, person, "FACT_SOURCE_STALE"), 20)
