"""What the summary, the live view and the desks show."""

import io

import pytest
from menshen.access.v1 import decision_pb2, review_pb2
from menshen.access.v1.events_pb2 import AccessEvent
from menshen.safety.v1 import safety_pb2
from menshen_cli.alarms import alarm_table
from menshen_cli.demo.accounts import Books, Row
from menshen_cli.demo.expectations import Expectations, Line
from menshen_cli.demo.lanes import Shown
from menshen_cli.demo.summary import summarise, summary_screen, verdict
from menshen_cli.demo.view import Picture, PlainView, screen, view_of
from menshen_cli.explain import explanation
from menshen_cli.post_screens import guard_text, review_panel
from rich.console import Console, RenderableType

SHOWN = Shown("n1-p1-in", "e-1", "DENY", "CREDENTIAL_LOST", "此卡已挂失", "Lost", edge=False, latency_us=4_200, at_ms=1)
REASON = decision_pb2.Reason(
    code="CREDENTIAL_LOST",
    holder=decision_pb2.LocalizedText(zh="此卡已挂失", en="This card was reported lost"),
    guard=decision_pb2.LocalizedText(zh="核对持卡人", en="Check who holds it"),
    record=decision_pb2.LocalizedText(zh="挂失", en="lost"),
)
DECISION = AccessEvent(
    site="north", sequence=4, event_id="e-1", kind=decision_pb2.EVENT_KIND_CENTRE, access_point="n1-p1-in",
    outcome=decision_pb2.OUTCOME_DENY, reasons=[REASON], agent_id="north-1",
)  # fmt: skip


def expectations() -> Expectations:
    return Expectations([Line("a", "门开", "the gate opens"), Line("b", "门关", "the gate closes")], lambda: 0.0)


def printed(screen: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(screen)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")


def test_the_summary_tells_figures_books_and_every_promise() -> None:
    book = expectations()
    book["b"].fail("expected LOCKED, found OPEN")
    books = Books([Row("出示", "presentations = decisions", 2, 1)], ["n1-p1-in: ledger number 9 presented"])

    text = printed(summary_screen(summarise(books, [DECISION], [SHOWN], "312", {"rush": 30.0}), book))

    for told in ("DENY 1", "CREDENTIAL_LOST 1", "p50 4.2 ms", "312 ms", "ledger number 9", "found OPEN", "30.0 s"):
        assert told in text


def test_the_verdict_is_good_only_when_everything_was_met() -> None:
    book = expectations()
    for line in book:
        line.state = line.state.MET

    assert "all 2 expectations met" in str(verdict(book))
    book["a"].fail("no")
    assert "1 expectations failed, 1 met" in str(verdict(book))


def test_the_live_screen_shows_gates_outcomes_reasons_and_promises() -> None:
    picture = Picture(expectations(), lambda: 12.0, phase="rush")
    picture.show(SHOWN)

    text = printed(screen(picture))

    for told in ("Pine Gate", "DENY", "此卡已挂失", "the gate opens", "1 presented", "rush"):
        assert told in text


def test_lines_are_plain_where_there_is_no_terminal() -> None:
    file = io.StringIO()
    picture = Picture(expectations(), lambda: 3.0)

    view = view_of(picture, Console(file=file), plain=False)
    picture.expectations["a"].fail("nothing within 10 s")
    view.decided(picture.expectations["a"])

    assert isinstance(view, PlainView)
    assert file.getvalue() == "[  3.0 s] ✗ the gate opens · 门开: nothing within 10 s\n"


def test_an_explanation_has_every_reason_for_everyone_in_both_languages() -> None:
    text = printed(explanation([DECISION]))

    for told in ("DENY", "CREDENTIAL_LOST", "此卡已挂失", "This card was reported lost", "核对持卡人", "lost"):
        assert told in text


def test_an_explanation_tells_the_decision_before_the_passage_it_allowed_however_they_were_recorded() -> None:
    granted = AccessEvent(sequence=9, kind=decision_pb2.EVENT_KIND_EDGE, outcome=decision_pb2.OUTCOME_GRANT, at_ms=10)
    acted = AccessEvent(
        sequence=8, kind=decision_pb2.EVENT_KIND_ACTED, at_ms=20, obeyed=decision_pb2.EVENT_KIND_EDGE,
        detail={"cause": "GRANT"},
    )  # fmt: skip
    taken = AccessEvent(sequence=7, kind=decision_pb2.EVENT_KIND_TAKEN, at_ms=30)

    text = printed(explanation([taken, acted, granted]))

    assert text.index("EDGE") < text.index("cause GRANT · obeyed EDGE") < text.index("TAKEN")


def test_a_review_shows_the_photo_the_reason_and_what_to_say() -> None:
    review = review_pb2.Review(review_id="r-1", access_point="l2-p1-in", reasons=[REASON], photo_ref="portraits/7")

    text = printed(review_panel(review))

    for told in ("portraits/7", "Check who holds it", "此卡已挂失"):
        assert told in text


def test_a_note_with_brackets_is_shown_as_somebody_typed_it() -> None:
    alarm = safety_pb2.Alarm(kind=safety_pb2.ALARM_KIND_TAMPER, source="n-door", note="[closed] seen [/by] Li")
    review = review_pb2.Review(state=review_pb2.REVIEW_STATE_REFUSED, operator="guard/n1", note="no [/order]")

    assert "[closed] seen [/by] Li" in printed(alarm_table([alarm]))
    assert "refused by guard/n1: no [/order]" in printed(review_panel(review))


def test_the_guard_is_told_of_a_list_what_the_lane_is_not() -> None:
    assert "follow the procedure" in guard_text("BLACKLISTED")
