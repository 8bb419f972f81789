"""What the agent knows of presentations, decisions and happenings, free of any wire format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from menshen_rulebook.alone import Alone
from menshen_rulebook.types import Identifier, Outcome


class EventKind(IntEnum):
    """Numbers equal menshen.access.v1.EventKind."""

    UNSPECIFIED = 0
    CENTRE = 1
    EDGE = 2
    ACTED = 3
    TAKEN = 4
    NOT_TAKEN = 5
    DOOR_FORCED = 6
    DOOR_HELD = 7
    TAILGATED = 8
    TAMPER = 9
    DEVICE_LOST = 10
    DEVICE_BACK = 11
    REX = 12
    DOOR_SECURED = 13
    RELEASED = 14
    RESET = 15
    LINE_FAULT = 16
    SPOOL_GAP = 17
    OPERATED = 18
    SECURITY = 19
    REVERSED = 20
    DOOR_NOT_SECURED = 21


@dataclass(frozen=True, slots=True)
class Asked:
    """One presentation. `number` is the place in the spool of the decision about it. The PIN never leaves memory.

    `awaiting` are the identifiers of people who wait here for a second one: they are decided on together with this one.
    `open_interlock_doors` are the doors of the access point's interlock that do not stand shut.
    """

    event_id: str
    access_point: str
    at_ms: int
    clock_error_ms: int
    identifiers: tuple[Identifier, ...]
    reader: str
    tid: str | None = None
    pin: str = field(default="", repr=False)
    temperature_c: float | None = None
    plate: str = ""
    number: int = 0
    awaiting: tuple[Identifier, ...] = ()
    open_interlock_doors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: a code of the rulebook and the values of its placeholders."""

    code: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeInputs:
    """What a decision alone was made on, beside what presentation and answer say: enough for the centre to repeat it.

    `holds_version` is that of what held beside the plan; `pin_typed` one that could not be verified. `used_ids` are
    those that the rulebook was given.
    """

    alone: Alone
    holds_version: int = 0
    pin_typed: bool = False
    used_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision about one presentation; `kind` is CENTRE or EDGE. All instants in epoch milliseconds.

    `awaits_second_ms` is how long from the decision on a second person is awaited; 0: nobody is. `inputs` comes with
    what the edge decided.
    """

    event_id: str
    kind: EventKind
    outcome: Outcome
    reasons: tuple[Why, ...]
    decided_at_ms: int
    plan_version: int = 0
    subject_ids: tuple[str, ...] = ()
    subject_versions: tuple[int, ...] = ()
    grant_expires_at_ms: int = 0
    review_id: str = ""
    awaits_second_ms: int = 0
    policy_version: int = 0
    inputs: EdgeInputs | None = None

    @property
    def opens(self) -> bool:
        """Whether the lock is to obey at once."""
        return self.outcome in (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)

    @property
    def places(self) -> int:
        """How many may pass: everyone decided on, or one vehicle with whoever sits in it."""
        is_vehicle = any(subject_id.startswith("v:") for subject_id in self.subject_ids)
        return 1 if is_vehicle else max(len(self.subject_ids), 1)


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One entry of the spool. `obeyed` is set with ACTED, `asked` and `answer` with CENTRE and EDGE."""

    event_id: str
    kind: EventKind
    at_ms: int
    clock_error_ms: int
    access_point: str = ""
    door: str = ""
    asked: Asked | None = None
    answer: Answer | None = None
    obeyed: EventKind = EventKind.UNSPECIFIED
    detail: Mapping[str, str] = field(default_factory=dict)
