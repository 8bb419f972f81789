"""Recorded events and reviews as messages, every reason with its texts."""

import json
from collections.abc import Sequence
from typing import Final, cast

from menshen.access.v1 import decision_pb2, events_pb2, own_records_pb2, review_pb2
from menshen_rulebook.reasons import render
from menshen_rulebook.types import Audience, Language, Outcome, Reason

from menshen_access.domain.administration import Review
from menshen_access.domain.decided import reasons_of
from menshen_access.domain.disclosure import Reader, accounts_told_to, told_to
from menshen_access.domain.events import EventPayload
from menshen_access.domain.history import RecordedEvent
from menshen_access.explaining import DecisionRerun, Explanation

DATA_DELETED: Final = "DATA_DELETED"
_DELETED_ZH: Final = "个人信息已按保留期限删除"
_DELETED_EN: Final = "personal data was deleted at the end of its retention"
_AUDIENCES: Final = {
    Reader.CENTRE: (Audience.HOLDER, Audience.GUARD, Audience.RECORD),
    Reader.POST: (Audience.HOLDER, Audience.GUARD),
    Reader.SUBJECT: (Audience.HOLDER,),
}
"""Whose texts each reader gets."""


def event_message(recorded: RecordedEvent, reader: Reader) -> events_pb2.AccessEvent:
    """An event with all reasons this reader may know. Bytes that were deleted show as the reason DATA_DELETED."""
    event = told_to(reader, recorded.event)
    core, identity = event.core, event.identity
    message = events_pb2.AccessEvent(
        site=recorded.site,
        sequence=recorded.sequence,
        event_id=event.event_id,
        kind=cast("decision_pb2.EventKind", int(event.kind)),
        access_point=core.get("access_point", ""),
        door=core.get("door", ""),
        subject_ids=identity.get("subject_ids", ()),
        outcome=core.get("outcome", 0),
        at_ms=core["at_ms"],
        clock_error_ms=core.get("clock_error_ms", 0),
        recorded_at_ms=recorded.recorded_at_ms,
        plan_version=core.get("plan_version", 0),
        policy_version=core.get("policy_version", 0),
        subject_versions=identity.get("subject_versions", ()),
        agent_id=event.agent_id,
        spool=decision_pb2.SpoolPosition(epoch=core["epoch"], number=core["number"]),
        obeyed=core.get("obeyed", 0),
        late=recorded.late,
        detail=core.get("detail", {}),
        media_ref=core.get("media_ref", ""),
    )
    if "reasons" in core:
        message.reasons.extend(_reason_messages(event, reader))
        if recorded.identity_gone:
            message.reasons.append(_deleted())
    return message


def own_event_message(recorded: RecordedEvent) -> own_records_pb2.OwnEvent:
    """A decision as its subject may know it: what the holder was told, and neither codes nor other people."""
    event = told_to(Reader.SUBJECT, recorded.event)
    core = event.core
    told = [_message(reason, _AUDIENCES[Reader.SUBJECT]).holder for reason in _reasons(event)]
    return own_records_pb2.OwnEvent(
        event_id=event.event_id,
        access_point=core.get("access_point", ""),
        at_ms=core["at_ms"],
        clock_error_ms=core.get("clock_error_ms", 0),
        kind=cast("decision_pb2.EventKind", int(event.kind)),
        outcome=core.get("outcome", 0),
        texts={text.zh: text for text in told}.values(),
        late=recorded.late,
    )


def explanation_message(found: Explanation, reader: Reader) -> events_pb2.ExplainEventResponse:
    """The events, the rerun and the answer of today, as this reader may know them."""
    message = events_pb2.ExplainEventResponse(events=(event_message(event, reader) for event in found.events))
    message.reruns.extend(_rerun_message(one, reader) for one in found.reruns)
    if message.reruns:
        first = message.reruns[0]
        message.verdict = first.verdict
        message.differences.extend(first.differences)
        message.missing_inputs.extend(first.missing_inputs)
        message.rules.extend(first.rules)
    if found.today is not None:
        decision = found.today.decision
        message.today_outcome = cast("decision_pb2.Outcome", int(decision.outcome))
        message.today_reasons.extend(_messages(decision.reasons, reader))
        message.would_differ = found.today.would_differ
    return message


def _rerun_message(decision: DecisionRerun, reader: Reader) -> events_pb2.DecisionRerun:
    found = decision.rerun
    message = events_pb2.DecisionRerun(
        kind=cast("decision_pb2.EventKind", int(decision.kind)),
        obeyed=decision.obeyed,
        verdict=cast("events_pb2.RerunVerdict", found.verdict.value),
        missing_inputs=found.missing,
    )
    for one in found.differences:
        message.differences.add(part=one.part, recorded=one.recorded, again=one.again)
    for account in accounts_told_to(reader, found.accounts):
        reasons = _messages((*account.reasons, *account.private_reasons), reader)
        message.rules.add(rule=account.rule, passed=account.passed, reasons=reasons)
    return message


def _messages(reasons: Sequence[Reason], reader: Reader) -> list[decision_pb2.Reason]:
    return [_message(reason, _AUDIENCES[reader]) for reason in reasons]


def review_message(review: Review, photo_ref: str) -> review_pb2.Review:
    """A review with the texts for holder and guard."""
    told = json.loads(review.reasons)
    core = {"reasons": told["reasons"], "texts": told.get("texts", {})}
    event = EventPayload(core, {"arguments": told["arguments"]})
    return review_pb2.Review(
        review_id=review.review_id,
        event_id=review.event_id,
        access_point=review.access_point,
        subject_ids=review.subject_ids,
        reasons=_reason_messages(event, Reader.POST),
        state=cast("review_pb2.ReviewState", int(review.state)),
        opened_at_ms=review.opened_at_ms,
        expires_at_ms=review.expires_at_ms,
        operator=review.operator,
        note=review.note,
        version=review.version,
        photo_ref=photo_ref,
        telephone_record=review.telephone_record,
    )


def _reason_messages(told: EventPayload, reader: Reader) -> list[decision_pb2.Reason]:
    """The reasons of what this reader is told, in rule order, private ones last, with the texts meant for them."""
    rows = told.identity.get("private_reasons", ())
    reasons = [*_reasons(told), *(Reason(str(row[0]), str(row[1]), Outcome.UNSPECIFIED) for row in rows)]
    return [_message(reason, _AUDIENCES[reader]) for reason in reasons]


def _reasons(event: EventPayload) -> list[Reason]:
    try:
        return reasons_of(event)
    except (ValueError, TypeError, KeyError, AttributeError):
        # An agent of another version told reasons that do not fit: the codes still say what they said.
        return [Reason(str(row[0]), "", Outcome.UNSPECIFIED) for row in event.core["reasons"]]


def _message(reason: Reason, audiences: Sequence[Audience]) -> decision_pb2.Reason:
    message = decision_pb2.Reason(code=reason.code, parameters=dict(reason.arguments))
    texts = {
        Audience.HOLDER: message.holder,
        Audience.GUARD: message.guard,
        Audience.RECORD: message.record,
    }
    for audience in audiences:
        texts[audience].zh = render(reason, Language.ZH, audience)
        texts[audience].en = render(reason, Language.EN, audience)
    return message


def _deleted() -> decision_pb2.Reason:
    text = decision_pb2.LocalizedText(zh=_DELETED_ZH, en=_DELETED_EN)
    return decision_pb2.Reason(code=DATA_DELETED, record=text)
