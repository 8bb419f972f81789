"""Frozen values from and to plain mappings, as YAML and JSON readers give them.

One set of naming rules serves plans, policies and cases:

- a type's own id is the key `id` (`area_id` of an area); other `_id` and `_ids` fields lose the suffix
  (`from_area_id` is `from_area`, `access_point_ids` is `access_points`);
- a `<word>_ms` field is the key `<word>_ms` with whole milliseconds, or `<word>` with a text: an instant with its
  offset (`2026-03-02T08:00:00+08:00`), a duration (`48h`, `15m`, `30s`, `250ms`) or a time of day (`06:30`, `24:00`);
- enumerations are written by name, identifiers as `card:04A1B2C3D4`, pairs as a mapping, sets as a list;
- what equals its default may be left out.

Reading never raises: faults are collected with their path and what was expected there, in both languages.
"""

import dataclasses
import math
import re
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import Any, Final, TypeVar

from menshen_rulebook.decision import ReasonTexts, Text
from menshen_rulebook.subject import FactValue, Identifier
from menshen_rulebook.vocabulary import FOREVER_MS, IdentifierType

T = TypeVar("T")

_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION: Final = re.compile(r"(\d{1,12})(ms|s|m|h|d)", re.ASCII)
_TIME_OF_DAY: Final = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_PARTICIPLE: Final = "used_ids"
SIGNED: Final = frozenset({"utc_offset_minutes"})
"""The fields whose whole numbers may be negative."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a document: where, and what was expected there."""

    path: str
    expected_zh: str
    expected_en: str


class DocumentInvalidError(ValueError):
    """The document has faults; nothing of it is used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "; ".join(f"{fault.path or '(document)'}: expected {fault.expected_en}" for fault in self.faults)
        )


class Faults:
    """Collects the faults of one document."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, path: str, zh: str, en: str) -> None:
        """Note that something else was expected at `path`."""
        self.found.append(Fault(path, zh, en))

    def raise_if_any(self) -> None:
        """Raise DocumentInvalidError when a fault was found."""
        if self.found:
            raise DocumentInvalidError(self.found)


@dataclasses.dataclass(frozen=True, slots=True)
class Slot:
    """How one field of a type is written: `key`, and `text_key` where a text may stand for its milliseconds.

    `type` is its type hint; `default` is `dataclasses.MISSING` where the key is required.
    """

    name: str
    key: str
    text_key: str | None
    type: Any
    default: Any


@cache
def slots_of(cls: Any) -> tuple[Slot, ...]:
    """The slots of a dataclass, in the order of its fields."""
    hints = typing.get_type_hints(cls)
    own = re.sub(r"(?<!^)([A-Z])", r"_\1", cls.__name__).lower()
    return tuple(_slot(field, hints[field.name], own) for field in dataclasses.fields(cls) if field.init)


def _slot(field: "dataclasses.Field[Any]", hint: Any, own: str) -> Slot:
    name = field.name
    default = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return Slot(name, _key(name, own), name[:-3] if name.endswith("_ms") else None, hint, default)


def _key(name: str, own: str) -> str:
    if name.endswith("_id"):
        return "id" if own.endswith(name[:-3]) else name[:-3]
    if name == _PARTICIPLE:
        return name[:-4]
    return name[:-4] + "s" if name.endswith("_ids") else name


def read(cls: type[T], plain: object, path: str, faults: Faults) -> T | None:
    """The value of dataclass `cls` that `plain` describes, or None after noting faults."""
    if not isinstance(plain, Mapping):
        faults.add(path, "一个映射", "a mapping")
        return None
    if cls is ReasonTexts and "zh" in plain:
        plain = dict.fromkeys(("holder", "guard", "record"), plain)
    before = len(faults.found)
    slots = slots_of(typing.cast(Any, cls))
    known = {key for slot in slots for key in (slot.key, slot.text_key)}
    for key in plain:
        if key not in known:
            names = ", ".join(sorted(slot.text_key or slot.key for slot in slots))
            faults.add(_at(path, str(key)), f"以下键之一：{names}", f"one of the keys {names}")
    values = {slot.name: _field(slot, plain, path, faults) for slot in slots}
    return cls(**values) if len(faults.found) == before else None


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _field(slot: Slot, plain: Mapping[Any, Any], path: str, faults: Faults) -> Any:
    if slot.text_key is not None and slot.text_key in plain and slot.key not in plain:
        return _milliseconds(plain[slot.text_key], _at(path, slot.text_key), faults, slot.default)
    if slot.key not in plain:
        if slot.default is dataclasses.MISSING:
            faults.add(_at(path, slot.text_key or slot.key), "此键必填", "this key, which is required")
        return slot.default
    value, where = plain[slot.key], _at(path, slot.key)
    if slot.type is int:
        return _whole(value, where, faults, signed=slot.name in SIGNED)
    return _value(slot.type, value, where, faults)


