"""`make bench`: what a decision costs beside a bare echo and a bare Redis round trip, in the same run.

Prints one row per measurement and writes them to build/bench.json: name, p50_us, p99_us, per_second, floor, ratio, bar,
met. A floor names the row or rows whose p50 the ratio is taken against; where the bar is a throughput, whose rate.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hot_path.measuring import measure
from hot_path.report import print_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rows = asyncio.run(measure(ROOT / "build" / "bench", rounds))
    print_rows(rows)
    write_rows(rows, ROOT / "build" / "bench.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
