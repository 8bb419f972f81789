"""Reads of a made-up park, with planted answers: `python examples/replay/park_reads.py reads.csv`.

The file has the columns Timestamp,car-id,car-type,gate-name. What a replay of it must find is printed.
"""

import csv
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2031, 5, 5)  # noqa: DTZ001 (local of the park; a Monday)
_FEAST_DAY = 20
_OPEN_GATES = ("general-gate1", "general-gate4", "general-gate7", "ranger-stop0", "ranger-stop2", "camping5")
_TRESPASS = ("gate6", "gate5", "gate3", "gate3", "gate5", "gate6")
_TUESDAY, _THURSDAY = 1, 3

Read = tuple[datetime, str, str, str]


@dataclass
class Planted:
    """The reads in order of time, and what they were made to show."""

    reads: list[Read] = field(default_factory=list)
    tags_refused: int = 0
    refused_at: Counter[str] = field(default_factory=Counter)
    refused_on: Counter[str] = field(default_factory=Counter)
    never_left: int = 0
    peak: int = 0
    peak_at: str = ""

    @property
    def refusals(self) -> int:
        """How many reads are refused."""
        return self.refused_at.total()


def plant(seed: int, *, visitors: int = 120, stays: int = 4, feast: int = 30, trespassers: int = 5) -> Planted:
    """A month of a park. All who come and go do so on one day, fewer a day than come to the feast."""
    chance, planted = random.Random(seed), Planted()  # noqa: S311 (a sample, no secret)
    for number in range(visitors):
        _visit(planted, chance, f"visitor-{number}", number % (_FEAST_DAY - 1) + 1)
    for number in range(stays):
        at = FIRST_DAY + timedelta(hours=9, minutes=number)
        planted.reads += [
            (at, f"stays-{number}", "2", "entrance0"),
            (at + timedelta(hours=1), f"stays-{number}", "2", "camping8"),
        ]
    for number in range(trespassers):
        _trespass(planted, f"trespasser-{number}", number)
    for day in range(_FEAST_DAY):
        _patrol(planted, day)
    _feast(planted, feast, stays)
    planted.never_left, planted.tags_refused = stays, trespassers
    planted.reads.sort(key=lambda read: read[0])
    return planted


def _visit(planted: Planted, chance: random.Random, tag: str, day: int) -> None:
    at = FIRST_DAY + timedelta(days=day, hours=7, seconds=chance.randrange(6 * 3600))
    gates = [f"entrance{chance.randrange(5)}", *chance.choices(_OPEN_GATES, k=5), f"entrance{chance.randrange(5)}"]
    kind = chance.choice("123456")
    for gate in gates:
        planted.reads.append((at, tag, kind, gate))
        at += timedelta(minutes=chance.randrange(1, 60))


def _trespass(planted: Planted, tag: str, number: int) -> None:
    """By night on a Tuesday, every third on a Thursday."""
    weekday, word = (_THURSDAY, "Thursday") if number % 3 == 2 else (_TUESDAY, "Tuesday")
    at = FIRST_DAY + timedelta(days=weekday + 7 * (number % 2), hours=2, minutes=number)
    for gate in ("entrance3", *_TRESPASS, "entrance3"):
        planted.reads.append((at, tag, "4", gate))
        at += timedelta(minutes=20)
    planted.refused_at.update(_TRESPASS)
    planted.refused_on[word] += len(_TRESPASS)


def _patrol(planted: Planted, day: int) -> None:
    at = FIRST_DAY + timedelta(days=day, hours=6)
    for gate in ("ranger-base", "gate8", "gate5", "gate3", "ranger-stop3", "gate3", "gate5", "gate8", "ranger-base"):
        planted.reads.append((at, f"ranger-{day % 3}", "2P", gate))
        at += timedelta(minutes=25)


def _feast(planted: Planted, feast: int, stays: int) -> None:
    """All come before anybody leaves: most are inside when the last has come."""
    at = FIRST_DAY + timedelta(days=_FEAST_DAY, hours=15)
    for number in range(feast):
        comes, leaves = at + timedelta(seconds=7 * number), at + timedelta(hours=3, seconds=number)
        planted.reads += [(comes, f"guest-{number}", "1", "entrance1"), (leaves, f"guest-{number}", "1", "entrance2")]
    planted.peak = feast + stays
    planted.peak_at = f"{at + timedelta(seconds=7 * (feast - 1)):%Y-%m-%d %H:%M:%S}"


def write(planted: Planted, file: Path) -> None:
    """The reads as CSV."""
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("Timestamp", "car-id", "car-type", "gate-name"))
        writer.writerows((f"{at:%Y-%m-%d %H:%M:%S}", *rest) for at, *rest in planted.reads)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python park_reads.py FILE\n")
        sys.exit(2)
    made = plant(7)
    write(made, Path(sys.argv[1]))
    sys.stdout.write(
        f"reads {len(made.reads)}, refusals {made.refusals} of {made.tags_refused} tags, "
        f"never left {made.never_left}, most inside {made.peak} at {made.peak_at}\n"
    )
