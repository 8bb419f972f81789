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
