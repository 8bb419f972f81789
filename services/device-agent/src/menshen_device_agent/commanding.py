"""An operator lets somebody pass once: the same command never opens twice, and a late one not at all."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from menshen_servicekit.clock import Clock

from menshen_device_agent.events import EventKind
from menshen_device_agent.interlocking import CODE
from menshen_device_agent.journal import Journal

REMEMBERED: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PulseCommand:
    """Open an access point once, unless `expires_at_ms` (epoch milliseconds) has passed."""

    event_id: str
    access_point: str
    operator: str
    reason: str
    expires_at_ms: int


class OperatedDoor(Protocol):
    """The door behind an access point. Two implementations: a door on its board, and a list."""

    @property
    def answers(self) -> bool:
        """Whether its board answers."""

    def operate(self, operator: str, reason: str, event_id: str = "", access_point: str = "") -> None:
        """Open once by hand."""


class Commands:
    """Carries commands out. `doors` are by access point; `bars` names the open door of an interlock, empty for none."""

    def __init__(
        self, doors: Mapping[str, OperatedDoor], journal: Journal, clock: Clock, bars: Callable[[str], str]
    ) -> None:
        self._doors = doors
        self._journal = journal
        self._clock = clock
        self._bars = bars
        self._known: OrderedDict[str, None] = OrderedDict()

    def pulse(self, command: PulseCommand) -> None:
        """Open once and record OPERATED under the command's id, or NOT_TAKEN with the cause that kept it shut."""
        if command.event_id in self._known:
            return
        self._known[command.event_id] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        door = self._doors.get(command.access_point)
        if door is None:
            _log.warning("command_for_no_door_here", access_point=command.access_point)
            return
        barred_by = self._bars(command.access_point)
        if self._clock.now_ms() > command.expires_at_ms:
            self._refuse(command, {"cause": "COMMAND_EXPIRED"})
        elif not door.answers:
            self._refuse(command, {"cause": "BOARD_SILENT"})
        elif barred_by:
            self._refuse(command, {"cause": CODE, "door": barred_by})
        else:
            door.operate(command.operator, command.reason, command.event_id, command.access_point)

    def _refuse(self, command: PulseCommand, detail: dict[str, str]) -> None:
        self._journal.happened(
            EventKind.NOT_TAKEN, event_id=command.event_id, access_point=command.access_point, detail=detail
        )
