"""`menshen guard SITE/POST`: a guard's post. Reviews with photo, reasons and what to say; alarms a guard may see."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import grpc
import typer
from menshen.access.v1 import review_pb2
from menshen_servicekit.identity import Role, spiffe_uri
from rich.console import Console

from menshen_cli.conversation import Conversation
from menshen_cli.local.language import LocalError, pick
from menshen_cli.post import Post
from menshen_cli.post_screens import review_panel
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite
from menshen_cli.typed_lines import TypedLines

_WAIT_S = 30.0

app = typer.Typer(add_completion=False)


@app.command()
def guard(
    post: Annotated[str, typer.Argument(help="campus and post, e.g. north/n1 / 校区与岗位")],
    at: Annotated[list[str] | None, typer.Option(help="only these access points / 仅限这些通行点")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="take one review, decide, end / 只处理一次")] = False,
    passes: Annotated[
        str,
        typer.Option(
            "--pass",
            help="with --once: let through, with this note, a call's #NUMBER first / 放行并注明，可先写 #来电编号",
        ),
    ] = "",
    refuse: Annotated[str, typer.Option(help="with --once: refuse, with this note / 拒绝并注明")] = "",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Take, pass and refuse reviews. 受理、放行、拒绝复核。"""
    if once and bool(passes) == bool(refuse):
        raise typer.BadParameter(pick("--once needs either --pass or --refuse", "--once 须配合 --pass 或 --refuse"))
    site, _, name = post.partition("/")
    try:
        uri = spiffe_uri(Role.GUARD, name or "gate", site)
    except ValueError:
        raise LocalError(f"{post} names no post: CAMPUS/POST", f"{post} 不是岗位：应为 校区/岗位") from None
    note, points = (passes or refuse) if once else "", frozenset(at or ())
    with suppress(KeyboardInterrupt):
        asyncio.run(_stand(site, uri, points, folder, note=note, passes=bool(passes)))


async def _stand(site: str, uri: str, points: frozenset[str], folder: Path | None, *, note: str, passes: bool) -> None:
    """Decide one review with a note, or all that come without."""
    console = Console()
    async with RunningSuite(uri, folder) as suite:
        post = Post(site, points, suite.channel("access"), suite.channel("safety"))
        if not note:
            await Conversation(post, console, TypedLines(sys.stdin.fileno())).run()
            return
        try:
            async with asyncio.timeout(_WAIT_S):
                review = await _taken(post)
            console.print(review_panel(review))
            console.print(review_panel(await post.resolve(review.review_id, note, passes=passes)))
        except TimeoutError:
            raise LocalError(f"no review within {_WAIT_S:g} s", f"{_WAIT_S:g} 秒内没有复核") from None
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of("access", refusal) from None


async def _taken(post: Post) -> review_pb2.Review:
    """The first review no other guard was faster to take."""
    while True:
        review = await post.next_open()
        try:
            return await post.take(review.review_id)
        except grpc.aio.AioRpcError as refusal:
            if refusal.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
