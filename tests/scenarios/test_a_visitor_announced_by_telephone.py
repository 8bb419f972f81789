"""R18: nobody booked the visit, the host telephoned. The guard passes the visitor, on the record of the call."""

import grpc
from harness.patience import eventually
from menshen.access.v1 import decision_pb2, review_pb2
from menshen_cli.demo.plans import morning_offset_minutes
from menshen_cli.local.suite import Suite
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from scenarios.campus import CALL_S, CLOCK, Campus, Person, code_of, codes, outcome
from scenarios.shifted_cases import example_plans
from scenarios.swipes import Swipe, agent_streams

GATE = "n1-p1-in"
CALL_RECORD = "T-0213-7"


async def _opened(town: Suite) -> Campus:
    """North's plan at a site named telephone, in the morning, with the policy of the new term."""
    campus = Campus(town, "telephone")
    example = example_plans()["north"]
    plan = {part: rows for part, rows in example.items() if part not in ("site", "version", "policies")}
    await campus.put_plan({**plan, "utc_offset_minutes": morning_offset_minutes(CLOCK.now_ms())})
    [policy] = [policy for policy in example["policies"] if policy["version"] == 20230210]
    await campus.put_policy({name: part for name, part in policy.items() if name != "from"} | {"site": campus.site})
    await eventually(campus.is_ready, 30)
    return campus


def _card_of(person: Person, site: str) -> Subject:
    card = Identifier(IdentifierType.CARD, person.card_text)
    credential = Credential("k", (card,), CredentialState.ACTIVE)
    return Subject(person.subject_id, 1, SubjectKind.CARDHOLDER, "visitor", site, credentials=(credential,))


def _pass(review: review_pb2.Review, site: str, call: str) -> review_pb2.ResolveReviewRequest:
    request = review_pb2.ResolveReviewRequest(
        site=site, review_id=review.review_id, note="36.6 degrees; the host called", telephone_record=call
    )
    setattr(request, "pass", True)
    return request


async def test_the_guard_passes_somebody_announced_by_telephone_with_the_record_of_the_call(town: Suite) -> None:
    campus = await _opened(town)
    visitor = await campus.enrol("visitor")
    guard = campus.guard("n1")
    event_id = campus.new_id()

    async with agent_streams(campus, [GATE]) as [stream]:
        await stream.show(Swipe(_card_of(visitor, campus.site), GATE), event_id)
        [(_, answer)] = await eventually(lambda: stream.answers, 10)
        review = await campus.open_review(event_id)
        take = review_pb2.TakeReviewRequest(site=campus.site, review_id=review.review_id)
        await guard.TakeReview(take, timeout=CALL_S)
        without = await code_of(guard.ResolveReview(_pass(review, campus.site, ""), timeout=CALL_S))
        ended = (await guard.ResolveReview(_pass(review, campus.site, CALL_RECORD), timeout=CALL_S)).review
        [told] = await eventually(lambda: stream.ended, 10)

    assert (outcome(answer.decision), codes(answer.decision)) == (
        "MANUAL_REVIEW",
        ["VISIT_UNANNOUNCED", "TEMPERATURE_HIGH"],
    )
    assert without is grpc.StatusCode.INVALID_ARGUMENT
    assert ended.state == review_pb2.REVIEW_STATE_PASSED
    assert (ended.telephone_record, ended.note) == (CALL_RECORD, "36.6 degrees; the host called")
    assert ended.operator.endswith("/n1")
    assert (told.event_id, told.open) == (event_id, True)
    recorded = await campus.recorded(event_id, "CENTRE")
    assert recorded["CENTRE"].outcome == decision_pb2.OUTCOME_MANUAL_REVIEW
