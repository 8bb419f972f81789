"""`menshen shadow`: what it prints of shadows, and what it refuses before anything is asked."""

from pathlib import Path

import pytest
from menshen.access.v1 import decision_pb2
from menshen.access.v1 import shadow_pb2 as pb
from menshen_cli.__main__ import main
from menshen_cli.shadow import count_table, deeds_of, difference_rows, shadow_table
from rich.console import Console, RenderableType

AT_MS = 1_772_380_800_000
GRANT, DENY = decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_DENY


def printed(table: RenderableType) -> str:
    console = Console(width=240)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_state_has_words(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    states = [number for number in pb.ShadowState.values() if number]

    shown = [printed(shadow_table([pb.Shadow(state=state)])) for state in states]  # type: ignore[arg-type]

    assert len(set(shown)) == len(states)
    assert all("?" not in text for text in shown)


def test_a_shadow_shows_how_far_it_is_and_what_it_counted() -> None:
    shadow = pb.Shadow(
        shadow_id="s-1",
        policy_id="[red]p-1",
        state=pb.SHADOW_STATE_RUNNING,
        started_at_ms=AT_MS,
        ends_at_ms=AT_MS,
        through_sequence=4711,
        lag=12,
        decided=4000,
        differing=77,
        unjudged=5,
    )

    shown = printed(shadow_table([shadow]))

    assert all(text in shown for text in ("s-1", "[red]p-1", "4711", "12", "4000", "77", "5"))


def test_an_id_is_shown_whole_on_a_narrow_terminal() -> None:
    shadow_id = "01a2124a-d66b-76a1-b9be-3b18f1dc21f1"
    console = Console(width=100)

    with console.capture() as captured:
        console.print(shadow_table([pb.Shadow(shadow_id=shadow_id, policy_id=shadow_id)]))

    assert shadow_id in captured.get()


def test_who_started_and_stopped_it_is_told_with_the_reasons() -> None:
    running = pb.Shadow(started_by="operator/li", reason="a week beside it")
    stopped = pb.Shadow(started_by="operator/li", reason="x", ended_by="operator/wang", end_reason="seen enough")

    assert "operator/li" in deeds_of(running)
    assert "a week beside it" in deeds_of(running)
    assert "operator/wang" in deeds_of(stopped)
    assert "seen enough" in deeds_of(stopped)
    assert len(deeds_of(running).splitlines()) == 1


def test_a_decision_that_could_not_be_made_again_has_no_outcome_under_the_policy() -> None:
    shown = printed(count_table([pb.ShadowCount(access_point="n-in", outcome=GRANT, decided=9)]))

    assert all(text in shown for text in ("n-in", "GRANT", "—", "9"))


def test_a_difference_shows_both_answers_and_whom_it_was_about() -> None:
    difference = pb.ShadowDifference(
        event_id="e-1",
        access_point="n-in",
        at_ms=AT_MS,
        outcome=GRANT,
        outcome_under=DENY,
        reason_code_under="ACCESS_POINT_HOURS",
        subject_ids=["c:1", "v:2"],
    )

    ((event_id, _, point, subjects, *answers),) = difference_rows([difference])

    assert (event_id, point, subjects) == ("e-1", "n-in", "c:1 v:2")
    assert answers == ["GRANT", "", "DENY", "ACCESS_POINT_HOURS"]


def test_a_file_that_is_there_is_not_written_over_and_nothing_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "differences.csv"
    file.write_text("kept", encoding="utf-8")

    status = main(["shadow", "differences", "north", "s-1", "--csv", str(file), "--folder", str(tmp_path)])

    assert (status, file.read_text(encoding="utf-8")) == (1, "kept")
    assert "differences.csv" in capsys.readouterr().err
