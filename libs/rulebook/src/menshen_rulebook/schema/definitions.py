"""The definitions of a schema: one for each type a document is made of."""

import dataclasses
import re
import types
import typing
from enum import IntEnum
from typing import Any, Final

from menshen_rulebook.clauses import WAIVABLE, AreaRule, FactTest, ListEffects, Reviews, Where
from menshen_rulebook.decision import ReasonTexts
from menshen_rulebook.mapping import SIGNED, Slot, slots_of
from menshen_rulebook.plan import Area
from menshen_rulebook.policy import LANGUAGE, Policy
from menshen_rulebook.schedule import CalendarDay
from menshen_rulebook.schema.chinese import CHINESE
from menshen_rulebook.subject import FactValue
from menshen_rulebook.vocabulary import FOREVER_MS, HIGHEST_THREAT, Outcome

_DURATION: Final = r"[0-9]{1,12}(ms|s|m|h|d)"
_TIME_OF_DAY: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?"
_INSTANT: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{3}([0-9]{3})?)?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_TIMES: Final = {
    "type": "string",
    "pattern": f"^({_DURATION}|{_TIME_OF_DAY}|{_INSTANT})$",
    "description": "时刻、时长或时间。An instant with its offset, a duration or a time of day.",
    "examples": ["2026-03-02T08:00:00+08:00", "48h", "06:30"],
}
_TIMED_NEEDS_TIMEOUT: Final = {
    "if": {"properties": {"anti_passback": {"const": "TIMED"}}, "required": ["anti_passback"]},
    "then": {
        "anyOf": [
            {"properties": {"timeout": {"type": "string", "pattern": "[1-9]"}}, "required": ["timeout"]},
            {"properties": {"timeout_ms": {"type": "integer", "minimum": 1}}, "required": ["timeout_ms"]},
        ]
    },
}
_NARROWER: Final[dict[tuple[type, str], dict[str, Any]]] = {
    (Policy, "language"): {"const": LANGUAGE},
    (Reviews, "exit_denial"): {"enum": [Outcome.GRANT_WITH_REMINDER.name, Outcome.MANUAL_REVIEW.name]},
    (ListEffects, "white_waives"): {"type": "array", "items": {"enum": sorted(WAIVABLE)}},
    (Where, "threat_level"): {"type": "integer", "minimum": 0, "maximum": HIGHEST_THREAT},
    (CalendarDay, "date"): {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    (FactTest, "fact"): {"type": "string", "examples": ["leave.state", "work_proof", "temperature_c"]},
}
_BESIDES: Final[dict[type, dict[str, Any]]] = {Area: _TIMED_NEEDS_TIMEOUT, AreaRule: _TIMED_NEEDS_TIMEOUT}
_SCALARS: Final[dict[type, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    float: {"type": "number", "exclusiveMinimum": -FOREVER_MS, "exclusiveMaximum": FOREVER_MS},
}


class Definitions:
    """Collects the definitions a schema refers to; `found` holds them by the name of their type."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def refer(self, cls: type) -> dict[str, Any]:
        """A reference to the definition of a dataclass or an enumeration."""
        if cls.__name__ not in self.found:
            self.found[cls.__name__] = {}
            self.found[cls.__name__] = _described(cls) | (
                _words(cls) if issubclass(cls, IntEnum) else self._mapping(cls)
            )
        return {"$ref": f"#/$defs/{cls.__name__}"}

    def _mapping(self, cls: type) -> dict[str, Any]:
        slots = slots_of(cls)
        properties: dict[str, Any] = {}
        for slot in slots:
            if slot.text_key is not None:
                properties[slot.text_key] = _TIMES if slot.default is dataclasses.MISSING else _or_null(_TIMES)
            properties[slot.key] = self._slot(cls, slot)
        needed = [slot for slot in slots if slot.default is dataclasses.MISSING]
        form: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        form |= {"required": [slot.key for slot in needed if slot.text_key is None]}
        either = [
            {"anyOf": [{"required": [slot.text_key]}, {"required": [slot.key]}]} for slot in needed if slot.text_key
        ]
        form |= {"allOf": either} if either else {}
        form |= _BESIDES.get(cls, {})
        return _or_for_all_readers(form) if cls is ReasonTexts else form

    def _slot(self, cls: type, slot: Slot) -> dict[str, Any]:
        if (cls, slot.name) in _NARROWER:
            return _NARROWER[cls, slot.name]
        if slot.key == "id":
            return {"type": "string", "minLength": 1}
        return self._form(slot.type, signed=slot.name in SIGNED)

    def _form(self, hint: Any, *, signed: bool = False) -> dict[str, Any]:
        if hint == FactValue:
            return {"type": ["string", "number", "boolean", "null"]}
        origin = typing.get_origin(hint)
        if origin in (types.UnionType, typing.Union):
            return _or_null(self._form(next(part for part in typing.get_args(hint) if part is not type(None))))
        if origin in (tuple, frozenset):
            return {"type": "array", "items": self._form(typing.get_args(hint)[0])}
        if hint is int:
            return {"type": "integer", "maximum": FOREVER_MS} | ({} if signed else {"minimum": 0})
        return _SCALARS[hint] if hint in _SCALARS else self.refer(hint)


def _or_null(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, {"type": "null"}]}


def _or_for_all_readers(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"$ref": "#/$defs/Text"}, form]}


def _words(cls: type[IntEnum]) -> dict[str, Any]:
    return {"enum": [name for name in cls.__members__ if name != "UNSPECIFIED"]}


def _described(cls: type) -> dict[str, Any]:
    english = re.sub(r"\s+", " ", (cls.__doc__ or "").strip())
    return {"description": f"{CHINESE[cls.__name__]}\n{english}"}
