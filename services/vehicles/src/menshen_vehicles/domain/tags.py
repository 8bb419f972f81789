"""Tags: a binding ties an EPC, and the chip's TID where it was read, to one vehicle for a time.

Of one EPC at most one binding is live. A lost tag is still bound, so that it is recognised and refused; it may be
released, and only then bound again. Ended bindings stay as history.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from menshen_vehicles.domain.words import Fault, present


class TagState(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    ACTIVE = 1
    LOST = 2
    RELEASED = 3


LIFE_CYCLE: Final[dict[TagState, frozenset[TagState]]] = {
    TagState.UNSPECIFIED: frozenset(),
    TagState.ACTIVE: frozenset({TagState.LOST, TagState.RELEASED}),
    TagState.LOST: frozenset({TagState.RELEASED}),
    TagState.RELEASED: frozenset(),
}
"""Which state may follow which."""

LIVE: Final = frozenset({TagState.ACTIVE, TagState.LOST})
"""States in which a binding keeps its EPC from every other. No way leads back into them."""


@dataclass(frozen=True, slots=True)
class TagBinding:
    """`tid` is empty when the tag was enrolled without it; `ended_at_ms` is zero while bound."""

    binding_id: str
    vehicle_id: str
    epc: str
    tid: str
    state: TagState
    bound_at_ms: int
    ended_at_ms: int
    bound_by: str


_SEPARATORS = re.compile(r"[\s:.-]+")
_EPC = re.compile(r"(?:[0-9A-F]{4}){2,31}\Z")
_TID = re.compile(r"(?:[0-9A-F]{4}){2,16}\Z")


def normal_epc(text: str) -> str | None:
    """Upper-case hexadecimal, whole 16-bit words, 32 to 496 bits; None when it is none."""
    digits = _SEPARATORS.sub("", text).upper()
    return digits if _EPC.match(digits) else None


def normal_tid(text: str) -> str | None:
    """Upper-case hexadecimal, whole 16-bit words, 32 to 256 bits; "" stands; None when it is none."""
    digits = _SEPARATORS.sub("", text).upper()
    return digits if not digits or _TID.match(digits) else None


def may_follow(now: TagState, then: TagState) -> bool:
    """True when the table has the step; staying where it is is no step."""
    return then in LIFE_CYCLE[now]


def tag_faults(epc: str, tid: str) -> tuple[Fault, ...]:
    """Every field that is wrong in a tag to be bound."""
    return present((epc_fault("epc", epc), tid_fault("tid", tid)))


def epc_fault(field: str, epc: str) -> Fault | None:
    if normal_epc(epc) is not None:
        return None
    return Fault(
        field, "十六进制 EPC,8 至 124 位且为 4 的倍数", "a hexadecimal EPC of 8 to 124 digits, a multiple of 4"
    )


def tid_fault(field: str, tid: str) -> Fault | None:
    if normal_tid(tid) is not None:
        return None
    return Fault(field, "十六进制 TID,8 至 64 位且为 4 的倍数", "a hexadecimal TID of 8 to 64 digits, a multiple of 4")
