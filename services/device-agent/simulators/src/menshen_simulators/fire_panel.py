"""A fire alarm panel whose dry contact reaches a relay board over a supervised line."""

from enum import Enum

from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.relay_board import RelayBoard


class LineState(Enum):
    """What the supervised line shows: a broken or shorted line shows a fault whatever the panel does."""

    NORMAL = "NORMAL"
    ALARM = "ALARM"
    OPEN = "OPEN"
    SHORT = "SHORT"


class FirePanel:
    """The panel latches its alarm until `reset()`; `line` is what arrives at the board.

    `fire_input` is on in ALARM, `fault_input` on in OPEN and SHORT. Ledger: `FIRE_LINE` with the state.
    """

    def __init__(
        self,
        board: RelayBoard,
        *,
        name: str = "panel",
        fire_input: int = 4,
        fault_input: int = 6,
        journal: Journal = no_journal,
    ) -> None:
        self._board = board
        self._name = name
        self._fire_input = fire_input
        self._fault_input = fault_input
        self._journal = journal
        self._alarm = False
        self._damage: LineState | None = None

    @property
    def line(self) -> LineState:
        if self._damage is not None:
            return self._damage
        return LineState.ALARM if self._alarm else LineState.NORMAL

    def alarm(self) -> None:
        """Detect fire."""
        self._alarm = True
        self._show()

    def reset(self) -> None:
        """Reset the panel by hand."""
        self._alarm = False
        self._show()

    def break_line(self) -> None:
        """Cut the line."""
        self._damage = LineState.OPEN
        self._show()

    def short_line(self) -> None:
        """Short the line."""
        self._damage = LineState.SHORT
        self._show()

    def repair_line(self) -> None:
        """Make the line whole again."""
        self._damage = None
        self._show()

    def _show(self) -> None:
        self._journal("FIRE_LINE", self._name, state=self.line.value)
        self._board.set_input(self._fire_input, on=self.line is LineState.ALARM)
        self._board.set_input(self._fault_input, on=self.line in (LineState.OPEN, LineState.SHORT))
