"""Interlocks: of the doors of one at most one is open. The agent that drives them enforces it, at a lone gate too.

What the agent senses goes with every presentation to the rulebook. Between the decision and the lock another door may
have opened: the lock then does not obey, and the place that was kept is given back.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Outcome

from menshen_device_agent.events import Answer, Asked, EventKind, Why
from menshen_device_agent.journal import Journal

CODE: Final = "INTERLOCK_OPEN"


class DoorSide(Protocol):
    """The door behind an access point, as a presentation sees it. Two implementations: door and barrier."""

    def grant(self, asked: Asked, answer: Answer) -> None:
        """Let the subjects of a decision pass."""


class InterlockDoor(Protocol):
    """A door of an interlock, as its sensors tell."""

    @property
    def stands_shut(self) -> bool:
        """Whether it is known to be shut and nobody may open it."""

    @property
    def is_released(self) -> bool:
        """Whether an emergency release holds it open."""


class Interlocks:
    """The interlocks of the plan held, over the doors driven here; `way_out` says where people leave."""

    def __init__(
        self,
        plan: Callable[[], SitePlan | None],
        doors: Mapping[str, InterlockDoor],
        way_out: Callable[[str], bool],
    ) -> None:
        self._plan = plan
        self._doors = doors
        self._way_out = way_out

    def open_doors(self, access_point: str) -> tuple[str, ...]:
        """The other doors of its interlock that do not stand shut; none while any of them is released.

        A door that is driven elsewhere cannot be told shut.
        """
        plan = self._plan()
        names = plan.interlocked(access_point) if plan is not None else ()
        driven = [self._doors[name] for name in names if name in self._doors]
        if any(door.is_released for door in driven):
            return ()
        return tuple(name for name in names[1:] if name not in self._doors or not self._doors[name].stands_shut)

    def bars(self, access_point: str) -> str:
        """The door that keeps the lock from obeying a grant; empty for none, and always at a way out."""
        open_doors = self.open_doors(access_point)
        return open_doors[0] if open_doors and not self._way_out(access_point) else ""


def open_to_all(_access_point: str) -> str:
    """For a lane without an interlock."""
    return ""


def held_shut(answer: Answer, barred_by: str) -> Answer:
    """What the lane shows in place of a grant that the lock did not obey."""
    return replace(answer, outcome=Outcome.DENY, reasons=(Why(CODE, (("door", barred_by),)),))


class Lock:
    """Lets a lock obey a decision, and writes down whether it did."""

    def __init__(self, journal: Journal, bars: Callable[[str], str] = open_to_all) -> None:
        self._journal = journal
        self._bars = bars

    def obey(self, asked: Asked, answer: Answer, door: DoorSide, detail: Mapping[str, str] | None = None) -> str:
        """Open; the door of the interlock that keeps it shut, empty when it opened."""
        barred_by = self._bars(asked.access_point)
        if barred_by:
            cause = {"cause": CODE, "door": barred_by}
            self._journal.happened(
                EventKind.NOT_TAKEN, event_id=asked.event_id, access_point=asked.access_point, detail=cause
            )
            return barred_by
        door.grant(asked, answer)
        self._journal.happened(
            EventKind.ACTED,
            event_id=asked.event_id,
            access_point=asked.access_point,
            obeyed=answer.kind,
            detail=detail,
        )
        return ""
