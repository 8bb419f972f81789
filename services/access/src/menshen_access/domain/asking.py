"""What is asked of the decision, and how it is answered."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from menshen_rulebook.types import Presentation

from menshen_access.domain.events import EventPayload, SpoolPosition

MOST_KEYS: Final = 16
"""How many identifiers one decision speaks of at most: those read now, and those of people who await a second one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One presentation to decide on. `keys` are the look-up keys of its identifiers, each once.

    `own_keys` are those read now, the first ones of `keys`; the others belong to people who await a second one here.
    `open_interlock_doors` are the doors of the access point's interlock that the agent does not sense as shut.

    `seen_at_ms` is the reader's time as the agent sent it, `clock_error_ms` its bound; the presentation's own `at_ms`
    is never ahead of the centre's clock. `flags` say what looks wrong: CLOCK_AHEAD, OLD. `pin` is what was typed; it is
    checked, never kept.
    """

    presentation: Presentation
    keys: tuple[str, ...]
    spool: SpoolPosition
    seen_at_ms: int
    clock_error_ms: int = 0
    pin: str = field(default="", repr=False)
    plate: str = ""
    reader: str = ""
    media_ref: str = ""
    flags: tuple[str, ...] = ()
    own: int = MOST_KEYS
    open_interlock_doors: tuple[str, ...] = ()

    @property
    def own_keys(self) -> tuple[str, ...]:
        return self.keys[: self.own]


class Cause(IntEnum):
    """Why the centre did not decide; numbers equal menshen.access.v1.NotDecidedCause."""

    UNSPECIFIED = 0
    BACKPRESSURE = 1
    NOT_READY = 2
    STORE_AWAY = 3
    CLOCK = 4
    INVALID = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, as the event that records it."""

    event: EventPayload
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """No decision. `detail` holds no personal data.

    Where Redis did not answer, a decision may have been recorded all the same: what the lock obeyed undoes it.
    """

    event_id: str
    cause: Cause
    detail: str = ""


Answer = Decided | Undecided
