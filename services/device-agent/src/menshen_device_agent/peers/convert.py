"""The agent's values to and from the wire of the access service."""

from typing import Final, cast

from menshen.access.v1 import access_pb2, decision_pb2
from menshen_rulebook.types import Identifier, Outcome

from menshen_device_agent.events import AgentEvent, Answer, Asked, EdgeInputs, EventKind, Why

INPUTS_FORM: Final = 1
"""How this agent writes what it decided on."""


def presentation_message(asked: Asked, epoch: int) -> decision_pb2.Presentation:
    """What is sent to be decided, PIN included."""
    message = decision_pb2.Presentation(
        event_id=asked.event_id,
        access_point=asked.access_point,
        identifiers=[_identifier_message(item) for item in asked.identifiers],
        awaiting=[_identifier_message(item) for item in asked.awaiting],
        tid=asked.tid or "",
        pin=asked.pin,
        at_ms=asked.at_ms,
        clock_error_ms=asked.clock_error_ms,
        spool=decision_pb2.SpoolPosition(epoch=epoch, number=asked.number),
        plate=asked.plate,
        reader=asked.reader,
        open_interlock_doors=asked.open_interlock_doors,
    )
    if asked.temperature_c is not None:
        message.temperature_c = asked.temperature_c
    return message


def _identifier_message(item: Identifier) -> decision_pb2.Identifier:
    return decision_pb2.Identifier(type=cast("decision_pb2.IdentifierType", int(item.type)), value=item.value)


def answer_of(message: decision_pb2.Decision) -> Answer:
    """The centre's decision."""
    return Answer(
        event_id=message.event_id,
        kind=EventKind.CENTRE,
        outcome=Outcome(message.outcome),
        reasons=tuple(Why(reason.code, tuple(sorted(reason.parameters.items()))) for reason in message.reasons),
        decided_at_ms=message.decided_at_ms,
        plan_version=message.plan_version,
        policy_version=message.policy_version,
        subject_ids=tuple(message.subject_ids),
        subject_versions=tuple(message.subject_versions),
        grant_expires_at_ms=message.grant_expires_at_ms,
        review_id=message.review_id,
        awaits_second_ms=max(message.awaits_second_until_ms - message.decided_at_ms, 0),
    )


def decision_message(answer: Answer) -> decision_pb2.Decision:
    """A decision as the spool keeps it."""
    return decision_pb2.Decision(
        event_id=answer.event_id,
        outcome=cast("decision_pb2.Outcome", int(answer.outcome)),
        reasons=[decision_pb2.Reason(code=reason.code, parameters=dict(reason.arguments)) for reason in answer.reasons],
        decided_at_ms=answer.decided_at_ms,
        plan_version=answer.plan_version,
        policy_version=answer.policy_version,
        subject_ids=answer.subject_ids,
        subject_versions=answer.subject_versions,
        grant_expires_at_ms=answer.grant_expires_at_ms,
        review_id=answer.review_id,
        kind=cast("decision_pb2.EventKind", int(answer.kind)),
        awaits_second_until_ms=answer.decided_at_ms + answer.awaits_second_ms if answer.awaits_second_ms else 0,
    )


def inputs_message(inputs: EdgeInputs) -> access_pb2.EdgeInputs:
    """What the edge decided on; what is empty costs nothing."""
    alone = inputs.alone
    return access_pb2.EdgeInputs(
        form=INPUTS_FORM,
        holds_version=inputs.holds_version,
        age_ms=alone.age_ms,
        stale_after_ms=alone.stale_after_ms,
        released=alone.released,
        wired_exit=alone.wired_exit,
        pin_typed=inputs.pin_typed,
        used_ids=sorted(inputs.used_ids),
    )


def event_message(event: AgentEvent) -> access_pb2.AgentEvent:
    """An event without its position in the spool."""
    message = access_pb2.AgentEvent(
        event_id=event.event_id,
        kind=cast("decision_pb2.EventKind", int(event.kind)),
        access_point=event.access_point,
        door=event.door,
        at_ms=event.at_ms,
        clock_error_ms=event.clock_error_ms,
        obeyed=cast("decision_pb2.EventKind", int(event.obeyed)),
        detail=dict(event.detail),
    )
    if event.asked is not None:
        message.presentation.CopyFrom(presentation_message(event.asked, 0))
    if event.answer is not None:
        message.decision.CopyFrom(decision_message(event.answer))
        if event.answer.inputs is not None:
            message.inputs.CopyFrom(inputs_message(event.answer.inputs))
    return message


def encode_event(event: AgentEvent) -> bytes:
    """The body of a spool entry."""
    return event_message(event).SerializeToString()


def positioned(body: bytes, epoch: int, number: int) -> access_pb2.AgentEvent:
    """A spool entry as it is sent."""
    message = access_pb2.AgentEvent.FromString(body)
    message.spool.epoch, message.spool.number = epoch, number
    if message.HasField("presentation"):
        message.presentation.spool.CopyFrom(message.spool)
    return message
