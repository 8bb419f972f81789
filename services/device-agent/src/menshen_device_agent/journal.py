"""Writes what happens into the spool: a presentation first, then what became of it; and tells whoever sends it on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from menshen_rulebook.alone import STOPPED
from menshen_rulebook.types import Outcome
from menshen_servicekit.clock import Clock

from menshen_device_agent.events import AgentEvent, Answer, Asked, EventKind, Why
from menshen_device_agent.spool import Spool

UNDECIDED = Why(STOPPED)
"""Stands in the spool until a decision replaces it: what is recorded if the agent dies in between. Nothing opened."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its number in the spool."""

    number: int
    event: AgentEvent


class Journal:
    """The one writer of the spool. `encode` makes a body of an event; `tell` gets each final entry."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        new_id: Callable[[], str],
        encode: Callable[[AgentEvent], bytes],
        tell: Callable[[Entry], None],
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._new_id = new_id
        self._encode = encode
        self._tell = tell
        self._open: set[int] = set()

    def presented(self, asked: Asked) -> Asked:
        """Reserve the decision's place; the entry says that nothing opened until `decided` replaces it."""
        undecided = Answer(asked.event_id, EventKind.EDGE, Outcome.DENY, (UNDECIDED,), asked.at_ms)
        number = self._spool.append(self._encode(_decision_event(asked, undecided)))
        self._open.add(number)
        return replace(asked, number=number)

    def decided(self, asked: Asked, answer: Answer) -> Entry:
        """Put the decision obeyed into its place."""
        entry = Entry(asked.number, _decision_event(asked, answer))
        self._spool.replace(entry.number, self._encode(entry.event), insists=answer.kind is EventKind.EDGE)
        self._open.discard(entry.number)
        if answer.kind is EventKind.EDGE:
            self._tell(entry)
        return entry

    def settled_before(self) -> int:
        """The lowest number whose decision is still open; what is below it may be uploaded."""
        return min(self._open, default=self._spool.last_number + 1)

    def happened(
        self,
        kind: EventKind,
        *,
        event_id: str = "",
        access_point: str = "",
        door: str = "",
        obeyed: EventKind = EventKind.UNSPECIFIED,
        detail: Mapping[str, str] | None = None,
    ) -> AgentEvent:
        """Record something else; without an event_id it gets one of its own."""
        now = self._clock.reading()
        event = AgentEvent(
            event_id=event_id or self._new_id(),
            kind=kind,
            at_ms=now.at_ms,
            clock_error_ms=now.error_ms,
            access_point=access_point,
            door=door,
            obeyed=obeyed,
            detail=detail or {},
        )
        self._tell(Entry(self._spool.append(self._encode(event)), event))
        return event


def _decision_event(asked: Asked, answer: Answer) -> AgentEvent:
    return AgentEvent(
        event_id=asked.event_id,
        kind=answer.kind,
        at_ms=asked.at_ms,
        clock_error_ms=asked.clock_error_ms,
        access_point=asked.access_point,
        asked=replace(asked, pin=""),
        answer=answer,
    )
