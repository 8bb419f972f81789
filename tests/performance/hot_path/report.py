"""Rows of the benchmark: from samples to what is printed and written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one measurement. `under_1ms` is a share, `spent_us` the processor time of one answer by process."""

    p50_us: float
    p99_us: float
    per_second: float
    under_1ms: float
    count: int = 0
    spent_us: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` compares with the floor of the same run; `met` is None where there is no bar.

    `figure` is what was measured where it is no latency; the latencies are zero then.
    """

    name: str
    p50_us: float = 0.0
    p99_us: float = 0.0
    per_second: float = 0.0
    floor: str = ""
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None
    figure: str = ""


def sample(latencies: Sequence[float], per_second: float) -> Sample:
    ordered = sorted(latencies)
    last = len(ordered) - 1
    under = sum(latency < 1000 for latency in ordered) / len(ordered)
    return Sample(ordered[last // 2], ordered[int(last * 0.99)], per_second, under, len(ordered))


def medians(samples: Sequence[Sample]) -> Sample:
    """The median of each figure over the rounds."""
    return Sample(
        median(s.p50_us for s in samples),
        median(s.p99_us for s in samples),
        median(s.per_second for s in samples),
        median(s.under_1ms for s in samples),
        samples[0].count,
        {name: median(s.spent_us[name] for s in samples) for name in samples[0].spent_us},
    )


def rows_of(rounds: Sequence[dict[str, Sample]]) -> list[Row]:
    """The table. Ratios are medians of the ratios of each round, because rounds are interleaved."""
    middle = {name: medians([each[name] for each in rounds]) for name in rounds[0]}

    def ratio(top: str, *floors: str, figure: str = "p50_us") -> float:
        return median(getattr(each[top], figure) / sum(getattr(each[f], figure) for f in floors) for each in rounds)

    def row(name: str, floor: str = "", value: float | None = None, bar: str = "", met: bool | None = None) -> Row:
        found = middle[name]
        return Row(name, found.p50_us, found.p99_us, found.per_second, floor, value, bar, met)

    p50 = ratio("decision stream 500/s", "echo stream 500/s", "redis GET 500/s")
    p99 = ratio("decision stream 500/s", "echo stream 500/s", "redis GET 500/s", figure="p99_us")
    rate = ratio("decision stream flat out", "echo stream flat out", figure="per_second")
    share = median(each["decision stream 500/s"].under_1ms - each["echo stream 500/s"].under_1ms for each in rounds)
    floor = "echo stream + redis GET"
    return [
        row("echo unary 200/s"),
        row("echo stream 500/s"),
        row("redis GET 500/s"),
        row("echo stream flat out"),
        row("decision unary 200/s", "echo unary", ratio("decision unary 200/s", "echo unary 200/s")),
        row("decision stream 500/s", floor, p50, "p50 <= 1.2", p50 <= 1.2),
        row("decision stream 500/s", floor, p99, "p99 <= 1.3", p99 <= 1.3),
        row("decision stream 500/s", "echo stream", share, "share under 1 ms >= echo - 0.02", share >= -0.02),
        row("decision stream flat out", "echo stream flat out", rate, "rate >= 0.6", rate >= 0.6),
        *(spent for name, found in middle.items() for spent in _spent_rows(name, found)),
    ]


def _spent_rows(name: str, found: Sample) -> list[Row]:
    """Processor time of one answer, by process and together."""
    if not found.spent_us:
        return []
    spent = {**found.spent_us, "together": sum(found.spent_us.values())}
    return [Row(f"{name}: {process}", figure=f"{us:.0f} us of processor") for process, us in spent.items()]


def edge_row(rounds: Sequence[Sample], subjects: int) -> Row:
    """The edge decision in process; its bar is a time, because nothing is between the question and the answer."""
    found = medians(rounds)
    name = f"edge, {subjects:,} subjects"
    return Row(name, found.p50_us, found.p99_us, found.per_second, bar="p99 <= 100 us", met=found.p99_us <= 100)


def print_rows(rows: Sequence[Row]) -> None:
    print(f"{'name':40} {'p50 us':>9} {'p99 us':>9} {'per s':>8}  {'ratio':>6}  bar")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        verdict = "" if row.met is None else ("met" if row.met else "NOT MET")
        latencies = f"{row.p50_us:9.0f} {row.p99_us:9.0f} {row.per_second:8.0f}"
        print(f"{row.name:40} {row.figure or latencies:>28}  {ratio:>6}  {row.bar} {verdict}")


def write_rows(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
