"""`menshen muster SITE AREA`: who passed into an area and is not known to have left it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import grpc
import typer
from menshen.access.v1 import events_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from rich.console import Console

from menshen_cli.local.language import pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri
from menshen_cli.whole_rows import WholeRows

_ASK_S = 10.0
_PAGE = 500

app = typer.Typer(add_completion=False)


@app.command()
def muster(
    site: Annotated[str, typer.Argument(help="campus / 校区")],
    area: Annotated[str, typer.Argument(help="area / 区域")],
    purpose: Annotated[str, typer.Option(help="why it is asked; recorded / 查询目的")] = "muster at the terminal",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """List who is in an area, with the last passage of each. 列出区域内人员及其最后一次通行。"""
    Console().print(muster_list(asyncio.run(_ask(site, area, purpose, folder))))


def muster_list(entries: Sequence[events_pb2.MusterEntry]) -> WholeRows:
    """One row each; whose place is unknown stands last."""
    unknown = sum(entry.place_unknown for entry in entries)
    inside = len(entries) - unknown
    headings = (
        pick("subject", "主体"),
        pick("area", "区域"),
        pick("last passage", "最后一次通行"),
        pick("place", "位置"),
    )
    rows = []
    for entry in sorted(entries, key=lambda entry: entry.place_unknown):
        at = datetime.fromtimestamp(entry.last_passage_at_ms / 1000).astimezone().isoformat(" ", "seconds")
        place = pick("unknown", "未知") if entry.place_unknown else pick("inside", "在内")
        rows.append((entry.subject_id, entry.area, at, place))
    return WholeRows(headings, rows, pick(f"{inside} inside, {unknown} unknown", f"在内 {inside}，位置未知 {unknown}"))


async def _ask(site: str, area: str, purpose: str, folder: Path | None) -> list[events_pb2.MusterEntry]:
    found: list[events_pb2.MusterEntry] = []
    request = events_pb2.ListMusterRequest(site=site, area=area, purpose=purpose, page_size=_PAGE)
    async with RunningSuite(operator_uri("muster"), folder) as suite:
        stub = EventServiceStub(suite.channel("access"))
        while True:
            try:
                page = await stub.ListMuster(request, timeout=_ASK_S)
            except grpc.aio.AioRpcError as refusal:
                raise refusal_of("access", refusal) from None
            found += page.entries
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token
