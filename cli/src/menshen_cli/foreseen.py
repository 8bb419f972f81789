"""Asking foresight of the running suite, and showing or exporting its rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import typer
from menshen.access.v1 import decision_pb2, foresight_pb2
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceStub
from rich.console import Console

from menshen_cli.administering import identity
from menshen_cli.local.language import pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite
from menshen_cli.shown_rows import Shown, showing
from menshen_cli.written_files import check_new

_ASK_S: Final = 600.0

Site = Annotated[str, typer.Argument(help="campus / 校区")]
Purpose = Annotated[str, typer.Option(help="why it is asked; recorded / 查询目的（将被记录）")]
Csv = Annotated[Path | None, typer.Option("--csv", help="write every row to a new file / 导出全部行到新文件")]
Who = Annotated[str, typer.Option("--as", help="operator / 操作员")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]
Row = tuple[str, ...]

_RIGHTS: Final = {
    foresight_pb2.RIGHT_KIND_OWN_LEVEL: ("level {level}", "级别 {level}"),
    foresight_pb2.RIGHT_KIND_GROUP_LEVEL: ("level {level} of {group}", "{group} 的级别 {level}"),
    foresight_pb2.RIGHT_KIND_VISIT: ("visit", "来访"),
    foresight_pb2.RIGHT_KIND_PERMIT: ("permit", "通行证"),
    foresight_pb2.RIGHT_KIND_NO_PERMIT_NEEDED: ("no permit needed", "无须通行证"),
    foresight_pb2.RIGHT_KIND_WHITE_LIST: ("white list", "白名单"),
    foresight_pb2.RIGHT_KIND_WAY_OUT: ("way out", "离开无须授权"),
}
PASSING: Final = (decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_GRANT_WITH_REMINDER)


def asked(who: str, folder: Path | None, call: Callable[[Any], Any], file: Path | None) -> list[Any]:
    """Every message that `call(stub)` streams; LocalError with the service's own words when it refuses.

    Nothing is asked when `file`, where `tell` is to write, is there already.
    """
    if file is not None:
        check_new(file)
    return asyncio.run(_all(_messages(identity("", who), folder, call)))


def streamed(
    who: str,
    folder: Path | None,
    call: Callable[[Any], Any],
    columns: Sequence[str],
    file: Path | None,
    rows_of: Callable[[Any], list[Row]],
) -> Shown:
    """As `asked`, but rows go to the file as they come and are not kept; what is to be told of them."""
    with showing(columns, file) as shown:
        asyncio.run(_show(_messages(identity("", who), folder, call), shown, rows_of))
    return shown


async def _all(messages: AsyncIterator[Any]) -> list[Any]:
    return [message async for message in messages]


async def _show(messages: AsyncIterator[Any], shown: Shown, rows_of: Callable[[Any], list[Row]]) -> None:
    async for message in messages:
        shown.take(rows_of(message))


async def _messages(uri: str, folder: Path | None, call: Callable[[Any], Any]) -> AsyncIterator[Any]:
    async with RunningSuite(uri, folder) as suite:
        stream: AsyncIterator[Any] = call(Timed(ForesightServiceStub(suite.channel("access"))))
        try:
            async for message in stream:
                _warn(message)
                yield message
        except grpc.aio.AioRpcError as error:
            raise refusal_of("access", error) from None


def _warn(message: Any) -> None:
    """Whom the answer says nothing of, to the terminal."""
    unread = getattr(message, "unreadable", None)
    if unread is None or not unread.count:
        return
    named = ", ".join(unread.subject_ids)
    Console(stderr=True).print(
        pick(
            f"records that cannot be read and are left out: {unread.count}: {named}",
            f"{unread.count} 条记录无法读取，未计入：{named}",
        )
    )


class Timed:
    """A stub whose calls end in time."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        method = getattr(self._stub, name)
        return lambda request: method(request, timeout=_ASK_S)


def tell(title: str, columns: Sequence[str], rows: Sequence[Row], file: Path | None) -> None:
    """A table of the first rows, or all of them in a CSV file that spreadsheets read. LocalError if it cannot be."""
    with showing(columns, file) as shown:
        shown.take(rows)
    shown.tell(title)


def outcome_word(outcome: int) -> str:
    """`GRANT`, `DENY`, …"""
    return decision_pb2.Outcome.Name(outcome).removeprefix("OUTCOME_")


def rights_text(rights: Sequence[foresight_pb2.Right]) -> str:
    """By what a subject may enter, in words."""
    words = [(pick(*_RIGHTS.get(one.kind, ("?", "?"))), one) for one in rights]
    return "; ".join(word.format(level=one.access_level, group=one.group) for word, one in words)
