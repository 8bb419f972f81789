"""`menshen credential`: what it prints and what it refuses before it asks anybody."""

import subprocess
import sys
from pathlib import Path

from menshen.identity.v1 import identity_pb2 as pb
from menshen_cli.credential import credential_table
from rich.console import Console

COMMANDS = (
    "show", "issue", "replace", "loan", "code", "lost", "stolen", "suspend", "activate", "return", "destroy",
)  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "menshen_cli", "credential", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_group_names_its_commands() -> None:
    shown = run("--help")

    assert shown.returncode == 0, shown.stderr
    assert [name for name in COMMANDS if name not in shown.stdout] == []


def test_an_operator_without_a_valid_name_is_refused(tmp_path: Path) -> None:
    nameless = run("lost", "north", "0A01", "--reason", "by telephone", "--as", "li/wang", "--folder", str(tmp_path))

    assert nameless.returncode == 1
    assert "li/wang" in nameless.stderr


def test_a_credential_is_shown_with_what_it_is_to_others_and_a_code_as_it_is() -> None:
    code = pb.Identifier(type=pb.IDENTIFIER_TYPE_QR, value="[red]CODE[/red]")
    listed = [
        pb.Credential(credential_id="k-2", state=pb.CREDENTIAL_STATE_ACTIVE, replaces="k-1", pin_required=True),
        pb.Credential(credential_id="k-3", stands_in_for="k-2", valid_to_ms=1_772_380_800_000),
        pb.Credential(credential_id="k-4", identifiers=[code], single_use=True),
    ]
    console = Console(width=200)

    with console.capture() as captured:
        console.print(credential_table(listed))

    shown = captured.get()
    wanted = ("ACTIVE", "k-1", "k-2", "k-3", "[red]CODE[/red]", "2026-03-0")
    assert [part for part in wanted if part not in shown] == []
