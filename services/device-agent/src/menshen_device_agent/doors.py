"""A door on its board: the door model wired to relays and inputs, its facts to the journal and to the alarms."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from menshen_rulebook.types import Posture, PostureKind

from menshen_device_agent.alarming import AlarmSink
from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.boards import Board
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.door import Door, DoorDrive, DoorOutput, DoorState, Drive, Happening
from menshen_device_agent.standing import Obstacle, Standing
from menshen_device_agent.terminals import Terminals

STUCK_AFTER_MS = 3_000
_ALARMED = {
    Happening.DOOR_FORCED: "DOOR_FORCED",
    Happening.DOOR_HELD: "DOOR_HELD",
    Happening.TAILGATED: "TAILGATED",
}


@dataclass(slots=True)
class ReleaseTimes:
    """How a release went, in milliseconds from the alarm at this agent; -1 while it has not happened."""

    began_ms: int
    commanded_after_ms: int = -1
    confirmed_after_ms: int = -1
    stuck: bool = False


class DoorControl:
    """Owns one door. `changed` is told whenever something to show or to report to safety changed."""

    def __init__(
        self,
        binding: DoorBinding,
        board: Board,
        journal: Journal,
        alarms: AlarmSink,
        monotonic_ms: Callable[[], int],
        changed: Callable[["DoorControl"], None],
    ) -> None:
        self.binding = binding
        self.door = Door(binding.name, binding.times, binding.sensors)
        self.release: ReleaseTimes | None = None
        self._board = board
        self._journal = journal
        self._alarms = alarms
        self._now_ms = monotonic_ms
        self._changed = changed
        self._terminals = Terminals(binding)
        self._restoring = False
        self._found = False
        self._held_open: bool | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._presence_waiters: list[Callable[[], None]] = []
        self._pulse_key = ""
        self._standing = Standing(
            binding.name, journal, alarms, monotonic_ms, self._obstacle, lambda: self._terminals.is_held_open
        )
        board.attach(self)

    @property
    def present(self) -> bool | None:
        """Whether something stands in the lane; None while unknown or where nothing senses it."""
        return self._terminals.present

    @property
    def stands_shut(self) -> bool:
        """Whether it is known to be shut and nobody may open it; a contact that does not answer says neither."""
        if self.binding.contact_input is not None and self._terminals.contact is None:
            return False
        return self.door.state is DoorState.SECURED

    @property
    def answers(self) -> bool:
        """Whether its board answers, so that an order to it is obeyed."""
        return self._terminals.answers

    @property
    def is_released(self) -> bool:
        """Whether an emergency release holds it open."""
        return bool(self.door.released_by)

    @property
    def is_secured(self) -> bool:
        """Whether a lockdown or an order secures it."""
        return self._standing.is_secured

    @property
    def access_points(self) -> tuple[str, ...]:
        """What it is the door of."""
        return self.binding.access_points

    def start(self, released_by: tuple[str, ...]) -> None:
        """Drive the outputs as they must stand, first of all those of a release that outlived a restart."""
        now_ms = self._now_ms()
        for zone in released_by:
            self._obey(self.door.release(zone, now_ms))
            self.release = ReleaseTimes(now_ms)
        if not released_by:
            self._restore()

    def stand(self, posture: Posture) -> None:
        """Take up a posture and report it; an emergency release stays above it."""
        if self._standing.take(posture):
            unlocked = posture.kind is PostureKind.UNLOCKED
            self._obey(self.door.stand(unlocked=unlocked, now_ms=self._now_ms()))

    def close(self) -> None:
        """Stop timers; outputs stay as they are."""
        if self._timer is not None:
            self._timer.cancel()

    def grant(self, asked: Asked, answer: Answer) -> None:
        """Let the subjects of a decision pass."""
        self._pulse_key = answer.event_id
        self._obey(self.door.grant(asked.event_id, asked.access_point, self._now_ms(), answer.places))

    def release_for(self, zone: str, alarm_ms: int) -> None:
        """Open and stay open for a zone; `alarm_ms` is the monotonic time of the alarm."""
        if not self.door.released_by:
            self.release = ReleaseTimes(alarm_ms)
            self._restoring = False
        self._obey(self.door.release(zone, self._now_ms()))
        self._journal.happened(EventKind.RELEASED, door=self.binding.name, detail={"zone": zone})

    def reset_for(self, zone: str) -> None:
        """A zone was reset."""
        if zone in self.door.released_by:
            self._obey(self.door.reset(zone, self._now_ms()))
            self._journal.happened(EventKind.RESET, door=self.binding.name, detail={"zone": zone})

    def operate(self, operator: str, reason: str, event_id: str = "", access_point: str = "") -> None:
        """Open once by hand; the event gets an id of its own unless one is given."""
        event = self._journal.happened(
            EventKind.OPERATED,
            event_id=event_id,
            access_point=access_point,
            door=self.binding.name,
            detail={"operator": operator, "reason": reason},
        )
        self._pulse_key = event.event_id
        self._obey(self.door.grant(event.event_id, "", self._now_ms()))

    def when_present(self, call: Callable[[], None]) -> None:
        """Call once as soon as presence is sensed; the caller bounds the wait."""
        self._presence_waiters.append(call)
        del self._presence_waiters[:-4]

    def inputs(self, bits: tuple[bool, ...] | None, now_ms: int) -> None:
        is_first = self._terminals.take_inputs(bits)
        if bits is None:
            self._changed(self)
            self._arm()
            return
        self._take_contact(now_ms, is_first=is_first)
        if self._terminals.rose(self.binding.rex_input):
            self._obey(self.door.rex(now_ms))
        if self._terminals.rose(self.binding.pass_input):
            self._obey(self.door.passed(now_ms))
        if self._terminals.rose(self.binding.reverse_input):
            self._obey(self.door.passed_back(now_ms))
        if self._terminals.rose(self.binding.tamper_input):
            self._report_tamper()
        self._take_presence()
        self._tick()

    def outputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        self._terminals.take_relays(bits)
        self._confirm_command(bits, now_ms)
        self._arm()

    def _confirm_command(self, bits: tuple[bool, ...], now_ms: int) -> None:
        relay = self.binding.release_relay
        release = self.release
        if relay is None or release is None or relay >= len(bits) or bits[relay] or not self.door.released_by:
            return
        if release.commanded_after_ms < 0:
            release.commanded_after_ms = now_ms - release.began_ms
            self._confirm_release(now_ms)
            self._changed(self)

    def _take_contact(self, now_ms: int, *, is_first: bool) -> None:
        contact = self._terminals.contact
        if contact is None:
            return
        if is_first and not contact:
            self.door.is_open = False
        take, self._found = (self.door.contact if self._found else self.door.found), True
        self._obey(take(contact, now_ms))
        self._confirm_release(now_ms)

    def _confirm_release(self, now_ms: int) -> None:
        release = self.release
        if release is None or release.confirmed_after_ms >= 0 or not self.door.is_open:
            return
        if self.door.released_by:
            release.confirmed_after_ms = max(now_ms - release.began_ms, 0)
            release.stuck = False
            self._changed(self)

    def _take_presence(self) -> None:
        if self.present:
            waiters, self._presence_waiters = self._presence_waiters, []
            for call in waiters:
                call()
        if self._restoring and self.present is not True:
            self._restore()

    def _report_tamper(self) -> None:
        event = self._journal.happened(EventKind.TAMPER, door=self.binding.name)
        self._alarms.raise_alarm("TAMPER", self.binding.name, event.event_id, {})

    def _obey(self, outputs: list[DoorOutput]) -> None:
        for output in outputs:
            if isinstance(output, DoorDrive):
                self._drive(output.drive)
                continue
            event = self._journal.happened(
                EventKind(output.happening),
                event_id=output.event_id,
                access_point=output.access_point,
                door=self.binding.name,
            )
            kind = _ALARMED.get(output.happening)
            if kind is not None:
                self._alarms.raise_alarm(kind, self.binding.name, event.event_id, {})
            elif output.happening is Happening.REVERSED and self.binding.reverse_alarms:
                self._alarms.raise_alarm("SECURITY", self.binding.name, event.event_id, {"cause": "REVERSED"})
        self._changed(self)
        self._arm()

    def _drive(self, drive: Drive) -> None:
        if drive is Drive.PULSE:
            self._let_in()
        elif drive is Drive.RELEASE and self.binding.release_relay is not None:
            self._board.hold(self.binding.release_relay, energised=False)
        elif drive is Drive.UNLOCK:
            self._hold_lock(open_=True)
        elif drive in (Drive.RESTORE, Drive.LOCK):
            self._restore()

    def _restore(self) -> None:
        """Lock again, or leave it to the posture; a boom or wing waits until its presence is known to be clear."""
        if self.door.unlocked:
            self._hold_lock(open_=True)
        waits = self.binding.presence_input is not None and self.present is not False
        self._restoring = waits
        if waits or self.door.released_by:
            return
        if self.binding.release_relay is not None:
            self._board.hold(self.binding.release_relay, energised=True)
            self.release = None
        if self.door.unlocked is False:
            self._hold_lock(open_=False)

    def _let_in(self) -> None:
        """Open for one grant. The end of a pulse would drop a lock that is held open over what stands in the lane."""
        held_open = self._terminals.is_held_open if self._held_open is None else self._held_open
        if held_open and self._restoring:
            self._hold_lock(open_=True)
        else:
            self._board.pulse(self.binding.lock_relay, self.binding.pulse_ms, self._pulse_key)

    def _hold_lock(self, *, open_: bool) -> None:
        self._held_open = open_
        self._board.hold(self.binding.lock_relay, energised=open_)

    def _obstacle(self) -> Obstacle:
        return self._terminals.obstacle(released=self.is_released)

    def _tick(self) -> None:
        now_ms = self._now_ms()
        release = self.release
        if release and not release.stuck and self._overdue(release, now_ms):
            release.stuck = True
            self._alarms.raise_alarm("DOOR_STUCK", self.binding.name, "", {})
            self._changed(self)
        outputs = self.door.tick(now_ms)
        if outputs:
            self._obey(outputs)

    def _overdue(self, release: ReleaseTimes, now_ms: int) -> bool:
        waits = release.confirmed_after_ms < 0 and bool(self.door.released_by) and self.door.sensors.contact
        return waits and now_ms - release.began_ms >= STUCK_AFTER_MS

    def _arm(self) -> None:
        self._standing.look()
        if self._timer is not None:
            self._timer.cancel()
        deadlines = [self.door.next_deadline_ms(), self._standing.next_deadline_ms()]
        if self.release is not None and self.release.confirmed_after_ms < 0 and not self.release.stuck:
            deadlines.append(self.release.began_ms + STUCK_AFTER_MS)
        due_ms = min((deadline for deadline in deadlines if deadline is not None), default=None)
        self._timer = None
        if due_ms is not None:
            pause_s = max(due_ms - self._now_ms(), 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._wake)

    def _wake(self) -> None:
        self._tick()
        self._arm()

    @property
    def state(self) -> DoorState:
        """The state to show."""
        return self.door.state
