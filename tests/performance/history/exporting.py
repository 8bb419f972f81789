"""An export of the seeded history by the command, its check, and one that is cut short."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from hot_path.report import Row
from menshen_access.domain.archive import ArchiveHeader, header_line
from menshen_cli.local.suite import Suite
from menshen_servicekit.clock import SystemClock

from history.campus import SITE
from history.running import exporting, terminal
from history.seeding import EPOCH

CUT: Final = 200_000
"""Rows of the two exports that are compared, one of them cut half way."""

GROWTH_BAR: Final = 1.25
"""How much more memory the second half of an export may take than the first: none, but for what is noise."""

_LOOK_S: Final = 0.1
CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a process was seen to take: seconds, and the most resident bytes in either half of them."""

    seconds: float
    early: int
    late: int

    @property
    def growth(self) -> float:
        return self.late / self.early


async def measure_export(suite: Suite, folder: Path, rows: int, *, whole: bool) -> list[Row]:
    """Export `rows` and verify them; then the first CUT once whole and once killed half way: the same bytes.

    `whole` says that nothing is recorded behind those rows, so that the signed head is theirs.
    """
    file = folder / "history.jsonl"
    begin(file, rows)
    before = spent_us(suite)
    async with exporting(suite, file) as process:
        exported = await watched(process)
    own_us = (spent_us(suite) - before) / rows
    size = file.stat().st_size
    heads = suite.folder / "heads" / f"{SITE}.jsonl"
    key = suite.folder / "secrets" / "snapshot.pem"
    signed = ["--heads", str(heads), "--public-key", str(key)] if whole else []
    async with terminal("menshen_cli", "verify", str(file), *signed) as process:
        verified = await watched(process)
    file.unlink()
    made = f"{size / 1e6:,.0f} MB, {own_us:.0f} us of the deciding process a row"
    return [
        _row(f"export of {rows:,} events", exported, rows, made),
        _row(f"verify of {rows:,} events", verified, rows, "against its signed head" if signed else "without heads"),
        await _resumed(suite, folder, min(CUT, rows)),
    ]


def spent_us(suite: Suite) -> float:
    """Microseconds of processor time of the process that decides, without those that work for it apart."""
    times = psutil.Process(suite.pid("access")).cpu_times()
    return (times.user + times.system) * 1e6


async def watched(process: asyncio.subprocess.Process) -> Watched:
    """Wait for its end. RuntimeError when it failed."""
    began, seen = CLOCK.monotonic(), [0]
    ended = asyncio.create_task(process.wait())
    while not ended.done():
        try:
            seen.append(psutil.Process(process.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            break
        await asyncio.wait([ended], timeout=_LOOK_S)
    if await ended:
        raise RuntimeError(f"the command ended with {process.returncode}")
    half = len(seen) // 2 + 1
    return Watched(CLOCK.monotonic() - began, max(seen[:half]), max(seen[half:], default=max(seen)))


def _row(title: str, took: Watched, rows: int, told: str) -> Row:
    memory = f"{max(took.early, took.late) / 1e6:.0f} MB of memory"
    figure = f"{rows / took.seconds:,.0f} rows/s, {took.seconds:.0f} s, {memory}, {told}"
    bar = f"memory of its second half <= {GROWTH_BAR}"
    return Row(title, ratio=took.growth, bar=bar, met=took.growth <= GROWTH_BAR, figure=figure)


async def _resumed(suite: Suite, folder: Path, rows: int) -> Row:
    whole, cut = folder / "whole.jsonl", folder / "cut.jsonl"
    at_ms = CLOCK.now_ms()
    for file in (whole, cut):
        begin(file, rows, at_ms)
    async with exporting(suite, whole) as process:
        await watched(process)
    part = part_of(cut)
    async with exporting(suite, cut):
        while part.stat().st_size < whole.stat().st_size // 2:
            await asyncio.sleep(_LOOK_S / 10)
    kept = part.stat().st_size / whole.stat().st_size
    async with exporting(suite, cut) as process:
        await watched(process)
    same = _digest(whole) == _digest(cut)
    for file in (whole, cut):
        file.unlink()
    figure = f"killed at {kept:.0%}, then gone on with"
    return Row(f"export of {rows:,} events, cut short", bar="the same bytes", met=same, figure=figure)


def begin(file: Path, through: int, at_ms: int = 0) -> None:
    """The part of an export that was cut short behind its header: an end to go up to."""
    header = ArchiveHeader(SITE, EPOCH, at_ms or CLOCK.now_ms(), 0, through)
    part_of(file).write_bytes(header_line(header))


def part_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
