"""A door on a board in memory, its clock moved by hand."""

from pathlib import Path
from typing import Any

from menshen_device_agent.bindings import DoorBinding
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.model.door import DoorTimes
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.spool import Spool
from menshen_rulebook.types import Outcome, Posture, PostureCause, PostureKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory

LOCK, RELEASE = 0, 1
CONTACT, PRESENCE, PASS = 0, 1, 2
HOLD = ("hold", "h1")


def locked() -> Posture:
    return Posture(PostureKind.LOCKED, PostureCause.NOTHING, 0)


def unlocked(order_id: str = "") -> Posture:
    cause = PostureCause.ORDER if order_id else PostureCause.SCHEDULE
    return Posture(PostureKind.UNLOCKED, cause, 0, order_id=order_id)


def secured(*names: tuple[str, str]) -> Posture:
    return Posture(PostureKind.SECURED, PostureCause.LOCKDOWN, 0, names or (HOLD,))


class BoardInMemory:
    """Two relays that do as told, unless `stuck`; the release relay is energised in the normal state."""

    def __init__(self) -> None:
        self.relays = [False, True]
        self.pulses: list[str] = []
        self.ordered: list[tuple[int, bool]] = []
        self.stuck = False

    def attach(self, control: DoorControl) -> None:
        """The doorway tells it what is read."""

    def pulse(self, relay: int, pulse_ms: int, key: str) -> None:
        self.pulses.append(key)

    def hold(self, relay: int, *, energised: bool) -> None:
        self.ordered.append((relay, energised))
        if not self.stuck:
            self.relays[relay] = energised


class AlarmList:
    """Keeps (kind, detail) of what was raised."""

    def __init__(self) -> None:
        self.raised: list[tuple[str, dict[str, str]]] = []

    def raise_alarm(self, kind: str, source: str, event_id: str, detail: dict[str, str]) -> None:
        self.raised.append((kind, detail))


class Doorway:
    """One door with a contact, a passage counter and, if asked, a presence sensor. `close` it."""

    def __init__(self, folder: Path, *, contact: bool = True, presence: bool = False) -> None:
        self.clock = ManualClock()
        self.alarms = AlarmList()
        self.board = BoardInMemory()
        self.spool = Spool(folder / "spool.db", self.clock.now_ms)
        self.journal = Journal(self.spool, self.clock, Uuid7Factory(self.clock), encode_event, lambda _: None)
        binding = DoorBinding(
            name="door",
            board="board",
            barrier=presence,
            access_points=("n-in", "n-out"),
            lock_relay=LOCK,
            pulse_ms=700,
            release_relay=RELEASE,
            contact_input=CONTACT if contact else None,
            rex_input=None,
            presence_input=PRESENCE if presence else None,
            pass_input=PASS,
            tamper_input=None,
            times=DoorTimes(grant_ms=5_000, held_ms=20_000, rex_ms=5_000, settle_ms=100),
        )
        board: Any = self.board
        self.control = DoorControl(binding, board, self.journal, self.alarms, self._monotonic_ms, lambda _: None)
        self.inputs = [False, False, False]

    def _monotonic_ms(self) -> int:
        return int(self.clock.monotonic() * 1000)

    def read(self, **changes: bool) -> None:
        """The board is read: inputs with changes (contact, presence, passage), then relays."""
        for name, value in changes.items():
            self.inputs[{"contact": CONTACT, "presence": PRESENCE, "passage": PASS}[name]] = value
        self.control.inputs(tuple(self.inputs), self._monotonic_ms())
        self.control.outputs(tuple(self.board.relays), self._monotonic_ms())

    def stand(self, posture: Posture) -> None:
        """Take up a posture, and read what the board did."""
        self.control.stand(posture)
        self.read()

    def later(self, milliseconds: int) -> None:
        self.clock.advance_ms(milliseconds)
        self.read()

    def pass_one(self) -> None:
        self.read(passage=True)
        self.read(passage=False)

    def grant(self, event_id: str) -> None:
        asked = Asked(event_id, "n-in", 0, 0, (), "reader")
        self.control.grant(asked, Answer(event_id, EventKind.CENTRE, Outcome.GRANT, (), 0))

    def close(self) -> None:
        self.control.close()
        self.spool.close()

    def recorded(self) -> list[tuple[str, dict[str, str]]]:
        """(kind, detail) of every event, oldest first."""
        found = [positioned(entry.body, 1, entry.number) for entry in self.spool.after(0, 100)]
        return [(EventKind(event.kind).name, dict(event.detail)) for event in found]

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.recorded()]
