"""A door: grants, contact, REX, passage counter, posture and emergency release in; state, outputs and facts out.

Every method takes the monotonic time in milliseconds and returns what follows from the call, in order. The state is:
which grants wait to be taken, whether the contact is open and why it may be, whether the door is to stand unlocked, and
which zones hold it released. While it stands unlocked or released nobody forces it, holds it or follows anybody.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum


class DoorState(IntEnum):
    """State as shown; numbers equal menshen.device.v1.DoorState."""

    UNSPECIFIED = 0
    SECURED = 1
    UNLOCKED = 2
    OPEN = 3
    FORCED = 4
    HELD = 5
    RELEASED = 6


class Happening(IntEnum):
    """What a door reports; numbers equal menshen.access.v1.EventKind."""

    TAKEN = 4
    NOT_TAKEN = 5
    DOOR_FORCED = 6
    DOOR_HELD = 7
    TAILGATED = 8
    REX = 12
    DOOR_SECURED = 13
    REVERSED = 20


class Drive(IntEnum):
    """What a door asks of its outputs."""

    PULSE = 1
    RELEASE = 2
    RESTORE = 3
    UNLOCK = 4
    LOCK = 5


@dataclass(frozen=True, slots=True)
class DoorFact:
    """Something happened; `event_id` and `access_point` belong to the grant concerned and are empty without one."""

    happening: Happening
    event_id: str = ""
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class DoorDrive:
    """An output to drive."""

    drive: Drive


DoorOutput = DoorFact | DoorDrive


@dataclass(frozen=True, slots=True)
class DoorTimes:
    """All in milliseconds."""

    grant_ms: int = 5_000
    """How long a grant may be taken."""
    held_ms: int = 20_000
    """How long the door may stand open after the last passage."""
    rex_ms: int = 5_000
    """How long after a REX an opening is no forced one."""
    settle_ms: int = 1_000
    """How long after closing a bouncing contact is no new opening."""


@dataclass(frozen=True, slots=True)
class DoorSensors:
    """What the hardware can tell.

    Without a passage counter an opening takes the grant; without a contact too, the grant itself does.
    """

    contact: bool = True
    passage_counter: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """So many people, or one vehicle, may pass until `expires_ms`. The first passage takes it for all of them."""

    event_id: str
    access_point: str
    expires_ms: int
    places: int = 1


@dataclass(slots=True)
class Door:
    """One door or barrier. Not safe for use from several tasks at once."""

    name: str
    times: DoorTimes = field(default_factory=DoorTimes)
    sensors: DoorSensors = field(default_factory=DoorSensors)
    is_open: bool = False
    _grants: deque[Grant] = field(default_factory=deque)
    _excused_until_ms: int = -1
    _opened_at_ms: int = 0
    _opening: DoorState = DoorState.OPEN
    _rex_passages: int = 0
    _companions: int = 0
    _companions_until_ms: int = 0
    _released_by: set[str] = field(default_factory=set)
    _unlocked: bool | None = None

    @property
    def state(self) -> DoorState:
        """The state to show."""
        if self._released_by:
            return DoorState.RELEASED
        if self.is_open:
            return self._opening
        return DoorState.UNLOCKED if self._grants or self._unlocked else DoorState.SECURED

    @property
    def unlocked(self) -> bool | None:
        """Whether it is to stand unlocked when no zone holds it released; None until somebody has said so."""
        return self._unlocked

    def stand(self, *, unlocked: bool, now_ms: int) -> list[DoorOutput]:
        """The door is to stand unlocked, or locked. Under a release it is noted alone: the reset brings it about."""
        if unlocked is self._unlocked:
            return []
        locks_again, self._unlocked = bool(self._unlocked), unlocked
        if unlocked:
            self._opening = DoorState.OPEN
        if locks_again:
            self._opened_at_ms = now_ms
            self._excuse(now_ms + self.times.settle_ms)
        if self._released_by:
            return []
        return [DoorDrive(Drive.UNLOCK if unlocked else Drive.LOCK)]

    @property
    def released_by(self) -> tuple[str, ...]:
        """Zones that hold the door released, in name order."""
        return tuple(sorted(self._released_by))

    def grant(self, event_id: str, access_point: str, now_ms: int, places: int = 1) -> list[DoorOutput]:
        """Let so many pass. A door that stands open to all needs no pulse; a repeated event_id is no second grant."""
        if any(grant.event_id == event_id for grant in self._grants):
            return []
        drive: list[DoorOutput] = [] if self._released_by or self._unlocked else [DoorDrive(Drive.PULSE)]
        if not self.sensors.contact and not self.sensors.passage_counter:
            return [*drive, DoorFact(Happening.TAKEN, event_id, access_point)]
        self._grants.append(Grant(event_id, access_point, now_ms + self.times.grant_ms, places))
        self._excuse(now_ms + self.times.grant_ms)
        return drive

    def contact(self, is_open: bool, now_ms: int) -> list[DoorOutput]:
        """The contact changed."""
        if is_open == self.is_open:
            return []
        self.is_open = is_open
        return self._opened(now_ms) if is_open else self._closed(now_ms)

    def rex(self, now_ms: int) -> list[DoorOutput]:
        """The request-to-exit device was used. It unlocks in hardware; here it excuses the opening."""
        self._excuse(now_ms + self.times.rex_ms)
        self._rex_passages += 1
        return [DoorFact(Happening.REX)]

    def passed(self, now_ms: int) -> list[DoorOutput]:
        """The passage counter counted one."""
        facts = self._expire(now_ms)
        if self.is_open:
            self._opened_at_ms = now_ms
        if self._released_by:
            return facts
        if self._companions and now_ms < self._companions_until_ms:
            self._companions -= 1
            return facts
        if self._grants:
            return [*facts, self._take()]
        if self._rex_passages:
            self._rex_passages -= 1
            return facts
        return facts if self._unlocked else [*facts, DoorFact(Happening.TAILGATED)]

    def passed_back(self, now_ms: int) -> list[DoorOutput]:
        """Somebody passed against the direction; whoever was granted has not, and their way is taken up."""
        facts = self._expire(now_ms)
        if self._released_by:
            return facts
        if not self._grants:
            return [*facts, DoorFact(Happening.REVERSED)]
        grant = self._grants.popleft()
        return [
            *facts,
            DoorFact(Happening.REVERSED, grant.event_id, grant.access_point),
            DoorFact(Happening.NOT_TAKEN, grant.event_id, grant.access_point),
        ]

    def release(self, zone: str, now_ms: int) -> list[DoorOutput]:
        """A zone releases the door. It stays released until every zone that did is reset."""
        first = not self._released_by
        self._released_by.add(zone)
        facts = self._expire(now_ms + self.times.grant_ms) if first else []
        return [DoorDrive(Drive.RELEASE), *facts] if first else []

    def reset(self, zone: str, now_ms: int) -> list[DoorOutput]:
        """A zone no longer needs the door released."""
        if zone not in self._released_by:
            return []
        self._released_by.discard(zone)
        if self._released_by:
            return []
        self._opening = DoorState.OPEN
        self._opened_at_ms = now_ms
        self._excuse(now_ms + self.times.rex_ms)
        return [DoorDrive(Drive.RESTORE)]

    def found(self, is_open: bool, now_ms: int) -> list[DoorOutput]:
        """The contact was read for the first time: what stood open before was not forced, only held if it stays."""
        self.is_open, self._opened_at_ms = is_open, now_ms
        return []

    def tick(self, now_ms: int) -> list[DoorOutput]:
        """Time has passed."""
        facts = self._expire(now_ms)
        if not self._may_be_held:
            return facts
        if now_ms - self._opened_at_ms >= self.times.held_ms:
            self._opening = DoorState.HELD
            facts.append(DoorFact(Happening.DOOR_HELD))
        return facts

    def next_deadline_ms(self) -> int | None:
        """When `tick` has something to do at the earliest."""
        deadlines = [grant.expires_ms for grant in self._grants]
        if self._may_be_held:
            deadlines.append(self._opened_at_ms + self.times.held_ms)
        return min(deadlines, default=None)

    @property
    def _may_be_held(self) -> bool:
        return self.is_open and not self._released_by and not self._unlocked and self._opening is DoorState.OPEN

    def _opened(self, now_ms: int) -> list[DoorOutput]:
        facts = self._expire(now_ms)
        self._opened_at_ms = now_ms
        self._opening = DoorState.OPEN
        if self._released_by:
            return facts
        if self._grants and not self.sensors.passage_counter:
            return [*facts, self._take()]
        if self._grants or self._unlocked or now_ms <= self._excused_until_ms:
            return facts
        self._opening = DoorState.FORCED
        return [*facts, DoorFact(Happening.DOOR_FORCED)]

    def _closed(self, now_ms: int) -> list[DoorOutput]:
        alarmed = self._opening in (DoorState.FORCED, DoorState.HELD)
        self._opening = DoorState.OPEN
        self._rex_passages = 0
        if not self._grants:
            self._excused_until_ms = now_ms + self.times.settle_ms
        return [DoorFact(Happening.DOOR_SECURED)] if alarmed and not self._released_by else []

    def _take(self) -> DoorFact:
        grant = self._grants.popleft()
        self._companions, self._companions_until_ms = grant.places - 1, grant.expires_ms
        return DoorFact(Happening.TAKEN, grant.event_id, grant.access_point)

    def _expire(self, now_ms: int) -> list[DoorOutput]:
        facts: list[DoorOutput] = []
        while self._grants and self._grants[0].expires_ms <= now_ms:
            grant = self._grants.popleft()
            facts.append(DoorFact(Happening.NOT_TAKEN, grant.event_id, grant.access_point))
        return facts

    def _excuse(self, until_ms: int) -> None:
        self._excused_until_ms = max(self._excused_until_ms, until_ms)