def _milliseconds(value: object, path: str, faults: Faults, default: Any) -> Any:
    if value is None and default is not dataclasses.MISSING:
        return default
    found = None
    if isinstance(value, datetime) and value.tzinfo is not None:
        found = _epoch_ms(value)
    elif isinstance(value, str):
        found = parse_time(value)
    if found is not None:
        return found
    faults.add(
        path,
        "带时区的时刻（2026-03-02T08:00:00+08:00）、时长（48h）或时间（06:30）",
        "an instant with its offset (2026-03-02T08:00:00+08:00), a duration (48h) or a time of day (06:30)",
    )
    return 0


def parse_time(text: str) -> int | None:
    """Milliseconds of an instant, a duration or a time of day; None when the text is none of them."""
    if match := _DURATION.fullmatch(text):
        return min(int(match[1]) * _UNITS_MS[match[2]], FOREVER_MS)
    if match := _TIME_OF_DAY.fullmatch(text):
        total = (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3] or 0)
        return total * 1000 if total <= 86_400 and int(match[2]) < 60 and int(match[3] or 0) < 60 else None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _epoch_ms(instant) if instant.tzinfo is not None else None


def _epoch_ms(instant: datetime) -> int | None:
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    if since.days < 0:
        return None
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _whole(value: object, path: str, faults: Faults, *, signed: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and (signed or value >= 0) and value <= FOREVER_MS:
        return value
    faults.add(path, "一个非负整数", "a whole number, not negative")
    return 0


def _value(hint: Any, value: object, path: str, faults: Faults) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _union(hint, value, path, faults)
    if origin in (tuple, frozenset):
        return _many(hint, origin, value, path, faults)
    if dataclasses.is_dataclass(hint):
        return read(typing.cast(type[Any], hint), value, path, faults)
    if hint is Identifier:
        return _identifier(value, path, faults)
    if issubclass(hint, IntEnum):
        return _member(hint, value, path, faults)
    return _scalar(hint, value, path, faults)


def _union(hint: Any, value: object, path: str, faults: Faults) -> Any:
    if hint == FactValue:
        if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        faults.add(path, "文本、数字、真假值或空值", "a text, a number, a truth value or null")
        return None
    inner = next(part for part in typing.get_args(hint) if part is not type(None))
    if value is None:
        return None
    return _whole(value, path, faults, signed=False) if inner is int else _value(inner, value, path, faults)


def _many(hint: Any, origin: Any, value: object, path: str, faults: Faults) -> Any:
    inner = typing.get_args(hint)[0]
    if typing.get_origin(inner) is tuple:
        return _pairs(inner, value, path, faults)
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        faults.add(path, "一个列表", "a list")
        return origin()
    before = len(faults.found)
    items = [_value(inner, item, f"{path}[{place}]", faults) for place, item in enumerate(value)]
    return origin(items) if len(faults.found) == before else origin()


def _pairs(inner: Any, value: object, path: str, faults: Faults) -> Any:
    if not isinstance(value, Mapping):
        faults.add(path, "一个映射", "a mapping")
        return ()
    hint = typing.get_args(inner)[1]
    return tuple((str(key), _value(hint, item, _at(path, str(key)), faults)) for key, item in value.items())


def _identifier(value: object, path: str, faults: Faults) -> Identifier:
    kind, mark, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if mark and rest and kind.upper() in IdentifierType.__members__ and kind.upper() != "UNSPECIFIED":
        return Identifier(IdentifierType[kind.upper()], rest)
    faults.add(path, "形如 card:04A1B2C3D4 的标识", "an identifier such as card:04A1B2C3D4")
    return Identifier(IdentifierType.UNSPECIFIED, "")


def _member(hint: Any, value: object, path: str, faults: Faults) -> Any:
    if isinstance(value, str) and value != "UNSPECIFIED" and value in hint.__members__:
        return hint[value]
    names = ", ".join(name for name in hint.__members__ if name != "UNSPECIFIED")
    faults.add(path, f"以下之一：{names}", f"one of {names}")
    return hint(0)


def _scalar(hint: Any, value: object, path: str, faults: Faults) -> Any:
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < FOREVER_MS:
        return float(value)
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int:
        return _whole(value, path, faults, signed=False)
    if hint is str and isinstance(value, str):
        return value
    zh, en = {float: ("一个数字", "a number"), bool: ("true 或 false", "true or false"), str: ("文本", "a text")}[hint]
    faults.add(path, zh, en)
    return hint()


def write(value: Any) -> Any:
    """The plain form of a value; `read` gives an equal value back."""
    if isinstance(value, Identifier):
        return value.key
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _written(value)
    if isinstance(value, frozenset):
        return sorted((write(item) for item in value), key=str)
    if isinstance(value, tuple):
        return [write(item) for item in value]
    return value


def _written(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for slot in slots_of(typing.cast(Any, type(value))):
        item = getattr(value, slot.name)
        if slot.default is not dataclasses.MISSING and item == slot.default and type(item) is type(slot.default):
            continue
        is_pairs = typing.get_origin((typing.get_args(slot.type) or (None,))[0]) is tuple
        plain[slot.key] = {key: write(part) for key, part in item} if is_pairs else write(item)
    return plain
