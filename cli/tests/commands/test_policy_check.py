"""`menshen policy check`: file, line, severity, code and sentence; and what the exit status says."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PLAN = """\
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
access_levels: [{id: all, entries: [{access_point: in}]}]
group_assignments: [{level: all, group: staff}]
"""
POLICY = "language: 1\nversion: 1\nsite: hill\nfrom: 2100-01-01T00:00:00+08:00\n"
REQUIREMENT = "requirements:\n  - id: proof\n    test:\n      fact: work_proof\n      source: hr\n"

Write = Callable[[str, str], str]


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "menshen_cli", "policy", "check", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return written


def test_a_sound_policy_passes(write: Write) -> None:
    shown = check(write("p.yaml", POLICY), "--plan", write("plan.yaml", PLAN), "--lang", "en")

    assert (shown.returncode, shown.stdout) == (0, "errors: 0, warnings: 0\n"), shown.stderr


def test_a_fault_has_its_file_and_line(write: Write) -> None:
    policy = write("p.yaml", POLICY + "leave:\n  mode: SOMETIMES\n")

    shown = check(policy, "--lang", "en")

    assert shown.returncode == 1
    assert shown.stdout.startswith(
        f"{policy}:6: ERROR DOCUMENT_INVALID: leave.mode: expected one of OFF, NORMAL, CLOSED\n"
    )


def test_an_access_point_the_plan_does_not_know_is_a_fault_of_the_policy(write: Write) -> None:
    policy = write("p.yaml", POLICY + "closures:\n  - access_point: moon\n")

    shown = check(policy, "--plan", write("plan.yaml", PLAN), "--lang", "en")

    assert shown.returncode == 1
    assert f"{policy}:6: ERROR DOCUMENT_INVALID: closures[0].access_point: expected" in shown.stdout


def test_warnings_alone_leave_the_status_at_zero(write: Write) -> None:
    policy = write("p.yaml", POLICY + "closures:\n  - access_point: in\n")

    shown = check(policy, "--plan", write("plan.yaml", PLAN), "--lang", "zh")

    assert shown.returncode == 0
    assert f"{policy}:1: 警告 POINT_ALWAYS_CLOSED: 本策略有效期间通行点 in 一直关闭" in shown.stdout
    assert shown.stdout.endswith("错误 0 处，警告 2 处\n")


def test_an_area_nobody_can_leave_is_shown_in_the_plan(write: Write) -> None:
    plan = write("plan.yaml", PLAN.replace("EXIT, access_point_class: PEDESTRIAN", "EXIT, access_point_class: MOTOR"))

    shown = check(write("p.yaml", POLICY), "--plan", plan, "--lang", "en")

    assert shown.returncode == 1
    assert f"{plan}:1: ERROR AREA_NO_WAY_OUT: people enter area campus by in" in shown.stdout


def test_facts_are_judged_by_the_file_that_states_them(write: Write) -> None:
    policy = write("p.yaml", POLICY + REQUIREMENT)
    supplied = write("facts.yaml", "sources: {hr: [work_proof]}\nmeasured: [temperature_c]\n")
    missing = write("none.yaml", "measured: [temperature_c]\n")

    assert check(policy, "--facts", supplied).returncode == 0
    shown = check(policy, "--facts", missing, "--lang", "en")
    assert shown.returncode == 1
    assert f"{policy}:8: ERROR FACT_NOT_SUPPLIED: no source supplies the fact work_proof" in shown.stdout
    assert f"{policy}:9: ERROR SOURCE_UNKNOWN: there is no source hr" in shown.stdout


def test_several_files_are_one_dated_sequence(write: Write) -> None:
    first = write("1.yaml", POLICY + "to: 2101-01-01T00:00:00+08:00\n")
    later = write("2.yaml", POLICY.replace("2100", "2102").replace("version: 1", "version: 2"))

    shown = check(first, later, "--plan", write("plan.yaml", PLAN), "--lang", "en")

    assert shown.returncode == 1
    assert f"{first}:5: ERROR POLICY_GAP: from 2101-01-01 00:00 to 2102-01-01 00:00 no policy" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("none.yaml",), "none.yaml"),
        (("p.yaml", "--facts", "p.yaml"), "sources"),
        (("p.yaml", "q.yaml"), "several sites"),
        (("p.yaml", "--plan", "p.yaml", "--site", "hill"), "exclude"),
        (("p.yaml", "--site", "hill", "--folder", "."), ""),
        (("p.yaml", "--lang", "fr"), "fr"),
        ((), ""),
    ],
)
def test_unusable_arguments_end_with_two(write: Write, tmp_path: Path, arguments: tuple[str, ...], word: str) -> None:
    write("p.yaml", POLICY)
    write("q.yaml", POLICY.replace("hill", "dale"))
    english = () if "--lang" in arguments else ("--lang", "en")

    shown = check(*(str(tmp_path / one) if one.endswith((".yaml", ".")) else one for one in arguments), *english)

    assert shown.returncode == 2, shown.stdout
    assert word in shown.stderr
    assert "Traceback" not in shown.stderr
