"""A passage against the direction of a lane: recorded as such, the grant given back, an alarm where it is set."""

from pathlib import Path
from typing import Any

import pytest
from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.door import DoorTimes
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.spool import Spool
from menshen_rulebook.types import Outcome
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

STILL, PULSED = (False, False), (False, True)


class ABoard:
    """Does what it is told and says nothing."""

    def attach(self, control: DoorControl) -> None:
        """Nothing is read from this board."""

    def pulse(self, relay: int, pulse_ms: int, key: str) -> None:
        """A lock is unlocked for a moment."""

    def hold(self, relay: int, *, energised: bool) -> None:
        """A relay stays."""


class AlarmList:
    """Keeps (kind, detail) of what was raised."""

    def __init__(self) -> None:
        self.raised: list[tuple[str, dict[str, str]]] = []

    def raise_alarm(self, kind: str, source: str, event_id: str, detail: dict[str, str]) -> None:
        self.raised.append((kind, detail))


class Lane:
    """A lane of one direction whose second input counts passages against it."""

    def __init__(self, folder: Path, *, alarms: bool) -> None:
        clock = SystemClock()
        self.alarms = AlarmList()
        self.spool = Spool(folder / "spool.db", clock.now_ms)
        journal = Journal(self.spool, clock, Uuid7Factory(clock), encode_event, lambda _: None)
        binding = DoorBinding(
            name="lane",
            board="board",
            barrier=False,
            access_points=("n-in",),
            lock_relay=0,
            pulse_ms=700,
            release_relay=None,
            contact_input=None,
            rex_input=None,
            presence_input=None,
            pass_input=0,
            tamper_input=None,
            times=DoorTimes(),
            reverse_input=1,
            reverse_alarms=alarms,
        )
        board: Any = ABoard()
        self.control = DoorControl(binding, board, journal, self.alarms, lambda: 0, lambda _: None)

    def grant(self, event_id: str) -> None:
        asked = Asked(event_id, "n-in", 0, 0, (), "reader")
        self.control.grant(asked, Answer(event_id, EventKind.CENTRE, Outcome.GRANT, (), 0))

    def pass_back(self) -> None:
        self.control.inputs(STILL, 100)
        self.control.inputs(PULSED, 200)

    def recorded(self) -> list[tuple[EventKind, str, str]]:
        found = [positioned(entry.body, 1, entry.number) for entry in self.spool.after(0, 20)]
        return [(EventKind(event.kind), event.event_id, event.access_point) for event in found]


@pytest.mark.parametrize("alarms", [True, False])
async def test_it_is_recorded_gives_the_grant_back_and_alarms_as_set(tmp_path: Path, alarms: bool) -> None:
    lane = Lane(tmp_path, alarms=alarms)
    event_id = "0198f000-0000-7000-8000-000000000001"
    lane.grant(event_id)

    lane.pass_back()
    lane.control.close()

    assert lane.recorded() == [(EventKind.REVERSED, event_id, "n-in"), (EventKind.NOT_TAKEN, event_id, "n-in")]
    assert lane.alarms.raised == ([("SECURITY", {"cause": "REVERSED"})] if alarms else [])
