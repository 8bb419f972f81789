"""`menshen lockdown` and `menshen threat`: what they print and what they refuse before they ask anybody."""

import subprocess
import sys
from pathlib import Path

import pytest
from menshen.access.v1 import administration_pb2 as pb
from menshen_cli.__main__ import main
from menshen_cli.administering import identity
from menshen_cli.local.language import LocalError
from menshen_cli.lockdown import hold_table
from menshen_cli.threat import level_table
from rich.console import Console, RenderableType

AT_MS = 1_772_380_800_000


def run(*arguments: str) -> int:
    """The exit status of `menshen` with these arguments, in this process."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


def printed(table: RenderableType) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


@pytest.mark.parametrize(
    ("group", "commands"), [("lockdown", ("raise", "release", "list")), ("threat", ("set", "list"))]
)
def test_a_group_names_its_commands(group: str, commands: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    status = run(group, "--help")

    shown = capsys.readouterr().out
    assert status == 0
    assert [name for name in commands if name not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (
            ("lockdown", "raise", "north", "--reason", "r", "--as", "li", "--area", "a", "--access-point", "p"),
            1,
            "--area",
        ),
        (("lockdown", "raise", "north", "--as", "li"), 2, "--reason"),
        (("lockdown", "release", "north", "--reason", "r", "--as", "li"), 2, "hold_id"),
        (("threat", "set", "north", "6", "--reason", "r", "--as", "li"), 2, "5"),
        (("threat", "set", "north", "3", "--reason", "r"), 2, "--as"),
        (("threat", "list", "north", "--as", "guard/"), 1, "guard/"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    arguments: tuple[str, ...], status: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == status
    assert word in capsys.readouterr().err


def test_a_hold_without_a_suite_is_refused_in_words(tmp_path: Path) -> None:
    arguments = ("lockdown", "raise", "north", "--reason", "r", "--as", "li", "--folder", str(tmp_path))

    refused = subprocess.run(
        [sys.executable, "-m", "menshen_cli", *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert refused.returncode == 1
    assert refused.stderr.startswith("menshen lockdown: ")
    assert "Traceback" not in refused.stderr


def test_an_operator_speaks_for_all_sites_and_a_guard_for_a_post_of_one() -> None:
    assert identity("north", "li") == "spiffe://menshen/operator/li"
    assert identity("north", "guard/n1") == "spiffe://menshen/site/north/guard/n1"
    with pytest.raises(LocalError) as refused:
        identity("north", "li/wang")
    assert "li/wang" in refused.value.en
    assert "li/wang" in refused.value.zh


def test_a_hold_is_shown_with_its_doors_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")
    doors = [
        pb.DoorReport(door="d1", state=pb.SECURED_STATE_SECURED),
        pb.DoorReport(door="d2", state=pb.SECURED_STATE_NOT_SECURED),
        pb.DoorReport(door="d3", state=pb.SECURED_STATE_SILENT),
        pb.DoorReport(door="d4"),
    ]
    whole = pb.Hold(hold_id="h-1", origin="guard/n1", reason="[a] shot", raised_at_ms=AT_MS, doors=doors)
    gate = pb.Hold(hold_id="h-2", origin="operator/li", area="hall", access_point="n-in", reason="drill")

    shown = printed(hold_table([whole, gate]))

    words = ("the whole campus", "d1: secured", "d2: not secured", "d3: silent", "d4: waiting", "guard/n1", "[a] shot")
    assert [word for word in (*words, "h-1", "n-in", "h-2") if word not in shown] == []
    assert "hall" not in shown


def test_a_level_is_shown_with_its_area_and_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "zh")
    levels = [
        pb.ThreatLevel(level=2, origin="operator/li", reason="演练", set_at_ms=AT_MS),
        pb.ThreatLevel(area="hall", level=4, origin="operator/li", reason="可疑人员", set_at_ms=AT_MS),
    ]

    shown = printed(level_table(levels))

    assert [word for word in ("整个校区", "2", "hall", "4", "演练", "可疑人员") if word not in shown] == []
