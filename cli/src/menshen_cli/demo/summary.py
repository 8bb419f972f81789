"""The last screen: what was presented, decided, recorded and promised."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from menshen.access.v1 import decision_pb2
from menshen.access.v1.events_pb2 import AccessEvent
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from menshen_cli.local.language import pick, reads_chinese

from .accounts import Books, Recorded
from .expectations import Expectation, Expectations, State
from .lanes import Shown
from .latency import Latency, latency_of

_MARKS = {State.MET: ("✓", "green"), State.FAILED: ("✗", "bold red"), State.PENDING: ("·", "dim")}
_MOST_REASONS = 24


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the last screen tells. `seconds` are by part of the demonstration, in order."""

    presentations: int
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    events: int
    books: Books
    centre: Latency
    edge: Latency
    revocation_ms: str
    seconds: Mapping[str, float] = field(default_factory=dict)


def summarise(
    books: Books,
    events: Sequence[AccessEvent],
    shown: Iterable[Shown],
    revocation_ms: str,
    seconds: Mapping[str, float],
) -> Summary:
    """The figures of a play."""
    decisions = Recorded(events).decisions().values()
    seen = list(shown)
    return Summary(
        presentations=books.rows[0].ledger if books.rows else 0,
        outcomes=Counter(_outcome_name(event.outcome) for event in decisions),
        reasons=Counter(reason.code for event in decisions for reason in event.reasons),
        events=len(events),
        books=books,
        centre=latency_of(one.latency_us for one in seen if not one.edge),
        edge=latency_of(one.latency_us for one in seen if one.edge),
        revocation_ms=revocation_ms,
        seconds=seconds,
    )


def summary_screen(summary: Summary, expectations: Expectations) -> RenderableType:
    """The whole screen; figures first, then every expectation, then the verdict."""
    parts: list[RenderableType] = [_figures(summary), _books_table(summary.books)]
    parts += [Text(mismatch, style="red") for mismatch in summary.books.mismatches]
    parts += [expectation_table(expectations), verdict(expectations)]
    return Group(*parts)


def expectation_table(expectations: Iterable[Expectation]) -> Table:
    """Every line with its mark, what was measured, and why it failed."""
    table = Table("", box=box.SIMPLE)
    for heading in (pick("expectation", "预期"), pick("measured", "实测")):
        table.add_column(heading, overflow="fold")
    for expectation in expectations:
        mark, style = _MARKS[expectation.state]
        table.add_row(Text(mark, style=style), title_of(expectation), expectation.detail or expectation.measured)
    return table


def title_of(expectation: Expectation) -> str:
    """A line's title in both languages, the reader's first."""
    line = expectation.line
    return f"{line.zh} · {line.en}" if reads_chinese() else f"{line.en} · {line.zh}"


def verdict(expectations: Expectations) -> Text:
    """One sentence."""
    met, failed = expectations.count(State.MET), expectations.count(State.FAILED)
    if expectations.all_met:
        return Text(pick(f"all {met} expectations met", f"全部 {met} 项预期均已达成"), style="bold green")
    return Text(
        pick(f"{failed} expectations failed, {met} met", f"{failed} 项预期未达成，{met} 项达成"), style="bold red"
    )


def _figures(summary: Summary) -> Table:
    table = Table(show_header=False, box=box.SIMPLE)
    rows = (
        (pick("presentations", "出示凭证"), f"{summary.presentations:,}"),
        (pick("events recorded", "已记录事件"), f"{summary.events:,}"),
        (pick("decisions", "判定"), _counts(summary.outcomes)),
        (pick("reasons", "理由"), _counts(summary.reasons)),
        (pick("centre decides", "中心判定"), f"{summary.centre} ({summary.centre.count:,})"),
        (pick("edge decides", "边缘判定"), f"{summary.edge} ({summary.edge.count:,})"),
        (pick("revoked → refused", "挂失 → 拒绝"), f"{summary.revocation_ms or '—'} ms"),
        (pick("time", "用时"), _times(summary.seconds)),
    )
    for name, figure in rows:
        table.add_row(name, figure)
    return table


def _books_table(books: Books) -> Table:
    headings = (pick("books", "账目"), pick("ledger", "现场台账"), pick("recorded", "已记录"), "")
    table = Table(*headings, box=box.SIMPLE)
    for row in books.rows:
        mark, style = _MARKS[State.MET if row.agrees else State.FAILED]
        table.add_row(pick(row.en, row.zh), f"{row.ledger:,}", f"{row.recorded:,}", Text(mark, style=style))
    return table


def _counts(counted: Mapping[str, int]) -> str:
    ordered = sorted(counted.items(), key=lambda item: -item[1])[:_MOST_REASONS]
    return ", ".join(f"{name} {number:,}" for name, number in ordered) or "—"


def _times(seconds: Mapping[str, float]) -> str:
    total = sum(seconds.values())
    return ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items()) + f" = {total:.1f} s"


def _outcome_name(outcome: int) -> str:
    known = outcome in decision_pb2.Outcome.values()
    return decision_pb2.Outcome.Name(outcome).removeprefix("OUTCOME_") if known else str(outcome)
