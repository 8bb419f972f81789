"""`menshen policy`: what it prints and what it refuses before it asks anybody."""

import subprocess
import sys
from pathlib import Path

import pytest
from grpc.aio import AioRpcError, Metadata
from menshen.access.v1 import administration_pb2 as pb
from menshen_cli.local.language import LocalError
from menshen_cli.policy_life import instant_ms, policy_table, transition_table
from menshen_cli.refusals import refusal_of, refusal_text
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, status_of
from rich.console import Console, RenderableType

COMMANDS = ("draft", "check-draft", "approve", "reject", "schedule", "withdraw", "list", "show")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "menshen_cli", "policy", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def printed(table: RenderableType) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_the_group_names_its_commands() -> None:
    shown = run("--help")

    assert shown.returncode == 0, shown.stderr
    assert [name for name in COMMANDS if name not in shown.stdout] == []


def test_a_draft_without_a_file_or_a_suite_says_so(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("language: 1\n")
    options = ("--reason", "notice 7", "--as", "li", "--folder", str(tmp_path))

    missing = run("draft", "north", str(tmp_path / "none.yaml"), *options)
    alone = run("draft", "north", str(tmp_path / "rules.yaml"), *options)

    assert (missing.returncode, "none.yaml" in missing.stderr) == (1, True)
    assert alone.returncode == 1
    assert "Traceback" not in alone.stderr


def test_an_operator_without_a_valid_name_is_refused(tmp_path: Path) -> None:
    refused = run("show", "north", "p-1", "--as", "li/wang", "--folder", str(tmp_path))

    assert refused.returncode == 1
    assert "li/wang" in refused.stderr


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [("", 0), ("2026-03-02T00:00:00+08:00", 1_772_380_800_000), ("2026-03-01T16:00:00Z", 1_772_380_800_000)],
)
def test_an_instant_names_its_offset(text: str, at_ms: int) -> None:
    assert instant_ms(text) == at_ms


@pytest.mark.parametrize("text", ["2026-03-02T00:00:00", "monday", "48h"])
def test_a_text_that_is_no_instant_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(LocalError) as refused:
        instant_ms(text)

    assert text in refused.value.en
    assert text in refused.value.zh


def test_a_policy_is_shown_with_its_state_and_campus_time() -> None:
    policy = pb.Policy(
        policy_id="p-1",
        version=7,
        state=pb.POLICY_STATE_ACTIVE,
        in_force=True,
        from_ms=1_772_380_800_000,
        title="校门管理",
    )

    row = printed(policy_table([policy]))

    assert [part for part in ("p-1", "7", "ACTIVE", "2026-03-02 00:00:00+08:00", "校门管理") if part not in row] == []


def test_what_was_done_is_shown_with_who_and_why() -> None:
    done = pb.PolicyTransition(
        number=3, act=pb.POLICY_ACT_APPROVE, who="operator/wang", at_ms=1_772_380_800_000, reason="agreed"
    )

    row = printed(transition_table([done]))

    assert [part for part in ("3", "APPROVE", "operator/wang", "agreed") if part not in row] == []


def test_a_refusal_names_its_fields_in_both_languages() -> None:
    error = DomainError(
        Trouble.INVALID, "POLICY_TOO_SOON", "须提前", "too soon", [FieldTrouble("from_ms", "之后", "later")]
    )

    assert refusal_text(error) == ("too soon\n  from_ms: later", "须提前\n  from_ms：之后")


def test_every_command_names_each_fault_on_a_line_of_its_own_and_how_many_more_there_are() -> None:
    faults = [FieldTrouble(f"areas[{place}]", f"第 {place} 处", f"fault {place}") for place in range(25)]
    status = status_of(DomainError(Trouble.INVALID, "DOCUMENT_INVALID", "有误", "faulty", faults))

    refusal = refusal_of("access", AioRpcError(status.code, Metadata(), Metadata(*status.trailing_metadata)))

    assert refusal.en.splitlines() == [
        "access: faulty",
        *(f"  areas[{place}]: fault {place}" for place in range(20)),
        "  and 5 more",
    ]
    assert refusal.zh.splitlines()[-1] == "  另有 5 处"
