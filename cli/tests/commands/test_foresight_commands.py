"""Rows of foresight on the screen and in files, and what is refused before anything is asked."""

import csv
from pathlib import Path

import pytest
from menshen.access.v1 import foresight_pb2
from menshen_cli.__main__ import main
from menshen_cli.foreseen import tell
from menshen_cli.shown_rows import SHOWN
from menshen_cli.what_if import summary


def test_a_file_gets_every_row_and_the_screen_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f"c:{number}", "n-in") for number in range(SHOWN + 5)]

    tell("title", ("subject", "access point"), rows, tmp_path / "rows.csv")
    tell("title", ("subject", "access point"), rows, None)

    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as written:
        assert [tuple(row) for row in csv.reader(written)] == [("subject", "access point"), *rows]
    assert " 5 " in capsys.readouterr().out


def test_a_cell_calculates_nothing_and_a_file_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    tell("title", ("subject",), [("=1+1",)], file)
    before = file.read_bytes()

    status = main(["forecast", "north", "--csv", str(file), "--folder", str(tmp_path)])

    assert (status, file.read_bytes()) == (1, before)
    assert "'=1+1" in before.decode("utf-8-sig")
    assert "rows.csv" in capsys.readouterr().err


def test_the_totals_are_told_in_a_sentence() -> None:
    told = summary(foresight_pb2.ChangeTotals(subjects=60, gaining=3, losing=41, gained=7, lost=99))

    assert all(number in told for number in ("60", "3", "41", "7", "99"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["what-if", "north", "no-such-file.yaml"], "no-such-file.yaml"),
        (["who-can-pass", "north", "n-in", "--at", "tomorrow"], "tomorrow"),
    ],
)
def test_what_cannot_be_asked_is_named(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert named in capsys.readouterr().err
