"""Effects as plain lists: the form an event stores and the function library of Redis reads.

["R", subject_id, [area, ...], access_point, expires_at_ms]   reserve; areas innermost first
["M", subject_id, [area, ...], access_point, at_ms]           move at once
["U", used_id]                                                 use once
["T", subject_id, credential_id]                               retire (identity acts on it)
["C", access_point, forgotten_after_ms]                        count a wrong PIN; 0 sets the count back
["A", kind, private, subject_id]                               raise an alarm (the recorder hands it on)
["V", opens_at_ms or null, [effect, ...]]                      open a review; the inner effects wait for its pass
"""

from collections.abc import Iterable
from typing import Any

from menshen_rulebook.types import (
    AlarmKind,
    Confirm,
    CountAttempt,
    Effect,
    MoveNow,
    OpenReview,
    RaiseAlarm,
    Reserve,
    Retire,
    UseOnce,
)

EffectRow = list[Any]


def effect_rows(effects: Iterable[Effect]) -> list[EffectRow]:
    """The plain form of effects, in order."""
    return [_row(effect) for effect in effects]


def effects_of(rows: Iterable[EffectRow], event_id: str) -> tuple[Effect, ...]:
    """The effects of `effect_rows` output; ValueError for an unknown row."""
    return tuple(_effect(row, event_id) for row in rows)


def _row(effect: Effect) -> EffectRow:
    match effect:
        case Reserve():
            return ["R", effect.subject_id, list(effect.area_path), effect.access_point_id, effect.expires_at_ms]
        case MoveNow() | Confirm():
            return ["M", effect.subject_id, list(effect.area_path), effect.access_point_id, effect.at_ms]
        case UseOnce():
            return ["U", effect.used_id]
        case Retire():
            return ["T", effect.subject_id, effect.credential_id]
        case CountAttempt():
            return ["C", effect.access_point_id, effect.forgotten_after_ms]
        case RaiseAlarm():
            return ["A", int(effect.kind), effect.private, effect.subject_id]
        case OpenReview():
            return ["V", effect.opens_at_ms, effect_rows(effect.then)]


def _effect(row: EffectRow, event_id: str) -> Effect:
    match row:
        case ["R", subject_id, path, access_point, expires_at_ms]:
            return Reserve(subject_id, tuple(path), access_point, expires_at_ms)
        case ["M", subject_id, path, access_point, at_ms]:
            return MoveNow(subject_id, tuple(path), access_point, at_ms, event_id)
        case ["U", used_id]:
            return UseOnce(used_id)
        case ["T", subject_id, credential_id]:
            return Retire(subject_id, credential_id)
        case ["C", access_point, forgotten_after_ms]:
            return CountAttempt(access_point, forgotten_after_ms)
        case ["A", kind, private, subject_id]:
            return RaiseAlarm(AlarmKind(kind), private, subject_id)
        case ["V", opens_at_ms, then]:
            return OpenReview(opens_at_ms, tuple(_on_grant(inner, event_id) for inner in then))
    raise ValueError("not an effect row")


def _on_grant(row: EffectRow, event_id: str) -> Reserve | MoveNow | UseOnce | Retire:
    effect = _effect(row, event_id)
    if not isinstance(effect, Reserve | MoveNow | UseOnce | Retire):
        raise TypeError("not an effect of a grant")
    return effect
