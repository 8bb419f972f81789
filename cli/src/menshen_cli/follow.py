"""`menshen follow SITE FILE`: the event feed into a file, each event once, whatever ends the command in between.

One JSON line an event, with the epoch of the history. The file itself is the cursor: begun again, the command drops
a line that was not written whole and goes on behind the last one.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from menshen.access.v1 import events_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen_servicekit.status import counted

from menshen_cli.local.language import LocalError, pick
from menshen_cli.os_troubles import os_words
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri

_STEP = 65_536

app = typer.Typer(add_completion=False)


@app.command()
def follow(
    site: Annotated[str, typer.Argument(help="campus / 校区")],
    file: Annotated[Path, typer.Argument(help="JSON lines; gone on with if it is there / JSON 行文件，存在则续写")],
    purpose: Annotated[str, typer.Option(help="why it is read; recorded / 查询目的（将被记录）")],
    *,
    until_now: Annotated[bool, typer.Option("--until-now", help="end after the last event / 到当前末尾即止")] = False,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Write the events of a campus to a file as they are recorded. 将校区事件持续写入文件。"""
    with held(file) as written:
        try:
            cursor = resumed(written, site)
        except OSError as error:
            raise _unusable(str(file), error) from None
        request = events_pb2.WatchEventsRequest(site=site, purpose=purpose, cursor=cursor, until_now=until_now)
        count = asyncio.run(_follow(request, written, folder))
    typer.echo(pick(f"{counted(count, 'event')} written", f"已写入 {count} 个事件"))


async def _follow(request: events_pb2.WatchEventsRequest, written: BinaryIO, folder: Path | None) -> int:
    count = 0
    async with RunningSuite(operator_uri("follow"), folder) as suite:
        try:
            # The feed has no end of its own: what bounds a silent connection are the keep-alives of the channel.
            async for page in EventServiceStub(suite.channel("access")).WatchEvents(request):
                lines = [_line(event, page.cursor.epoch) for event in page.events]
                await asyncio.to_thread(append, written, b"".join(lines))
                count += len(lines)
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of("access", refusal) from None
    return count


@contextmanager
def held(file: Path) -> Iterator[BinaryIO]:
    """The file open for this command alone, readable by its owner if it is new; a failure leaves no new empty file.

    LocalError when it cannot be opened, or another command writes it.
    """
    try:
        descriptor, is_new = _opened(file)
        written = os.fdopen(descriptor, "a+b")
    except OSError as error:
        raise _unusable(str(file), error) from None
    try:
        _lock(written, file)
        try:
            yield written
        except BaseException:
            if is_new and not os.fstat(written.fileno()).st_size:
                file.unlink(missing_ok=True)
            raise
    finally:
        # What was appended is durable; what could not be written fails again here and has been told.
        with suppress(OSError):
            written.close()


def _opened(file: Path) -> tuple[int, bool]:
    """(descriptor, whether the file is new)."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    try:
        return os.open(file, flags | os.O_EXCL, 0o600), True
    except FileExistsError:
        return os.open(file, flags, 0o600), False


def _lock(written: BinaryIO, file: Path) -> None:
    """LocalError when another command holds the file, or removed it before it was locked."""
    try:
        fcntl.flock(written, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.path.samestat(os.fstat(written.fileno()), file.stat())
    except (BlockingIOError, FileNotFoundError):
        is_there = False
    except OSError as error:
        raise _unusable(str(file), error) from None
    if not is_there:
        raise LocalError(f"another command writes {file}", f"另一命令正在写入 {file}")


def _unusable(name: str, error: OSError) -> LocalError:
    en, zh = os_words(error)
    return LocalError(f"cannot write {name}: {en}", f"无法写入 {name}：{zh}")


def resumed(written: BinaryIO, site: str) -> events_pb2.EventCursor | None:
    """The place behind the last whole line, anything after it cut off; None for a file without one.

    LocalError for a file that was not written by this command for this campus: nothing in it is changed.
    """
    end = written.seek(0, os.SEEK_END)
    whole, last = _last_line(written, end)
    if last is None:
        if end and not _begins_ours(written, end):
            raise _foreign(site)
        written.truncate(0)
        return None
    try:
        event = json.loads(last)
        cursor = events_pb2.EventCursor(epoch=int(event["epoch"]), sequence=int(event["sequence"]))
        is_ours = event["site"] == site
    except (ValueError, KeyError, TypeError):
        is_ours, cursor = False, None
    if not is_ours:
        raise _foreign(site)
    written.truncate(whole)
    return cursor


def _last_line(written: BinaryIO, end: int) -> tuple[int, bytes | None]:
    """(where the last whole line ends, that line); None for none. Reads backwards, so that size does not matter."""
    tail, start = b"", end
    while start and tail.count(b"\n") < 2:
        step = min(_STEP, start)
        start -= step
        written.seek(start)
        tail = written.read(step) + tail
    whole = tail.rfind(b"\n")
    if whole < 0:
        return 0, None
    return start + whole + 1, tail[tail.rfind(b"\n", 0, whole) + 1 : whole]


def _begins_ours(written: BinaryIO, end: int) -> bool:
    """A first line that was torn begins as every line does."""
    written.seek(0)
    return _OPENING.startswith(written.read(min(len(_OPENING), end)))


_OPENING = b'{"epoch": "'


def _foreign(site: str) -> LocalError:
    return LocalError(
        f"the file holds something else than events of {site}; it was left as it is",
        f"文件中不是 {site} 的事件，未作改动",
    )


def _line(event: events_pb2.AccessEvent, epoch: int) -> bytes:
    told: dict[str, Any] = MessageToDict(event, preserving_proto_field_name=True)
    return json.dumps({"epoch": str(epoch), **told}, ensure_ascii=False).encode() + b"\n"


def append(written: BinaryIO, lines: bytes) -> None:
    """Write the lines and make them durable; LocalError when that cannot be."""
    try:
        written.write(lines)
        written.flush()
        os.fsync(written.fileno())
    except OSError as error:
        raise _unusable(pick("the events", "事件"), error) from None
