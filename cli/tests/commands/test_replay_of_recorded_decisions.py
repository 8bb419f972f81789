"""`menshen replay --recorded`: what came out otherwise goes to the file as it arrives, and the totals to the screen."""

import asyncio
import csv
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1 import replay_pb2 as pb
from menshen_cli.__main__ import main
from menshen_cli.local.language import LocalError
from menshen_cli.replay_recorded import COLUMNS, Telling, received, screens
from menshen_cli.written_files import new_csv
from rich.console import Console

GRANT, DENY = decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_DENY
THEN, AGAIN = pb.ReplayAnswer(outcome=GRANT), pb.ReplayAnswer(outcome=DENY, reason_code="ACCESS_POINT_CLOSED")
DIFFERENCE = pb.ReplayDifference(
    sequence=7,
    event_id="e7",
    kind=decision_pb2.EVENT_KIND_CENTRE,
    at_ms=1_772_409_600_000,
    access_point="n-in",
    subject_ids=["c:1", "c:2"],
    then=THEN,
    again=AGAIN,
    parts=["outcome", "reasons"],
)
TOTALS = pb.ReplayTotals(
    decisions=12,
    replayed=10,
    differing=1,
    points=[
        pb.ReplayedAtPoint(access_point="n-in", then=GRANT, again=GRANT, count=9),
        pb.ReplayedAtPoint(access_point="n-in", then=GRANT, again=DENY, count=1),
    ],
    answers=[pb.ReplayedAnswer(then=THEN, again=AGAIN, count=1), pb.ReplayedAnswer(then=THEN, again=THEN, count=9)],
    not_replayed=[
        pb.NotReplayed(
            kind=decision_pb2.EVENT_KIND_EDGE,
            verdict=events_pb2.RERUN_VERDICT_INPUT_MISSING,
            missing=["live_values"],
            count=2,
        )
    ],
)


async def answers(*messages: pb.ReplayHistoryResponse) -> AsyncIterator[pb.ReplayHistoryResponse]:
    for message in messages:
        yield message


def receive(file: Path, messages: Iterable[pb.ReplayHistoryResponse]) -> tuple[pb.ReplayTotals, list[int]]:
    seen: list[int] = []
    with new_csv(file, COLUMNS) as write:
        telling = Telling(write, seen.append, lambda: None)
        return asyncio.run(received(lambda from_ms, to_ms: answers(*messages), (1, 2), telling)), seen


def message(decisions: int, *differences: pb.ReplayDifference) -> pb.ReplayHistoryResponse:
    return pb.ReplayHistoryResponse(progress=pb.ReplayProgress(decisions=decisions), differences=differences)


def test_every_difference_is_in_the_file_and_the_screen_says_what_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")
    file = tmp_path / "changed.csv"

    totals, seen = receive(file, [message(10), message(12, DIFFERENCE), pb.ReplayHistoryResponse(totals=TOTALS)])

    with file.open(encoding="utf-8-sig", newline="") as text:
        row = next(csv.DictReader(text))
    assert (row["sequence"], row["subjects"], row["outcome_again"]) == ("7", "c:1;c:2", "DENY")
    assert (row["reason"], row["reason_again"], row["parts"]) == ("", "ACCESS_POINT_CLOSED", "outcome;reasons")
    assert seen[:2] == [10, 12]
    console = Console(width=100)
    with console.capture() as shown:
        console.print(screens(totals))
    lines = [line.replace(" ", "").strip("│") for line in shown.get().splitlines()]
    assert lines[0] == "10of12decisionsmadeagain;1differ,2couldnotbe"
    assert {"GRANT│GRANT│9", "GRANT│DENY│1", "n-in│GRANT│DENY│1", "GRANT│DENYACCESS_POINT_CLOSED│1"} <= set(lines)
    assert "EDGE│INPUT_MISSING│live_values│2" in lines


def test_a_replay_without_totals_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(LocalError):
        receive(tmp_path / "changed.csv", [message(12, DIFFERENCE)])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--recorded", "north"], "--purpose"),
        (["--recorded", "north", "--purpose", "p", "--from", "tomorrow"], "tomorrow"),
        (["--recorded", "north", "--purpose", "p", "--policy", "none.yaml"], "none.yaml"),
        (["--recorded", "north", "--purpose", "p", "--differences", "no/d.csv"], "no folder"),
        (["reads.csv", "--recorded", "north", "--purpose", "p"], "FILE"),
        (["--recorded", "north", "--purpose", "p", "--plan", "plan.yaml"], "--plan"),
        (["reads.csv", "--policy", "p.yaml"], "--plan"),
        (["reads.csv", "--site", "north"], "--purpose"),
        (["reads.csv", "--site", "north", "--purpose", "p", "--plan", "p.yaml"], "--plan"),
        (["reads.csv", "--site", "north", "--purpose", "p", "--differences", "d.csv"], "--policy"),
        (["reads.csv", "--plan", "p.yaml", "--policy", "p.yaml", "--from", "2026-03-02"], "--from"),
    ],
)
def test_what_cannot_be_asked_is_said(
    arguments: list[str],
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")

    assert main(["replay", *arguments]) == 1
    assert word in capsys.readouterr().err
