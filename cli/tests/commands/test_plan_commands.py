"""`menshen plan`: what it prints and what it refuses before it asks anybody."""

from pathlib import Path

import pytest
from menshen.access.v1 import administration_pb2, guarded_change_pb2
from menshen_cli.__main__ import main
from menshen_cli.losses import loss_text
from menshen_cli.policy_life import transition_table
from rich.console import Console

LOSS = guarded_change_pb2.Loss(
    computed=True,
    people=guarded_change_pb2.LossCount(passing=100, losing=30),
    vehicles=guarded_change_pb2.LossCount(passing=7),
    points=[guarded_change_pb2.PointLoss(access_point="n-in", losing=30)],
)


@pytest.mark.parametrize(
    ("language", "parts"), [("en", ("30 of 100 people", "0 of 7 vehicles")), ("zh", ("30/100 人", "0/7 辆车"))]
)
def test_a_loss_is_told_with_its_numbers_and_points(
    language: str, parts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)

    told = loss_text(LOSS)

    assert [part for part in (*parts, "n-in (30)") if part not in told] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "cannot be counted beforehand: whom the limit of hall (10) will refuse"),
        ("zh", "无法预先核算：hall 的人数上限（10）将拒绝谁"),
    ],
)
def test_what_no_count_sees_is_told_beside_the_numbers(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    unseen = guarded_change_pb2.Unseen(rule="occupancy", place="hall", value="10")

    told = loss_text(guarded_change_pb2.Loss(computed=True, unseen=[unseen]))

    assert told.splitlines()[1:] == [said]


@pytest.mark.parametrize("rule", ["parking", "anti_passback", "interlock", "first_person", "company", "drivers"])
def test_every_rule_that_no_count_sees_has_words(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "zh")
    unseen = guarded_change_pb2.Unseen(rule=rule, place="n-in", value="x")

    assert rule not in loss_text(guarded_change_pb2.Loss(computed=True, unseen=[unseen]))


def test_a_loss_that_could_not_be_computed_says_so() -> None:
    assert "100" not in loss_text(guarded_change_pb2.Loss())


def test_a_second_approval_is_shown_with_what_was_approved() -> None:
    act = administration_pb2.POLICY_ACT_SECOND_APPROVE
    done = administration_pb2.PolicyTransition(number=5, act=act, who="operator/zhou", reason="seen", loss=LOSS)
    console = Console(width=200)

    with console.capture() as captured:
        console.print(transition_table([done]))

    assert [
        part for part in ("SECOND_APPROVE", "operator/zhou", "seen", "n-in (30)") if part not in captured.get()
    ] == []


@pytest.mark.parametrize("action", ["put", "approve"])
def test_a_plan_that_cannot_be_read_is_refused_by_name(
    action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["plan", action, "north", str(tmp_path / "none.yaml"), "--reason", "works", "--as", "li"])

    assert (status, "none.yaml" in capsys.readouterr().err) == (1, True)
