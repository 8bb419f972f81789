"""What reasons say."""

import re

import pytest
from menshen_rulebook.reasons import TEXTS, render
from menshen_rulebook.types import Audience, Language, Outcome, Reason, ReasonTexts, Text

NEUTRAL = ("BLACKLISTED", "DURESS", "CREDENTIAL_STOLEN", "TAG_CLONED", "FACT_ABSENT", "FACT_TOO_OLD", "FACT_BANNED")


def _say(code: str, language: Language, audience: Audience, *arguments: tuple[str, str]) -> str:
    return render(Reason(code, "rule", Outcome.DENY, arguments), language, audience)


@pytest.mark.parametrize("code", sorted(TEXTS))
@pytest.mark.parametrize("audience", [Audience.HOLDER, Audience.GUARD, Audience.RECORD])
def test_every_code_speaks_both_languages(code: str, audience: Audience) -> None:
    zh, en = (_say(code, language, audience) for language in (Language.ZH, Language.EN))

    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.search(r"[a-z]{2}", en)
    assert not re.search(r"[\u4e00-\u9fff]", en)


@pytest.mark.parametrize("code", NEUTRAL)
def test_the_holder_learns_nothing_confidential(code: str) -> None:
    said = _say(code, Language.EN, Audience.HOLDER, ("reason_code", "trespass"), ("requirement", "test-24h"))

    assert said in ("Please see the guard.", "Please pass.")


def test_duress_shows_to_the_record_alone() -> None:
    assert _say("DURESS", Language.ZH, Audience.GUARD) == "请通行。"
    assert "胁迫" in _say("DURESS", Language.ZH, Audience.RECORD)


def test_the_guard_learns_why_somebody_is_listed() -> None:
    said = _say("BLACKLISTED", Language.ZH, Audience.GUARD, ("reason_code", "trespass"))

    assert said == "名单人员（trespass），请按规定处置，不得限制人身自由。"


def test_a_closed_gate_names_the_gate_to_use_and_the_time() -> None:
    redirect = (("redirect", "s"), ("redirect_zh", "南门"), ("redirect_en", "South Gate"))
    arguments = (*redirect, ("opens_at", "2026-03-03 06:00"))

    zh = _say("ACCESS_POINT_CLOSED", Language.ZH, Audience.HOLDER, *arguments)
    en = _say("ACCESS_POINT_CLOSED", Language.EN, Audience.HOLDER, *arguments)

    assert zh == "此门已关闭。请走南门。开放时间：2026-03-03 06:00。"
    assert en == "This gate is closed. Please use South Gate. Opens at 2026-03-03 06:00."


def test_overdue_leave_is_reminded_in_both_languages() -> None:
    zh, en = (_say("LEAVE_OVERDUE", language, Audience.HOLDER) for language in (Language.ZH, Language.EN))

    assert zh == "请假已逾期，请联系辅导员。"
    assert en == "Your leave is overdue. Please contact your counsellor."


def test_a_visitor_too_early_learns_the_opening_time() -> None:
    said = _say("VISIT_NOT_YET", Language.EN, Audience.HOLDER, ("opens_at", "2026-03-02 08:30"))

    assert said == "Your visit has not started. Opens at 2026-03-02 08:30."


def test_a_code_nobody_knows_sends_the_holder_to_the_guard() -> None:
    assert _say("FROM_A_NEWER_POLICY", Language.ZH, Audience.HOLDER) == "请联系门岗。"
    assert _say("FROM_A_NEWER_POLICY", Language.ZH, Audience.RECORD) == "FROM_A_NEWER_POLICY"


def test_a_policy_brings_its_own_texts_and_odd_braces_do_not_break_them() -> None:
    text = Text("请佩戴口罩 {gate} {", "Wear a mask {gate} {0.__class__}")
    reason = Reason(
        "MASK", "reminders", Outcome.GRANT_WITH_REMINDER, (("gate", "{gate}"),), ReasonTexts(text, text, text)
    )

    assert render(reason, Language.ZH, Audience.HOLDER) == "请佩戴口罩 {gate} {"
    assert render(reason, Language.EN, Audience.UNSPECIFIED) == "Wear a mask {gate} {0.__class__}"
