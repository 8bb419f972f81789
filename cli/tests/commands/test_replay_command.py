"""`menshen replay`: planted answers are found exactly, faulty rows all named, two policies compared row by row."""

import csv
import gzip
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from menshen_cli.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
PARK = ROOT / "examples" / "replay"
REFERENCE = ROOT.parent / "shared" / "data" / "lekagul-sensor-data.csv.gz"
PLAN, POLICY, STRICTER = (str(PARK / name) for name in ("plan.yaml", "policy.yaml", "stricter.yaml"))
PARK_COLUMNS = "time=Timestamp,credential=car-id,access_point=gate-name,category=car-type"
OF_THE_PARK = ("--columns", PARK_COLUMNS, "--kind", "vehicle", "--both-ways")
LEAST_PACE = 20_000
"""Decisions a second of one core."""
UNDER = ("--plan", PLAN, "--policy", POLICY)

Replayed = Callable[..., tuple[int, list[tuple[str, ...]], str]]


def park_reads() -> Any:
    """The generator of the example."""
    spec = importlib.util.spec_from_file_location("park_reads", PARK / "park_reads.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["park_reads"] = module
    spec.loader.exec_module(module)
    return module


GENERATOR = park_reads()


@pytest.fixture
def replayed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Replayed:
    """Run the command: its status, the cells of every line printed, and what went to standard error."""
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")

    def run(*arguments: str) -> tuple[int, list[tuple[str, ...]], str]:
        try:
            status = main(["replay", *arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        shown = capsys.readouterr()
        return (
            status,
            [tuple(c.strip() for c in line.strip("│").split("│")) for line in shown.out.splitlines()],
            shown.err,
        )

    return run


def refusals(lines: list[tuple[str, ...]]) -> dict[str, int]:
    """How many were refused, by access point, hour and weekday."""
    return {line[0]: int(line[4]) for line in lines if len(line) == 5 and line[4].isdigit()}


def test_a_replay_finds_what_was_planted(replayed: Replayed, tmp_path: Path) -> None:
    planted = GENERATOR.plant(7)
    GENERATOR.write(planted, tmp_path / "reads.csv")

    status, lines, _ = replayed(str(tmp_path / "reads.csv"), *UNDER, *OF_THE_PARK)

    found = refusals(lines)
    assert status == 0
    assert ("DENY", "RANGERS_ONLY", str(planted.refusals)) in lines
    assert {name: count for name, count in found.items() if name.startswith("gate")} == planted.refused_at
    assert {name: count for name, count in found.items() if name.endswith("day")} == planted.refused_on
    assert (f"credentials refused: {planted.tags_refused}",) in lines
    assert (f"entered and never left: {planted.never_left}",) in lines
    assert (f"most inside: {planted.peak} at {planted.peak_at}",) in lines
    assert lines[-1][0].startswith(f"{len(planted.reads)} rows read in ")
    assert lines[-1][0].endswith(" a second")


def test_the_generator_says_how_it_is_called() -> None:
    command = [sys.executable, str(PARK / "park_reads.py")]

    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (told.returncode, told.stderr) == (2, "usage: python park_reads.py FILE\n")


def test_a_compressed_file_in_any_order_of_its_rows_is_read_alike(replayed: Replayed, tmp_path: Path) -> None:
    planted = GENERATOR.plant(11, visitors=20)
    GENERATOR.write(planted, tmp_path / "reads.csv")
    head, *rows = (tmp_path / "reads.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "reads.csv.gz").write_bytes(gzip.compress(head + b"".join(reversed(rows))))

    plain = replayed(str(tmp_path / "reads.csv"), *UNDER, *OF_THE_PARK)
    compressed = replayed(str(tmp_path / "reads.csv.gz"), *UNDER, *OF_THE_PARK)

    assert plain[0] == compressed[0] == 0
    assert plain[1][:-1] == compressed[1][:-1]


def test_two_policies_are_compared_row_by_row(replayed: Replayed, tmp_path: Path) -> None:
    planted = GENERATOR.plant(7, stays=3)
    GENERATOR.write(planted, tmp_path / "reads.csv")
    file = tmp_path / "changed.csv"

    _, lines, _ = replayed(
        str(tmp_path / "reads.csv"), *UNDER, *OF_THE_PARK, "--against", STRICTER, "--differences", str(file)
    )

    assert ("rows that change: 3",) in lines
    assert ("GRANT → DENY RANGERS_ONLY: 3",) in lines
    with file.open(encoding="utf-8-sig", newline="") as text:
        changed = list(csv.DictReader(text))
    assert [row["credential"] for row in changed] == ["stays-0", "stays-1", "stays-2"]
    assert changed[0]["time"] == "2031-05-05T10:00:00-07:00"
    assert (changed[0]["outcome"], changed[0]["outcome_against"]) == ("GRANT", "DENY")


def test_every_faulty_row_is_named_and_nothing_is_decided(replayed: Replayed, tmp_path: Path) -> None:
    rows = (
        "time,credential,access_point,category\n"
        "2031-05-05T08:00:00+08:00,a,camping0,1\n"
        "yesterday,a,camping0,1\n"
        '1800000000000,"a\n",moon,1\n'
        "20310505120000,a,camping0,1\n"
        "2031-05-05T08:00:00,a,camping0,2\n"
        "2031-05-05T08:00:00,,camping0,2\n"
        "2031-05-05T08:00:00,a\n"
        '2031-05-05T08:00:00,"a"b,camping0,1\n'
    )
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")

    status, lines, told = replayed(str(tmp_path / "rows.csv"), *UNDER)

    assert (status, lines) == (1, [])
    named = [line.removeprefix(f"{tmp_path}/rows.csv:") for line in told.splitlines()]
    assert [line.split(":")[0] for line in named[:-1]] == ["3", "4", "6", "7", "8", "9", "10"]
    assert "a time such as" in named[0]
    assert "an access point of the plan, not 'moon'" in named[1]
    assert "described as on line 2" in named[3]
    assert "4 cells, not 2" in named[5]
    assert named[-1] == "faulty rows: 7"


def test_subjects_come_from_a_file_of_their_own(replayed: Replayed, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "time,credential,access_point,category\n1800000000000,P1,gate0,\n1800000000001,E1,gate0,2P\n1800000000002,X,gate0,2P\n"
    )
    described = "P1,2P,vehicle,plate,CAR,ACTIVE\nE1,1,vehicle,epc,,\n"
    (tmp_path / "subjects.csv").write_text(
        f"credential,category,kind,credential_type,vehicle_class,permit\n{described}"
    )

    status, lines, _ = replayed(str(tmp_path / "rows.csv"), *UNDER, "--subjects", str(tmp_path / "subjects.csv"))

    assert status == 0
    outcomes = {line[:2] for line in lines if line[0] in ("GRANT", "DENY")}
    assert outcomes == {("GRANT", ""), ("DENY", "RANGERS_ONLY"), ("DENY", "CREDENTIAL_UNKNOWN")}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("none.csv", *UNDER), "none.csv"),
        (("rows.csv", *UNDER, "--columns", "when=time"), "--columns"),
        (("rows.csv", *UNDER, "--columns", "time=when"), "when"),
        (("rows.csv", *UNDER, "--differences", "d.csv"), "--against"),
        (("rows.csv", *UNDER, "--against", STRICTER, "--differences", "rows.csv"), "already"),
        (("rows.csv", *UNDER, "--against", STRICTER, "--differences", "no/d.csv"), "no folder"),
        (("rows.csv", "--plan", PLAN, "--policy", PLAN), "plan.yaml"),
        (("rows.csv", *UNDER, "--kind", "ghost"), "--kind"),
    ],
)
def test_what_cannot_be_used_is_said(
    replayed: Replayed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("time,credential,access_point\n")

    status, lines, told = replayed(*arguments)

    assert (status, lines) == (1, [])
    assert word in told


@pytest.mark.full
def test_a_year_of_a_park_gives_the_counted_answers(replayed: Replayed) -> None:
    if not REFERENCE.is_file():
        pytest.skip(f"the reference reads stand beside the project, in {REFERENCE}: they are absent")

    _, lines, _ = replayed(str(REFERENCE), *UNDER, *OF_THE_PARK)

    found = refusals(lines)
    assert ("GRANT", "", "171339") in lines
    assert ("DENY", "RANGERS_ONLY", "138") in lines
    assert {name: count for name, count in found.items() if "gate" in name} == {"gate3": 46, "gate5": 46, "gate6": 46}
    assert {name: count for name, count in found.items() if name.endswith("day")} == {"Tuesday": 90, "Thursday": 48}
    assert {name for name in found if name.isdigit()} == {"02", "03", "04", "05"}
    assert ("credentials refused: 23",) in lines
    assert ("entered and never left: 34",) in lines
    assert ("most inside: 333 at 2015-07-05 16:05:48",) in lines
    assert int(lines[-1][0].split()[-3]) >= LEAST_PACE
