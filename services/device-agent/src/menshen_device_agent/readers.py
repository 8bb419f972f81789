"""Readers at a lane: what they read becomes a presentation, and the answer becomes light, sound and text."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from menshen_rulebook.types import Identifier, IdentifierType, Outcome

from menshen_device_agent.alarming import AlarmSink
from menshen_device_agent.bindings import ReaderBinding
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.card_number import card_number
from menshen_device_agent.model.sighting import Sighting, SightingFilter
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.protocols.osdp import events as osdp
from menshen_device_agent.protocols.osdp.bus import Bus
from menshen_device_agent.protocols.osdp.messages import Buzzer, Colour, Led
from menshen_device_agent.protocols.uhfreader288 import events as uhf

_log = structlog.get_logger(__name__)

PIN_WAIT_S = 8.0
PIN_LIMIT = 8
PRESENCE_WAIT_S = 5.0
_LIGHTS = {
    Outcome.GRANT: (Colour.GREEN, 1),
    Outcome.GRANT_WITH_REMINDER: (Colour.GREEN, 2),
    Outcome.MANUAL_REVIEW: (Colour.AMBER, 2),
    Outcome.DENY: (Colour.RED, 3),
    Outcome.UNSPECIFIED: (Colour.RED, 3),
}


class LaneScreen(Protocol):
    """Who shows an answer beside the reader itself. Two implementations: the watchers of the agent, and a list."""

    def show(self, shown: Shown) -> None:
        """Never fails and never waits."""


class DeviceHealth:
    """Which readers and boards answer; a change is an event and, when one is lost, an alarm."""

    def __init__(self, journal: Journal, alarms: AlarmSink) -> None:
        self._journal = journal
        self._alarms = alarms
        self.causes: dict[str, str] = {}
        """Device name to why it is offline; empty while it answers."""

    def is_now(self, device: str, cause: str) -> None:
        """A device is offline for a cause, or answers again when the cause is empty."""
        before = self.causes.get(device)
        self.causes[device] = cause
        if cause and not before:
            event = self._journal.happened(EventKind.DEVICE_LOST, detail={"device": device, "cause": cause})
            self._alarms.raise_alarm("DEVICE_LOST", device, event.event_id, {"cause": cause})
        elif before and not cause:
            self._journal.happened(EventKind.DEVICE_BACK, detail={"device": device})


class OsdpReader:
    """One PD on a bus. With `pin`, digits up to '#' after a card belong to its presentation."""

    def __init__(
        self,
        binding: ReaderBinding,
        bus: Bus,
        presenter: Presenter,
        door: DoorControl,
        screen: LaneScreen,
        health: DeviceHealth,
        journal: Journal,
        alarms: AlarmSink,
        monotonic_ms: Callable[[], int],
    ) -> None:
        self.binding = binding
        self._bus = bus
        self._presenter = presenter
        self._door = door
        self._screen = screen
        self._health = health
        self._journal = journal
        self._alarms = alarms
        self._now_ms = monotonic_ms
        self._card = ""
        self._digits = ""
        self._timer: asyncio.TimerHandle | None = None
        self.wake: Callable[[], None] = lambda: None

    def take(self, event: osdp.Event) -> None:
        """One event of this PD."""
        match event:
            case osdp.CardRead():
                self._read(event)
            case osdp.Keys():
                self._typed(event.digits)
            case osdp.Online():
                self._health.is_now(self.binding.name, "")
            case osdp.Offline():
                self._health.is_now(self.binding.name, event.cause.name.lower())
            case osdp.Tamper(active=True):
                self._report(EventKind.TAMPER, "TAMPER", {"reader": self.binding.name})
            case osdp.SecurityAlarm():
                self._report(EventKind.SECURITY, "SECURITY", {"reader": self.binding.name, "kind": event.kind.name})
            case _:
                pass

    def close(self) -> None:
        """Stop waiting for digits."""
        self._forget()

    def _read(self, event: osdp.CardRead) -> None:
        number = card_number(event.bits, event.count)
        if number is None:
            _log.info("card_misread", reader=self.binding.name, bits=event.count)
            return
        if not self.binding.pin:
            self._present(number, "")
            return
        self._forget()
        self._card = number
        self._timer = asyncio.get_running_loop().call_later(PIN_WAIT_S, self._complete)

    def _typed(self, digits: str) -> None:
        if not self._card:
            return
        for digit in digits:
            if digit == "#":
                self._complete()
                return
            self._digits = "" if digit == "*" else (self._digits + digit)[:PIN_LIMIT]

    def _complete(self) -> None:
        card, digits = self._card, self._digits
        self._forget()
        if card:
            self._present(card, digits)

    def _forget(self) -> None:
        self._card = self._digits = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _present(self, number: str, pin: str) -> None:
        identifiers = (Identifier(IdentifierType.CARD, number),)
        accepted = self._presenter.present(
            self.binding.access_point, identifiers, self.binding.name, self._door, self._show, pin=pin
        )
        if not accepted:
            self._light(Outcome.DENY)

    def _show(self, shown: Shown) -> None:
        self._light(shown.answer.outcome, awaits=shown.answer.awaits_second_ms > 0)
        self._screen.show(shown)

    def _light(self, outcome: Outcome, *, awaits: bool = False) -> None:
        colour, beeps = (Colour.AMBER, 1) if awaits else _LIGHTS[outcome]
        now_ms = self._now_ms()
        self._bus.submit(self.binding.address, Led(colour, duration_ms=2_000), now_ms)
        self._bus.submit(self.binding.address, Buzzer(count=beeps), now_ms)
        self.wake()

    def _report(self, kind: EventKind, alarm: str, detail: dict[str, str]) -> None:
        event = self._journal.happened(kind, access_point=self.binding.access_point, detail=detail)
        self._alarms.raise_alarm(alarm, self.binding.name, event.event_id, detail)


class UhfReader:
    """One UHF reader at a lane. At a barrier with a presence sensor a sighting counts only with somebody in front."""

    def __init__(
        self,
        binding: ReaderBinding,
        presenter: Presenter,
        door: DoorControl,
        screen: LaneScreen,
        health: DeviceHealth,
        monotonic_ms: Callable[[], int],
        sightings: SightingFilter | None = None,
    ) -> None:
        self.binding = binding
        self._presenter = presenter
        self._door = door
        self._screen = screen
        self._health = health
        self._now_ms = monotonic_ms
        self._sightings = sightings or SightingFilter()
        self._timer: asyncio.TimerHandle | None = None

    def take(self, event: uhf.Event) -> None:
        """One event of the reader."""
        match event:
            case uhf.TagRead(epc, tid, antenna_port, rssi_raw, at_ms):
                self._sight(self._sightings.read(epc, tid, antenna_port, rssi_raw, at_ms))
            case uhf.Online():
                self._health.is_now(self.binding.name, "")
            case uhf.Offline():
                self._health.is_now(self.binding.name, "silent")
            case uhf.AntennaLost(antenna_port):
                _log.warning("antenna_lost", reader=self.binding.name, antenna_port=antenna_port)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _sight(self, sightings: list[Sighting]) -> None:
        for sighting in sightings:
            self._gate(sighting)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ms = self._sightings.next_deadline_ms()
        if due_ms is not None:
            pause_s = max(due_ms - self._now_ms(), 1) / 1000
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._sight(self._sightings.tick(self._now_ms()))

    def _gate(self, sighting: Sighting) -> None:
        gated = self._door.binding.barrier and self._door.binding.presence_input is not None
        if not gated or self._door.present:
            self._present(sighting)
            return
        until = asyncio.get_running_loop().time() + PRESENCE_WAIT_S
        self._door.when_present(lambda: self._present(sighting, until))

    def _present(self, sighting: Sighting, until: float | None = None) -> None:
        if until is not None and asyncio.get_running_loop().time() > until:
            return
        identifiers = (Identifier(IdentifierType.EPC, sighting.epc),)
        self._presenter.present(
            self.binding.access_point,
            identifiers,
            self.binding.name,
            self._door,
            self._screen.show,
            tid=sighting.tid,
        )
