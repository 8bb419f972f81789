"""The latest run on `docs/performance.md`: its rows between two marks, under the machine they were measured on."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hot_path.report import Row

HEAD = "| what | p50 µs | p99 µs | per s | ratio | bar | |\n|---|---|---|---|---|---|---|\n"


def put_on(page: Path, title: str, rows: Sequence[Row], conditions: str) -> None:
    """Replace what stands between the marks of `title` (`make bench`). ValueError for a page without them."""
    begin, end = f"<!-- {title}: begin -->\n", f"<!-- {title}: end -->"
    before, opened, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{page} has no place for {title}")
    table = HEAD + "".join(map(_line, rows))
    page.write_text(f"{before}{begin}{conditions}\n\n{table}{closed}{after}", encoding="utf-8")


def conditions(rounds: int) -> str:
    """When and on what a run that begins now is measured."""
    load, when = os.getloadavg()[0], datetime.now(UTC)
    return (
        f"{when:%Y-%m-%d %H:%M} UTC, {rounds} rounds, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}; load average at the start {load:.1f}."
    )


def _line(row: Row) -> str:
    latencies = f"{row.p50_us:,.0f} | {row.p99_us:,.0f} | {row.per_second:,.0f}"
    measured = f"{row.figure} | |" if row.figure else latencies
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    verdict = "" if row.met is None else ("met" if row.met else "not met")
    return f"| {row.name} | {measured} | {ratio} | {row.bar.replace('<=', '≤').replace('>=', '≥')} | {verdict} |\n"
