"""`menshen events` and the questions of foresight: what they refuse before asking, and how rows are told."""

import csv
from pathlib import Path

import pytest
from menshen.access.v1 import decision_pb2, events_pb2, foresight_pb2
from menshen_cli.__main__ import main
from menshen_cli.events import rows_of
from menshen_cli.foreseen import rights_text
from menshen_cli.local.language import LocalError
from menshen_cli.shown_rows import SHOWN, showing


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--outcome", "REFUSED"], "GRANT_WITH_REMINDER"),
        (["--kind", "UNSPECIFIED"], "CENTRE"),
        (["--from", "tomorrow"], "tomorrow"),
    ],
)
def test_what_cannot_be_asked_is_named(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["events", "north", "--purpose", "p", *arguments]) == 1
    assert named in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["events", "north"], ["where-can-pass", "north", "c:1"], ["access-review", "north"]]
)
def test_a_file_that_is_there_is_left_alone_before_anybody_is_asked(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "there.csv"
    file.write_text("mine")

    assert main([*arguments, "--purpose", "p", "--csv", str(file), "--folder", str(tmp_path / "none")]) == 1

    assert "there.csv" in capsys.readouterr().err
    assert file.read_text() == "mine"


def stop_halfway(file: Path) -> None:
    with showing(["a"], file) as shown:
        shown.take([("1",)])
        raise LocalError("no more", "没有了")


def test_rows_that_stop_coming_leave_no_file(tmp_path: Path) -> None:
    with pytest.raises(LocalError):
        stop_halfway(tmp_path / "new.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_file_gets_rows_as_they_come_and_the_screen_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (tmp_path / "new.csv", None):
        with showing(["a"], file) as shown:
            for number in range(SHOWN + 5):
                shown.take([(f"row {number}",)])
        shown.tell("title")

    with (tmp_path / "new.csv").open(encoding="utf-8-sig", newline="") as written:
        assert [row[0] for row in csv.reader(written)] == ["a", *(f"row {number}" for number in range(SHOWN + 5))]
    printed = capsys.readouterr().out
    assert f"row {SHOWN - 1}" in printed
    assert f"row {SHOWN}" not in printed


def test_an_event_is_a_row_of_codes() -> None:
    refused = events_pb2.AccessEvent(
        access_point="n-in",
        kind=decision_pb2.EVENT_KIND_CENTRE,
        outcome=decision_pb2.OUTCOME_DENY,
        reasons=[decision_pb2.Reason(code="CREDENTIAL_LOST")],
        subject_ids=["c:1", "v:2"],
        sequence=7,
        event_id="e",
    )

    (row,) = rows_of([refused])

    assert row[1:] == ("n-in", "CENTRE", "DENY", "CREDENTIAL_LOST", "c:1 v:2", "", "7", "e")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_right_has_words(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    kinds = [number for number in foresight_pb2.RightKind.values() if number]

    told = [rights_text([foresight_pb2.Right(kind=kind, access_level="day", group="staff")]) for kind in kinds]

    assert len({*told, "?", ""}) == len(kinds) + 2
    assert all("day" in text for text in told[:2])
