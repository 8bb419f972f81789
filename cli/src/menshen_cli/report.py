"""`menshen report`: counts a site's security officer asks for, as a table or as a file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import reports_pb2 as pb
from menshen.access.v1.reports_pb2_grpc import ReportServiceStub
from menshen_servicekit.clock import SystemClock
from rich.console import Console
from rich.text import Text

from menshen_cli.instants import site_time, zone_name
from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri
from menshen_cli.shown_rows import Shown
from menshen_cli.written_files import Cell, check_new, write_csv, write_xlsx

_ASK_S = 120.0
_DAY_MS = 86_400_000
_WORDS = {
    "access_point": ("access point", "通行点"),
    "hour_from_ms": ("hour from", "小时起点"),
    "passages": ("passages", "通行次数"),
    "reason_code": ("reason", "理由"),
    "refusals": ("refusals", "拒绝次数"),
    "subject_id": ("subject", "主体"),
    "since_ms": ("since", "自"),
    "area": ("area", "区域"),
    "credential_id": ("credential", "凭证"),
    "inside": ("inside", "在内"),
    "unknown": ("unknown", "位置未知"),
}

Site = Annotated[str, typer.Argument(help="campus / 校区")]
From = Annotated[str, typer.Option("--from", help="start, ISO 8601 / 起点")]
To = Annotated[str, typer.Option("--to", help="end, not included; now without one / 终点（不含），缺省为现在")]
Csv = Annotated[Path | None, typer.Option("--csv", help="write a new CSV file / 写入新的 CSV 文件")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="write a new XLSX file / 写入新的 XLSX 文件")]
Purpose = Annotated[str, typer.Option(help="why it is asked; recorded / 查询目的")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]
_PURPOSE = "report at the terminal"

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Counts from the history. 由历史记录统计的报表。")


@dataclass(frozen=True)
class Report:
    """What was answered: field names of a row, the rows, and the first message with the total."""

    fields: Sequence[str]
    rows: Sequence[Any]
    first: Any


@app.command()
def passages(
    site: Site,
    start: From = "",
    end: To = "",
    csv: Csv = None,
    xlsx: Xlsx = None,
    purpose: Purpose = _PURPOSE,
    folder: Folder = None,
) -> None:
    """Count passages by access point and hour; since midnight without --from. 按通行点与小时统计通行。"""
    from_ms, to_ms = span_ms(start, end, days=0)
    request = pb.CountPassagesRequest(site=site, purpose=purpose, from_ms=from_ms, to_ms=to_ms)
    _answer(folder, lambda stub: stub.CountPassages(request, timeout=_ASK_S), pb.PassageCount, csv, xlsx)


@app.command()
def refusals(
    site: Site,
    start: From = "",
    end: To = "",
    csv: Csv = None,
    xlsx: Xlsx = None,
    purpose: Purpose = _PURPOSE,
    folder: Folder = None,
) -> None:
    """Count refusals by access point and reason; since midnight without --from. 按通行点与理由统计拒绝。"""
    from_ms, to_ms = span_ms(start, end, days=0)
    request = pb.CountRefusalsRequest(site=site, purpose=purpose, from_ms=from_ms, to_ms=to_ms)
    _answer(folder, lambda stub: stub.CountRefusals(request, timeout=_ASK_S), pb.RefusalCount, csv, xlsx)


@app.command()
def overstays(
    site: Site,
    area: Annotated[str, typer.Option(help="area / 区域")],
    hours: Annotated[int, typer.Option(min=1, max=168, help="longer than / 超过小时数")] = 12,
    csv: Csv = None,
    xlsx: Xlsx = None,
    purpose: Purpose = _PURPOSE,
    folder: Folder = None,
) -> None:
    """List who has been in an area too long. 列出在区域内停留过久者。"""
    request = pb.ListOverstaysRequest(site=site, purpose=purpose, area=area, hours=hours)
    _answer(folder, lambda stub: stub.ListOverstays(request, timeout=_ASK_S), pb.Overstay, csv, xlsx)


@app.command("without-passage")
def without_passage(
    site: Site,
    start: From = "",
    end: To = "",
    csv: Csv = None,
    xlsx: Xlsx = None,
    purpose: Purpose = _PURPOSE,
    folder: Folder = None,
) -> None:
    """List subjects that did not pass; in 30 days without --from. 列出期间无通行的主体，缺省 30 天。"""
    from_ms, to_ms = span_ms(start, end, days=30)
    request = pb.ListWithoutPassageRequest(site=site, purpose=purpose, from_ms=from_ms, to_ms=to_ms)
    _answer(folder, lambda stub: stub.ListWithoutPassage(request, timeout=_ASK_S), pb.WithoutPassage, csv, xlsx)


@app.command()
def unused(
    site: Site,
    start: From = "",
    end: To = "",
    csv: Csv = None,
    xlsx: Xlsx = None,
    purpose: Purpose = _PURPOSE,
    folder: Folder = None,
) -> None:
    """List active credentials nobody presented; in 30 days without --from. 列出期间未出示的有效凭证，缺省 30 天。"""
    from_ms, to_ms = span_ms(start, end, days=30)
    request = pb.ListUnusedCredentialsRequest(site=site, purpose=purpose, from_ms=from_ms, to_ms=to_ms)
    _answer(folder, lambda stub: stub.ListUnusedCredentials(request, timeout=_ASK_S), pb.UnusedCredential, csv, xlsx)


@app.command()
def muster(site: Site, csv: Csv = None, xlsx: Xlsx = None, purpose: Purpose = _PURPOSE, folder: Folder = None) -> None:
    """Count who is in which area, unknown places apart. 按区域清点人数，位置未知者另计。"""
    request = pb.CountMusterRequest(site=site, purpose=purpose)
    _answer(folder, lambda stub: stub.CountMuster(request, timeout=_ASK_S), pb.MusterCount, csv, xlsx)


def span_ms(start: str, end: str, *, days: int) -> tuple[int, int]:
    """[start, end) in epoch milliseconds; without a start, that many days before the end, 0 for its midnight."""
    to_ms = _instant_ms(end) if end else SystemClock().now_ms()
    if start:
        return _instant_ms(start), to_ms
    if days:
        return to_ms - days * _DAY_MS, to_ms
    local = datetime.fromtimestamp((to_ms - 1) / 1000).astimezone()
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000), to_ms


def tell(report: Report, files: Sequence[str]) -> None:
    """The total, the first rows or the files that have them all, and what the numbers cannot tell."""
    shown = Shown(headings(report), ", ".join(files), _are_written if files else None)
    shown.take([list(map(str, row)) for row in cells(report)])
    shown.tell(_title(report.first))
    if told := note(report.first):
        Console().print(Text(told))


def _are_written(rows: Iterable[Sequence[str]]) -> None:
    """They are in the files already."""


def _title(first: Any) -> str:
    total = first.total
    match first:
        case pb.ListWithoutPassageResponse():
            return pick(f"{total} without passage, {first.passed} passed", f"无通行 {total}，有通行 {first.passed}")
        case pb.ListUnusedCredentialsResponse():
            return pick(
                f"{total} not presented, {first.presented} presented, {first.deleted} presentations no longer tell",
                f"未出示 {total}，已出示 {first.presented}，{first.deleted} 次出示的身份已删除，无从判断",
            )
    return pick(f"total {total}", f"合计 {total}")


def note(first: Any) -> str:
    """What the numbers cannot tell for want of deleted records, empty where they tell everything."""
    deleted = getattr(first, "deleted", 0)
    if not deleted:
        return ""
    bare = f"{deleted} decisions of this time no longer tell of whom", f"此期间有 {deleted} 次判定的身份信息已到期删除"
    match first:
        case pb.CountPassagesResponse():
            return pick(f"{bare[0]}: passages may be missing", f"{bare[1]}：通行次数可能偏少")
        case pb.ListWithoutPassageResponse():
            return pick(f"{bare[0]}: some of these may have passed", f"{bare[1]}：所列主体可能曾通行")
        case pb.CountRefusalsResponse():
            return pick(
                f"{deleted} decisions of this time are deleted: refusals may be missing",
                f"此期间有 {deleted} 次判定已到期删除：拒绝次数可能偏少",
            )
    return ""


def headings(report: Report) -> list[str]:
    """A word for every column, and whose clock its instants are of."""
    return [pick(*_WORDS[field]) + (_of_site(report) if _is_instant(field) else "") for field in report.fields]


def _of_site(report: Report) -> str:
    zone = zone_name(report.first.utc_offset_minutes)
    return pick(f" (site time, {zone})", f"（校区时间，{zone}）")


def _is_instant(field: str) -> bool:
    return field.endswith("_ms")


def cells(report: Report) -> list[list[Cell]]:
    """Every row; instants as the site's clock shows them."""

    def cell(field: str, told: Cell) -> Cell:
        return site_time(int(told), report.first.utc_offset_minutes) if _is_instant(field) else told

    return [[cell(field, getattr(row, field)) for field in report.fields] for row in report.rows]


