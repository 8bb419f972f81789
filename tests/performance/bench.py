"""`make bench`: what a decision costs beside a bare echo and a bare Redis round trip, and what size costs.

Prints one row per measurement, puts them on docs/performance.md and writes them to build/bench.json: name, p50_us,
p99_us, per_second, floor, ratio, bar, met, figure. A floor names the row or rows whose p50 the ratio is taken against;
where the bar is a throughput, whose rate. `--full` holds 1,000,000 subjects where else 100,000 are,
10,000,000 events where else 1,000,000 are, and decides through three processes as well. `--history EVENTS` measures a
history of that size alone, all of which is exported, and writes build/bench-history.json only; with `--keep` the
history stays for the next such run.
"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from history.measuring import Terms, measure_history
from history.seeding import DAYS, Scale
from hot_path.measuring import measure
from hot_path.report import Row, print_rows, write_rows
from page import conditions, put_on
from scale.gates import measure_changes
from scale.measuring import measure_size
from scale.processes import measure_processes

ROOT = Path(__file__).resolve().parents[2]
BUILD, PAGE = ROOT / "build", ROOT / "docs" / "performance.md"
MANY, MOST = 100_000, 1_000_000
EVENTS, MOST_EVENTS = 1_000_000, 10_000_000
EXPORTED, REPLAYED_DAYS = 100_000, 10


async def measure_all(rounds: int, *, full: bool) -> list[Row]:
    """What holds much comes first, while nothing else runs."""
    rows = await measure_size(BUILD / "bench-size", rounds, MOST if full else MANY)
    rows += await measure_changes(BUILD / "bench-changes")
    rows += await measure_history(BUILD / "bench-history", *history(rounds, full=full))
    if full:
        rows += await measure_processes(BUILD / "bench-processes", rounds)
    return [*await measure(BUILD / "bench", rounds), *rows]


def history(rounds: int, *, full: bool) -> tuple[Scale, Terms]:
    """How large a history, and how much is asked of it."""
    if full:
        return Scale(MOST_EVENTS), Terms(MOST_EVENTS, DAYS, rounds, seconds=8)
    return Scale(EVENTS), Terms(EXPORTED, REPLAYED_DAYS, min(rounds, 3), seconds=3)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure against the stated bars.")
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--history", type=int, metavar="EVENTS")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    if given.history:
        terms = Terms(given.history, DAYS, given.rounds, seconds=8)
        rows = asyncio.run(measure_history(BUILD / "bench-history", Scale(given.history), terms, keep=given.keep))
        print_rows(rows)
        write_rows(rows, BUILD / "bench-history.json")
        return 0
    measured_on = conditions(given.rounds)
    rows = asyncio.run(measure_all(given.rounds, full=given.full))
    print_rows(rows)
    write_rows(rows, BUILD / "bench.json")
    put_on(PAGE, "make bench-full" if given.full else "make bench", rows, measured_on)
    return 0


if __name__ == "__main__":
    sys.exit(main())
