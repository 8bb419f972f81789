"""Protos to domain values and back."""

from collections.abc import Sequence
from typing import Final

from menshen.access.v1 import access_pb2, decision_pb2
from menshen_rulebook.alone import Alone
from menshen_rulebook.plates import known_as
from menshen_rulebook.reasons import render
from menshen_rulebook.types import (
    Audience,
    FactValue,
    Identifier,
    IdentifierType,
    Language,
    PinVerdict,
    Presentation,
    Reason,
)
from menshen_servicekit.ids import is_uuid7

from menshen_access.domain.asking import MOST_KEYS, Asked, Decided, Undecided
from menshen_access.domain.decided import reasons_of
from menshen_access.domain.events import DECISIONS, EventKind, SpoolPosition
from menshen_access.domain.register import SEPARATORS
from menshen_access.domain.reported import Reported, ReportedDecision, ReportedInputs
from menshen_access.domain.told_versions import LARGEST_VERSION
from menshen_access.ports import ReviewEnd

MOST_IDENTIFIERS: Final = MOST_KEYS // 2
MOST_TEXT: Final = 256
MOST_DETAIL: Final = 32
MOST_USED: Final = 256
INPUTS_FORM: Final = 1
"""The form of `EdgeInputs` that is read."""
_KEY_PREFIX: Final = {
    IdentifierType.CARD: "card:",
    IdentifierType.QR: "qr:",
    IdentifierType.EPC: "epc:",
    IdentifierType.PLATE: "plate:",
}
_NOT_OF_AGENTS: Final = frozenset({EventKind.UNSPECIFIED, EventKind.COMMANDED})
_TYPES: Final = {int(kind): kind for kind in _KEY_PREFIX}
# The first eight digits of a UUIDv7 of 2020-01-01 and of 2120-01-01: the history keeps no day outside them.
_FIRST_ID, _LAST_ID = "016f5e67", "044e1b00"


class MalformedError(ValueError):
    """The message cannot be taken; the text names the field and holds nothing of its content."""


def asked_of(site: str, agent_id: str, message: decision_pb2.Presentation) -> Asked:
    """A presentation to decide on. MalformedError names what is wrong."""
    event_id, access_point = message.event_id, message.access_point
    _check_event_id(event_id)
    own = _identifiers("identifiers", message.identifiers)
    awaiting = _identifiers("awaiting", message.awaiting) if message.awaiting else {}
    identifiers = own | awaiting if awaiting else own
    pin, plate, reader, media_ref = message.pin, message.plate, message.reader, message.media_ref
    if len(access_point) + len(pin) + len(plate) + len(reader) + len(media_ref) + len(message.tid) > MOST_TEXT:
        raise MalformedError(
            f"access_point, tid, pin, plate, reader, media_ref: at most {MOST_TEXT} characters together"
        )
    measured: tuple[tuple[str, FactValue], ...] = ()
    if message.HasField("temperature_c"):
        measured = (("temperature_c", message.temperature_c),)
    if plate:
        measured += (("plate", plate),)
    spool, at_ms = message.spool, message.at_ms
    shown = Presentation(
        event_id,
        site,
        access_point,
        agent_id,
        at_ms,
        tuple(identifiers.values()),
        tid=message.tid or None,
        measured=measured,
    )
    return Asked(
        shown,
        tuple(identifiers),
        SpoolPosition(spool.epoch, spool.number),
        at_ms,
        message.clock_error_ms,
        pin,
        plate,
        reader,
        media_ref,
        own=len(own),
        open_interlock_doors=_interlock_doors(message),
    )


def reported_of(site: str, agent_id: str, message: access_pb2.AgentEvent) -> Reported:
    """An event an agent reports. MalformedError names what is wrong."""
    _check_event_id(message.event_id)
    kind, obeyed = _kind("kind", message.kind), EventKind.UNSPECIFIED
    if kind is EventKind.ACTED:
        obeyed = _kind("obeyed", message.obeyed)
    if kind is EventKind.ACTED and obeyed not in DECISIONS:
        raise MalformedError("obeyed: expected CENTRE or EDGE")
    if kind in DECISIONS and not (message.HasField("presentation") and message.HasField("decision")):
        raise MalformedError("presentation and decision: expected with a decision event")
    if len(message.detail) > MOST_DETAIL:
        raise MalformedError(f"detail: at most {MOST_DETAIL} entries")
    is_decision = kind in DECISIONS
    return Reported(
        event_id=message.event_id,
        kind=kind,
        access_point=_id("access_point", message.access_point),
        door=_id("door", message.door),
        at_ms=message.at_ms,
        clock_error_ms=message.clock_error_ms,
        spool=SpoolPosition(message.spool.epoch, message.spool.number),
        obeyed=obeyed,
        presentation=asked_of(site, agent_id, message.presentation) if is_decision else None,
        decision=_reported_decision(message.decision) if is_decision else None,
        detail={_short("detail", name): _short("detail", value) for name, value in message.detail.items()},
        media_ref=_short("media_ref", message.media_ref),
        inputs=_reported_inputs(message.inputs) if kind is EventKind.EDGE else None,
    )


def lane_decision(given: Decided) -> decision_pb2.Decision:
    """The decision as an agent gets it: codes and parameters, which it renders itself; nothing private."""
    core, identity = given.event.core, given.event.identity
    arguments = identity["arguments"]
    reasons = [
        decision_pb2.Reason(code=row[0], parameters=arguments[place]) for place, row in enumerate(core["reasons"])
    ]
    return _decision(given, reasons)


