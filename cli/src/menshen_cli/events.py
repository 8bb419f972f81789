"""`menshen events SITE`: recorded events by subject, unit, category, access point, time, outcome and reason."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import grpc
import typer
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen_servicekit.status import counted

from menshen_cli.instants import date_and_time, epoch_ms
from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri
from menshen_cli.shown_rows import SHOWN, Row, Shown, showing

_ASK_S = 30.0
_PAGE = 1000
_COLUMNS: Final = (
    ("at", "时间"),
    ("access point", "通行点"),
    ("kind", "事件"),
    ("outcome", "结果"),
    ("reasons", "理由"),
    ("subjects", "主体"),
    ("late", "迟到"),
    ("sequence", "序号"),
    ("event", "事件编号"),
)

app = typer.Typer(add_completion=False)


@app.command()
def events(
    site: Annotated[str, typer.Argument(help="campus / 校区")],
    purpose: Annotated[str, typer.Option(help="why it is read; recorded / 查询目的（将被记录）")],
    *,
    subject: Annotated[str, typer.Option(help="subject, c:1 / 主体")] = "",
    unit: Annotated[str, typer.Option(help="unit, which is a group / 单位（即群组）")] = "",
    category: Annotated[str, typer.Option(help="category / 类别")] = "",
    access_point: Annotated[str, typer.Option(help="access point / 通行点")] = "",
    start: Annotated[str, typer.Option("--from", help="start, 2026-03-02T08:00 / 起点")] = "",
    end: Annotated[str, typer.Option("--to", help="end, not included / 终点（不含）")] = "",
    outcome: Annotated[str, typer.Option(help="GRANT, DENY, ... / 结果")] = "",
    kind: Annotated[str, typer.Option(help="CENTRE, EDGE, TAKEN, ... / 事件种类")] = "",
    reason: Annotated[str, typer.Option(help="reason code / 理由代码")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="write all to a new file / 全部导出到新文件")] = None,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """List recorded events, the newest first. 列出已记录的事件，最新在前。"""
    request = events_pb2.ListEventsRequest(
        site=site,
        purpose=purpose,
        subject_id=subject,
        unit=unit,
        category=category,
        access_point=access_point,
        from_ms=epoch_ms(start) if start else 0,
        to_ms=epoch_ms(end) if end else 0,
        outcome=_number(decision_pb2.Outcome, "OUTCOME_", outcome),  # type: ignore[arg-type]
        kind=_number(decision_pb2.EventKind, "EVENT_KIND_", kind),  # type: ignore[arg-type]
        reason_code=reason,
        page_size=_PAGE if csv else SHOWN,
    )
    with showing([pick(*words) for words in _COLUMNS], csv) as shown:
        more = asyncio.run(_ask(request, shown, folder, to_the_end=csv is not None))
    shown.tell(pick(f"{counted(shown.count, 'event')} of {site}", f"{site}：{shown.count} 个事件"), more=more)


async def _ask(request: events_pb2.ListEventsRequest, shown: Shown, folder: Path | None, *, to_the_end: bool) -> bool:
    """Show a page, or all of them one after the other; whether there are more."""
    async with RunningSuite(operator_uri("events"), folder) as suite:
        stub = EventServiceStub(suite.channel("access"))
        while True:
            try:
                page = await stub.ListEvents(request, timeout=_ASK_S)
            except grpc.aio.AioRpcError as refusal:
                raise refusal_of("access", refusal) from None
            shown.take(rows_of(page.events))
            if not to_the_end or not page.next_page_token:
                return bool(page.next_page_token)
            request.page_token = page.next_page_token


def rows_of(found: Sequence[events_pb2.AccessEvent]) -> list[Row]:
    """One row an event; codes as they are, instants as a person reads them."""
    return [
        (
            date_and_time(event.at_ms),
            event.access_point or event.door,
            _word(decision_pb2.EventKind, "EVENT_KIND_", event.kind),
            _word(decision_pb2.Outcome, "OUTCOME_", event.outcome) if event.outcome else "",
            " ".join(reason.code for reason in event.reasons),
            " ".join(event.subject_ids),
            pick("late", "迟到") if event.late else "",
            str(event.sequence),
            event.event_id,
        )
        for event in found
    ]


def _word(words: EnumTypeWrapper, prefix: str, number: int) -> str:
    return words.Name(number).removeprefix(prefix) if number in words.values() else str(number)


def _number(words: EnumTypeWrapper, prefix: str, word: str) -> int:
    """0 for no word; LocalError, with the known ones, for one that is none."""
    if not word:
        return 0
    known = [name.removeprefix(prefix) for name, number in words.items() if number]
    if word.upper() not in known:
        told = ", ".join(known)
        raise LocalError(f"{word!r} is none of {told}", f"{word!r} 不是其中之一：{told}")
    return words.Value(prefix + word.upper())
