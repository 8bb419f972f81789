"""What `menshen explain` says of a decision that was made again."""

import io

import pytest
from menshen.access.v1 import decision_pb2
from menshen.access.v1.events_pb2 import (
    RERUN_VERDICT_DATA_DELETED,
    RERUN_VERDICT_DIFFERS,
    RERUN_VERDICT_INPUT_MISSING,
    RERUN_VERDICT_REPRODUCED,
    AccessEvent,
    DecisionRerun,
    ExplainEventResponse,
    RerunDifference,
    RuleAccount,
)
from menshen_cli.explained_rules import rerun
from rich.console import Console

LOST = decision_pb2.Reason(
    code="CREDENTIAL_LOST", record=decision_pb2.LocalizedText(zh="凭证已挂失", en="the card was lost")
)
RULES = [RuleAccount(rule="lockdown", passed=True), RuleAccount(rule="credential_state", reasons=[LOST])]


def printed(found: ExplainEventResponse) -> str:
    file = io.StringIO()
    Console(file=file, width=120).print(rerun(found))
    return file.getvalue()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["the card was lost", "the same answer", "Today it would be otherwise: GRANT"]),
        ("zh", ["凭证已挂失", "结果相同", "今日结果将不同：GRANT"]),
    ],
)
def test_every_rule_the_verdict_and_the_answer_of_today_are_told_in_the_language_of_the_reader(
    language: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    today = decision_pb2.OUTCOME_GRANT

    text = printed(
        ExplainEventResponse(verdict=RERUN_VERDICT_REPRODUCED, rules=RULES, today_outcome=today, would_differ=True)
    )

    assert [word for word in (*words, "lockdown", "✓", "credential_state", "✗") if word not in text] == []


def test_what_differs_what_is_missing_and_what_was_deleted_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")
    difference = RerunDifference(part="outcome", recorded="1", again="4")

    differs = printed(ExplainEventResponse(verdict=RERUN_VERDICT_DIFFERS, differences=[difference]))
    missing = printed(ExplainEventResponse(verdict=RERUN_VERDICT_INPUT_MISSING, missing_inputs=["plan", "subject:c:1"]))
    bare = printed(ExplainEventResponse(verdict=RERUN_VERDICT_DATA_DELETED, events=[AccessEvent()]))
    gone = printed(ExplainEventResponse(verdict=RERUN_VERDICT_DATA_DELETED))

    assert "outcome: recorded 1, now 4" in differs
    assert "not kept: the plan, the record of c:1" in missing
    assert "personal data was deleted" in bare
    assert "deleted at the end of its time" in gone
    assert printed(ExplainEventResponse()).strip() == ""


@pytest.mark.parametrize(
    ("language", "centre", "gate", "same", "missing"),
    [
        ("en", "Decided by the centre", "Decided by the gate alone; the lock obeyed this", "same answer", "the plan"),
        ("zh", "中心判定", "门口代理独自判定；门锁依此动作", "结果相同", "方案"),
    ],
)
def test_of_two_decisions_both_are_told_and_the_one_that_the_lock_obeyed_is_named(
    language: str, centre: str, gate: str, same: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    reruns = [
        DecisionRerun(
            kind=decision_pb2.EVENT_KIND_CENTRE, verdict=RERUN_VERDICT_INPUT_MISSING, missing_inputs=["plan"]
        ),
        DecisionRerun(kind=decision_pb2.EVENT_KIND_EDGE, obeyed=True, verdict=RERUN_VERDICT_REPRODUCED, rules=RULES),
    ]

    text = printed(ExplainEventResponse(verdict=RERUN_VERDICT_INPUT_MISSING, missing_inputs=["plan"], reruns=reruns))

    lines = [line.strip() for line in text.splitlines()]
    assert lines.index(centre) < lines.index(gate)
    assert missing in "".join(lines[: lines.index(gate)])
    assert same in "".join(lines[lines.index(gate) :])
    assert text.count(missing) == 1
