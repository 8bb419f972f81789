"""Asking foresight of the running suite, and showing or exporting its rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import typer
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceStub
from rich.console import Console
from rich.table import Table

from menshen_cli.administering import identity
from menshen_cli.local.language import pick
from menshen_cli.running import RunningSuite, refusal_of
from menshen_cli.written_files import check_new, write_csv

SHOWN: Final = 200
"""Rows on the screen; a file gets all of them."""
_ASK_S: Final = 600.0

Site = Annotated[str, typer.Argument(help="campus / 校区")]
Purpose = Annotated[str, typer.Option(help="why it is asked; recorded / 查询目的（将被记录）")]
Csv = Annotated[Path | None, typer.Option("--csv", help="write every row to a new file / 导出全部行到新文件")]
Who = Annotated[str, typer.Option("--as", help="operator / 操作员")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]
Row = tuple[str, ...]


def asked(who: str, folder: Path | None, call: Callable[[Any], Any], file: Path | None) -> list[Any]:
    """Every message that `call(stub)` streams; LocalError with the service's own words when it refuses.

    Nothing is asked when `file`, where `tell` is to write, is there already.
    """
    if file is not None:
        check_new(file)
    return asyncio.run(_ask(identity("", who), folder, call))


async def _ask(uri: str, folder: Path | None, call: Callable[[Any], Any]) -> list[Any]:
    async with RunningSuite(uri, folder) as suite:
        stream: AsyncIterator[Any] = call(Timed(ForesightServiceStub(suite.channel("access"))))
        try:
            return [message async for message in stream]
        except grpc.aio.AioRpcError as error:
            raise refusal_of("access", error) from None


class Timed:
    """A stub whose calls end in time."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        method = getattr(self._stub, name)
        return lambda request: method(request, timeout=_ASK_S)


def tell(title: str, columns: Sequence[str], rows: Sequence[Row], file: Path | None) -> None:
    """A table of the first rows, or all of them in a CSV file that spreadsheets read. LocalError if it cannot be."""
    console = Console()
    if file is not None:
        write_csv(file, columns, rows)
        console.print(title)
        console.print(pick(f"{len(rows)} rows in {file}", f"{len(rows)} 行已写入 {file}"))
        return
    table = Table(*columns, title=title)
    for row in rows[:SHOWN]:
        table.add_row(*row)
    console.print(table)
    if len(rows) > SHOWN:
        more = len(rows) - SHOWN
        console.print(pick(f"and {more} more; --csv FILE writes all", f"另有 {more} 行；--csv 文件 可导出全部"))
