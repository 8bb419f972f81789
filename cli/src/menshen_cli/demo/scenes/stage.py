"""What every scene stands on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import grpc
from menshen.access.v1 import events_pb2
from menshen_servicekit.clock import Clock
from menshen_servicekit.identity import Role, spiffe_uri

from menshen_cli.local.suite import Suite

from ..expectations import Expectations, UnmetError, require
from ..hardware import Hardware
from ..lanes import Passage, Shown
from ..people import Person
from ..university import GATES, LANE_OF
from ..uplink import Uplink
from .control_room import ControlRoom
from .office import Office

_LOOK_S, _OFTEN_S = 0.3, 0.1
_PUSH_S = 0.5


@dataclass(slots=True)
class Stage:
    """The suite, the hardware and the desks, while they run. `told` keeps what a later scene asks for, by name."""

    suite: Suite
    hardware: Hardware
    office: Office
    room: ControlRoom
    expectations: Expectations
    clock: Clock
    uplink: Uplink
    bystanders: list[Person]
    shown: list[Shown] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def bystander(self, site: str) -> Person:
        """A member of staff of a site who plays no other part."""
        found = next(person for person in self.bystanders if person.site == site)
        self.bystanders.remove(found)
        return found

    def guard_channel(self, site: str, post: str) -> grpc.aio.Channel:
        """A channel to safety as a guard's post; the suite closes it."""
        return self.suite.channel("safety", spiffe_uri(Role.GUARD, post, site))

    async def shows(self, point: str, card: int, outcome: str, reason: str = "", *, walk: bool = False) -> Passage:
        """Present a card once and require the answer; with `walk`, also that the person passed."""
        go = self.hardware.lanes.walk if walk else self.hardware.lanes.present
        passage = await go(point, card)
        answer = answered(passage)
        require(answer.outcome == outcome, f"{outcome} {reason}", f"{answer.outcome} {answer.reason_code}")
        require(reason in ("", answer.reason_code), reason, answer.reason_code)
        require(not walk or passage.passed, "that the person passes", passage.passed)
        return passage

    async def turned_away(self, point: str, card: int, reason: str) -> Passage:
        """Present a card that must be refused; its holder pushes the door all the same, and it must hold.

        A look at the lock would not do: it may still be free for whoever went before, or become free a moment later.
        """
        passage = await self.hardware.lanes.walk(point, card, insists_s=_PUSH_S)
        answer = answered(passage)
        told = f"{answer.outcome} {answer.reason_code}"
        require(told == f"DENY {reason}", f"DENY {reason}", told)
        require(not passage.passed, "a locked door", f"{passage.passed} who passed")
        return passage

    async def shows_soon(self, point: str, card: int, outcome: str, reason: str, *, walk: bool = False) -> Passage:
        """Present a card again and again until a change of the records is in force. The check bounds the wait."""
        go = self.hardware.lanes.walk if walk else self.hardware.lanes.present
        while True:
            passage = await go(point, card)
            answer = passage.shown
            if answer and answer.outcome == outcome and answer.reason_code == reason:
                return passage
            await asyncio.sleep(_LOOK_S)

    async def recorded(self, shown: Shown, *kinds: int) -> Sequence[events_pb2.AccessEvent]:
        """The events of a presentation, once all of the kinds are in the history. The check bounds the wait."""
        site = GATES[LANE_OF[shown.access_point].gate_id].site
        while True:
            events = await self.office.explain(site, shown.event_id)
            if set(kinds) <= {event.kind for event in events}:
                return events
            await asyncio.sleep(_LOOK_S)

    def is_locked(self, point: str) -> bool:
        """Whether the door or barrier of an access point bars the way."""
        lane = LANE_OF[point]
        if lane.barrier:
            return self.hardware.installation.barriers[lane.lane_id].boom.value == "DOWN"
        return not self.hardware.installation.doors[lane.lane_id].is_unlocked


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Return once an asked condition holds. The check bounds the wait."""
    while not await condition():  # noqa: ASYNC110 -- what is asked is another process
        await asyncio.sleep(_OFTEN_S)


def answered(passage: Passage) -> Shown:
    """What the lane showed; UnmetError when it showed nothing in time."""
    if passage.shown is None:
        raise UnmetError("expected an answer at the lane, found none")
    return passage.shown
