"""What an agent's configuration binds: ports, readers, boards, doors and zones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from menshen_device_agent.model.door import DoorSensors, DoorTimes


@dataclass(frozen=True, slots=True)
class PortBinding:
    """A serial line, named by a stable path."""

    name: str
    device: str
    baud: int


@dataclass(frozen=True, slots=True)
class ReaderBinding:
    """A reader on a port.

    `pin` says that digits typed after the card belong to the presentation. `is_exit` says that the reader lets people
    out: it opens when neither the centre nor a plan can decide.
    """

    name: str
    port: str
    protocol: str
    address: int
    access_point: str
    scbk_file: Path | None
    pin: bool
    is_exit: bool


@dataclass(frozen=True, slots=True)
class BoardBinding:
    """A relay board on a port. Its answer may take `reply_ms`; it is lost after ten times as long."""

    name: str
    port: str
    address: int
    inputs: int
    reply_ms: int = 100


@dataclass(frozen=True, slots=True)
class DoorBinding:
    """A registered door on a board. Inputs that are None do not exist.

    `lock_relay` is pulsed for a grant and held energised while the door stands unlocked. A door with a presence input
    locks again only when nothing stands in it.
    `reverse_input` counts passages against the direction of the door's one access point; `reverse_alarms` says that
    each of them is an alarm.
    """

    name: str
    board: str
    barrier: bool
    access_points: tuple[str, ...]
    lock_relay: int
    pulse_ms: int
    release_relay: int | None
    contact_input: int | None
    rex_input: int | None
    presence_input: int | None
    pass_input: int | None
    tamper_input: int | None
    times: DoorTimes
    reverse_input: int | None = None
    reverse_alarms: bool = True

    @property
    def sensors(self) -> DoorSensors:
        """What the wiring can tell."""
        return DoorSensors(contact=self.contact_input is not None, passage_counter=self.pass_input is not None)


@dataclass(frozen=True, slots=True)
class ZoneBinding:
    """A fire zone: the doors here that it releases and, where the panel is wired to this agent, its inputs."""

    name: str
    doors: tuple[str, ...]
    board: str | None
    fire_input: int | None
    fault_input: int | None
    line_fault_releases: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """One agent's file."""

    site: str
    agent: str
    ports: Mapping[str, PortBinding]
    readers: Mapping[str, ReaderBinding]
    boards: Mapping[str, BoardBinding]
    doors: Mapping[str, DoorBinding]
    zones: Mapping[str, ZoneBinding]

    @property
    def access_points(self) -> tuple[str, ...]:
        """Every access point bound, in name order."""
        return tuple(sorted({point for door in self.doors.values() for point in door.access_points}))

    def door_of(self, access_point: str) -> DoorBinding | None:
        """The door behind an access point."""
        return next((door for door in self.doors.values() if access_point in door.access_points), None)
