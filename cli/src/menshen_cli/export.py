"""`menshen export SITE FILE`: the history of a campus as it is stored, into a file that anybody may verify."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import archive_pb2 as pb
from menshen.access.v1 import events_pb2
from menshen.access.v1.archive_pb2_grpc import ArchiveServiceStub
from menshen_access.domain.archive import ArchiveHeader, ArchiveTrailer
from menshen_access.domain.chain import StoredLink
from menshen_access.domain.history import Commitments, Link
from menshen_servicekit.status import counted
from rich.console import Console
from rich.progress import Progress

from menshen_cli.archive_part import ArchivePart
from menshen_cli.asked_again import Patience
from menshen_cli.local.language import LocalError, pick
from menshen_cli.os_troubles import os_words
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri

Advanced = Callable[[int, int], None]
"""Told the sequence that was reached and the last one."""

app = typer.Typer(add_completion=False)


@app.command()
def export(
    site: Annotated[str, typer.Argument(help="campus / 校区")],
    file: Annotated[Path, typer.Argument(help="file to make; FILE.part until it is whole / 输出文件")],
    purpose: Annotated[str, typer.Option(help="why it is exported; recorded / 导出目的（将被记录）")],
    after: Annotated[int, typer.Option(min=0, help="only what follows this sequence / 仅导出此序号之后的部分")] = 0,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Export the history up to now; called again after an interruption, it goes on. 导出至今的历史；中断后可续。"""
    try:
        with ArchivePart(file, site) as part, Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(site, total=None)
            trailer = asyncio.run(
                _export(
                    part,
                    _Wish(site, purpose, after),
                    folder,
                    lambda at, end: progress.update(task, completed=at, total=end),
                )
            )
    except OSError as error:
        en, zh = os_words(error)
        raise LocalError(f"{file}: {en}", f"{file}：{zh}") from None
    told = (
        f"{file}: {counted(trailer.count, 'row')}, the last is {trailer.sequence}",
        f"{file}：{trailer.count} 行，末序号 {trailer.sequence}",
    )
    Console().print(pick(*told), soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Wish:
    site: str
    purpose: str
    after: int


async def _export(part: ArchivePart, wish: _Wish, folder: Path | None, advanced: Advanced) -> ArchiveTrailer:
    async with RunningSuite(operator_uri("export"), folder) as suite:
        stub = ArchiveServiceStub(suite.channel("access"))
        return await fill(part, stub, wish.site, wish.purpose, advanced, wish.after)


async def fill(
    part: ArchivePart,
    stub: Any,
    site: str,
    purpose: str,
    advanced: Advanced,
    after: int = 0,
    patience: Patience | None = None,
) -> ArchiveTrailer:
    """Ask for what the part lacks of what follows `after`, and finish it; what is cut short goes on where it stands.

    LocalError when the service refuses, or does not come back, or the history or the beginning is another.
    """
    patience = patience or Patience()
    if part.header is not None and part.header.after != after:
        raise LocalError(
            f"{part.path} begins after {part.header.after}: remove the file to begin again",
            f"{part.path} 从序号 {part.header.after} 之后开始：请删除该文件后重新导出",
        )
    while _lacks(part):
        try:
            if part.header is None and after:
                await _begin_after(part, stub, site, purpose, after)
            await _receive(part, stub.ExportHistory(_request(part, site, purpose)), site, advanced, patience)
            break
        except grpc.aio.AioRpcError as refusal:
            if not await patience.after(refusal):
                raise _kept(part, refusal) from None
    return part.finish()


def _lacks(part: ArchivePart) -> bool:
    return part.header is None or part.tally is None or part.tally.sequence < part.header.through


async def _begin_after(part: ArchivePart, stub: Any, site: str, purpose: str, after: int) -> None:
    """The first answer names epoch and end, before any link is sent."""
    answers = stub.ExportHistory(_request(part, site, purpose))
    async for answer in answers:
        answers.cancel()
        if after > answer.through:
            raise LocalError(f"the history ends at {answer.through}", f"历史的末序号为 {answer.through}")
        part.begin(ArchiveHeader(site, answer.epoch, answer.read_at_ms, after, answer.through))
        return


async def _receive(part: ArchivePart, answers: Any, site: str, advanced: Advanced, patience: Patience) -> None:
    async for answer in answers:
        if part.header is None:
            part.begin(ArchiveHeader(site, answer.epoch, answer.read_at_ms, 0, answer.through))
        header = part.header
        if header is None or (header.epoch, header.through) != (answer.epoch, answer.through):
            raise LocalError(
                f"the history is not the one of {part.path}: remove the file to begin again",
                f"历史与 {part.path} 中的不同：请删除该文件后重新导出",
            )
        part.write(_stored(link, site) for link in answer.links)
        patience.begun()
        if answer.links:
            patience.advanced()
            advanced(answer.links[-1].sequence, answer.through)


def _request(part: ArchivePart, site: str, purpose: str) -> pb.ExportHistoryRequest:
    if part.header is None or part.tally is None:
        return pb.ExportHistoryRequest(site=site, purpose=purpose)
    after = events_pb2.EventCursor(epoch=part.header.epoch, sequence=part.tally.sequence)
    return pb.ExportHistoryRequest(site=site, purpose=purpose, after=after, through=part.header.through)


def _kept(part: ArchivePart, refusal: grpc.aio.AioRpcError) -> LocalError:
    """The refusal, and what becomes of the rows that have arrived."""
    told = refusal_of("access", refusal)
    if part.header is None:
        return told
    if refusal.code() is grpc.StatusCode.OUT_OF_RANGE:
        return LocalError(f"{told.en}; remove {part.path}", f"{told.zh}；请删除 {part.path}")
    return LocalError(
        f"{told.en}; what arrived is in {part.path}, the same command goes on",
        f"{told.zh}；已到达的部分在 {part.path}，重复同一命令即可继续",
    )


def _stored(message: pb.HistoryLink, site: str) -> StoredLink:
    core, identity, health = message.core, message.identity, message.health
    link = Link(
        site,
        message.epoch,
        message.sequence,
        message.event_id,
        message.kind,
        Commitments(core.commitment, _present(identity, "commitment"), _present(health, "commitment")),
        message.previous,
        message.hash,
    )
    return StoredLink(
        link,
        (_present(core, "stored"), _present(identity, "stored"), _present(health, "stored")),
        (_present(core, "salt"), _present(identity, "salt"), _present(health, "salt")),
    )


def _present(part: pb.RetainedClass, name: str) -> bytes | None:
    return bytes(getattr(part, name)) if part.HasField(name) else None
