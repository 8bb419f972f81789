"""Over random programs of postures, grants, fires, vehicles, outages: what may opens, and nothing closes on anybody."""

import asyncio
import itertools
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.model.door import DoorTimes
from menshen_rulebook.types import Outcome

from .doorway import CONTACT, LOCK, PRESENCE, RELEASE, AlarmList, locked, secured, unlocked

POSTURES = {"lock": locked(), "unlock": unlocked(), "secure": secured()}
STEPS = st.lists(
    st.sampled_from(
        [*POSTURES, "grant", "fire", "second fire", "reset", "second reset", "come", "go", "outage", "read"]
    ),
    max_size=30,
)


class NoJournal:
    """Takes every event and keeps none."""

    def happened(self, kind: EventKind, **_fields: Any) -> Any:
        return type("Event", (), {"event_id": "e"})


class Boom:
    """A boom over a presence loop; its board obeys at once and refuses to close on what stands there or may."""

    def __init__(self) -> None:
        self.relays = [False, True]
        self.presence: bool | None = None
        self.taken = False
        self.pulses = 0
        self._numbers = itertools.count(1)
        binding = DoorBinding(
            name="boom",
            board="board",
            barrier=True,
            access_points=("m-in",),
            lock_relay=LOCK,
            pulse_ms=700,
            release_relay=RELEASE,
            contact_input=CONTACT,
            rex_input=None,
            presence_input=PRESENCE,
            pass_input=None,
            tamper_input=None,
            times=DoorTimes(),
        )
        board: Any = self
        journal: Any = NoJournal()
        self.control = DoorControl(binding, board, journal, AlarmList(), lambda: 0, lambda _: None)

    def attach(self, control: DoorControl) -> None:
        """It is read by the program."""

    def pulse(self, relay: int, pulse_ms: int, key: str) -> None:
        assert not self.relays[relay], "the end of the pulse drops what is held open"
        self.pulses += 1

    def hold(self, relay: int, *, energised: bool) -> None:
        is_closing = energised if relay == RELEASE else not energised
        if is_closing and self.relays[relay] != energised:
            assert self.presence is False, "closed on what stands there, or may"
        self.relays[relay] = energised

    def read(self) -> None:
        self.presence = self.taken
        self.control.inputs((False, self.taken), 0)
        self.control.outputs(tuple(self.relays), 0)

    def grant(self) -> None:
        """It opens for whoever is let in, by a pulse where nothing holds it open."""
        event_id, pulses = f"e{next(self._numbers)}", self.pulses
        asked = Asked(event_id, "m-in", 0, 0, (), "reader")
        self.control.grant(asked, Answer(event_id, EventKind.CENTRE, Outcome.GRANT, (), 0))
        is_open = self.relays[LOCK] or not self.relays[RELEASE]
        assert is_open or self.pulses == pulses + 1

    def step(self, step: str) -> None:
        match step:
            case "lock" | "unlock" | "secure":
                self.control.stand(POSTURES[step])
            case "grant":
                self.grant()
            case "fire" | "second fire":
                self.control.release_for(step, 0)
            case "reset" | "second reset":
                self.control.reset_for(step.replace("reset", "fire"))
            case "outage":
                self.presence = None
                self.control.inputs(None, 0)
            case _:
                self.taken = {"come": True, "go": False}.get(step, self.taken)
                self.read()


async def play(steps: list[str]) -> None:
    boom, posture = Boom(), ""
    boom.control.start(())
    for step in steps:
        boom.step(step)
        posture = step if step in POSTURES else posture
        if boom.control.is_released:
            assert boom.relays[RELEASE] is False
        elif posture == "unlock":
            assert boom.relays[LOCK] is True
    for step in ("reset", "second reset", "go"):
        boom.step(step)
    boom.control.close()
    assert boom.relays == [posture == "unlock", True]


@settings(max_examples=200, deadline=None)
@given(STEPS)
@example(["unlock", "come", "lock", "grant"])
def test_releases_and_postures_open_at_once_and_close_only_on_a_lane_known_to_be_clear(steps: list[str]) -> None:
    asyncio.run(play(steps))
