"""Emergency release at the agent: fire lines and safety's word in, doors released until a manual reset.

Needs no server and no network. What is released is written to a file, so that a restarted agent restores it before it
drives anything else; where the file cannot be read the fire lines speak again at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from menshen_servicekit.status import DomainError, Trouble

from menshen_device_agent.alarming import AlarmSink
from menshen_device_agent.bindings import ZoneBinding
from menshen_device_agent.boards import Board
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.zone import PanelState, Zone, ZoneRules
from menshen_device_agent.named_texts import NamedTexts

_log = structlog.get_logger(__name__)
_FAULTS = (PanelState.OPEN, PanelState.SHORT)


@dataclass(frozen=True, slots=True)
class ZoneWord:
    """What safety says of a zone: the release in force, or empty and then the last one that was reset, if any.

    Ids of releases grow with time.
    """

    zone: str
    release_id: str
    ended_release_id: str


class ZoneControl:
    """One zone with its doors here and, where it is wired here, its fire line."""

    def __init__(self, binding: ZoneBinding, doors: Sequence[DoorControl]) -> None:
        self.binding = binding
        self.zone = Zone(binding.name, ZoneRules(line_fault_releases=binding.line_fault_releases))
        self.doors = tuple(doors)


class Releases:
    """Owns the zones of an agent. `report_panel` tells safety of a fire line, which may be away."""

    def __init__(
        self,
        zones: Sequence[ZoneControl],
        file: NamedTexts,
        journal: Journal,
        alarms: AlarmSink,
        monotonic_ms: Callable[[], int],
        report_panel: Callable[[str, PanelState], None],
    ) -> None:
        self.zones = {zone.binding.name: zone for zone in zones}
        self._file = file
        self._journal = journal
        self._alarms = alarms
        self._now_ms = monotonic_ms
        self._report_panel = report_panel
        self.safety_online = False
        self._disowned: set[str] = set()

    def restore(self) -> dict[str, str]:
        """Take up what was released before a restart; returns zone name to release id. Call it before doors start."""
        released = {name: release_id for name, release_id in self._file.read().items() if name in self.zones}
        for name, release_id in released.items():
            zone = self.zones[name].zone
            zone.released, zone.release_id = True, release_id
        return released

    def wire(self, boards: Mapping[str, Board]) -> None:
        """Listen to the fire lines."""
        for control in self.zones.values():
            if control.binding.board is not None:
                boards[control.binding.board].attach(FireLine(control, self.panel_is))

    def panel_is(self, control: ZoneControl, state: PanelState, now_ms: int) -> None:
        """A fire line changed."""
        before = control.zone.panel
        if control.zone.panel_is(state):
            self._release(control, now_ms)
        name = control.binding.name
        if state in _FAULTS:
            event = self._journal.happened(EventKind.LINE_FAULT, detail={"zone": name, "line": state.name})
            self._alarms.raise_alarm("LINE_FAULT", name, event.event_id, {"line": state.name})
        elif state is PanelState.ALARM:
            self._alarms.raise_alarm("FIRE", name, "", {})
        _log.warning("fire_line", zone=name, before=before.name, state=state.name)
        self._report_panel(name, state)

    def safety_says(self, words: Sequence[ZoneWord], not_held: Sequence[str] = ()) -> None:
        """The zones as safety holds them, all it has to say of them; `not_held` are zones in which it holds no release.

        A reset of an earlier release ends nothing: a safety that was restored may know neither the release held here
        nor its reset, nor the zone. Such a release ends on the spot, by whoever resets it there. Of a zone that safety
        does not name at all nothing follows.
        """
        self._disowned = set(not_held)
        for word in words:
            control = self.zones.get(word.zone)
            if control is None:
                continue
            held = control.zone.release_id
            if word.release_id:
                self._disowned.discard(word.zone)
                if control.zone.safety_releases(word.release_id):
                    self._release(control, self._now_ms())
                continue
            self._disowned.add(word.zone)
            if control.zone.released and held and word.ended_release_id >= held:
                self._end(control)

    def reset(self, name: str) -> ZoneControl:
        """A manual reset on the spot; raises DomainError when it is refused."""
        control = self.zones.get(name)
        if control is None:
            raise DomainError(Trouble.NOT_FOUND, "ZONE_UNKNOWN", f"本机没有消防区 {name}", f"no zone {name} here")
        if not control.zone.released:
            raise DomainError(Trouble.CONFLICT, "NOT_RELEASED", "该消防区没有释放", "the zone is not released")
        if not control.zone.may_reset:
            raise DomainError(
                Trouble.CONFLICT, "PANEL_IN_ALARM", "消防主机仍在报警，不能复位", "the fire panel is still in alarm"
            )
        if self.safety_online and control.zone.release_id and name not in self._disowned:
            raise DomainError(
                Trouble.CONFLICT,
                "HELD_BY_SAFETY",
                "该释放由安全服务保持，请在安全服务复位",
                "safety holds this release: reset it there",
            )
        self._end(control)
        return control

    def _release(self, control: ZoneControl, alarm_ms: int) -> None:
        for door in control.doors:
            door.release_for(control.binding.name, alarm_ms)
        self._save()

    def _end(self, control: ZoneControl) -> None:
        if control.zone.reset():
            self._save()
            for door in control.doors:
                door.reset_for(control.binding.name)

    def _save(self) -> None:
        released = {name: c.zone.release_id for name, c in self.zones.items() if c.zone.released}
        if not self._file.write(released):
            self._alarms.raise_alarm("SYSTEM", "release-file", "", {"trouble": "release state cannot be written"})


class FireLine:
    """The supervised input of one zone on its board.

    While the board does not answer the line is unknown and nothing follows: a communication failure releases no door.
    """

    def __init__(self, control: ZoneControl, panel_is: Callable[[ZoneControl, PanelState, int], None]) -> None:
        self._control = control
        self._panel_is = panel_is

    def inputs(self, bits: tuple[bool, ...] | None, now_ms: int) -> None:
        state = self._state(bits)
        if state is not PanelState.UNSPECIFIED and state is not self._control.zone.panel:
            self._panel_is(self._control, state, now_ms)

    def outputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        """A fire line has no outputs."""

    def _state(self, bits: tuple[bool, ...] | None) -> PanelState:
        if bits is None:
            return PanelState.UNSPECIFIED
        binding = self._control.binding
        if binding.fire_input is not None and binding.fire_input < len(bits) and bits[binding.fire_input]:
            return PanelState.ALARM
        if binding.fault_input is not None and binding.fault_input < len(bits) and bits[binding.fault_input]:
            return PanelState.OPEN
        return PanelState.NORMAL
