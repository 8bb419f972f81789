"""From a decision to the event that records it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import (
    Decision,
    LiveState,
    MoveNow,
    OpenReview,
    Outcome,
    RaiseAlarm,
    Reason,
    ReasonTexts,
    Reserve,
    Subject,
    Text,
)
from menshen_rulebook.wording import own_texts

from menshen_access.domain.asking import Asked
from menshen_access.domain.effects import effect_rows
from menshen_access.domain.events import EventKind, EventPayload

_HEALTH_FACTS = frozenset({"temperature_c"})


def decision_event(
    asked: Asked, decision: Decision, subjects: tuple[Subject, ...], live: LiveState, grant_ms: int
) -> EventPayload:
    """The CENTRE event of a decision. `grant_ms` is how long a grant without a reservation may be taken."""
    shown = asked.presentation
    core: dict[str, Any] = {
        "event_id": shown.event_id,
        "kind": int(EventKind.CENTRE),
        "site": shown.site,
        "agent_id": shown.agent_id,
        "epoch": asked.spool.epoch,
        "number": asked.spool.number,
        "access_point": shown.access_point_id,
        "door": "",
        "at_ms": asked.seen_at_ms,
        "clock_error_ms": asked.clock_error_ms,
        "outcome": int(decision.outcome),
        "unclamped": int(decision.unclamped),
        "reasons": _reason_rows(decision.reasons),
        "decided_at_ms": decision.now_ms,
        "plan_version": decision.plan_version,
        "policy_version": decision.policy_version,
        "language_version": decision.language_version,
        "holds_version": live.holds_version,
        "grant_expires_at_ms": 0,
    }
    if decision.awaits_second_until_ms:
        core["awaits_second_until_ms"] = decision.awaits_second_until_ms
    texts = _texts_by_code(decision.reasons)
    if texts:
        core["texts"] = texts
    if decision.effects:
        _note_effects(core, decision, grant_ms)
    if asked.flags:
        core["flags"] = asked.flags
    if asked.media_ref:
        core["media_ref"] = asked.media_ref
    return EventPayload(core, _identity(asked, decision, subjects, live), _health(asked))


def _note_effects(core: dict[str, Any], decision: Decision, grant_ms: int) -> None:
    alarms = []
    for effect in decision.effects:
        if isinstance(effect, Reserve):
            core["grant_expires_at_ms"] = effect.expires_at_ms
        elif isinstance(effect, MoveNow):
            core["grant_expires_at_ms"] = decision.now_ms + grant_ms
        elif isinstance(effect, RaiseAlarm):
            alarms.append([int(effect.kind), effect.private])
        elif isinstance(effect, OpenReview) and decision.outcome is Outcome.MANUAL_REVIEW:
            core["review"] = {"opens_at_ms": effect.opens_at_ms}
    if alarms:
        core["alarms"] = alarms


def _identity(asked: Asked, decision: Decision, subjects: tuple[Subject, ...], live: LiveState) -> dict[str, Any]:
    shown = asked.presentation
    identity: dict[str, Any] = {
        "subject_ids": [subject.subject_id for subject in subjects],
        "subject_versions": [subject.version for subject in subjects],
        "identifiers": [[int(identifier.type), identifier.value] for identifier in shown.identifiers],
        "arguments": [dict(reason.arguments) for reason in decision.reasons],
        "effects": effect_rows(decision.effects),
        "live": live_rows(live),
        "pin_verdict": int(shown.pin_verdict),
    }
    if decision.private_reasons:
        identity["private_reasons"] = _reason_rows(decision.private_reasons)
    named = (("tid", shown.tid), ("plate", asked.plate), ("reader", asked.reader))
    identity.update({name: value for name, value in named if value})
    return identity


def _health(asked: Asked) -> dict[str, Any]:
    measured = {name: value for name, value in asked.presentation.measured if name in _HEALTH_FACTS}
    return {"measured": measured} if measured else {}


def _reason_rows(reasons: tuple[Reason, ...]) -> list[list[Any]]:
    return [[reason.code, reason.rule, int(reason.outcome)] for reason in reasons]


def _texts_by_code(reasons: tuple[Reason, ...]) -> dict[str, list[list[str]]]:
    texts: dict[str, list[list[str]]] = {}
    for place, reason in enumerate(reasons):
        if reason.texts is not None:
            rows = _text_rows(reason.texts)
            # Two clauses of a policy may share a code and say different things.
            if texts.setdefault(reason.code, rows) != rows:
                texts[f"{reason.code}#{place}"] = rows
    return texts


def _text_rows(texts: ReasonTexts) -> list[list[str]]:
    return [[text.zh, text.en] for text in (texts.holder, texts.guard, texts.record)]


def reasons_of(event: EventPayload) -> list[Reason]:
    """The reasons of a recorded decision, with a policy's own texts where it brought them."""
    core = event.core
    arguments = event.identity.get("arguments") or [{} for _ in core["reasons"]]
    texts = core.get("texts", {})
    return [
        Reason(code, rule, Outcome(outcome), tuple(given.items()), _texts_of(texts, code, place))
        for place, ((code, rule, outcome), given) in enumerate(zip(core["reasons"], arguments, strict=True))
    ]


def with_own_texts(event: EventPayload, plan: SitePlan) -> EventPayload:
    """A reported decision with the texts that a policy of the plan it names has for its reasons, as `reasons_of` reads.

    As it was where the report does not fit. Where its identity bytes are deleted closures and reminders still have
    theirs; requirements, which those bytes alone tell apart, do not.
    """
    core = event.core
    try:
        reasons = [replace(one, texts=_own(one, core, plan)) for one in reasons_of(event)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return event
    texts = _texts_by_code(tuple(reasons))
    return replace(event, core={**core, "texts": texts}) if texts else event


def _own(reason: Reason, core: Mapping[str, Any], plan: SitePlan) -> ReasonTexts | None:
    told, point = dict(reason.arguments), core.get("access_point", "")
    return own_texts(plan, core.get("policy_version", 0), point, reason.code, told, core.get("decided_at_ms", 0))


def _texts_of(texts: dict[str, list[list[str]]], code: str, place: int) -> ReasonTexts | None:
    rows = texts.get(f"{code}#{place}") or texts.get(code)
    return ReasonTexts(*(Text(zh, en) for zh, en in rows)) if rows else None


def live_rows(live: LiveState) -> dict[str, Any]:
    """The live values a decision was given and that no version stands for, for replay; what is empty is left out.

    presences [[subject_id, area or null, at_ms, event_id, version, access_point, [counter]]], reservations
    [[subject_id, area, access_point, expires_at_ms, [counter]]], counts [[area, count]], used [id], attempts,
    interlock [door]. The counters are those the subject is counted by.
    """
    rows: dict[str, Any] = {}
    if live.presences:
        rows["presences"] = [
            [p.subject_id, p.area_id, p.at_ms, p.event_id, p.version, p.access_point_id, list(p.area_path)]
            for p in live.presences
        ]
    if live.reservations:
        rows["reservations"] = [
            [r.subject_id, r.area_id, r.access_point_id, r.expires_at_ms, list(r.area_path)] for r in live.reservations
        ]
    if live.occupancy:
        rows["counts"] = [[area.area_id, area.count] for area in live.occupancy]
    if live.used_ids:
        rows["used"] = sorted(live.used_ids)
    if live.wrong_attempts:
        rows["attempts"] = live.wrong_attempts
    if live.open_interlock_doors:
        rows["interlock"] = list(live.open_interlock_doors)
    return rows
