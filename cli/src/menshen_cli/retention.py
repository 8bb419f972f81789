"""`menshen retention`: what was deleted at the end of its time, and the legal holds that keep records longer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import retention_pb2 as pb
from menshen.access.v1.retention_pb2_grpc import RetentionServiceStub
from rich.console import Console

from menshen_cli.administering import ASK_S, Folder, Reason, Site, Who, identity
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite
from menshen_cli.whole_rows import WholeRows

_NEVER_MS = 253_402_214_400_000
"""Instants from here on have no date."""
Purpose = Annotated[str, typer.Option(help="why it is asked; recorded / 查询目的")]

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def retention() -> None:
    """What the history no longer keeps, and what it must keep. 到期删除与记录保全。"""


@app.command("runs")
def list_runs(site: Site, who: Who = "reader", folder: Folder = None) -> None:
    """What was deleted, and what was kept. 每次删除的结果。"""
    request = pb.ListRetentionRunsRequest(site=site)
    answer = _asked(site, who, folder, lambda stub: stub.ListRetentionRuns(request, timeout=ASK_S))
    Console().print(run_table(answer.runs))


@app.command("holds")
def list_holds(
    site: Site,
    purpose: Purpose = "legal holds at the terminal",
    ended_too: Annotated[bool, typer.Option("--ended", help="also those that ended / 含已解除的")] = False,
    who: Who = "reader",
    folder: Folder = None,
) -> None:
    """Legal holds in force. 生效中的记录保全。"""
    request = pb.ListLegalHoldsRequest(site=site, purpose=purpose, ended_too=ended_too)
    answer = _asked(site, who, folder, lambda stub: stub.ListLegalHolds(request, timeout=ASK_S))
    Console().print(hold_table(answer.holds))


@app.command("hold")
def place(
    site: Site,
    reason: Reason,
    who: Who,
    subject: Annotated[str, typer.Option(help="subject id; all without one / 主体编号")] = "",
    from_ms: Annotated[int, typer.Option(help="epoch milliseconds / 起始毫秒")] = 0,
    to_ms: Annotated[int, typer.Option(help="epoch milliseconds, 0 for ever / 截止毫秒，0 为不限")] = 0,
    folder: Folder = None,
) -> None:
    """Keep records beyond their age. 保全记录，到期不删。"""
    request = pb.PlaceLegalHoldRequest(site=site, subject_id=subject, from_ms=from_ms, to_ms=to_ms, reason=reason)
    answer = _asked(site, who, folder, lambda stub: stub.PlaceLegalHold(request, timeout=ASK_S))
    Console().print(hold_table([answer.hold]))


@app.command("release")
def release(
    site: Site, hold: Annotated[str, typer.Argument(help="hold id / 保全编号")], reason: Reason, who: Who,
    folder: Folder = None,
) -> None:  # fmt: skip
    """Let go of a legal hold. 解除记录保全。"""
    request = pb.EndLegalHoldRequest(site=site, hold_id=hold, reason=reason)
    answer = _asked(site, who, folder, lambda stub: stub.EndLegalHold(request, timeout=ASK_S))
    Console().print(hold_table([answer.hold]))


def run_table(runs: Sequence[pb.RetentionRun]) -> WholeRows:
    """A row for each run."""
    headings = (
        pick("began", "开始"), pick("ended", "结束"), pick("class", "类别"), pick("deleted", "已删除"),
        pick("kept by holds", "因保全保留"), pick("kept in use", "因仍有效保留"), pick("oldest left", "最早未删"),
    )  # fmt: skip
    rows = []
    for run in runs:
        title = pb.RetentionClass.Name(run.retention_class).removeprefix("RETENTION_CLASS_")
        counts = (run.deleted, run.kept_by_holds, run.kept_in_use)
        began, ended, oldest = map(_instant, (run.started_at_ms, run.ended_at_ms, run.oldest_left_ms))
        rows.append((began, ended, title, *map(str, counts), oldest))
    return WholeRows(headings, rows)


def hold_table(holds: Sequence[pb.LegalHold]) -> WholeRows:
    """A row for each hold."""
    headings = (
        pick("legal hold", "记录保全"), pick("subject", "主体"), pick("from", "起"), pick("to", "止"),
        pick("who", "操作员"), pick("why", "原因"), pick("ended", "解除"),
    )  # fmt: skip
    rows = []
    for one in holds:
        subject = one.subject_id or pick("everybody", "全部")
        covered = _instant(one.from_ms), _instant(one.to_ms)
        rows.append((one.hold_id, subject, *covered, one.origin, one.reason, _instant(one.ended_at_ms)))
    return WholeRows(headings, rows)


def _instant(at_ms: int) -> str:
    return date_and_time(at_ms) if 0 < at_ms < _NEVER_MS else "—"


def _asked(site: str, who: str, folder: Path | None, call: Callable[[Any], Awaitable[Any]]) -> Any:
    return asyncio.run(_ask(identity(site, who), folder, call))


async def _ask(uri: str, folder: Path | None, call: Callable[[Any], Awaitable[Any]]) -> Any:
    async with RunningSuite(uri, folder) as suite:
        try:
            return await call(RetentionServiceStub(suite.channel("access")))
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of("access", refusal) from None
