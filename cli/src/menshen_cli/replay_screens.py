"""The answer of a replay as tables."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.vocabulary import Outcome
from rich.console import Group, RenderableType

from menshen_cli.local.language import pick
from menshen_cli.whole_rows import WholeRows

T = TypeVar("T", int, str)

_OUTCOMES = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER, Outcome.MANUAL_REVIEW, Outcome.DENY)
_WEEKDAYS = (
    ("Monday", "星期一"),
    ("Tuesday", "星期二"),
    ("Wednesday", "星期三"),
    ("Thursday", "星期四"),
    ("Friday", "星期五"),
    ("Saturday", "星期六"),
    ("Sunday", "星期日"),
)


def screens(summary: Summary, utc_offset_minutes: int) -> RenderableType:
    """Outcomes by reason, access point, hour and weekday; who was refused most, who stayed, and the peak."""
    return Group(*_parts(summary, utc_offset_minutes))


def when(at_ms: int, utc_offset_minutes: int) -> str:
    """An instant as local date and time to the second."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _parts(summary: Summary, offset: int) -> Iterator[RenderableType]:
    reasons = [(outcome.name, code, str(count)) for (outcome, code), count in sorted(summary.reasons.items())]
    yield WholeRows((pick("outcome", "结果"), pick("reason", "理由"), pick("rows", "行数")), reasons)
    yield _by_outcome(pick("access point", "通行点"), summary.points, str)
    yield _by_outcome(pick("hour", "小时"), summary.hours, lambda hour: f"{hour:02d}")
    yield _by_outcome(pick("weekday", "星期"), summary.weekdays, lambda day: pick(*_WEEKDAYS[day]))
    if summary.refused:
        refused = [(credential, str(count)) for credential, count in summary.refused_most]
        yield WholeRows((pick("refused most", "被拒最多"), pick("times", "次数")), refused)
        yield pick(f"credentials refused: {summary.refused}", f"被拒凭证：{summary.refused}")
    yield pick(f"entered and never left: {summary.inside}", f"进入后未离开：{summary.inside}")
    if summary.peak:
        at = when(summary.peak_at_ms, offset)
        yield pick(f"most inside: {summary.peak} at {at}", f"区内最多：{summary.peak}，时间 {at}")


def _by_outcome(title: str, counts: Mapping[tuple[T, Outcome], int], word: Callable[[T], str]) -> WholeRows:
    def row(key: T) -> list[str]:
        return [word(key), *(str(counts.get((key, outcome), 0) or "") for outcome in _OUTCOMES)]

    rows = list(map(row, sorted({key for key, _ in counts})))
    return WholeRows((title, *(outcome.name for outcome in _OUTCOMES)), rows)
