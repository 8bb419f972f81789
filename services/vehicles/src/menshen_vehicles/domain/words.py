"""Which texts are ids, codes and references, and how a wrong one is named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SITE = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
_VEHICLE_ID = re.compile("v:" + _UUID)
_CARDHOLDER_ID = re.compile("c:" + _UUID)


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that is wrong and what was expected there. It never repeats the value."""

    field: str
    expected_zh: str
    expected_en: str


def is_vehicle_id(text: str) -> bool:
    return _VEHICLE_ID.match(text) is not None


def is_cardholder_id(text: str) -> bool:
    return _CARDHOLDER_ID.match(text) is not None


def is_line(text: str, most: int) -> bool:
    """One line of printable text, at most `most` characters, without space at its ends."""
    return len(text) <= most and text.isprintable() and text == text.strip()


@lru_cache(maxsize=4096)
def site_fault(field: str, site: str, known: frozenset[str]) -> Fault | None:
    """`known` are the university's sites; empty when they were not told, and then any slug will do."""
    if known and site not in known:
        listed = ", ".join(sorted(known))
        return Fault(field, f"以下校区之一:{listed}", f"one of the sites {listed}")
    if _SITE.match(site):
        return None
    return Fault(field, "校区编号(小写字母、数字、连字符)", "a site id: a-z, 0-9 and -")


@lru_cache(maxsize=4096)
def code_fault(field: str, text: str) -> Fault | None:
    if _CODE.match(text):
        return None
    return Fault(
        field,
        "1 至 64 个字母、数字或 . _ : -,以字母或数字开头",
        "1 to 64 of A-Z a-z 0-9 . _ : -, a letter or digit first",
    )


def line_fault(field: str, text: str, most: int) -> Fault | None:
    if is_line(text, most):
        return None
    return Fault(field, f"不超过 {most} 个可打印字符", f"at most {most} printable characters")


def reason_fault(reason: str) -> Fault | None:
    """Reasons are required where something is taken away."""
    if reason.strip() and is_line(reason, 200):
        return None
    return Fault("reason", "原因,1 至 200 个字符", "a reason of 1 to 200 characters")


def window_fault(field: str, from_ms: int, to_ms: int) -> Fault | None:
    """[from, to) with zero for an open end."""
    if from_ms >= 0 and to_ms >= 0 and (to_ms == 0 or from_ms < to_ms):
        return None
    return Fault(field, "晚于开始时间的结束时间,或 0", "an end after the begin, or 0")


def present(faults: Iterable[Fault | None]) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault is not None)
