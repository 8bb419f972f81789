"""Everything wired at one place: readers, relay boards, doors, barriers and a fire panel, each on a line of its own.

An agent's configuration is pointed at `path(name)`; people and vehicles are moved by calling the parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from menshen_simulators.barriers import Barrier
from menshen_simulators.doors import Door, Wiring
from menshen_simulators.fire_panel import FirePanel
from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.osdp_pd import OsdpPd
from menshen_simulators.relay_board import RelayBoard
from menshen_simulators.uhf_reader import SimulatedTag, UhfReader
from menshen_simulators.wire import LineQuality, PtyPair


@dataclass(frozen=True, slots=True)
class DoorPlan:
    """A door, or a barrier, on a board. The last two fields are a barrier's alone."""

    name: str
    board: str
    wiring: Wiring
    barrier: bool = False
    passage_pulse_s: float = 0.1
    travel_s: float = 1.0
    dwell_s: float = 2.0


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """A fire panel wired to a board."""

    name: str
    board: str
    fire_input: int
    fault_input: int


@dataclass(frozen=True, slots=True)
class InstallationPlan:
    """What is installed. `osdp` maps reader names to their keys, `boards` board names to their number of inputs.

    `uhf_round_s` is how long an inventory round of a tag reader takes.
    """

    osdp: Mapping[str, bytes] = field(default_factory=dict)
    uhf: Sequence[str] = ()
    boards: Mapping[str, int] = field(default_factory=dict)
    doors: Sequence[DoorPlan] = ()
    panels: Sequence[PanelPlan] = ()
    relays: int = 16
    uhf_round_s: float = 0.02


class Installation:
    """`async with Installation(plan, journal) as site:` plugs everything in and takes it away again.

    The journal gets `PRESENTED` for every card and tag, with the facts given, beside what the doors write themselves.
    """

    def __init__(
        self, plan: InstallationPlan, journal: Journal = no_journal, quality: LineQuality | None = None
    ) -> None:
        self._plan = plan
        self._journal = journal
        quality = quality or LineQuality()
        names = [*plan.osdp, *plan.uhf, *plan.boards]
        self._lines = {name: PtyPair(quality) for name in names}
        self.readers: dict[str, OsdpPd] = {}
        self.uhf: dict[str, UhfReader] = {}
        self.boards: dict[str, RelayBoard] = {}
        self.doors: dict[str, Door] = {}
        self.barriers: dict[str, Barrier] = {}
        self.panels: dict[str, FirePanel] = {}

    def path(self, name: str) -> str:
        """The terminal an agent opens for a reader or a board."""
        return self._lines[name].a_path

    def line(self, name: str) -> PtyPair:
        """The cable of a reader or a board, to be cut or unplugged."""
        return self._lines[name]

    async def start(self) -> None:
        """Plug everything in."""
        for line in self._lines.values():
            line.start()
        for name, key in self._plan.osdp.items():
            self.readers[name] = OsdpPd(self._lines[name].b_path, key=key)
            await self.readers[name].start()
        for name in self._plan.uhf:
            self.uhf[name] = UhfReader(self._lines[name].b_path, name=name, round_s=self._plan.uhf_round_s)
            self.uhf[name].start()
        for name, inputs in self._plan.boards.items():
            self.boards[name] = RelayBoard(
                self._lines[name].b_path, name=name, relay_count=self._plan.relays, input_count=inputs
            )
            self.boards[name].start()
        self._hang_doors()
        for panel in self._plan.panels:
            self.panels[panel.name] = FirePanel(
                self.boards[panel.board],
                name=panel.name,
                fire_input=panel.fire_input,
                fault_input=panel.fault_input,
                journal=self._journal,
            )

    async def close(self) -> None:
        """Take everything away."""
        for door in self.doors.values():
            door.close()
        for barrier in self.barriers.values():
            barrier.close()
        for board in self.boards.values():
            board.close()
        for uhf_reader in self.uhf.values():
            uhf_reader.close()
        for reader in self.readers.values():
            await reader.close()
        for line in self._lines.values():
            line.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def present_card(self, reader: str, bits: str, **facts: str | int) -> None:
        """Hold a card to a reader."""
        self._journal("PRESENTED", reader, **facts)
        self.readers[reader].present_card(bits)

    def show_tag(self, reader: str, tag: SimulatedTag, **facts: str | int) -> None:
        """Bring a tag into a reader's field."""
        self._journal("PRESENTED", reader, **facts)
        self.uhf[reader].enter(tag)

    def _hang_doors(self) -> None:
        for plan in self._plan.doors:
            board, wiring = self.boards[plan.board], plan.wiring
            if plan.barrier:
                self.barriers[plan.name] = Barrier(
                    board,
                    wiring,
                    name=plan.name,
                    travel_s=plan.travel_s,
                    dwell_s=plan.dwell_s,
                    passage_pulse_s=plan.passage_pulse_s,
                    journal=self._journal,
                )
            else:
                self.doors[plan.name] = Door(
                    board, wiring, name=plan.name, passage_pulse_s=plan.passage_pulse_s, journal=self._journal
                )


def wiegand34(number: int) -> str:
    """The bits a reader sends for a 32-bit card number: even parity over the first 16, odd over the last 16."""
    data = f"{number:032b}"
    even = data[:16].count("1") % 2
    odd = 1 - data[16:].count("1") % 2
    return f"{even}{data}{odd}"