def _instant_ms(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise LocalError(
            f"{text!r} is no instant; write 2026-03-02T07:00 or a date",
            f"{text!r} 不是时刻，例如 2026-03-02T07:00 或日期",
        ) from None


def _answer(
    folder: Path | None, call: Callable[[Any], AsyncIterator[Any]], row: Any, csv: Path | None, xlsx: Path | None
) -> None:
    if csv and xlsx and csv.resolve() == xlsx.resolve():
        raise LocalError(f"--csv and --xlsx both name {csv}", f"--csv 与 --xlsx 同为 {csv}")
    for target in filter(None, (csv, xlsx)):
        check_new(target)
    report = asyncio.run(_ask(folder, call, [field.name for field in row.DESCRIPTOR.fields]))
    write_files(report, csv, xlsx)
    tell(report, [str(target) for target in (csv, xlsx) if target])


def write_files(report: Report, csv: Path | None, xlsx: Path | None) -> None:
    """All the files that are asked for, or none and LocalError."""
    if csv:
        write_csv(csv, headings(report), cells(report))
    try:
        if xlsx:
            write_xlsx(xlsx, headings(report), cells(report))
    except BaseException:
        if csv:
            csv.unlink(missing_ok=True)
        raise


async def _ask(folder: Path | None, call: Callable[[Any], AsyncIterator[Any]], fields: Sequence[str]) -> Report:
    async with RunningSuite(operator_uri("report"), folder) as suite:
        try:
            first, *parts = [part async for part in call(ReportServiceStub(suite.channel("access")))]
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of("access", refusal) from None
    return Report(fields, [row for part in parts for row in part.rows], first)
