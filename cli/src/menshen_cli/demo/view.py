"""What one sees while it plays: a live screen on a terminal, plain lines anywhere else."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from rich import box
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from menshen_cli.local.language import pick

from .crowd import Tally
from .expectations import Expectation, Expectations, State
from .lanes import Shown
from .latency import latency_of
from .summary import title_of
from .university import CAMPUSES, LANE_OF

REDRAW_S = 0.5
"""Two cores are shared with everything that plays."""
PLAIN_EVERY_S = 5.0
_LATEST = 1_000
_STYLES = {"GRANT": "green", "GRANT_WITH_REMINDER": "yellow", "MANUAL_REVIEW": "magenta", "DENY": "red"}
_MARKS = {State.MET: ("✓", "green"), State.FAILED: ("✗", "bold red"), State.PENDING: ("·", "dim")}


@dataclass(slots=True)
class Picture:
    """What there is to see; whoever plays writes it, a view reads it."""

    expectations: Expectations
    elapsed_s: Callable[[], float]
    open_alarms: Callable[[], int] = lambda: 0
    phase: str = ""
    loaded: tuple[int, int] = (0, 0)
    tally: Tally = field(default_factory=Tally)
    last: dict[str, Shown] = field(default_factory=dict)
    latencies_us: deque[int] = field(default_factory=lambda: deque(maxlen=_LATEST))
    shown: int = 0

    def show(self, shown: Shown) -> None:
        """A lane showed something."""
        self.shown += 1
        self.last[LANE_OF[shown.access_point].gate_id] = shown
        self.latencies_us.append(shown.latency_us)


class View(Protocol):
    """Shows a picture. Two implementations: a live screen and plain lines."""

    def enter(self, phase: str) -> None:
        """A part of the demonstration begins."""

    def decided(self, expectation: Expectation) -> None:
        """An expectation was met or failed."""

    async def run(self) -> None:
        """Show until cancelled."""


class PlainView:
    """Lines, each complete when it is printed."""

    def __init__(self, picture: Picture, console: Console) -> None:
        self._picture = picture
        self._console = console

    def enter(self, phase: str) -> None:
        self._picture.phase = phase
        self._say(phase)

    def decided(self, expectation: Expectation) -> None:
        mark = _MARKS[expectation.state][0]
        told = expectation.detail or expectation.measured
        self._say(f"{mark} {title_of(expectation)}" + (f": {told}" if told else ""))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            self._say(status_line(self._picture))

    def _say(self, text: str) -> None:
        self._console.print(
            f"[{self._picture.elapsed_s():5.1f} s] {text}", markup=False, highlight=False, soft_wrap=True
        )


class LiveView:
    """One screen, drawn again a few times a second."""

    def __init__(self, picture: Picture, console: Console) -> None:
        self._picture = picture
        self._console = console

    def enter(self, phase: str) -> None:
        self._picture.phase = phase

    def decided(self, expectation: Expectation) -> None:
        """The next drawing shows it."""

    async def run(self) -> None:
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(screen(self._picture), refresh=True)
                await asyncio.sleep(REDRAW_S)


def view_of(picture: Picture, console: Console, *, plain: bool) -> View:
    """A live screen where somebody can see it, else plain lines."""
    return LiveView(picture, console) if console.is_terminal and not plain else PlainView(picture, console)


def screen(picture: Picture) -> RenderableType:
    """The whole picture."""
    done, total = picture.loaded
    head: list[RenderableType] = [Text(f"{picture.elapsed_s():5.1f} s  {picture.phase}", style="bold")]
    if done < total:
        head.append(ProgressBar(total=total, completed=done, width=60))
    head.append(Text(status_line(picture)))
    return Group(*head, Columns([_gates(picture), _expectations(picture)]))


def status_line(picture: Picture) -> str:
    """The figures in one line."""
    done, total = picture.loaded
    if done < total:
        return pick(f"{done:,} of {total:,} people and vehicles at the gates", f"已就绪 {done:,} / {total:,}")
    met, failed = picture.expectations.count(State.MET), picture.expectations.count(State.FAILED)
    latency, passed = latency_of(picture.latencies_us), sum(picture.tally.passed.values())
    return pick(
        f"{picture.shown:,} presented, {passed:,} passed, {latency}, {picture.open_alarms()} alarms open, "
        f"{met} expectations met, {failed} failed",
        f"出示 {picture.shown:,}，通过 {passed:,}，{latency}，未结告警 {picture.open_alarms()}，"
        f"预期达成 {met}，未达成 {failed}",
    )


def _gates(picture: Picture) -> Table:
    table = Table(
        pick("gate", "校门"), pick("passed", "通过"), pick("latest", "最近判定"), box=box.SIMPLE, padding=(0, 1)
    )
    for campus in CAMPUSES:
        for gate in campus.gates:
            shown = picture.last.get(gate.gate_id)
            latest = Text(_latest(shown), style=_STYLES.get(shown.outcome, "") if shown else "", no_wrap=True)
            table.add_row(pick(gate.name.en, gate.name.zh), str(picture.tally.passed[gate.gate_id]), latest)
    return table


def _latest(shown: Shown | None) -> str:
    if shown is None:
        return "—"
    edge = " (edge)" if shown.edge else ""
    text = f" {shown.text_zh} / {shown.text_en}" if shown.text_zh or shown.text_en else ""
    return f"{shown.outcome}{edge}{text}"[:70]


def _expectations(picture: Picture) -> Table:
    table = Table.grid(padding=(0, 1))
    for expectation in picture.expectations:
        mark, style = _MARKS[expectation.state]
        title = pick(expectation.line.en, expectation.line.zh)
        table.add_row(Text(mark, style=style), Text(title[:60], no_wrap=True))
    return table
