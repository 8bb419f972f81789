"""`menshen door`: what it prints and what it refuses before it asks anybody."""

import subprocess
import sys
from pathlib import Path

import pytest
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen_cli.administering import identity
from menshen_cli.door import end_ms, order_table, outcome_text
from menshen_cli.local.language import LocalError
from rich.console import Console

COMMANDS = ("pulse", "hold-open", "secure", "restore", "orders")
PULSE, HOLD_OPEN, RESTORE = pb.OPERATOR_COMMAND_PULSE, pb.OPERATOR_COMMAND_HOLD_OPEN, pb.OPERATOR_COMMAND_RESTORE
AWAY, SILENT = pb.NOT_ACTED_CAUSE_AGENT_AWAY, pb.NOT_ACTED_CAUSE_NO_CONFIRMATION


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "menshen_cli", "door", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_group_names_its_commands() -> None:
    shown = run("--help")

    assert shown.returncode == 0, shown.stderr
    assert [name for name in COMMANDS if name not in shown.stdout] == []


def test_a_command_without_a_suite_says_so(tmp_path: Path) -> None:
    alone = run("pulse", "north", "n-in", "--reason", "a courier", "--as", "li", "--folder", str(tmp_path))

    assert alone.returncode == 1
    assert alone.stderr.startswith("menshen door: ")
    assert "Traceback" not in alone.stderr


def test_an_order_ends_at_an_instant_or_after_so_many_minutes() -> None:
    assert end_ms("2026-03-02T00:00:00+08:00", 0, 5) == 1_772_380_800_000
    assert end_ms("", 30, 5) == 1_800_005


@pytest.mark.parametrize(("until", "minutes"), [("", 0), ("2026-03-02T00:00:00+08:00", 5), ("", -5)])
def test_an_order_without_one_end_is_refused_in_both_languages(until: str, minutes: int) -> None:
    with pytest.raises(LocalError) as refused:
        end_ms(until, minutes, 5)

    assert "--minutes" in refused.value.en
    assert "--minutes" in refused.value.zh


def test_a_guard_speaks_for_a_post_and_an_operator_for_all_sites() -> None:
    assert identity("north", "guard/n1") == "spiffe://menshen/site/north/guard/n1"
    assert identity("north", "li") == "spiffe://menshen/operator/li"
    with pytest.raises(LocalError):
        identity("north", "li/wang")


@pytest.mark.parametrize(
    ("command", "answer", "en", "zh"),
    [
        (PULSE, {"acted": True, "acted_after_ms": 70}, "done after 70 ms", "70 毫秒"),
        (PULSE, {"not_acted": AWAY}, "not connected: do not count on an opening", "未连接：不能确定门已打开"),
        (PULSE, {"not_acted": SILENT}, "did not confirm in time", "未及时确认"),
        (PULSE, {"not_acted": pb.NOT_ACTED_CAUSE_REFUSED}, "interlock", "互锁"),
        (HOLD_OPEN, {"not_acted": AWAY}, "in force all the same", "仍然有效"),
        (HOLD_OPEN, {"not_acted": pb.NOT_ACTED_CAUSE_OVERRULED}, "a lockdown", "封控"),
        (RESTORE, {"not_acted": SILENT}, "ended all the same", "仍已结束"),
    ],
)
def test_what_came_of_a_command_is_a_sentence(command: int, answer: dict[str, int], en: str, zh: str) -> None:
    told = outcome_text(command, pb.OperateAccessPointResponse(**answer))

    assert en in told[0]
    assert zh in told[1]


def test_an_order_is_shown_with_its_door_and_why() -> None:
    order = pb.Order(
        order_id="o-1",
        access_point="n-in",
        kind=decision_pb2.ORDER_KIND_SECURE,
        origin="operator/li",
        reason="[a] search",
        until_ms=1_772_380_800_000,
        doors=[pb.DoorReport(door="n-door", state=pb.SECURED_STATE_NOT_SECURED)],
    )
    console = Console(width=200)

    with console.capture() as captured:
        console.print(order_table([order]))

    words = ("n-in", "n-door: ", "operator/li", "[a] search", "o-1")
    assert [word for word in words if word not in captured.get()] == []
