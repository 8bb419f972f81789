"""What a door reports of its posture: that it stands unlocked, that it locks again, and whether it is secured.

A door that a lockdown or an order secures says DOOR_SECURED once for each of them as soon as its contact shows shut and
its outputs hold the lock, or DOOR_NOT_SECURED after `REPORT_WITHIN_MS`; then DOOR_SECURED when it is so after all. What
nobody can see is not secured. A door that opens again within `SETTLES_MS` of saying so takes it back: somebody was on
the way through it. The door model speaks for itself afterwards: a secured door that opens without a grant is forced,
and one that stays open is held. A door that is to lock again and does not within `LOCK_WITHIN_MS` is alarmed about.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Final

from menshen_rulebook.types import Posture, PostureKind

from menshen_device_agent.alarming import AlarmSink
from menshen_device_agent.events import EventKind
from menshen_device_agent.journal import Journal

REPORT_WITHIN_MS: Final = 1_500
SETTLES_MS: Final = 3_000
LOCK_WITHIN_MS: Final = 60_000
"""Somebody may stand in the lane for a while; a presence sensor that hangs does so for ever."""
MOST_NAMED: Final = 8
"""Of the holds and orders that secure a door; more would tell the same of the same door."""


class Obstacle(Enum):
    """What keeps a door from being known to be shut and locked; the value stands in events."""

    NONE = ""
    OPEN = "OPEN"
    LOCK_HELD = "LOCK_HELD"
    NO_CONTACT = "NO_CONTACT"
    UNKNOWN = "UNKNOWN"
    RELEASED = "RELEASED"


class Standing:
    """The posture of one door and what was said of it.

    `obstacle` reads its contact and relays, `is_held_open` the relay that unlocks it; None while nothing tells.
    """

    def __init__(
        self,
        door: str,
        journal: Journal,
        alarms: AlarmSink,
        monotonic_ms: Callable[[], int],
        obstacle: Callable[[], Obstacle],
        is_held_open: Callable[[], bool | None],
    ) -> None:
        self._door = door
        self._journal = journal
        self._alarms = alarms
        self._now_ms = monotonic_ms
        self._obstacle = obstacle
        self._is_held_open = is_held_open
        self._posture: Posture | None = None
        self._unsaid = False
        self._lock_due_ms: int | None = None
        self._due_ms: dict[tuple[str, str], int] = {}
        self._not_secured: dict[tuple[str, str], None] = {}
        self._secured_ms: dict[tuple[str, str], int] = {}

    @property
    def is_secured(self) -> bool:
        """Whether a lockdown or an order is to secure it."""
        return self._posture is not None and self._posture.kind is PostureKind.SECURED

    def take(self, posture: Posture) -> bool:
        """The door's posture from now on; False when it says the same again."""
        before, self._posture = self._posture, posture
        if before is not None and replace(before, until_ms=posture.until_ms) == posture:
            return False
        if before is None:
            self._unsaid = posture.kind is PostureKind.UNLOCKED
        elif (before.kind, before.order_id) != (posture.kind, posture.order_id):
            self._unsaid = posture.kind is not PostureKind.SECURED
            self._lock_due_ms = self._now_ms() + LOCK_WITHIN_MS if posture.kind is PostureKind.LOCKED else None
        known = before.secured_by[:MOST_NAMED] if before is not None else ()
        named = posture.secured_by[:MOST_NAMED]
        due_ms = self._now_ms() + REPORT_WITHIN_MS
        self._not_secured = {name: None for name in self._not_secured if name in named}
        self._secured_ms = {name: at_ms for name, at_ms in self._secured_ms.items() if name in named}
        fresh = (name for name in named if name in self._due_ms or name not in known)
        self._due_ms = {name: self._due_ms.get(name, due_ms) for name in fresh}
        return True

    def look(self) -> None:
        """Contact, relays or the time may have changed."""
        if self._posture is None:
            return
        if self._unsaid and self._is_held_open() is (self._posture.kind is PostureKind.UNLOCKED):
            self._say(self._posture)
        self._check_lock()
        named = self._posture.secured_by[:MOST_NAMED]
        if not named:
            return
        obstacle = self._obstacle()
        if obstacle is Obstacle.NONE:
            self._say_secured([name for name in named if name in self._due_ms or name in self._not_secured])
        elif obstacle is Obstacle.RELEASED:
            # RELEASED says that it is not; when it was reset it says again whether it is.
            self._not_secured |= {name: None for name in named if name not in self._due_ms}
            self._secured_ms.clear()
        elif obstacle is Obstacle.UNKNOWN:
            due_ms = self._now_ms() + REPORT_WITHIN_MS
            for name in named:
                if name not in self._not_secured:
                    self._due_ms.setdefault(name, due_ms)
        elif obstacle is Obstacle.OPEN:
            self._take_back()
        self._say_not_secured(obstacle)

    def next_deadline_ms(self) -> int | None:
        """When `look` has something to say at the latest."""
        due_ms = self._due_ms.values()
        return min(due_ms if self._lock_due_ms is None else (*due_ms, self._lock_due_ms), default=None)

    def _take_back(self) -> None:
        now_ms = self._now_ms()
        for name, said_ms in list(self._secured_ms.items()):
            del self._secured_ms[name]
            if now_ms - said_ms < SETTLES_MS:
                self._due_ms.setdefault(name, now_ms + REPORT_WITHIN_MS)

    def _check_lock(self) -> None:
        now_ms = self._now_ms()
        if self._lock_due_ms is None or now_ms < self._lock_due_ms:
            return
        if self._obstacle() is Obstacle.RELEASED or self._is_held_open() is None:
            self._lock_due_ms = now_ms + LOCK_WITHIN_MS
            return
        self._lock_due_ms = None
        self._alarms.raise_alarm("SECURITY", self._door, "", {"cause": "DOOR_NOT_LOCKED"})

    def _say(self, posture: Posture) -> None:
        self._unsaid, self._lock_due_ms = False, None
        detail = {"posture": posture.kind.name, "cause": posture.cause.name}
        if posture.order_id:
            detail["order"] = posture.order_id
        self._journal.happened(EventKind.OPERATED, door=self._door, detail=detail)

    def _say_secured(self, names: list[tuple[str, str]]) -> None:
        for kind, name in names:
            self._due_ms.pop((kind, name), None)
            self._not_secured.pop((kind, name), None)
            self._secured_ms[kind, name] = self._now_ms()
            self._journal.happened(EventKind.DOOR_SECURED, door=self._door, detail={kind: name})

    def _say_not_secured(self, obstacle: Obstacle) -> None:
        now_ms = self._now_ms()
        at_once = obstacle is Obstacle.NO_CONTACT
        due = [name for name, due_ms in self._due_ms.items() if at_once or due_ms <= now_ms]
        for place, (kind, name) in enumerate(due):
            del self._due_ms[kind, name]
            self._not_secured[kind, name] = None
            self._secured_ms.pop((kind, name), None)
            detail = {kind: name, "cause": obstacle.value}
            event = self._journal.happened(EventKind.DOOR_NOT_SECURED, door=self._door, detail=detail)
            if place == 0:
                alarm = {"cause": "DOOR_NOT_SECURED", "obstacle": obstacle.value, kind: name}
                self._alarms.raise_alarm("SECURITY", self._door, event.event_id, alarm)
