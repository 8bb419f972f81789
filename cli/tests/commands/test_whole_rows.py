"""Ids and codes are whole on a terminal of any usual width, in a table or on cards."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen.access.v1 import administration_pb2 as access
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1 import guarding_pb2 as guarding
from menshen.access.v1 import replay_pb2 as replay
from menshen.access.v1 import reports_pb2 as reports
from menshen.access.v1 import retention_pb2 as retention
from menshen.access.v1 import shadow_pb2 as shadow
from menshen.identity.v1 import identity_pb2 as identity
from menshen.safety.v1 import safety_pb2 as safety
from menshen_cli.alarms import alarm_table
from menshen_cli.credential import credential_table
from menshen_cli.door import order_table
from menshen_cli.events import rows_of
from menshen_cli.explain import explanation
from menshen_cli.lockdown import hold_table as lockdown_table
from menshen_cli.replay_recorded import screens as recorded_screens
from menshen_cli.replay_screens import screens as presented_screens
from menshen_cli.report import Report, cells, headings
from menshen_cli.retention import hold_table
from menshen_cli.shadow import count_table, shadow_table
from menshen_cli.shown_rows import showing
from menshen_cli.tripwire import trip_table
from menshen_cli.whole_rows import WholeRows
from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.vocabulary import Outcome
from rich.console import Console, RenderableType

EVENT_ID = "01976f5c-1b7e-7000-8000-0000000000{:02d}"
SUBJECT = "c:20260302-0000000000000042"
REFUSED = decision_pb2.Reason(
    code="INTERLOCK_OPEN",
    holder=decision_pb2.LocalizedText(zh="请等另一道门关闭。", en="Please wait for the other door to close."),
)


def event(number: int) -> events_pb2.AccessEvent:
    return events_pb2.AccessEvent(
        site="north",
        access_point="science-building-north-in",
        kind=decision_pb2.EVENT_KIND_EDGE,
        outcome=decision_pb2.OUTCOME_DENY,
        reasons=[REFUSED, decision_pb2.Reason(code="ACCESS_POINT_CLOSED")],
        subject_ids=[SUBJECT],
        at_ms=1_772_380_800_000,
        sequence=4_711_000 + number,
        event_id=EVENT_ID.format(number),
        late=True,
    )


def printed(shown: RenderableType, width: int) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def listed() -> RenderableType:
    return WholeRows([f"h{place}" for place in range(9)], rows_of([event(1), event(2)]), "2 events")


def explained() -> RenderableType:
    return explanation([event(1)])


def held() -> RenderableType:
    return hold_table([retention.LegalHold(hold_id=EVENT_ID.format(1), subject_id=SUBJECT, reason="court order 12")])


def stayed() -> RenderableType:
    row = reports.Overstay(subject_id=SUBJECT, since_ms=1, area="science-building-north-annex-second-floor")
    report = Report(["subject_id", "since_ms", "area"], [row], reports.ListOverstaysResponse(total=1))
    return WholeRows(headings(report), [list(map(str, told)) for told in cells(report)])


def alarmed() -> RenderableType:
    detail = {"change": "policy:7:2026", "text": "refusals " * 9}
    return alarm_table([safety.Alarm(alarm_id=EVENT_ID.format(1), source="science-building-north-in", detail=detail)])


def ordered() -> RenderableType:
    return order_table([access.Order(order_id=EVENT_ID.format(1), access_point="science-building-north-in")])


def locked_down() -> RenderableType:
    return lockdown_table([access.Hold(hold_id=EVENT_ID.format(1), access_point="science-building-north-in")])


def tripped() -> RenderableType:
    return trip_table([guarding.Trip(change_id="policy:7:" + EVENT_ID.format(1), reason_code="REQUIREMENT_NOT_MET")])


def carded() -> RenderableType:
    held = identity.Credential(credential_id=EVENT_ID.format(1), replaces=EVENT_ID.format(2))
    return credential_table([held])


def shadowed() -> RenderableType:
    running = shadow.Shadow(shadow_id=EVENT_ID.format(1), policy_id=EVENT_ID.format(2), lag=4_711_000, decided=98_765)
    return shadow_table([running])


def shadow_counted() -> RenderableType:
    counted = shadow.ShadowCount(
        access_point="science-building-north-annex-second-floor",
        outcome=decision_pb2.OUTCOME_GRANT_WITH_REMINDER,
        outcome_under=decision_pb2.OUTCOME_MANUAL_REVIEW,
        decided=98_765,
    )
    return count_table([counted])


def recorded_again() -> RenderableType:
    then = replay.ReplayAnswer(outcome=decision_pb2.OUTCOME_GRANT_WITH_REMINDER, reason_code="LIBRARY_CARD_EXPIRED")
    again = replay.ReplayAnswer(outcome=decision_pb2.OUTCOME_DENY, reason_code="ACCESS_POINT_CLOSED_FOR_REPAIRS")
    point = replay.ReplayedAtPoint(
        access_point="science-building-north-annex", then=then.outcome, again=again.outcome, count=1
    )
    return recorded_screens(
        replay.ReplayTotals(points=[point], answers=[replay.ReplayedAnswer(then=then, again=again, count=98_765)])
    )


def presented() -> RenderableType:
    point = "science-building-north-annex"
    outcomes = {(point, outcome): 98_765 for outcome in Outcome}
    reasons = {(Outcome.GRANT_WITH_REMINDER, "ACCESS_POINT_CLOSED_FOR_" + "REPAIRS" * 3): 98_765}
    return presented_screens(Summary(reasons, outcomes, {}, {}, [(SUBJECT * 2, 98_765)], 1, 0, 0, 0), 480)


@pytest.mark.parametrize("width", [200, 80, 60])
@pytest.mark.parametrize(
    ("screen", "whole"),
    [
        (listed, [EVENT_ID.format(1), EVENT_ID.format(2), SUBJECT, "INTERLOCK_OPEN", "4711001"]),
        (explained, [EVENT_ID.format(1), SUBJECT, "INTERLOCK_OPEN", "ACCESS_POINT_CLOSED"]),
        (held, [EVENT_ID.format(1), SUBJECT]),
        (stayed, [SUBJECT, "science-building-north-annex-second-floor"]),
        (alarmed, [EVENT_ID.format(1), "science-building-north-in"]),
        (ordered, [EVENT_ID.format(1), "science-building-north-in"]),
        (locked_down, [EVENT_ID.format(1), "science-building-north-in"]),
        (tripped, ["policy:7:" + EVENT_ID.format(1), "REQUIREMENT_NOT_MET"]),
        (carded, [EVENT_ID.format(1), EVENT_ID.format(2)]),
        (shadowed, [EVENT_ID.format(1), EVENT_ID.format(2), "4711000", "98765"]),
        (
            shadow_counted,
            ["science-building-north-annex-second-floor", "GRANT_WITH_REMINDER", "MANUAL_REVIEW", "98765"],
        ),
        (
            recorded_again,
            ["science-building-north-annex", "LIBRARY_CARD_EXPIRED", "ACCESS_POINT_CLOSED_FOR_REPAIRS", "98765"],
        ),
        (
            presented,
            ["science-building-north-annex", "GRANT_WITH_REMINDER", "ACCESS_POINT_CLOSED_FOR_REPAIRS", SUBJECT * 2],
        ),
    ],
)
def test_ids_and_codes_are_whole(screen: Callable[[], RenderableType], whole: list[str], width: int) -> None:
    told = printed(screen(), width)

    assert [one for one in whole if one not in told] == []
    assert "…" not in told


@pytest.mark.parametrize("columns", ["80", "60"])
def test_rows_that_are_shown_take_the_width_of_the_terminal(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    with showing(["subject", "event"] * 2, None) as shown:
        shown.take([(SUBJECT, EVENT_ID.format(1), SUBJECT, EVENT_ID.format(2))])
    shown.tell("title")

    told = capsys.readouterr().out
    assert all(one in told for one in ("title", SUBJECT, EVENT_ID.format(1), EVENT_ID.format(2)))
    assert max(map(len, told.splitlines())) <= int(columns)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abc-:_", max_size=26),
            st.text("门a .", max_size=30),
            st.text("X_9张京：·é", max_size=13),
        ),
        max_size=4,
    ),
    st.integers(30, 100),
)
def test_whatever_the_rows_nothing_whole_is_broken(rows: list[tuple[str, str, str]], width: int) -> None:
    told = printed(WholeRows(("id", "notes 说明", "code"), rows), width)

    named = [cell for row in rows for cell in (row[0], row[2]) if any(map(str.isascii, cell))]
    assert [cell for cell in named if cell not in told] == []


@pytest.mark.parametrize("named", ["c:张三丰-20260302-0042", "v:京A·12345", "拒绝：INTERLOCK_OPEN"])
@pytest.mark.parametrize("width", range(26, 60, 3))
def test_an_id_or_code_beside_other_letters_is_whole(named: str, width: int) -> None:
    assert named in printed(WholeRows(("编号", "说明"), [(named, "请等另一道门关闭" * 4)]), width)