def told_decision(given: Decided) -> decision_pb2.Decision:
    """The decision with the texts for holder and guard."""
    return _decision(given, [_told_reason(reason) for reason in reasons_of(given.event)])


def not_decided(given: Undecided) -> access_pb2.NotDecided:
    cause = access_pb2.NotDecidedCause.Name(int(given.cause))
    return access_pb2.NotDecided(event_id=given.event_id, cause=cause, detail=given.detail)


def spool_position(position: SpoolPosition) -> decision_pb2.SpoolPosition:
    return decision_pb2.SpoolPosition(epoch=position.epoch, number=position.number)


def review_resolution(end: ReviewEnd) -> access_pb2.ReviewResolution:
    return access_pb2.ReviewResolution(
        review_id=end.review_id, event_id=end.event_id, open=end.opens, access_point=end.access_point
    )


def _decision(given: Decided, reasons: list[decision_pb2.Reason]) -> decision_pb2.Decision:
    core, identity = given.event.core, given.event.identity
    return decision_pb2.Decision(
        event_id=core["event_id"],
        outcome=core["outcome"],
        reasons=reasons,
        decided_at_ms=core["decided_at_ms"],
        plan_version=core["plan_version"],
        policy_version=core.get("policy_version", 0),
        subject_ids=identity["subject_ids"],
        subject_versions=identity["subject_versions"],
        grant_expires_at_ms=core["grant_expires_at_ms"],
        review_id=core["event_id"] if "review" in core else "",
        kind=core["kind"],
        repeated_event=given.is_repeated,
        awaits_second_until_ms=core.get("awaits_second_until_ms", 0),
    )


def _told_reason(reason: Reason) -> decision_pb2.Reason:
    return decision_pb2.Reason(
        code=reason.code,
        parameters=dict(reason.arguments),
        holder=_localized(reason, Audience.HOLDER),
        guard=_localized(reason, Audience.GUARD),
    )


def _localized(reason: Reason, audience: Audience) -> decision_pb2.LocalizedText:
    return decision_pb2.LocalizedText(
        zh=render(reason, Language.ZH, audience), en=render(reason, Language.EN, audience)
    )


def _reported_decision(message: decision_pb2.Decision) -> ReportedDecision:
    """A version larger than can be kept becomes the largest, which is none: the event is taken all the same."""
    return ReportedDecision(
        outcome=message.outcome,
        reasons=tuple((reason.code, dict(reason.parameters)) for reason in message.reasons),
        decided_at_ms=message.decided_at_ms,
        plan_version=min(message.plan_version, LARGEST_VERSION),
        policy_version=min(message.policy_version, LARGEST_VERSION),
        subject_ids=tuple(_id("subject_ids", subject_id) for subject_id in message.subject_ids),
        subject_versions=tuple(min(version, LARGEST_VERSION) for version in message.subject_versions),
        grant_expires_at_ms=message.grant_expires_at_ms,
    )


def _reported_inputs(message: access_pb2.EdgeInputs) -> ReportedInputs | None:
    """None for inputs of another form, and for those that cannot be kept: the event is taken all the same."""
    used_ids = frozenset(message.used_ids)
    unfit = len(used_ids) > MOST_USED or any(len(one) > MOST_TEXT or not one.isprintable() for one in used_ids)
    if message.form != INPUTS_FORM or message.holds_version > LARGEST_VERSION or unfit:
        return None
    alone = Alone(message.age_ms, message.stale_after_ms, message.wired_exit, message.released)
    verdict = PinVerdict.UNVERIFIABLE if message.pin_typed else PinVerdict.NONE
    return ReportedInputs(alone, message.holds_version, verdict, used_ids)


def _identifiers(field: str, items: Sequence[decision_pb2.Identifier]) -> dict[str, Identifier]:
    """By look-up key, in order, each once."""
    if len(items) > MOST_IDENTIFIERS:
        raise MalformedError(f"{field}: at most {MOST_IDENTIFIERS}")
    identifiers: dict[str, Identifier] = {}
    for item in items:
        kind, value = _TYPES.get(item.type), item.value
        if kind is None or not 0 < len(value) <= MOST_TEXT:
            raise MalformedError(f"{field}: expected a known type and a value")
        identifier = known_as(Identifier(kind, value))
        identifiers[_KEY_PREFIX[kind] + identifier.value] = identifier
    return identifiers


def _interlock_doors(message: decision_pb2.Presentation) -> tuple[str, ...]:
    if len(message.open_interlock_doors) > MOST_DETAIL:
        raise MalformedError(f"open_interlock_doors: at most {MOST_DETAIL}")
    return tuple(_id("open_interlock_doors", door) for door in message.open_interlock_doors)


def _kind(field: str, number: int) -> EventKind:
    if number in _NOT_OF_AGENTS or number not in EventKind._value2member_map_:
        raise MalformedError(f"{field}: unknown")
    return EventKind(number)


def _check_event_id(event_id: str) -> None:
    if not is_uuid7(event_id) or not _FIRST_ID <= event_id[:8] < _LAST_ID:
        raise MalformedError("event_id: expected a UUIDv7 of this century in canonical lowercase")


def _id(field: str, value: str) -> str:
    if len(value) > MOST_TEXT or not SEPARATORS.isdisjoint(value):
        raise MalformedError(f"{field}: too long, or holds control characters")
    return value


def _short(field: str, value: str) -> str:
    if len(value) > MOST_TEXT:
        raise MalformedError(f"{field}: at most {MOST_TEXT} characters")
    return value
