"""`menshen retention`: what it prints of runs and legal holds."""

import pytest
from menshen.access.v1 import retention_pb2 as pb
from menshen_cli.retention import hold_table, run_table
from menshen_rulebook.types import FOREVER_MS
from rich.console import Console, RenderableType

AT_MS = 1_772_380_800_000


def printed(table: RenderableType) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_a_run_shows_what_was_deleted_and_what_was_kept() -> None:
    run = pb.RetentionRun(
        retention_class=pb.RETENTION_CLASS_IDENTITY, started_at_ms=AT_MS, deleted=4711, kept_by_holds=12, kept_in_use=3
    )

    shown = printed(run_table([run]))

    assert all(text in shown for text in ("IDENTITY", "4711", "12", "3", "—"))


def test_a_hold_without_a_subject_or_an_end_is_shown_and_its_reason_is_no_markup() -> None:
    hold = pb.LegalHold(hold_id="h-1", to_ms=FOREVER_MS, origin="operator/li", reason="[red]court", ended_at_ms=AT_MS)

    shown = printed(hold_table([hold]))

    assert all(text in shown for text in ("h-1", "operator/li", "[red]court", "2026"))


def test_the_first_column_of_holds_is_called_by_its_whole_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for language, word in (("en", "legal hold"), ("zh", "记录保全")):
        monkeypatch.setenv("MENSHEN_LANGUAGE", language)

        assert hold_table([]).headings[0] == word
