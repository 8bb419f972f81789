"""A door on its board: the door model wired to relays and inputs, its facts to the journal and to the alarms."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.boards import Board
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.door import Door, DoorDrive, DoorOutput, DoorState, Drive, Happening

STUCK_AFTER_MS = 3_000
_ALARMED = {
    Happening.DOOR_FORCED: "DOOR_FORCED",
    Happening.DOOR_HELD: "DOOR_HELD",
    Happening.TAILGATED: "TAILGATED",
}


class AlarmSink(Protocol):
    """Where alarms go. Two implementations: the outbox to safety, and a list."""

    def raise_alarm(self, kind: str, source: str, event_id: str, detail: dict[str, str]) -> None:
        """Never fails and never waits."""


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
        self._bits: tuple[bool, ...] | None = None
        self._restoring = False
        self._found = False
        self._timer: asyncio.TimerHandle | None = None
        self._presence_waiters: list[Callable[[], None]] = []
        self._pulse_key = ""
        board.attach(self)

    @property
    def present(self) -> bool | None:
        """Whether something stands in the lane; None while unknown or where nothing senses it."""
        return self._bit(self.binding.presence_input)

    @property
    def stands_shut(self) -> bool:
        """Whether it is known to be shut and nobody may open it; a contact that does not answer says neither."""
        if self.binding.contact_input is not None and self._bit(self.binding.contact_input) is None:
            return False
        return self.door.state is DoorState.SECURED

    @property
    def is_released(self) -> bool:
        """Whether an emergency release holds it open."""
        return bool(self.door.released_by)

    def start(self, released_by: tuple[str, ...]) -> None:
        """Drive the outputs as they must stand, first of all those of a release that outlived a restart."""
        now_ms = self._now_ms()
        for zone in released_by:
            self._obey(self.door.release(zone, now_ms))
            self.release = ReleaseTimes(now_ms)
        if not released_by:
            self._restore()

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

    def operate(self, operator: str, reason: str) -> None:
        """Open once by hand."""
        event = self._journal.happened(
            EventKind.OPERATED, door=self.binding.name, detail={"operator": operator, "reason": reason}
        )
        self._pulse_key = event.event_id
        self._obey(self.door.grant(event.event_id, "", self._now_ms()))

    def when_present(self, call: Callable[[], None]) -> None:
        """Call once as soon as presence is sensed; the caller bounds the wait."""
        self._presence_waiters.append(call)
        del self._presence_waiters[:-4]

    def inputs(self, bits: tuple[bool, ...] | None, now_ms: int) -> None:
        before, self._bits = self._bits, bits
        if bits is None:
            self._changed(self)
            return
        self._take_contact(before, now_ms)
        if self._rose(before, self.binding.rex_input):
            self._obey(self.door.rex(now_ms))
        if self._rose(before, self.binding.pass_input):
            self._obey(self.door.passed(now_ms))
        if self._rose(before, self.binding.reverse_input):
            self._obey(self.door.passed_back(now_ms))
        if self._rose(before, self.binding.tamper_input):
            self._report_tamper()
        self._take_presence()
        self._tick()

    def outputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        relay = self.binding.release_relay
        release = self.release
        if relay is None or release is None or relay >= len(bits) or bits[relay] or not self.door.released_by:
            return
        if release.commanded_after_ms < 0:
            release.commanded_after_ms = now_ms - release.began_ms
            self._confirm_release(now_ms)
            self._changed(self)

    def _take_contact(self, before: tuple[bool, ...] | None, now_ms: int) -> None:
        contact = self._bit(self.binding.contact_input)
        if contact is None:
            return
        if before is None and not contact:
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
            self._board.pulse(self.binding.lock_relay, self.binding.pulse_ms, self._pulse_key)
        elif drive is Drive.RELEASE and self.binding.release_relay is not None:
            self._board.hold(self.binding.release_relay, energised=False)
        elif drive is Drive.RESTORE:
            self._restore()

    def _restore(self) -> None:
        """Lock again; a boom or wing waits until its presence is known to be clear."""
        waits = self.binding.presence_input is not None and self.present is not False
        self._restoring = waits
        if not waits and self.binding.release_relay is not None:
            self._board.hold(self.binding.release_relay, energised=True)
            self.release = None

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
        if self._timer is not None:
            self._timer.cancel()
        deadlines = [self.door.next_deadline_ms()]
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

    def _bit(self, number: int | None) -> bool | None:
        if number is None or self._bits is None or number >= len(self._bits):
            return None
        return self._bits[number]

    def _rose(self, before: tuple[bool, ...] | None, number: int | None) -> bool:
        if number is None or before is None or self._bits is None or number >= len(self._bits):
            return False
        return self._bits[number] and not before[number]

    @property
    def state(self) -> DoorState:
        """The state to show."""
        return self.door.state
